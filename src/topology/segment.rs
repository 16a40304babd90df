//! Broadcast segments: the ports that hear each other's Ethernet broadcasts, which is where one
//! IP subnet lives.

use super::Topology;
use crate::ids::{LinkId, NodeId, PortId};

/// A segment, numbered in the order in which the links of the file first touch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentId(pub u32);

/// Which link belongs to which segment.
#[derive(Debug, Clone)]
pub struct Segments {
    of_link: Vec<SegmentId>,
    members: Vec<Vec<(NodeId, PortId)>>,
}

impl Segments {
    /// Joins the links that meet in a switch or hub.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "no more segments than links"
    )]
    pub fn of(topology: &Topology) -> Self {
        let roots = joined_links(topology);
        let mut number_of_root = vec![None; topology.links.len()];
        let mut members: Vec<Vec<(NodeId, PortId)>> = Vec::new();
        let mut of_link = Vec::with_capacity(roots.len());
        for (link, &root) in topology.links.iter().zip(&roots) {
            let number = *number_of_root[root].get_or_insert_with(|| {
                members.push(Vec::new());
                members.len() - 1
            });
            of_link.push(SegmentId(number as u32));
            for end in link.ends {
                if topology.node(end.node).kind.speaks_ip() {
                    members[number].push((end.node, end.port));
                }
            }
        }
        Self { of_link, members }
    }

    /// How many segments there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// True if there are no links.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The segment that `link` belongs to.
    pub fn of_link(&self, link: LinkId) -> SegmentId {
        self.of_link[link.index()]
    }

    /// The cards of hosts and routers on a segment, in link order.
    pub fn members(&self, segment: SegmentId) -> &[(NodeId, PortId)] {
        &self.members[segment.0 as usize]
    }

    /// All segments with their members.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "no more segments than links"
    )]
    pub fn iter(&self) -> impl Iterator<Item = (SegmentId, &[(NodeId, PortId)])> {
        self.members
            .iter()
            .enumerate()
            .map(|(i, m)| (SegmentId(i as u32), m.as_slice()))
    }
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
