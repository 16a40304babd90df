//! The front door: a plan in, a run, its outcome and its files out.
//!
//! [`Simulation::new`] builds the world of a [`Plan`](crate::scenario::plan::Plan) and starts its servers and traffic. Programs
//! of one's own can be started on its hosts before it runs. [`Simulation::run`] runs it to the end
//! and writes what was asked for; [`Simulation::run_quietly`] only runs it.
//!
//! Not here: anything printed, and the clock of the machine.

mod error;
mod forecast;
mod load;
mod output;
mod pictures;
mod qlog;
mod simulation;
mod tcp_log;
mod threads;

pub use error::SimError;
pub use forecast::forecast;
pub use output::OutputFolder;
pub use simulation::{Outcome, RunOptions, Simulation};
pub use threads::Threads;
