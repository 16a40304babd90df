//! Async programs in virtual time: executor, clock and timers, and the [`Host`] they run on.
//!
//! A program is an ordinary `async fn` that gets a [`Host`] and asks it for connections, sleeps
//! and random numbers. The engine drives it, and a node's turn is always the same loop:
//!
//! 1. [`Host::attend`]: work that comes up in this turn need not ring the [`Doorbell`];
//!    packets that arrived go to the host's stack;
//! 2. [`Host::run_ready`] wakes what slept until now and polls every task that was woken, first
//!    woken first;
//! 3. packets that the stack wants to send go to the network; again from 2 until nothing is new.
//!
//! Polling a task takes no virtual time: computing is free unless a program sleeps.
//!
//! Deliberately not here: threads, work stealing, priorities, blocking calls.

mod clock;
mod doorbell;
mod executor;
mod host;
mod hyper;
mod join;
mod sleep;
mod tasks;
mod timeout;
mod timers;

pub use clock::Clock;
pub use doorbell::{Doorbell, Ring};
pub use executor::Livelock;
pub use host::{Host, HostSetup};
pub use hyper::{FOREVER, HyperExecutor, HyperTimer, http1_server};
pub use join::JoinHandle;
pub use sleep::Sleep;
pub use timeout::{Elapsed, Timeout};

#[cfg(test)]
mod tests;
