//! The figures that are checked in, and how a count compares with them.

use std::{collections::BTreeMap, fs};

use serde::{Deserialize, Serialize};

/// `baseline.toml`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Baseline {
    /// What the figures were counted with: they hold for no other compiler or C library.
    pub(crate) machine: String,
    /// Instructions per operation, by part.
    pub(crate) instructions: BTreeMap<String, f64>,
}

/// How a count compares with the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Change {
    /// The baseline does not know the part.
    New,
    /// By this many percent; more than [`TOLERANCE`] is too much.
    Percent(f64),
}

impl Baseline {
    /// Where it is.
    pub(crate) const PATH: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/benches/instructions/baseline.toml"
    );

    pub(crate) fn read() -> Self {
        toml::from_str(&fs::read_to_string(Self::PATH).unwrap()).unwrap()
    }

    pub(crate) fn write(&self) {
        let table = toml::to_string(self).unwrap();
        let text = format!("# Written by `cargo bench --bench instructions -- --update`.\n{table}");
        fs::write(Self::PATH, text).unwrap();
    }

    pub(crate) fn change(&self, part: &str, counted: f64) -> Change {
        match self.instructions.get(part) {
            None => Change::New,
            Some(before) => Change::Percent((counted / before - 1.0) * 100.0),
        }
    }
}

impl Change {
    pub(crate) fn is_too_much(self) -> bool {
        matches!(self, Self::Percent(percent) if percent > TOLERANCE)
    }

    pub(crate) fn words(self) -> String {
        match self {
            Self::New => "new".to_owned(),
            Self::Percent(percent) => format!("{percent:+.1} %"),
        }
    }
}

/// A part may grow by this much before the bench fails \[%\].
pub(crate) const TOLERANCE: f64 = 5.0;
