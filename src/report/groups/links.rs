//! Links by the roles of their ends.

use std::collections::BTreeMap;

use serde::Serialize;

use super::roles::Roles;
use crate::{
    ids::WireId,
    report::{
        facts::RunFacts,
        network::{Drops, percent},
    },
    scenario::plan::Plan,
    trace::WireCounters,
    units::SimTime,
};

/// The directions of links from nodes of one role to nodes of another, added up.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct LinkGroupSummary {
    /// The role of the sending ends.
    pub from: String,
    /// The role of the receiving ends.
    pub to: String,
    /// How many directions of links there are.
    pub directions: u64,
    /// Frames handed to the ports, those included that a full queue refused.
    pub sent_frames: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Frames that arrived whole, duplicates included.
    pub delivered_frames: u64,
    /// Their bytes.
    pub delivered_bytes: u64,
    /// Extra copies that the links made.
    pub duplicated_frames: u64,
    /// Frames that died at the ports or on the wires.
    pub dropped_frames: u64,
    /// The same by cause.
    pub drops: Drops,
    /// Frames queued or under way at the end.
    pub in_flight_frames: u64,
    /// Frames that the queues marked "congestion experienced".
    pub marked_frames: u64,
    /// The mean of the shares of the run in which the ports were sending, two decimals.
    pub utilization_mean_percent: f64,
    /// The highest of them.
    pub utilization_max_percent: f64,
    /// The most bytes that ever waited in one of the queues.
    pub queue_peak_bytes: u64,
    /// The longest wait in one of them.
    pub queue_peak_delay_ns: u64,
}

/// A group in the making, and how long its ports were sending.
#[derive(Default)]
struct Sum {
    group: LinkGroupSummary,
    busy: u64,
    busiest: u64,
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
    let named = |((from, to), sum): ((usize, usize), Sum)| LinkGroupSummary {
        from: roles.name(from).to_owned(),
        to: roles.name(to).to_owned(),
        ..sum.finish(run)
    };
    sums.into_iter().map(named).collect()
}

impl Sum {
    fn add(&mut self, wire: &WireCounters) {
        let group = &mut self.group;
        group.directions += 1;
        group.sent_frames += wire.sent_frames;
        group.sent_bytes += wire.sent_bytes;
        group.delivered_frames += wire.delivered_frames;
        group.delivered_bytes += wire.delivered_bytes;
        group.duplicated_frames += wire.duplicated_frames;
        group.dropped_frames += wire.drops.total();
        group.drops.0 += &wire.drops;
        group.in_flight_frames += wire.in_flight_frames;
        group.marked_frames += wire.marked_frames;
        group.queue_peak_bytes = group.queue_peak_bytes.max(wire.queue_peak_bytes);
        let wait = wire.queue_peak_delay.as_nanos();
        group.queue_peak_delay_ns = group.queue_peak_delay_ns.max(wait);
        let busy = wire.busy.as_nanos();
        self.busy = self.busy.saturating_add(busy);
        self.busiest = self.busiest.max(busy);
    }

    fn finish(mut self, run: u64) -> LinkGroupSummary {
        let whole = run.saturating_mul(self.group.directions);
        self.group.utilization_mean_percent = percent(self.busy, whole);
        self.group.utilization_max_percent = percent(self.busiest, run);
        self.group
    }
}
