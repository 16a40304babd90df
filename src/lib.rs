//! netsim: a packet-level network simulator that carries real protocol bytes.
//!
//! The rooms, in the order in which data flows; each imports only rooms above it:
//!
//! - [`units`], [`ids`], [`rng`]: quantities, names of parts, named random streams
//! - [`wire`]: frames and the views of their headers
//! - [`trace`]: what happened, as plain records
//! - [`topology`]: who is wired to whom, and the routes that follow
//! - [`osi`]: the seven floors, one folder each
//! - [`task`]: async programs in virtual time, and the [`task::Host`] they run on
//! - [`engine`]: the event queue, the world, the run loop
//! - [`scenario`]: the TOML file and the checked plan made of it
//! - [`capture`]: pcap and pcapng, writing and reading
//! - [`dissect`]: bytes to a tree of named fields
//! - [`diagram`]: ladder, OSI stack, encapsulation, topology, plots
//! - [`report`]: terminal tables and `summary.json`
//! - [`sim`]: the front door: a scenario in, a run, its outcome out
//!
//! Start at [`sim`] to run a file, at [`task::Host`] to write a protocol of your own.

#![forbid(unsafe_code)]

pub mod capture;
pub mod diagram;
pub mod dissect;
pub mod engine;
pub mod ids;
pub mod osi;
mod prefetch;
pub mod report;
pub mod rng;
pub mod scenario;
pub mod sim;
pub mod task;
pub mod topology;
pub mod trace;
pub mod units;
pub mod wire;
