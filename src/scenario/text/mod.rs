//! The text of a scenario and what is wrong in it: sources, places, diagnostics, their rendering.
//!
//! Contract: a [`Place`] is a byte range in the numbering of [`Sources`], which counts through the
//! file and then through every `--set` of the command line, so that any value knows where it was
//! written.

mod diagnostic;
mod error;
mod render;
mod source;
mod suggest;

pub use diagnostic::Diagnostic;
pub(super) use diagnostic::Findings;
pub use error::ScenarioError;
pub(super) use source::Sources;
pub(super) use suggest::closest;

/// A byte range in the numbering of [`Sources`].
pub(super) type Place = std::ops::Range<usize>;
