//! The scenario file: what a person writes, and the checked plan that it stands for.

pub mod plan;
