//! Floor 1: cables. One [`Pipe`] and one [`Flight`] per direction of a link.
//!
//! A pipe, the sending end, takes a frame from a port and says at once what will become of it:
//! refused by a full queue, lost, or arriving at a computed time. So a hop costs one event, and a
//! capture at the sender can already tell which frames will die. The flight, the receiving end,
//! knows what is under way; the frames of all flights stand in one [`Airspace`].
//!
//! A queue with a discipline that decides as a frame leaves keeps its frames; then the owner of the
//! port comes back whenever the line is free ([`Pipe::offer`], [`Pipe::serve`]).
//!
//! Not modelled: line codings, collisions and half duplex, auto-negotiation, pause frames.

mod airspace;
mod delay;
mod drop_tail;
mod faults;
mod flight;
mod managed;
mod noise;
mod pipe;

pub use airspace::{Airspace, Berth};
pub use flight::{Arrival, Flight};
pub use pipe::{Passage, Pipe, Served};
