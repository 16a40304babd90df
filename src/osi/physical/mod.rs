//! Floor 1: cables. One [`Pipe`] per direction of a link.
//!
//! A pipe takes a frame from a port and says at once what will become of it: refused by a full
//! queue, lost, or arriving at a computed time. So a hop costs one event, and a capture at the
//! sender can already tell which frames will die.
//!
//! Not modelled: line codings, collisions and half duplex, auto-negotiation, pause frames.

mod delay;
mod drop_tail;
mod noise;
mod pipe;

pub use pipe::{Arrival, Passage, Pipe};
