//! The native TCP: a machine of the house, sans-I/O, as a modern Linux host behaves.

mod acks;
mod arrives;
mod autotune;
pub mod congestion;
mod delayed_ack;
mod ecn;
mod emit;
mod fire;
#[cfg(test)]
mod hostile;
mod losses;
mod machine;
mod memory;
mod minmax;
mod nobody;
mod options;
mod pacing;
mod parts;
mod prr;
mod rack;
mod rate;
mod reassembly;
mod receive;
mod recovery;
mod requests;
mod rtt;
mod scoreboard;
mod segment;
mod send;
mod send_buffer;
mod sequence;
mod timers;
mod tracer;
#[cfg(test)]
mod wrap;

pub(super) use arrives::TIME_WAIT;
pub(super) use machine::Native;
pub(super) use nobody::refuse;
