//! The scenarios that are built into the program, for `netsim new` and for tests.

/// A scenario to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// What it is called.
    pub name: &'static str,
    /// The whole file.
    pub text: &'static str,
}

impl Example {
    /// What it shows, in one line: the first line of its comment.
    pub fn summary(&self) -> &'static str {
        let first = self.text.lines().next().unwrap_or_default();
        first.trim_start_matches('#').trim()
    }
}

macro_rules! examples {
    ($($name:literal),*) => {
        &[$(Example {
            name: $name,
            text: include_str!(concat!("../../topologies/", $name, ".toml")),
        }),*]
    };
}

/// All of them, the simplest first.
pub const fn gallery() -> &'static [Example] {
    examples!["lossy"]
}
