//! The native TCP: a machine of the house, sans-I/O, as a modern Linux host behaves.

pub mod congestion;
pub mod rate;
