//! How a run ended and what it counted.

use std::io;

use serde::Serialize;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Every program that the run waits for has ended, and nothing is under way.
    TrafficDone,
    /// The stop time of the file or the command line came.
    StopTime,
    /// The person at the keyboard stopped it.
    Interrupted,
    /// Programs are left that wait for something that will never happen.
    Stalled,
}

impl EndReason {
    /// Why a run ends in which nothing more would happen, with so many programs left that it
    /// waits for.
    pub(super) const fn without_events(foreground: usize) -> Self {
        match foreground {
            0 => Self::TrafficDone,
            _ => Self::Stalled,
        }
    }

    /// A few words for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::TrafficDone => "all traffic is done",
            Self::StopTime => "stop time reached",
            Self::Interrupted => "interrupted",
            Self::Stalled => "stalled: traffic is left but nothing more would happen",
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
