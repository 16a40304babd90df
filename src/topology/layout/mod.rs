//! Where to draw the nodes: a place on the plane for each, from the wiring alone.
//!
//! Contract: the same topology gives the same places on every machine (only additions,
//! multiplications, divisions and square roots, in a fixed order). One unit is the wanted length
//! of a horizontal link; y grows downwards; nobody stands on anybody else.
//!
//! Trees (most small networks) are laid along their longest path, with branches above and below
//! it; networks with loops start from a spanning tree and are then relaxed until distances on
//! paper are near distances in links. No external program takes part.

mod stress;
mod tree;

use std::collections::VecDeque;

use super::Topology;
use crate::ids::NodeId;

/// Larger networks get no layout: nobody could read the picture.
pub const MOST_NODES: usize = 400;

/// Where the nodes stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// By [`NodeId`]: (x, y).
    pub places: Vec<(f64, f64)>,
    /// True if the network has loops, so that directions mean nothing and both axes must be
    /// scaled alike.
    pub has_loops: bool,
}

/// Finds a place for every node; `None` beyond [`MOST_NODES`].
///
/// Parts that are not connected stand one below the other.
pub fn layout(topology: &Topology) -> Option<Layout> {
    if topology.nodes.len() > MOST_NODES {
        return None;
    }
    let graph = Graph::of(topology);
    let mut places = vec![(0.0, 0.0); topology.nodes.len()];
    let mut has_loops = false;
    let mut top = 0.0;
    for part in graph.parts() {
        let mut own = tree::place(&graph, &part);
        if graph.has_loop(&part) {
            has_loops = true;
            own = stress::relaxed(&graph, &part, own);
        }
        let left = own.iter().map(|p| p.0).fold(f64::INFINITY, f64::min);
        let upper = own.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
        let mut lowest = top;
        for (&node, (x, y)) in part.iter().zip(own) {
            let place = (x - left, y - upper + top);
            lowest = f64::max(lowest, place.1);
            places[node] = place;
        }
        top = lowest + PART_GAP;
    }
    Some(Layout { places, has_loops })
}

/// From the lowest node of one part to the highest of the next.
const PART_GAP: f64 = 0.8;

/// Who is next to whom, each neighbour once, in ascending order.
struct Graph {
    neighbors: Vec<Vec<usize>>,
}

impl Graph {
    fn of(topology: &Topology) -> Self {
        let neighbors = topology
            .node_ids()
            .map(|id: NodeId| {
                let ports = topology.node(id).ports.iter();
                let mut next: Vec<usize> = ports
                    .map(|port| topology.target(port.wire).node.index())
                    .filter(|&other| other != id.index())
                    .collect();
                next.sort_unstable();
                next.dedup();
                next
            })
            .collect();
        Self { neighbors }
    }

    /// The connected parts, each in ascending order, by their lowest node.
    fn parts(&self) -> Vec<Vec<usize>> {
        let mut seen = vec![false; self.neighbors.len()];
        let mut parts = Vec::new();
        for start in 0..self.neighbors.len() {
            if seen[start] {
                continue;
            }
            let mut part = self.search(start).order;
            part.sort_unstable();
            part.iter().for_each(|&node| seen[node] = true);
            parts.push(part);
        }
        parts
    }

    /// A part with as many links as nodes, or more, has a loop.
    fn has_loop(&self, part: &[usize]) -> bool {
        let ends: usize = part.iter().map(|&node| self.neighbors[node].len()).sum();
        ends / 2 >= part.len()
    }

    /// Breadth-first search from `start`.
    fn search(&self, start: usize) -> Search {
        let count = self.neighbors.len();
        let mut search = Search {
            order: vec![start],
            distance: vec![None; count],
            parent: vec![None; count],
        };
        search.distance[start] = Some(0);
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            let next = search.distance[node].map(|d| d + 1);
            for &neighbor in &self.neighbors[node] {
                if search.distance[neighbor].is_none() {
                    search.distance[neighbor] = next;
                    search.parent[neighbor] = Some(node);
                    search.order.push(neighbor);
                    queue.push_back(neighbor);
                }
            }
        }
        search
    }
}

/// What a breadth-first search found.
struct Search {
    /// The nodes reached, nearest first.
    order: Vec<usize>,
    /// How many links away a node is.
    distance: Vec<Option<u32>>,
    /// From where a node was reached.
    parent: Vec<Option<usize>>,
}

#[cfg(test)]
mod tests;
