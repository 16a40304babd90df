//! The ways of packets that do not leave by the card that the forwarding table names: those of a
//! QUIC connection that has moved to another card of its host.

use std::net::IpAddr;

use ipnet::IpNet;

use super::flows::Flows;
use crate::{
    ids::{NodeId, PortId},
    osi::{
        application::spec::{App, Traffic},
        network::NextHop,
    },
    scenario::{plan::HostConfig, schema::File, text::Findings},
    topology::{NodeKind, Segments, Topology},
};

/// Notes for every host whose connections move to another of its addresses how packets from there
/// leave: by the card that has the address, and by the first router beside it.
pub(super) fn fill(
    file: &File,
    traffic: &Flows,
    topology: &Topology,
    hosts: &mut [HostConfig],
    findings: &mut Findings,
) {
    let mut segments = None;
    for (table, flows) in traffic.by_entry(file) {
        for flow in flows {
            let Some(source) = moves_to(flow) else {
                continue;
            };
            let segments = segments.get_or_insert_with(|| Segments::of(topology));
            match way(topology, segments, flow, source) {
                Ok(hop) => drop(hosts[flow.from.index()].source_ways.insert(source, hop)),
                Err(why) => {
                    let to = &table.value.quic.value.migrate.value.to;
                    findings.error(to.place(), why);
                    break;
                }
            }
        }
    }
}

fn moves_to(flow: &Traffic) -> Option<IpAddr> {
    match &*flow.app {
        App::Http(http) => http.quic.migrate?.to,
        _ => None,
    }
}

fn way(
    topology: &Topology,
    segments: &Segments,
    flow: &Traffic,
    source: IpAddr,
) -> Result<NextHop, String> {
    let name = &topology.node(flow.from).name;
    let (port, net) = card(topology, flow.from, source)
        .ok_or_else(|| format!("{source} is no address of \"{name}\""))?;
    if net.contains(&flow.to.address) {
        return Ok(NextHop { via: None, port });
    }
    let link = topology.port(flow.from, port).wire.link;
    let beside = segments.members(segments.of_link(link)).iter();
    let mut routers = beside
        .filter(|(node, _)| topology.node(*node).kind == NodeKind::Router)
        .flat_map(|(node, port)| &topology.port(*node, *port).addresses);
    let via = routers.find(|own| net.contains(&own.addr()));
    let via = via.ok_or_else(|| format!("there is no router beside {source} of \"{name}\""))?;
    Ok(NextHop {
        via: Some(via.addr()),
        port,
    })
}

/// The card of `node` that has `address`.
fn card(topology: &Topology, node: NodeId, address: IpAddr) -> Option<(PortId, IpNet)> {
    let ports = (0..).map(PortId).zip(&topology.node(node).ports);
    let mut own = ports.flat_map(|(port, card)| card.addresses.iter().map(move |net| (port, *net)));
    own.find(|(_, net)| net.addr() == address)
}
