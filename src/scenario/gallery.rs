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
    examples![
        "handshake",
        "lossy",
        "udp_loss",
        "http",
        "session",
        "compression",
        "proxy",
        "hostile",
        "https",
        "http2",
        "dns",
        "smtp",
        "http3",
        "http_versions",
        "hol_blocking",
        "migration",
        "websocket",
        "sse",
        "dhcp",
        "dhcp_conflict",
        "http2_push",
        "grpc",
        "rest_vs_grpc",
        "fast_open",
        "switch_lan",
        "routers",
        "bottleneck",
        "dumbbell",
        "congestion",
        "fairness",
        "rtt_unfairness",
        "bufferbloat",
        "aqm",
        "dctcp",
        "incast",
        "tcp_variants",
        "ring",
        "fat_tree"
    ]
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;
    use crate::scenario::load_str;

    #[test]
    fn every_shipped_scenario_is_built_in() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/topologies");
        let files = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
        let files = files.filter(|path| path.extension().is_some_and(|e| e == "toml"));
        let stem =
            |path: std::path::PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
        let shipped: BTreeSet<String> = files.map(stem).collect();
        let built_in = gallery().iter().map(|example| example.name.to_owned());
        assert_eq!(shipped, built_in.collect());
    }

    #[test]
    fn every_example_loads_and_says_what_it_shows() {
        for example in gallery() {
            if let Err(error) = load_str(example.name, example.text, &[]) {
                panic!("{error}");
            }
            assert!(example.summary().len() > 20, "{}", example.name);
            assert!(example.text.contains("# What to look at: "));
        }
    }
}
