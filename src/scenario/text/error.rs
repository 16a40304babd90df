//! `ScenarioError`: everything that is wrong with a scenario, ready to be shown.

use std::fmt;

use super::{Diagnostic, Findings, Sources, render};

/// Why a scenario could not be loaded: one or more mistakes, in the order of the file.
///
/// Whoever wrote the file can mend it: each mistake says where it is, what is wrong and what would
/// be right. `Display` renders all of them without colour.
#[derive(Debug, Clone)]
pub struct ScenarioError {
    sources: Sources,
    diagnostics: Vec<Diagnostic>,
}

impl ScenarioError {
    pub(crate) fn new(sources: Sources, findings: Findings) -> Self {
        let mut diagnostics = findings.errors;
        diagnostics.sort_by_key(|d| d.place.as_ref().map(|p| p.start));
        Self {
            sources,
            diagnostics,
        }
    }

    /// A file that could not even be read.
    pub(crate) fn unreadable(name: &str, message: String, help: &str) -> Self {
        let mut diagnostic = Diagnostic::new(None, message);
        diagnostic.help(help);
        Self {
            sources: Sources::new(name, ""),
            diagnostics: vec![diagnostic],
        }
    }

    /// The mistakes, in the order of the file.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Where a mistake is: the file's name (or `--set`), the line and the column, both from 1.
    pub fn position(&self, diagnostic: &Diagnostic) -> Option<(&str, usize, usize)> {
        let place = diagnostic.place.as_ref()?;
        let at = self.sources.position(place);
        let (source, _) = self.sources.locate(place);
        Some((&source.name, at.line, at.column))
    }

    /// The mistakes as text: the line of the file, a caret, what is wrong, what would be right.
    /// With `color`, ANSI escapes for a terminal.
    pub fn render(&self, color: bool) -> String {
        render::all(&self.sources, &self.diagnostics, color)
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for ScenarioError {}
