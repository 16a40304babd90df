//! Whether traffic can arrive: the routing tables are followed, there and back.

use std::{cell::OnceCell, collections::BTreeSet, net::IpAddr};

use super::{flows::Flows, owners::Owners};

use crate::{
    ids::NodeId,
    osi::{
        application::spec::{App, Traffic},
        network::{Fib, NextHop},
    },
    scenario::{
        schema::File,
        text::{Findings, Place},
    },
    topology::{NodeKind, RoutingTable, Topology},
};

/// What becomes of a packet.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Arrives,
    /// This node has no route.
    NoRoute(NodeId),
    /// It comes by this router twice.
    Loop(NodeId),
    /// This node's next hop does not exist or does not forward.
    DeadEnd(NodeId),
}

/// Follows the routing tables for each traffic entry, both ways.
pub(super) fn check(
    file: &File,
    topology: &Topology,
    routes: &[RoutingTable],
    traffic: &Flows,
    owners: &Owners,
    findings: &mut Findings,
) {
    let map = Map {
        topology,
        routes,
        fibs: vec![OnceCell::new(); routes.len()],
        owners,
    };
    let mut known: BTreeSet<(NodeId, IpAddr)> = BTreeSet::new();
    for (table, entry) in traffic.by_entry(file).flat_map(|(table, flows)| {
        let flows = looked_at(flows);
        flows.into_iter().map(move |flow| (table, flow))
    }) {
        let keys = &table.value;
        let place = keys.to.place().or_else(|| table.place.clone());
        let Some(target) = map.owner(entry.to.address) else {
            continue;
        };
        // A host that gets its address by DHCP gets its routes with it.
        if topology.node(entry.from).primary_address().is_none()
            || !known.insert((entry.from, entry.to.address))
        {
            continue;
        }
        let there = map.follow(entry.from, entry.to.address);
        let to = &topology.node(target).name;
        let from = &topology.node(entry.from).name;
        map.report(&there, (from, to), place.clone(), true, findings);
        if there == Fate::Arrives
            && let Some(address) = topology.node(entry.from).primary_address()
        {
            let back = map.follow(target, address);
            let answered = !matches!(*entry.app, App::Udp(_));
            map.report(&back, (to, from), place, answered, findings);
        }
    }
}

/// Enough flows of an entry that each sender and each receiver comes by at least once: among n
/// hosts 2n instead of n squared. If those arrive, so do all others, unless somebody wrote odd
/// routes by hand.
fn looked_at(flows: &[Traffic]) -> Vec<&Traffic> {
    let mut senders = BTreeSet::new();
    let mut receivers = BTreeSet::new();
    let new = |flow: &&Traffic| {
        let sender = senders.insert(flow.from);
        receivers.insert(flow.to.address) || sender
    };
    flows.iter().filter(new).collect()
}

/// The network as a packet sees it.
struct Map<'a> {
    topology: &'a Topology,
    routes: &'a [RoutingTable],
    /// The forwarding tables of the nodes that packets came by.
    fibs: Vec<OnceCell<Fib>>,
    owners: &'a Owners,
}

impl Map<'_> {
    fn owner(&self, address: IpAddr) -> Option<NodeId> {
        self.owners.get(address)
    }

    /// Follows a packet from `from` to `address`.
    fn follow(&self, from: NodeId, address: IpAddr) -> Fate {
        let mut at = from;
        let mut passed = Vec::new();
        loop {
            if self.owner(address) == Some(at) {
                return Fate::Arrives;
            }
            if passed.contains(&at) {
                return Fate::Loop(at);
            }
            passed.push(at);
            let Some(hop) = self.next_hop(at, address) else {
                return Fate::NoRoute(at);
            };
            let next = self.owner(hop.via.unwrap_or(address));
            let forwards = |id| self.topology.node(id).kind == NodeKind::Router;
            match next {
                Some(next) if forwards(next) || self.owner(address) == Some(next) => at = next,
                _ => return Fate::DeadEnd(at),
            }
        }
    }

    /// The next hop by the longest prefix that holds `address`.
    fn next_hop(&self, node: NodeId, address: IpAddr) -> Option<NextHop> {
        let routes = &self.routes[node.index()];
        let fib = self.fibs[node.index()].get_or_init(|| Fib::new(routes.iter()));
        fib.lookup(address)
    }

    fn report(
        &self,
        fate: &Fate,
        (from, to): (&str, &str),
        place: Option<Place>,
        needed: bool,
        findings: &mut Findings,
    ) {
        let name = |id: &NodeId| &self.topology.node(*id).name;
        let why = match fate {
            Fate::Arrives => return,
            Fate::Loop(at) => {
                let way = format!(
                    "packets from `{from}` to `{to}` go round in a circle at `{}`",
                    name(at)
                );
                findings.warn(place, format!("{way} until their TTL ends"));
                return;
            }
            Fate::NoRoute(at) => format!("`{}` has no route there", name(at)),
            Fate::DeadEnd(at) => format!("the next hop of `{}` does not forward", name(at)),
        };
        let message = format!("`{to}` cannot be reached from `{from}`: {why}");
        if needed {
            findings
                .error(place, message)
                .help("connect them by links and routers, or mend `routes` and `gateway`");
        } else {
            findings.warn(place, message);
        }
    }
}
