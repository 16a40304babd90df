//! The scenario file, from outside.

mod docs;
mod errors;
mod hostile;
mod overrides;
