//! How a run ended and what it counted.

use std::{fmt, io};

use thiserror::Error;

use crate::{
    task::Livelock,
    trace::{NodeCounters, WireCounters},
    units::SimTime,
};

/// What a run leaves behind, beside what its recorder kept.
#[derive(Debug, Clone)]
pub struct RunResult {
    /// When it ended.
    pub end: SimTime,
    /// Why it ended.
    pub reason: EndReason,
    /// Events that were handled.
    pub events: u64,
    /// Frames that came off wires.
    pub frames: u64,
    /// What each wire did, by [`WireId`](crate::ids::WireId) index.
    pub wires: Vec<WireCounters>,
    /// What each node did, by [`NodeId`](crate::ids::NodeId).
    pub nodes: Vec<NodeCounters>,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// Every program that the run waits for has ended, and nothing is under way.
    TrafficDone,
    /// The stop time came first.
    StopTime,
    /// Somebody asked it to stop.
    Interrupted,
    /// Nothing can happen any more, but some programs still wait.
    Stalled {
        /// How many.
        waiting: usize,
    },
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TrafficDone => f.write_str("the traffic was done"),
            Self::StopTime => f.write_str("the stop time was reached"),
            Self::Interrupted => f.write_str("it was interrupted"),
            Self::Stalled { waiting: 1 } => {
                f.write_str("nothing more could happen, with 1 program still waiting")
            }
            Self::Stalled { waiting } => {
                write!(
                    f,
                    "nothing more could happen, with {waiting} programs still waiting"
                )
            }
        }
    }
}

/// What ends a run before its time.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// A recorder failed: a full disk, say.
    #[error(transparent)]
    Recorder(#[from] io::Error),
    /// The programs of a node never come to rest at one instant.
    #[error(transparent)]
    Livelock(#[from] Livelock),
}
