//! The native TCP: a machine of the house, sans-I/O, as a modern Linux host behaves.

mod acks;
mod arrives;
mod autotune;
mod black_hole;
pub mod congestion;
mod cookies;
mod delayed_ack;
mod ecn;
mod emit;
#[cfg(test)]
mod exchange;
mod fast_open;
mod fire;
#[cfg(test)]
mod hostile;
mod losses;
mod machine;
mod memory;
mod minmax;
mod mtu_search;
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
mod urgent;

pub(super) use arrives::TIME_WAIT;
pub(super) use cookies::Cookies;
pub(super) use machine::Native;
pub(super) use nobody::refuse;
pub(super) use options::FastCookie;
