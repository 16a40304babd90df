//! How many threads a run gets, and which node goes where.

use std::{collections::BTreeMap, net::IpAddr};

use crate::{engine::Partition, ids::NodeId, scenario::plan::Plan, units::Span};

/// How many threads a run may use. The bytes it leaves do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Threads {
    /// The calling thread alone.
    #[default]
    One,
    /// As many as this, if the network can be divided into as many parts.
    Exactly(usize),
    /// At most as many as this, and only if the run is large enough to gain from them.
    UpTo(usize),
}

impl Threads {
    /// The division of the network that follows.
    pub(super) fn divide(self, plan: &Plan) -> Partition {
        let topology = &plan.topology;
        match self {
            Self::One => Partition::whole(topology),
            Self::Exactly(parts) => Partition::new(topology, &weights(plan), parts),
            Self::UpTo(parts) if is_large(plan) => {
                let partition = Partition::new(topology, &weights(plan), parts);
                if partition.look_ahead() >= WORTHWHILE {
                    partition
                } else {
                    Partition::whole(topology)
                }
            }
            Self::UpTo(_) => Partition::whole(topology),
        }
    }
}

/// With a shorter look-ahead the threads meet too often to gain: docs/performance.md has the figures.
const WORTHWHILE: Span = Span::from_micros(50);

/// Many flows on many nodes, and nobody who wants every record in order: handing those on keeps
/// one thread busy by itself.
fn is_large(plan: &Plan) -> bool {
    plan.traffic.len() >= 64 && plan.topology.nodes.len() >= 32 && plan.capture.is_empty()
}

/// How much there is to do at each node: something for each wire, more for each flow that begins
/// or ends there.
fn weights(plan: &Plan) -> Vec<u64> {
    let topology = &plan.topology;
    let ports = topology
        .nodes
        .iter()
        .map(|node| 1 + node.ports.len() as u64);
    let mut weights: Vec<u64> = ports.collect();
    let owners: BTreeMap<IpAddr, NodeId> = topology
        .node_ids()
        .flat_map(|id| topology.node(id).addresses().map(move |a| (a, id)))
        .collect();
    for traffic in &plan.traffic {
        weights[traffic.from.index()] += FLOW;
        if let Some(to) = owners.get(&traffic.to.address) {
            weights[to.index()] += FLOW;
        }
    }
    weights
}

/// An end of a flow weighs as much as this many wires.
const FLOW: u64 = 4;
