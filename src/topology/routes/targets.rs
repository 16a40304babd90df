//! What paths lead to: subnets, and groups of subnets that lie in the same direction.

use ipnet::IpNet;

use super::graph::Graph;
use crate::{
    ids::{NodeId, PortId},
    topology::{NodeKind, SegmentId},
};

/// What a search begins at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    /// All segments that hang on this router alone.
    Stubs(NodeId),
    /// One segment.
    Segment(SegmentId),
}

/// All targets, and the target of every segment.
#[derive(Debug)]
pub(super) struct Targets {
    all: Vec<Target>,
    /// `None` for a segment without routers, where no path leads.
    of_segment: Box<[Option<u32>]>,
}

impl Targets {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "no more targets than segments"
    )]
    pub(super) fn of(graph: &Graph<'_>) -> Self {
        let mut all: Vec<Target> = Vec::new();
        let mut stubs_of = vec![None; graph.topology.nodes.len()];
        let of_segment = graph.segments.iter().map(|(segment, members)| {
            let mut add = |target| {
                all.push(target);
                all.len() as u32 - 1
            };
            match *graph.cards(segment) {
                [] => None,
                [only] if is_stub(graph, members) => {
                    let stubs = &mut stubs_of[only.router.index()];
                    Some(*stubs.get_or_insert_with(|| add(Target::Stubs(only.router))))
                }
                _ => Some(add(Target::Segment(segment))),
            }
        });
        Self {
            of_segment: of_segment.collect(),
            all,
        }
    }

    pub(super) const fn count(&self) -> usize {
        self.all.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Target> {
        self.all.iter().copied()
    }

    /// The subnets that paths lead to, with their targets: segment by segment, each subnet once, in
    /// the order of the segment's cards.
    pub(super) fn subnets(&self, graph: &Graph<'_>) -> Vec<(IpNet, u32)> {
        let mut subnets: Vec<(IpNet, u32)> = Vec::new();
        for ((_, members), target) in graph.segments.iter().zip(&self.of_segment) {
            let Some(target) = *target else { continue };
            let first = subnets.len();
            for &(node, port) in members {
                for net in &graph.topology.port(node, port).addresses {
                    let row = (net.trunc(), target);
                    if !subnets[first..].contains(&row) {
                        subnets.push(row);
                    }
                }
            }
        }
        subnets
    }

    /// The targets of the segments that a node is on.
    pub(super) fn around(&self, graph: &Graph<'_>, node: NodeId) -> impl Iterator<Item = u32> {
        let ports = graph.topology.node(node).ports.iter();
        let segments = ports.map(|port| graph.segments.of_link(port.wire.link));
        segments.filter_map(|segment| self.of_segment[segment.0 as usize])
    }
}

/// True if nobody on a segment with a single router has to choose among several ways. Then all that
/// keep lists are either on all stubs of that router or on none of them.
fn is_stub(graph: &Graph<'_>, members: &[(NodeId, PortId)]) -> bool {
    let is_host = |node: NodeId| graph.topology.node(node).kind == NodeKind::Host;
    let chooses = |&(node, _): &(NodeId, PortId)| is_host(node) && graph.keeps_list(node);
    !members.iter().any(chooses)
}
