//! The order of the columns: neighbours side by side, hosts at the ends.
//!
//! A minimum linear arrangement is hard to find in general; from a good start (distance from the
//! node that speaks first) moving single columns while that shortens the arrows is enough for the
//! networks that fit a page.

use std::collections::BTreeMap;

use super::{legs::Leg, model::Column};
use crate::{ids::NodeId, topology::Topology};

/// The nodes of `legs`, ordered from left to right; whoever sends first is in the left half.
pub(super) fn order(legs: &[&Leg], nodes: &[NodeId], topology: &Topology) -> Vec<NodeId> {
    let Some(&first) = nodes.first() else {
        return Vec::new();
    };
    let start = legs.first().map_or(first, |leg| leg.from);
    let distance = distances(start, topology);
    let mut order = nodes.to_vec();
    order.sort_by_key(|&node| (distance[node.index()], node));
    let weights = Weights::new(legs, nodes, topology);
    if order.len() <= MOST_SHUFFLED {
        weights.improve(&mut order);
    }
    let place = order.iter().position(|&n| n == start).unwrap_or(0);
    if place * 2 > order.len() - 1 {
        order.reverse();
    }
    order
}

/// The columns of `nodes`, in their order.
pub(super) fn columns(nodes: &[NodeId], topology: &Topology) -> Vec<Column> {
    let column = |&id: &NodeId| {
        let node = topology.node(id);
        Column {
            node: id,
            name: node.name.clone(),
            kind: node.kind,
            address: node.primary_address().map(|a| a.to_string()),
        }
    };
    nodes.iter().map(column).collect()
}

/// How many links away each node is from `start`; unreachable nodes are furthest.
fn distances(start: NodeId, topology: &Topology) -> Vec<usize> {
    let mut distance = vec![usize::MAX; topology.nodes.len()];
    distance[start.index()] = 0;
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        let next = distance[node.index()] + 1;
        for port in &topology.node(node).ports {
            let neighbor = topology.target(port.wire).node;
            if distance[neighbor.index()] == usize::MAX {
                distance[neighbor.index()] = next;
                queue.push_back(neighbor);
            }
        }
    }
    distance
}

/// How much it matters that two columns are close.
struct Weights<'a> {
    pairs: BTreeMap<(NodeId, NodeId), u64>,
    /// What a host costs that has routers or switches on both sides.
    inner_host: u64,
    topology: &'a Topology,
}

impl<'a> Weights<'a> {
    fn new(legs: &[&Leg], nodes: &[NodeId], topology: &'a Topology) -> Self {
        let mut pairs: BTreeMap<(NodeId, NodeId), u64> = BTreeMap::new();
        let mut add = |a: NodeId, b: NodeId| *pairs.entry((a.min(b), a.max(b))).or_default() += 1;
        for leg in legs {
            add(leg.from, leg.to);
        }
        for link in &topology.links {
            let [a, b] = link.ends.map(|end| end.node);
            if nodes.contains(&a) && nodes.contains(&b) {
                add(a, b);
            }
        }
        let total: u64 = pairs.values().sum();
        let inner_host = 2 * total / u64::try_from(nodes.len().max(1)).unwrap_or(1) + 1;
        Self {
            pairs,
            inner_host,
            topology,
        }
    }

    /// The summed length of all arrows, and the price of hosts in the middle.
    fn cost(&self, order: &[NodeId]) -> u64 {
        let place: BTreeMap<NodeId, u64> = order.iter().copied().zip(0..).collect();
        let arrows = self.pairs.iter().map(|((a, b), weight)| {
            let (a, b) = (place.get(a).copied(), place.get(b).copied());
            a.zip(b).map_or(0, |(a, b)| a.abs_diff(b) * weight)
        });
        let host = |id: NodeId| self.topology.node(id).kind.floors() == 7;
        let inner = order
            .windows(3)
            .filter(|w| !host(w[0]) && host(w[1]) && !host(w[2]));
        let inner = u64::try_from(inner.count()).unwrap_or(0);
        arrows.sum::<u64>() + inner * self.inner_host
    }

    /// Moves single columns to better places until nothing gets better.
    fn improve(&self, order: &mut Vec<NodeId>) {
        let mut best = self.cost(order);
        for _ in 0..MOST_ROUNDS {
            let before = best;
            for from in 0..order.len() {
                for to in 0..order.len() {
                    let mut moved = order.clone();
                    let node = moved.remove(from);
                    moved.insert(to, node);
                    let cost = self.cost(&moved);
                    if cost < best {
                        (*order, best) = (moved, cost);
                    }
                }
            }
            if best == before {
                break;
            }
        }
    }
}

/// More columns than this stay in order of distance.
const MOST_SHUFFLED: usize = 24;

const MOST_ROUNDS: usize = 20;
