//! The scenario file, from outside.

mod docs;
mod errors;
mod generate;
mod hostile;
mod overrides;
mod patterns;
