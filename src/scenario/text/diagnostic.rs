//! One mistake or oddity in a scenario, and the list that a pass over the file fills.

use std::collections::BTreeSet;

use super::Place;

/// What is wrong, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, in one sentence.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
    /// Where; `None` if the mistake has no place, such as a file that cannot be read.
    pub(crate) place: Option<Place>,
    /// Other places that belong to it, each with a remark.
    pub(crate) related: Vec<(Place, String)>,
}

impl Diagnostic {
    /// A mistake at `place`.
    pub(crate) fn new(place: Option<Place>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            place,
            related: Vec::new(),
        }
    }

    /// Says what would be right.
    pub(crate) fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.help = Some(text.into());
        self
    }

    /// Shows another place, with a remark.
    pub(crate) fn also(&mut self, place: Option<Place>, remark: impl Into<String>) -> &mut Self {
        self.related.extend(place.map(|p| (p, remark.into())));
        self
    }
}

/// What one pass over a scenario found. Saying the same thing of the same place twice is saying it
/// once.
#[derive(Debug)]
pub(crate) struct Findings {
    pub(crate) errors: Vec<Diagnostic>,
    pub(crate) warnings: Vec<Diagnostic>,
    /// Tables in which a key was not understood.
    damaged: BTreeSet<usize>,
    /// What nobody reads.
    scratch: Diagnostic,
}

impl Default for Findings {
    fn default() -> Self {
        Self {
            errors: Vec::new(),
            warnings: Vec::new(),
            damaged: BTreeSet::new(),
            scratch: Diagnostic::new(None, ""),
        }
    }
}

impl Findings {
    /// Notes a mistake. Beyond [`Self::MOST`] no more are kept.
    pub(crate) fn error(
        &mut self,
        place: impl Into<Option<Place>>,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        let new = Diagnostic::new(place.into(), message);
        push(&mut self.errors, &mut self.scratch, new)
    }

    /// Notes that the table at `place` lacks something. Says nothing if a key in that table was not
    /// understood: that was probably it.
    pub(crate) fn missing(
        &mut self,
        place: Option<Place>,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        let damaged = |p: &Place| self.damaged.contains(&p.start);
        if place.as_ref().is_some_and(damaged) {
            return &mut self.scratch;
        }
        self.error(place, message)
    }

    /// Remembers that a key of the table at `place` was not understood.
    pub(crate) fn damage(&mut self, place: &Place) {
        self.damaged.insert(place.start);
    }

    /// Notes something strange but allowed.
    pub(crate) fn warn(
        &mut self,
        place: impl Into<Option<Place>>,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        let new = Diagnostic::new(place.into(), message);
        push(&mut self.warnings, &mut self.scratch, new)
    }

    /// True if a mistake was found.
    pub(crate) const fn failed(&self) -> bool {
        !self.errors.is_empty()
    }

    /// True if there are more mistakes than anybody reads, so that long searches for a suggestion
    /// can be spared.
    pub(crate) const fn many(&self) -> bool {
        self.errors.len() >= 50
    }

    /// How many of a kind are kept at most, so that a hostile file cannot fill the memory.
    const MOST: usize = 1000;
}

fn push<'a>(
    list: &'a mut Vec<Diagnostic>,
    scratch: &'a mut Diagnostic,
    new: Diagnostic,
) -> &'a mut Diagnostic {
    let same = |d: &Diagnostic| d.place == new.place && d.message == new.message;
    if list.len() >= Findings::MOST || list.iter().any(same) {
        scratch.related.clear();
        return scratch;
    }
    list.push(new);
    list.last_mut().unwrap_or(scratch)
}
