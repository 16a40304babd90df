//! Whether traffic can arrive: the routing tables are followed, there and back.

use std::{collections::BTreeSet, net::IpAddr};

use super::flows::Flows;
use crate::{
    ids::NodeId,
    osi::{
        application::spec::{App, Traffic},
        network::{Fate, Ways},
    },
    scenario::{
        schema::File,
        text::{Findings, Place},
    },
    topology::{Owners, RoutingTable, Topology},
};

/// Follows the routing tables for each traffic entry, both ways.
pub(super) fn check(
    file: &File,
    topology: &Topology,
    routes: &[RoutingTable],
    traffic: &Flows,
    owners: &Owners,
    findings: &mut Findings,
) {
    let ways = Ways::new(topology, routes, owners);
    let mut complaint = Complaint { topology, findings };
    let mut known: BTreeSet<(NodeId, IpAddr)> = BTreeSet::new();
    for (table, entry) in traffic.by_entry(file).flat_map(|(table, flows)| {
        let flows = looked_at(flows);
        flows.into_iter().map(move |flow| (table, flow))
    }) {
        let keys = &table.value;
        let place = keys.to.place().or_else(|| table.place.clone());
        let Some(target) = owners.get(entry.to.address) else {
            continue;
        };
        // A host that gets its address by DHCP gets its routes with it.
        if topology.node(entry.from).primary_address().is_none()
            || !known.insert((entry.from, entry.to.address))
        {
            continue;
        }
        let there = ways.follow(entry.from, entry.to.address, |_| ());
        let to = &topology.node(target).name;
        let from = &topology.node(entry.from).name;
        complaint.report(there, (from, to), place.clone(), true);
        if matches!(there, Fate::Arrives(_))
            && let Some(address) = topology.node(entry.from).primary_address()
        {
            let back = ways.follow(target, address, |_| ());
            let answered = !matches!(*entry.app, App::Udp(_));
            complaint.report(back, (to, from), place, answered);
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

/// Where complaints go.
struct Complaint<'a> {
    topology: &'a Topology,
    findings: &'a mut Findings,
}

impl Complaint<'_> {
    /// Says what is wrong with a way, if anything is: an error if it is `needed`, else a warning.
    fn report(&mut self, fate: Fate, (from, to): (&str, &str), place: Option<Place>, needed: bool) {
        let name = |id: NodeId| &self.topology.node(id).name;
        let why = match fate {
            Fate::Arrives(_) => return,
            Fate::Loop(at) => {
                let way = format!(
                    "packets from `{from}` to `{to}` go round in a circle at `{}`",
                    name(at)
                );
                self.findings
                    .warn(place, format!("{way} until their TTL ends"));
                return;
            }
            Fate::NoRoute(at) => format!("`{}` has no route there", name(at)),
            Fate::DeadEnd(at) => format!("the next hop of `{}` does not forward", name(at)),
        };
        let message = format!("`{to}` cannot be reached from `{from}`: {why}");
        if needed {
            self.findings
                .error(place, message)
                .help("connect them by links and routers, or mend `routes` and `gateway`");
        } else {
            self.findings.warn(place, message);
        }
    }
}
