//! The way of a packet through the switches and hubs between two IP nodes.
//!
//! Switches form trees, so there is one way between any two of them: up from one and down to the
//! other.

use std::collections::VecDeque;

use crate::{
    ids::{LinkId, NodeId},
    osi::network::Step,
    topology::Topology,
};

/// The trees of switches of a network.
#[derive(Debug)]
pub(super) struct Lans<'a> {
    topology: &'a Topology,
    /// By node: how deep a switch stands in its tree, and the way up from it.
    places: Vec<Place>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Place {
    depth: u32,
    up: Option<(NodeId, LinkId)>,
}

impl<'a> Lans<'a> {
    pub(super) fn of(topology: &'a Topology) -> Self {
        let mut lans = Self {
            topology,
            places: vec![Place::default(); topology.nodes.len()],
        };
        let mut seen = vec![false; topology.nodes.len()];
        for root in topology.node_ids() {
            if lans.is_switch(root) && !seen[root.index()] {
                lans.grow(root, &mut seen);
            }
        }
        lans
    }

    fn is_switch(&self, id: NodeId) -> bool {
        !self.topology.node(id).kind.speaks_ip()
    }

    /// Grows the tree of `root`, breadth first.
    fn grow(&mut self, root: NodeId, seen: &mut [bool]) {
        seen[root.index()] = true;
        let mut queue = VecDeque::from([root]);
        while let Some(at) = queue.pop_front() {
            for port in &self.topology.node(at).ports {
                let next = self.topology.target(port.wire).node;
                if self.is_switch(next) && !seen[next.index()] {
                    seen[next.index()] = true;
                    self.places[next.index()] = Place {
                        depth: self.places[at.index()].depth + 1,
                        up: Some((at, port.wire.link)),
                    };
                    queue.push_back(next);
                }
            }
        }
    }

    /// Adds the links that `step` takes to `links`, and the switches that it passes to `switches`.
    pub(super) fn cross(&self, step: Step, links: &mut Vec<LinkId>, switches: &mut Vec<NodeId>) {
        let first = self.topology.port(step.from, step.port).wire;
        links.push(first.link);
        let mut here = self.topology.target(first).node;
        if here == step.to {
            return;
        }
        let cards = &self.topology.node(step.to).ports;
        let asked = |net: &ipnet::IpNet| net.addr() == step.by;
        let Some(card) = cards.iter().find(|card| card.addresses.iter().any(asked)) else {
            return;
        };
        links.push(card.wire.link);
        let mut there = self.topology.target(card.wire).node;
        switches.push(here);
        while here != there {
            let [a, b] = [here, there].map(|switch| self.places[switch.index()]);
            let is_deeper = a.depth >= b.depth;
            let Some((up, link)) = (if is_deeper { a.up } else { b.up }) else {
                return;
            };
            links.push(link);
            if is_deeper {
                here = up;
                switches.push(here);
            } else {
                switches.push(there);
                there = up;
            }
        }
    }
}
