//! The native TCP: a machine of the house, sans-I/O, as a modern Linux host behaves.

pub mod congestion;
mod machine;
mod minmax;
pub mod pacing;
pub mod prr;
pub mod rate;
pub mod rtt;

pub(super) use machine::Native;
