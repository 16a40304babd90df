//! The summary itself: a view of the plan and of what the run counted.
//!
//! Its rows are made when somebody asks for them, so a summary of a hundred thousand nodes takes
//! no memory of its own, neither here nor while `summary.json` is written.

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use super::{
    facts::{OutputFile, RunFacts},
    fairness::{self, FairnessSummary},
    leases::LeaseSummary,
    network::{NodeSummary, Totals, WireSummary},
    traffic::{MailboxSummary, TrafficSummary},
};
use crate::{
    engine::EndReason, ids::WireId, osi::application::report::TrafficReport, scenario::plan::Plan,
    units::SimTime,
};

/// The version of `summary.json`. It rises when a key changes its meaning or goes away, not when
/// one is added.
pub const FORMAT: u32 = 1;

/// Every number of a run. Serialised, it is `summary.json`.
#[derive(Debug, Clone)]
pub struct Summary {
    pub(super) plan: Plan,
    pub(super) facts: RunFacts,
}

impl Summary {
    /// Puts a plan and what its run counted together.
    pub const fn new(plan: Plan, facts: RunFacts) -> Self {
        Self { plan, facts }
    }

    /// The scenario's title.
    pub fn title(&self) -> &str {
        &self.plan.title
    }

    /// The root seed.
    pub const fn seed(&self) -> u64 {
        self.plan.seed.0
    }

    /// The virtual time at the end.
    pub const fn ended_at(&self) -> SimTime {
        self.facts.run.end
    }

    /// Why the run ended.
    pub const fn end_reason(&self) -> EndReason {
        self.facts.run.reason
    }

    /// Events that the engine handled.
    pub const fn events(&self) -> u64 {
        self.facts.run.events
    }

    /// Sums over the whole network.
    pub fn totals(&self) -> Totals {
        Totals::new(&self.facts)
    }

    /// One row per traffic entry, in file order.
    pub fn traffic(&self) -> impl Iterator<Item = TrafficSummary> {
        self.facts.traffic.iter().map(|r| self.entry(r))
    }

    pub(super) fn entry(&self, report: &TrafficReport) -> TrafficSummary {
        TrafficSummary::new(&self.plan, report)
    }

    /// How TCP transfers share their bottlenecks, in wire order.
    pub fn fairness(&self) -> Vec<FairnessSummary> {
        fairness::shares(&self.plan, &self.facts)
    }

    /// Both directions of every link, in file order.
    pub fn links(&self) -> impl Iterator<Item = WireSummary> {
        (0..self.facts.run.wires.len()).map(|i| self.link(i))
    }

    /// One direction of a link, by [`WireId`] index.
    pub(super) fn link(&self, i: usize) -> WireSummary {
        let counters = &self.facts.run.wires[i];
        WireSummary::new(&self.plan, WireId::from_index(i), counters, self.ended_at())
    }

    /// Every node, in file order.
    pub fn nodes(&self) -> impl Iterator<Item = NodeSummary> {
        let nodes = self.plan.topology.nodes.iter().zip(&self.facts.run.nodes);
        nodes.map(|(node, c)| NodeSummary::new(node, c))
    }

    /// Every host that got its address by DHCP.
    pub fn leases(&self) -> Vec<LeaseSummary> {
        let all = self.facts.leases.iter();
        all.map(|x| LeaseSummary::new(&self.plan.topology, x))
            .collect()
    }

    /// Every mailbox with mail, by host and name.
    pub fn mailboxes(&self) -> Vec<MailboxSummary> {
        let all = self.facts.mailboxes.iter();
        all.map(|x| MailboxSummary::new(&self.plan.topology, x))
            .collect()
    }

    /// The files beside `summary.json`.
    pub fn files(&self) -> &[OutputFile] {
        &self.facts.files
    }
}

/// The keys of `summary.json`, in this order; long lists row by row.
impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut file = serializer.serialize_struct("Summary", 20)?;
        file.serialize_field("format", &FORMAT)?;
        file.serialize_field("netsim_version", env!("CARGO_PKG_VERSION"))?;
        file.serialize_field("title", self.title())?;
        file.serialize_field("seed", &self.seed())?;
        file.serialize_field("epoch_ns", &self.plan.epoch)?;
        file.serialize_field("ended_at_ns", &self.ended_at().as_nanos())?;
        file.serialize_field("end_reason", &self.end_reason())?;
        file.serialize_field("events", &self.events())?;
        file.serialize_field("totals", &self.totals())?;
        if self.plan.traffic_groups.is_empty() {
            file.skip_field("traffic_groups")?;
        } else {
            file.serialize_field("traffic_groups", &self.traffic_groups())?;
        }
        if self.plan.groups.is_empty() {
            file.skip_field("link_groups")?;
            file.skip_field("node_groups")?;
        } else {
            file.serialize_field("link_groups", &self.link_groups())?;
            file.serialize_field("node_groups", &self.node_groups())?;
        }
        match self.fairness() {
            rows if rows.is_empty() => file.skip_field("fairness")?,
            rows => file.serialize_field("fairness", &rows)?,
        }
        file.serialize_field("traffic", &Rows(|| self.traffic()))?;
        match self.leases() {
            all if all.is_empty() => file.skip_field("leases")?,
            all => file.serialize_field("leases", &all)?,
        }
        match self.mailboxes() {
            all if all.is_empty() => file.skip_field("mailboxes")?,
            all => file.serialize_field("mailboxes", &all)?,
        }
        file.serialize_field("links", &Rows(|| self.links()))?;
        file.serialize_field("nodes", &Rows(|| self.nodes()))?;
        file.serialize_field("warnings", &self.plan.warnings)?;
        file.serialize_field("files", self.files())?;
        file.end()
    }
}

/// A list of which one row at a time is in memory.
struct Rows<F>(F);

impl<I, F> Serialize for Rows<F>
where
    I: Iterator<Item: Serialize>,
    F: Fn() -> I,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}
