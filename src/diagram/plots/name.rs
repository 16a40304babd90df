//! Names of flows and wires, and the choice of those that are shown.

use std::net::SocketAddr;

use super::{MOST_SHOWN, Run};
use crate::{diagram::series::Flow, ids::WireId};

impl Run<'_> {
    /// "alice:49152 → bob:80".
    pub(super) fn flow_name(&self, flow: &Flow) -> String {
        self.way_name(flow.key.source, flow.key.destination)
    }

    /// The same for any two ends.
    pub(super) fn way_name(&self, from: SocketAddr, to: SocketAddr) -> String {
        format!("{} → {}", self.end_name(from), self.end_name(to))
    }

    fn end_name(&self, end: SocketAddr) -> String {
        match self.topology.owner(end.ip()) {
            Some(node) => format!("{}:{}", self.topology.node(node).name, end.port()),
            None => end.to_string(),
        }
    }

    /// "wan, r1 → r2".
    pub(super) fn wire_name(&self, wire: WireId) -> String {
        let (from, to) = (self.topology.source(wire), self.topology.target(wire));
        format!(
            "{}, {} → {}",
            self.topology.link(wire.link).name,
            self.topology.node(from.node).name,
            self.topology.node(to.node).name
        )
    }

    /// Those flows that `suits` accepts, the one with the most bytes first, and how many more
    /// there are than can be shown.
    pub(super) fn largest(&self, suits: impl Fn(&Flow) -> bool) -> (Vec<&Flow>, usize) {
        let mut flows: Vec<&Flow> = self.flows.iter().filter(|f| suits(f)).collect();
        flows.sort_by_key(|f| std::cmp::Reverse(f.arrived.total()));
        let left_out = flows.len().saturating_sub(MOST_SHOWN);
        flows.truncate(MOST_SHOWN);
        (flows, left_out)
    }

    /// A sentence on what a plot leaves out; empty if that is nothing.
    pub(super) fn left_out(&self, left_out: usize) -> String {
        let unseen = self.series.flows_left_out();
        match (left_out, unseen) {
            (0, 0) => String::new(),
            (n, 0) => format!(" The {MOST_SHOWN} largest flows; {n} more are not shown."),
            (0, m) => format!(" {m} flows that began later were not followed."),
            (n, m) => format!(
                " The {MOST_SHOWN} largest flows; {n} more are not shown and {m} that began later \
                 were not followed."
            ),
        }
    }
}
