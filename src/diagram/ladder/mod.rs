//! Ladder diagrams: a column per node, time downwards, an arrow for every frame.
//!
//! [`ladders`] turns what happened into [`Ladder`]s, which hold only columns and rows; the
//! renderers ([`Ladder::to_text`], [`Ladder::to_mermaid`], [`Ladder::to_svg`]) draw them.
//!
//! Not here: the tree of every field of a frame (`dissect`), numbers over time (plots).

mod build;
mod columns;
mod conversation;
mod facts;
mod fold;
mod label;
mod legs;
mod mermaid;
mod model;
mod options;
mod packets;
mod rows;
mod select;
mod svg;
mod tcp;
mod text;

#[cfg(test)]
mod tests;

pub use build::ladders;
pub use model::{
    Arrow, Column, Death, Label, LabelForm, Ladder, Mark, Row, Silence, Skipped, State,
};
pub use options::{Detail, FlowFilter, FlowProtocol, LadderOptions};
pub use text::LEAST_WIDTH;
