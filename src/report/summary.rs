//! The summary itself.

use serde::Serialize;

use super::{
    facts::{OutputFile, RunFacts},
    network::{NodeSummary, Totals, WireSummary},
    traffic::TrafficSummary,
};
use crate::{engine::EndReason, scenario::plan::Plan};

/// The version of `summary.json`. It rises when a key changes its meaning or goes away, not when
/// one is added.
pub const FORMAT: u32 = 1;

/// Every number of a run. The fields are the keys of `summary.json`, in this order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of netsim that made it.
    pub netsim_version: String,
    /// The scenario's title.
    pub title: String,
    /// The root seed.
    pub seed: u64,
    /// The calendar time of virtual time zero, in ns since 1970-01-01 UTC.
    pub epoch_ns: u64,
    /// The virtual time at the end.
    pub ended_at_ns: u64,
    /// Why the run ended.
    pub end_reason: EndReason,
    /// Events that the engine handled.
    pub events: u64,
    /// Sums over the whole network.
    pub totals: Totals,
    /// One per traffic entry, in file order.
    pub traffic: Vec<TrafficSummary>,
    /// Both directions of every link, in file order.
    pub links: Vec<WireSummary>,
    /// Every node, in file order.
    pub nodes: Vec<NodeSummary>,
    /// What is strange about the scenario, but allowed.
    pub warnings: Vec<String>,
    /// The files beside `summary.json`.
    pub files: Vec<OutputFile>,
}

impl Summary {
    /// Puts a plan and what its run counted together.
    pub fn new(plan: &Plan, facts: &RunFacts) -> Self {
        Self {
            format: FORMAT,
            netsim_version: env!("CARGO_PKG_VERSION").to_owned(),
            title: plan.title.clone(),
            seed: plan.seed.0,
            epoch_ns: plan.epoch,
            ended_at_ns: facts.run.end.as_nanos(),
            end_reason: facts.run.reason,
            events: facts.run.events,
            totals: Totals::new(facts),
            traffic: TrafficSummary::all(plan, &facts.traffic),
            links: WireSummary::all(plan, facts),
            nodes: NodeSummary::all(plan, facts),
            warnings: plan.warnings.clone(),
            files: facts.files.clone(),
        }
    }
}
