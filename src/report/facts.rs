//! What a summary is made of, beside the plan: how the run ended and what it counted.

use serde::Serialize;

use crate::{
    engine::RunResult,
    osi::application::report::{LeaseReport, Mailbox, TrafficReport},
};

/// What a run counted and what came of its traffic.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// How it ended and what it counted.
    pub run: RunResult,
    /// One per traffic entry that has something to tell.
    pub traffic: Vec<TrafficReport>,
    /// What hosts report of the addresses that they got by DHCP.
    pub leases: Vec<LeaseReport>,
    /// What lies in mailboxes.
    pub mailboxes: Vec<Mailbox>,
    /// The files written so far, in the order in which a reader should look at them.
    pub files: Vec<OutputFile>,
}

/// A file that the run wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputFile {
    /// Its path below the output folder, with `/` between the parts.
    pub name: String,
    /// What is in it, in a few words.
    pub what: String,
}
