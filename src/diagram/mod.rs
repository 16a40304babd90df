//! Pictures of a run: ladder, OSI stack, encapsulation, topology, plots.
//!
//! Every picture is made from the same records and in the same style: [`style`] holds the layer
//! colours and themes, [`svg`] writes shapes and measures text.

mod encapsulation;
pub mod icon;
pub mod journey;
pub mod ladder;
mod osi_stack;
pub mod plots;
pub mod raster;
#[cfg(test)]
pub(crate) mod sample;
pub mod series;
pub mod style;
pub mod svg;
mod topology;
mod words;

pub use encapsulation::{encapsulation, encapsulation_of};
pub use journey::Journey;
pub use osi_stack::osi_stack;
pub use plots::{Plot, PlotError, plots};
pub use raster::{RasterError, png};
pub use series::Series;
pub use style::Theme;
pub use topology::topology;

#[cfg(test)]
mod lab;
