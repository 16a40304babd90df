//! How evenly TCP transfers share their bottlenecks: Jain's index.
//!
//! The bottleneck of a transfer is the wire on its way with the least bandwidth for each of the
//! transfers that cross it. Ways follow the routing tables. The goodput of a transfer is over its own
//! time: those that do not run side by side say nothing about sharing.
//!
//! Not here: other traffic on the same wires, and what share each transfer wanted.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::IpAddr,
};

use serde::Serialize;

use super::{facts::RunFacts, network::rate};
use crate::{
    ids::{Direction, NodeId, PortId, WireId},
    osi::{
        application::{
            report::{AppResult, TrafficReport},
            spec::{App, Flow, Traffic},
        },
        network::Fib,
    },
    scenario::plan::Plan,
    topology::Topology,
    units::Span,
};

/// The transfers that share one bottleneck.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FairnessSummary {
    /// The link.
    pub link: String,
    /// `forward` or `backward`.
    pub direction: &'static str,
    /// The sending node of that direction.
    pub from: String,
    /// The receiving node.
    pub to: String,
    /// How many transfers share it; at least two.
    pub flows: u64,
    /// The least goodput of one of them.
    pub slowest_bits_per_second: u64,
    /// The highest.
    pub fastest_bits_per_second: u64,
    /// Jain's index: 100 if all get the same, 100 / `flows` if one gets everything.
    pub jain_index_percent: f64,
}

/// One row for each bottleneck that several transfers share, in wire order. A run of more than
/// [`MOST_TRANSFERS`] TCP entries has none.
pub(super) fn shares(plan: &Plan, facts: &RunFacts) -> Vec<FairnessSummary> {
    let transfers = || facts.traffic.iter().filter(|r| goodput(r).is_some());
    let count = transfers().take(MOST_TRANSFERS + 1).count();
    if !(2..=MOST_TRANSFERS).contains(&count) {
        return Vec::new();
    }
    let mut ways = Ways::new(plan);
    let flows: Vec<(u64, Vec<WireId>)> = transfers()
        .filter_map(|r| Some((goodput(r)?, ways.of(&plan.traffic[r.traffic.index()]))))
        .collect();
    let mut crossing: BTreeMap<WireId, u64> = BTreeMap::new();
    for wire in flows.iter().flat_map(|(_, way)| way) {
        *crossing.entry(*wire).or_default() += 1;
    }
    let share = |wire: &WireId| {
        let rate = plan.topology.profile(*wire).rate;
        rate.bits_per_second() / crossing[wire]
    };
    let mut groups: BTreeMap<WireId, Vec<u64>> = BTreeMap::new();
    for (goodput, way) in &flows {
        if let Some(bottleneck) = way.iter().min_by_key(|wire| share(wire)) {
            groups.entry(*bottleneck).or_default().push(*goodput);
        }
    }
    groups.retain(|_, goodputs| goodputs.len() > 1);
    let rows = groups.into_iter();
    rows.map(|(wire, goodputs)| row(&plan.topology, wire, &goodputs))
        .collect()
}

fn row(topology: &Topology, wire: WireId, goodputs: &[u64]) -> FairnessSummary {
    FairnessSummary {
        link: topology.link(wire.link).name.clone(),
        direction: match wire.direction {
            Direction::Forward => "forward",
            Direction::Backward => "backward",
        },
        from: topology.node(topology.source(wire).node).name.to_string(),
        to: topology.node(topology.target(wire).node).name.to_string(),
        flows: goodputs.len() as u64,
        slowest_bits_per_second: goodputs.iter().copied().min().unwrap_or(0),
        fastest_bits_per_second: goodputs.iter().copied().max().unwrap_or(0),
        jain_index_percent: jain_percent(goodputs),
    }
}

/// (sum x)^2 / (n * sum x^2), in percent with two decimals (Jain, Chiu and Hawe, 1984).
#[allow(clippy::cast_precision_loss, reason = "two decimals are shown")]
fn jain_percent(goodputs: &[u64]) -> f64 {
    let sum: f64 = goodputs.iter().map(|x| *x as f64).sum();
    let squares: f64 = goodputs.iter().map(|x| *x as f64 * *x as f64).sum();
    if squares == 0.0 {
        return 100.0;
    }
    let index = sum * sum / (goodputs.len() as f64 * squares);
    libm::round(index * 10_000.0) / 100.0
}

/// The goodput of a TCP entry over the time of its transfers; `None` if it is something else, or
/// transferred nothing.
fn goodput(report: &TrafficReport) -> Option<u64> {
    let AppResult::Tcp(all) = &report.result else {
        return None;
    };
    let bytes = all.iter().map(|x| x.bytes).sum();
    let times = all.iter().filter_map(|x| x.transfer);
    rate(bytes, times.fold(Span::ZERO, |sum, x| sum + x)).filter(|_| bytes > 0)
}

/// Finds the wires that packets take.
struct Ways<'a> {
    plan: &'a Plan,
    owners: BTreeMap<IpAddr, NodeId>,
    fibs: BTreeMap<NodeId, Fib>,
}

impl<'a> Ways<'a> {
    fn new(plan: &'a Plan) -> Self {
        let topology = &plan.topology;
        let own = |id| topology.node(id).addresses().map(move |a| (a, id));
        Self {
            plan,
            owners: topology.node_ids().flat_map(own).collect(),
            fibs: BTreeMap::new(),
        }
    }

    /// The wires that the data of an entry take; none if a routing table ends in nothing.
    fn of(&mut self, entry: &Traffic) -> Vec<WireId> {
        let there = (entry.from, entry.to.address);
        let ends = match &*entry.app {
            App::Tcp(tcp) if tcp.flow == Flow::Download => {
                let from = self.owners.get(&entry.to.address).copied();
                let to = self.plan.topology.node(entry.from).primary_address();
                from.zip(to)
            }
            _ => Some(there),
        };
        ends.and_then(|(from, to)| self.between(from, to))
            .unwrap_or_default()
    }

    fn between(&mut self, from: NodeId, to: IpAddr) -> Option<Vec<WireId>> {
        let (mut at, mut wires, mut passed) = (from, Vec::new(), BTreeSet::new());
        while self.owners.get(&to) != Some(&at) {
            if !passed.insert(at) {
                return None;
            }
            let routes = &self.plan.routes[at.index()];
            let fib = self.fibs.entry(at);
            let fib = fib.or_insert_with(|| Fib::new(routes.iter()));
            let hop = fib.lookup(to)?;
            let next = *self.owners.get(&hop.via.unwrap_or(to))?;
            wires.extend(segment_way(&self.plan.topology, (at, hop.port), next)?);
            at = next;
        }
        Some(wires)
    }
}

/// The wires from a card to a node on the same segment, through switches and hubs.
fn segment_way(topology: &Topology, card: (NodeId, PortId), to: NodeId) -> Option<Vec<WireId>> {
    let first = topology.port(card.0, card.1).wire;
    let mut seen = BTreeSet::from([card.0]);
    let mut waiting = VecDeque::from([vec![first]]);
    while let Some(way) = waiting.pop_front() {
        let end = topology.target(*way.last()?);
        if end.node == to {
            return Some(way);
        }
        let node = topology.node(end.node);
        if node.kind.speaks_ip() || !seen.insert(end.node) {
            continue;
        }
        for port in node
            .ports
            .iter()
            .filter(|p| p.wire.link != way[way.len() - 1].link)
        {
            let mut longer = way.clone();
            longer.push(port.wire);
            waiting.push_back(longer);
        }
    }
    None
}

/// With more transfers than this there is a table by group, and no look at each way.
const MOST_TRANSFERS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jains_index_is_one_for_equals_and_one_in_n_for_a_winner() {
        assert_eq!(jain_percent(&[5, 5, 5, 5]), 100.0);
        assert_eq!(jain_percent(&[7, 0, 0, 0]), 25.0);
        // (1 + 2 + 3)^2 / (3 * (1 + 4 + 9)) = 36 / 42.
        assert_eq!(jain_percent(&[1, 2, 3]), 85.71);
    }
}
