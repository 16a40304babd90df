//! Which way packets go: the forwarding tables of a whole network, followed from node to node.
//!
//! What it finds holds while nothing changes: no outage, no address that comes by DHCP. Neighbours
//! are known without ARP.

use std::{cell::OnceCell, net::IpAddr};

use smallvec::SmallVec;

use super::{Fib, NextHop};
use crate::{
    ids::{NodeId, PortId},
    topology::{NodeKind, Owners, RoutingTable, Topology},
};

/// The forwarding tables of a network, made as packets come by.
#[derive(Debug)]
pub struct Ways<'a> {
    topology: &'a Topology,
    routes: &'a [RoutingTable],
    fibs: Vec<OnceCell<Fib>>,
    owners: &'a Owners,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It reaches the node that owns the address.
    Arrives(NodeId),
    /// This node has no route.
    NoRoute(NodeId),
    /// It comes by this router twice.
    Loop(NodeId),
    /// This node's next hop does not exist or does not forward.
    DeadEnd(NodeId),
}

/// One step of a packet, from an IP node to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Where it leaves.
    pub from: NodeId,
    /// By which port.
    pub port: PortId,
    /// Whom it is meant for, on the segment behind that port.
    pub to: NodeId,
    /// The address by which that node is asked for.
    pub by: IpAddr,
}

impl<'a> Ways<'a> {
    /// Those of the nodes of `topology` with these `routes`, each by its node's number.
    pub fn new(topology: &'a Topology, routes: &'a [RoutingTable], owners: &'a Owners) -> Self {
        Self {
            topology,
            routes,
            fibs: vec![OnceCell::new(); routes.len()],
            owners,
        }
    }

    /// Follows a packet from `from` to `address`, and tells `see` each step that it takes.
    pub fn follow(&self, from: NodeId, address: IpAddr, mut see: impl FnMut(Step)) -> Fate {
        let target = self.owners.get(address);
        let mut at = from;
        let mut passed: SmallVec<[NodeId; 16]> = SmallVec::new();
        while target != Some(at) {
            if passed.contains(&at) {
                return Fate::Loop(at);
            }
            passed.push(at);
            let Some(hop) = self.next_hop(at, address) else {
                return Fate::NoRoute(at);
            };
            let by = hop.via.unwrap_or(address);
            let next = self.owners.get(by);
            let takes_it = |&next: &NodeId| self.forwards(next) || target == Some(next);
            let Some(to) = next.filter(takes_it) else {
                return Fate::DeadEnd(at);
            };
            see(Step {
                from: at,
                port: hop.port,
                to,
                by,
            });
            at = to;
        }
        Fate::Arrives(at)
    }

    fn forwards(&self, node: NodeId) -> bool {
        self.topology.node(node).kind == NodeKind::Router
    }

    /// The next hop by the longest prefix that holds `address`.
    fn next_hop(&self, node: NodeId, address: IpAddr) -> Option<NextHop> {
        let routes = &self.routes[node.index()];
        if routes.iter().nth(SHORT).is_none() {
            return NextHop::scan(routes.iter(), address);
        }
        let fib = self.fibs[node.index()].get_or_init(|| Fib::new(routes.iter()));
        fib.lookup(address)
    }
}

/// A table of so few routes is not worth being made into a [`Fib`] for a few packets.
const SHORT: usize = 4;
