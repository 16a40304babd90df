//! Links by the roles of their ends.

use std::collections::BTreeMap;

use serde::Serialize;

use super::roles::Roles;
use crate::{
    ids::WireId,
    report::{
        facts::RunFacts,
        network::{FrameCounts, percent},
    },
    scenario::plan::Plan,
    trace::WireCounters,
    units::{SimTime, Span},
};

/// The directions of links from nodes of one role to nodes of another, added up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LinkGroupSummary {
    /// The role of the sending ends.
    pub from: String,
    /// The role of the receiving ends.
    pub to: String,
    /// How many directions of links there are.
    pub directions: u64,
    /// What became of their frames.
    #[serde(flatten)]
    pub frames: FrameCounts,
    /// The mean of the shares of the run in which the ports were sending, two decimals.
    pub utilization_mean_percent: f64,
    /// The highest of them.
    pub utilization_max_percent: f64,
    /// The most bytes that ever waited in one of the queues.
    pub queue_peak_bytes: u64,
    /// The longest wait in one of them.
    pub queue_peak_delay_ns: u64,
}

/// A group in the making.
#[derive(Default)]
struct Sum {
    directions: u64,
    wires: WireCounters,
    /// The longest that one of the ports was sending.
    busiest: Span,
}

pub(super) fn groups(roles: &Roles, plan: &Plan, facts: &RunFacts) -> Vec<LinkGroupSummary> {
    let topology = &plan.topology;
    let mut sums: BTreeMap<(usize, usize), Sum> = BTreeMap::new();
    for (i, counters) in facts.run.wires.iter().enumerate() {
        let wire = WireId::from_index(i);
        let ends = (topology.source(wire).node, topology.target(wire).node);
        let place = (roles.role(ends.0), roles.role(ends.1));
        sums.entry(place).or_default().add(counters);
    }
    let run = (facts.run.end - SimTime::ZERO).as_nanos();
    let named = |((from, to), sum): ((usize, usize), Sum)| {
        let names = [from, to].map(|role| roles.name(role).to_owned());
        sum.finish(names, run)
    };
    sums.into_iter().map(named).collect()
}

impl Sum {
    fn add(&mut self, wire: &WireCounters) {
        self.directions += 1;
        self.wires += wire;
        self.busiest = self.busiest.max(wire.busy);
    }

    fn finish(self, [from, to]: [String; 2], run: u64) -> LinkGroupSummary {
        let (wires, whole) = (self.wires, run.saturating_mul(self.directions));
        LinkGroupSummary {
            from,
            to,
            directions: self.directions,
            frames: FrameCounts::new(&wires),
            utilization_mean_percent: percent(wires.busy.as_nanos(), whole),
            utilization_max_percent: percent(self.busiest.as_nanos(), run),
            queue_peak_bytes: wires.queue_peak_bytes,
            queue_peak_delay_ns: wires.queue_peak_delay.as_nanos(),
        }
    }
}
