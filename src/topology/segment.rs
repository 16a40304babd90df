//! Broadcast segments: the ports that hear each other's Ethernet broadcasts, which is where one
//! IP subnet lives.

use super::{Topology, grouped::Grouped};
use crate::ids::{LinkId, NodeId, PortId};

/// A segment, numbered in the order in which the links of the file first touch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentId(pub u32);

/// Which link belongs to which segment.
#[derive(Debug, Clone)]
pub struct Segments {
    of_link: Box<[SegmentId]>,
    members: Grouped<(NodeId, PortId)>,
}

impl Segments {
    /// Joins the links that meet in a switch or hub.
    pub fn of(topology: &Topology) -> Self {
        let of_link = numbered(&joined_links(topology));
        let count = of_link.iter().max().map_or(0, |last| last.0 as usize + 1);
        let each = topology.links.iter().zip(&of_link);
        let ends = each.flat_map(|(link, segment)| link.ends.map(|end| (segment.0, end)));
        let members = ends
            .filter(|(_, end)| topology.node(end.node).kind.speaks_ip())
            .map(|(segment, end)| (segment as usize, (end.node, end.port)));
        Self {
            members: Grouped::new(count, members),
            of_link,
        }
    }

    /// How many segments there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// True if there are no links.
    pub fn is_empty(&self) -> bool {
        self.of_link.is_empty()
    }

    /// The segment that `link` belongs to.
    pub fn of_link(&self, link: LinkId) -> SegmentId {
        self.of_link[link.index()]
    }

    /// The cards of hosts and routers on a segment, in link order.
    pub fn members(&self, segment: SegmentId) -> &[(NodeId, PortId)] {
        self.members.of(segment.0 as usize)
    }

    /// All segments with their members.
    pub fn iter(&self) -> impl Iterator<Item = (SegmentId, &[(NodeId, PortId)])> {
        (0..).map(SegmentId).zip(self.members.iter())
    }
}

/// Segments instead of roots, in the order in which the roots first occur.
fn numbered(roots: &[usize]) -> Box<[SegmentId]> {
    let mut number_of_root = vec![None; roots.len()];
    let mut numbers = (0..).map(SegmentId);
    let number = |&root: &usize| *number_of_root[root].get_or_insert_with(|| numbers.next());
    roots.iter().filter_map(number).collect()
}

/// For each link the number of a link that stands for its segment (union-find over petgraph).
fn joined_links(topology: &Topology) -> Vec<usize> {
    let mut sets = petgraph::unionfind::UnionFind::new(topology.links.len());
    for node in topology.nodes.iter().filter(|n| !n.kind.speaks_ip()) {
        let links = node.ports.iter().map(|p| p.wire.link.index());
        for (a, b) in links.clone().zip(links.skip(1)) {
            sets.union(a, b);
        }
    }
    sets.into_labeling()
}
