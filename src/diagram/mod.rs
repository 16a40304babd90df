//! Pictures of a run: ladder, OSI stack, encapsulation, topology, plots.
//!
//! Every picture is made from the same records and in the same style: [`style`] holds the layer
//! colours and themes, [`svg`] writes shapes and measures text.

pub mod style;
pub mod svg;

pub use style::Theme;
