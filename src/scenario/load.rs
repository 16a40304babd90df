//! From a file or a text to a plan: read, override, check the structure, mirror, lower.

use std::{fs, io::Read, path::Path};

use serde::Deserialize;
use toml::{
    Spanned,
    de::{DeTable, Deserializer},
};

use super::{
    limits::MAX_FILE,
    lower,
    overrides::{self, Override},
    plan::Plan,
    schema::File,
    structure,
    text::{Findings, ScenarioError, Sources},
};

/// Reads the scenario file at `path`, applies `overrides` to it and checks everything.
///
/// # Errors
/// The file cannot be read, or is not a scenario; the error shows every mistake.
pub fn load_file(path: &Path, overrides: &[Override]) -> Result<Plan, ScenarioError> {
    let name = path.display().to_string();
    let text = read(path, &name)?;
    load_str(&name, &text, overrides)
}

/// Checks the scenario `text`, which errors call `name`, with `overrides` applied.
///
/// # Errors
/// The text is not a scenario; the error shows every mistake.
pub fn load_str(name: &str, text: &str, overrides: &[Override]) -> Result<Plan, ScenarioError> {
    let mut findings = Findings::default();
    let mut sources = Sources::new(name, text);
    for set in overrides {
        sources.add("--set", &set.to_string());
    }
    let plan = parse(&sources, overrides, &mut findings)
        .and_then(|file| lower::lower(&file, &sources, &mut findings));
    match plan {
        Some(plan) if !findings.failed() => Ok(titled(plan, name)),
        _ => Err(ScenarioError::new(sources, findings)),
    }
}

/// A scenario without a title is called after its file.
fn titled(mut plan: Plan, name: &str) -> Plan {
    if plan.title.is_empty() {
        let stem = Path::new(name).file_stem().unwrap_or_default();
        plan.title = stem.to_string_lossy().into_owned();
    }
    plan
}

/// `None` after a mistake that leaves nothing to go on with.
fn parse(sources: &Sources, overrides: &[Override], findings: &mut Findings) -> Option<File> {
    if sources.file().text.len() > MAX_FILE {
        findings.error(None, too_large());
        return None;
    }
    let (mut table, errors) = DeTable::parse_recoverable(&sources.file().text);
    for error in &errors {
        findings.error(error.span(), format!("not valid TOML: {}", error.message()));
    }
    if findings.failed() {
        return None;
    }
    overrides::apply(&mut table, sources, overrides, findings);
    structure::check(&mut table, findings);
    mirror(table, findings)
}

fn mirror(table: Spanned<DeTable<'_>>, findings: &mut Findings) -> Option<File> {
    match File::deserialize(Deserializer::from(table)) {
        Ok(file) => Some(file),
        Err(error) => {
            findings.error(error.span(), error.message());
            None
        }
    }
}

fn read(path: &Path, name: &str) -> Result<String, ScenarioError> {
    let unreadable = |message, help| ScenarioError::unreadable(name, message, help);
    let io = |e: std::io::Error| {
        unreadable(
            format!("cannot read the scenario file: {e}"),
            "give the path of a TOML file; `netsim new` writes one to start from",
        )
    };
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_FILE).unwrap_or(u64::MAX) + 1;
    let file = fs::File::open(path).map_err(io)?;
    file.take(limit).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() > MAX_FILE {
        return Err(unreadable(too_large(), "split the scenario"));
    }
    String::from_utf8(bytes).map_err(|e| {
        let line = line_of(e.as_bytes(), e.utf8_error().valid_up_to());
        unreadable(
            format!("line {line} is not UTF-8 text"),
            "TOML files are UTF-8; is this a scenario file?",
        )
    })
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes[..at].split(|b| *b == b'\n').count()
}

fn too_large() -> String {
    format!(
        "the file is larger than {} MiB, which is the most a scenario may have",
        MAX_FILE >> 20
    )
}
