//! Tests of whole captures.

mod reader;
mod set;
