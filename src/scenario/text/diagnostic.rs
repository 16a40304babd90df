//! One mistake or oddity in a scenario, and the list that a pass over the file fills.

use super::Place;

/// What is wrong, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, in one sentence.
    pub message: String,
    /// What stands under the caret.
    pub label: Option<String>,
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
            label: None,
            help: None,
            place,
            related: Vec::new(),
        }
    }

    /// Puts a remark under the caret.
    pub(crate) fn label(&mut self, text: impl Into<String>) -> &mut Self {
        self.label = Some(text.into());
        self
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

/// What one pass over a scenario found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) errors: Vec<Diagnostic>,
    pub(crate) warnings: Vec<Diagnostic>,
}

impl Findings {
    /// Notes a mistake. Beyond [`Self::MOST`] no more are kept.
    pub(crate) fn error(
        &mut self,
        place: impl Into<Option<Place>>,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        push(&mut self.errors, Diagnostic::new(place.into(), message))
    }

    /// Notes something strange but allowed.
    pub(crate) fn warn(
        &mut self,
        place: impl Into<Option<Place>>,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        push(&mut self.warnings, Diagnostic::new(place.into(), message))
    }

    /// True if a mistake was found.
    pub(crate) fn failed(&self) -> bool {
        !self.errors.is_empty()
    }

    /// How many of a kind are kept at most, so that a hostile file cannot fill the memory.
    pub(crate) const MOST: usize = 1000;
}

fn push(list: &mut Vec<Diagnostic>, diagnostic: Diagnostic) -> &mut Diagnostic {
    if list.len() >= Findings::MOST {
        list.truncate(Findings::MOST - 1);
    }
    list.push(diagnostic);
    let last = list.len() - 1;
    &mut list[last]
}
