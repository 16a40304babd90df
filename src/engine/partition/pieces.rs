//! Pieces: groups of nodes that stay together, and the links between them.

use petgraph::unionfind::UnionFind;

use super::{Load, latency};
use crate::{topology::Topology, units::Span};

/// The pieces of a network, numbered by their first node.
#[derive(Debug)]
pub(super) struct Pieces {
    /// The piece of each node.
    pub(super) piece_of: Vec<usize>,
    /// How much there is to do in each piece.
    pub(super) weights: Vec<u64>,
    /// For each piece the pieces at the other ends of its links, one entry per link, and what joins
    /// them: one for the link and one for each frame on it.
    pub(super) neighbors: Vec<Vec<(usize, u64)>>,
    /// What joins each piece to all others together.
    pub(super) joints: Vec<u64>,
}

impl Pieces {
    /// The pieces that links of the longest possible latency leave, so that they can fill `parts`
    /// evenly. `None` if every division would cut a link without latency.
    pub(super) fn of(topology: &Topology, load: &Load, parts: usize) -> Option<Self> {
        let mut limits: Vec<Span> = topology.links.iter().map(latency).collect();
        limits.sort_unstable();
        limits.dedup();
        let mut limits = limits.into_iter().rev().filter(|l| *l > Span::ZERO);
        let mut last = Self::joined(topology, load, limits.next()?);
        while !last.can_fill(parts) {
            let Some(limit) = limits.next() else { break };
            last = Self::joined(topology, load, limit);
        }
        (last.weights.len() > 1).then_some(last)
    }

    /// The ends of every link with a latency below `limit` joined.
    fn joined(topology: &Topology, load: &Load, limit: Span) -> Self {
        let mut sets = UnionFind::new(topology.nodes.len());
        for link in topology.links.iter().filter(|l| latency(l) < limit) {
            let [a, b] = link.ends.map(|end| end.node.index());
            sets.union(a, b);
        }
        let mut pieces = Self::numbered(&sets.into_labeling(), &load.nodes);
        pieces.connect(topology, &load.links);
        pieces
    }

    fn numbered(labels: &[usize], weights: &[u64]) -> Self {
        let mut number_of = vec![usize::MAX; labels.len()];
        let mut pieces = Self {
            piece_of: Vec::with_capacity(labels.len()),
            weights: Vec::new(),
            neighbors: Vec::new(),
            joints: Vec::new(),
        };
        for (&label, &weight) in labels.iter().zip(weights) {
            if number_of[label] == usize::MAX {
                number_of[label] = pieces.weights.len();
                pieces.weights.push(0);
            }
            let number = number_of[label];
            pieces.weights[number] += weight;
            pieces.piece_of.push(number);
        }
        pieces
    }

    fn connect(&mut self, topology: &Topology, frames: &[u64]) {
        self.neighbors = vec![Vec::new(); self.weights.len()];
        for (link, frames) in topology.links.iter().zip(frames) {
            let [a, b] = link.ends.map(|end| self.piece_of[end.node.index()]);
            if a != b {
                let joint = frames.saturating_add(1);
                self.neighbors[a].push((b, joint));
                self.neighbors[b].push((a, joint));
            }
        }
        let sum = |all: &Vec<(usize, u64)>| {
            all.iter()
                .fold(0, |sum: u64, (_, joint)| sum.saturating_add(*joint))
        };
        self.joints = self.neighbors.iter().map(sum).collect();
    }

    /// Is no piece so heavy that a part would get much more than its share?
    fn can_fill(&self, parts: usize) -> bool {
        let heaviest = self.weights.iter().max().copied().unwrap_or(0);
        self.weights.len() >= parts && heaviest <= share(&self.weights, parts) / 4 * 5
    }
}

/// An even share of the whole weight, rounded up.
pub(super) fn share(weights: &[u64], parts: usize) -> u64 {
    weights.iter().sum::<u64>().div_ceil(parts as u64)
}
