//! The scenario file, from outside.

mod errors;
