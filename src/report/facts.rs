//! What a summary is made of, beside the plan: how the run ended and what it counted.

use serde::Serialize;

use crate::{
    osi::application::report::TrafficReport,
    trace::{NodeCounters, WireCounters},
    units::SimTime,
};

/// What a run counted.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// The virtual time at the end.
    pub ended_at: SimTime,
    /// Why it ended then.
    pub end_reason: EndReason,
    /// How many events the engine handled.
    pub events: u64,
    /// By [`WireId::index`](crate::ids::WireId::index).
    pub wires: Vec<WireCounters>,
    /// By [`NodeId`](crate::ids::NodeId).
    pub nodes: Vec<NodeCounters>,
    /// One per traffic entry that has something to tell.
    pub traffic: Vec<TrafficReport>,
    /// The files written so far, in the order in which a reader should look at them.
    pub files: Vec<OutputFile>,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// All traffic is done and no frame is under way.
    TrafficDone,
    /// The stop time of the file or the command line came.
    StopTime,
    /// The person at the keyboard stopped it.
    Interrupted,
    /// Traffic is left that waits for something that will never happen.
    Stalled,
}

impl EndReason {
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

/// A file that the run wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputFile {
    /// Its path below the output folder, with `/` between the parts.
    pub name: String,
    /// What is in it, in a few words.
    pub what: String,
}
