//! Which node runs in which part of a parallel run, and how far the parts may run ahead of each
//! other.
//!
//! Contract: the parts only decide who computes what; the bytes of a run do not depend on them.
//! Links are cut where the latency is large, then where they carry little. A link without latency is
//! never cut: the parts at its ends could not run ahead of each other.
//!
//! Method: join the ends of every link whose latency is below a limit, for the highest limit that
//! still leaves pieces which fill the parts evenly. Then fill the parts one after the other, always
//! with the piece that exchanges most with those already there, and move pieces over the borders
//! while less is cut by that.

use std::sync::Arc;

use crate::{
    ids::NodeId,
    topology::{Link, Topology},
    units::Span,
};

mod fill;
mod pieces;

use pieces::Pieces;

/// A division of the nodes of a network into parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// The part of each node.
    part_of: Arc<[u32]>,
    parts: usize,
    look_ahead: Span,
    refusal: Option<String>,
}

/// What there is to do in a network, as far as anybody knows beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// The work at each node, in any unit.
    pub nodes: Vec<u64>,
    /// The frames that each link carries, both ways together.
    pub links: Vec<u64>,
}

impl Partition {
    /// Everything in one part.
    pub fn whole(topology: &Topology) -> Self {
        Self {
            part_of: vec![0; topology.nodes.len()].into(),
            parts: 1,
            look_ahead: Span::MAX,
            refusal: None,
        }
    }

    /// At most `parts` parts of about equal weight.
    pub fn new(topology: &Topology, load: &Load, parts: usize) -> Self {
        if parts < 2 {
            return Self::whole(topology);
        }
        let Some(pieces) = Pieces::of(topology, load, parts) else {
            return Self {
                refusal: Some(refusal(topology)),
                ..Self::whole(topology)
            };
        };
        let piece_parts = fill::fill(&pieces, parts);
        let part_of = pieces.piece_of.iter().map(|&p| piece_parts[p]).collect();
        Self::of_parts(topology, part_of)
    }

    /// The parts that hold something, numbered by their first node.
    fn of_parts(topology: &Topology, mut part_of: Vec<u32>) -> Self {
        let mut numbers: Vec<u32> = Vec::new();
        for part in &mut part_of {
            let known = numbers.iter().position(|n| n == part);
            let number = known.unwrap_or_else(|| {
                numbers.push(*part);
                numbers.len() - 1
            });
            *part = u32::try_from(number).unwrap_or(u32::MAX);
        }
        let cut = |link: &&Link| {
            let [a, b] = link.ends.map(|end| part_of[end.node.index()]);
            a != b
        };
        let cut_links = topology.links.iter().filter(cut);
        Self {
            look_ahead: cut_links.map(passage).min().unwrap_or(Span::MAX),
            parts: numbers.len(),
            part_of: part_of.into(),
            refusal: None,
        }
    }

    /// How many parts there are.
    pub const fn parts(&self) -> usize {
        self.parts
    }

    /// The part of a node.
    pub fn part_of(&self, node: NodeId) -> usize {
        self.part_of[node.index()] as usize
    }

    /// The part of each node.
    pub(super) fn part_of_each(&self) -> Arc<[u32]> {
        Arc::clone(&self.part_of)
    }

    /// The nodes of a part, in scenario order.
    pub fn nodes_of(&self, part: usize) -> impl Iterator<Item = NodeId> + '_ {
        let nodes = (0..).map(NodeId).zip(&*self.part_of);
        nodes
            .filter(move |&(_, &p)| p as usize == part)
            .map(|(node, _)| node)
    }

    /// The least time that a frame is under way from one part to another.
    pub const fn look_ahead(&self) -> Span {
        self.look_ahead
    }

    /// Why there is only one part though more were wanted.
    pub fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }
}

/// The least time between the sending and the arrival of a frame, either way.
fn passage(link: &Link) -> Span {
    let [forward, backward] = &link.profiles;
    forward.shortest_passage().min(backward.shortest_passage())
}

/// The least propagation delay of a link, either way.
fn latency(link: &Link) -> Span {
    let [forward, backward] = &link.profiles;
    forward.shortest_delay().min(backward.shortest_delay())
}

fn refusal(topology: &Topology) -> String {
    let instant = |link: &&Link| latency(link) == Span::ZERO;
    match topology.links.iter().find(instant) {
        Some(link) => format!(
            "everything hangs together by links whose latency may be zero, such as `{}`: its ends \
             cannot run ahead of each other",
            link.name
        ),
        None => "the network cannot be divided".to_owned(),
    }
}

#[cfg(test)]
mod tests;
