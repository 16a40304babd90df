//! From bytes to a tree of layers and named fields with byte ranges. Works on any capture from
//! anywhere, never panics on any bytes, and never sees the engine.

mod dissector;
mod tree;

pub use dissector::Dissector;
pub use tree::{Dissection, Field, Layer};
