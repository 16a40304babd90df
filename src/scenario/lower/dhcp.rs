//! Hosts that get their address by DHCP, and the servers that give it.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr},
};

use ipnet::{IpNet, Ipv4Net};

use super::{dns::Names, flows::Flows, nodes::Nodes, ranges};
use crate::{
    ids::{NodeId, PortId},
    osi::application::spec::{DhcpClient, DhcpServer, Server, ServerApp},
    scenario::{
        plan::{ArpMode, HostConfig},
        schema::{self, CardAddress, Field, File, Table},
        text::{Findings, Place},
    },
    topology::{NodeKind, Route, RouteOrigin, RoutingTable, Segments, Topology},
    units::{SimTime, Span},
};

type Card = (NodeId, PortId);

const USUAL_LEASE: Span = Span::from_secs(3600);
/// As many name servers as a message carries here.
const MOST_DNS: usize = 3;

/// The hosts whose only card gets its address by DHCP.
pub(super) fn clients(
    file: &File,
    topology: &Topology,
    findings: &mut Findings,
) -> BTreeMap<NodeId, DhcpClient> {
    let mut clients = BTreeMap::new();
    for (id, (_, table)) in topology.node_ids().zip(&file.node.0) {
        let keys = &table.value;
        let several = keys.addresses.0.iter().map(|(_, field)| field);
        let mut fields = std::iter::once(&keys.address).chain(several);
        let Some(field) = fields.find(|f| f.peek() == Some(&CardAddress::Dhcp)) else {
            if let Some(place) = keys.dhcp.place.clone() {
                findings
                    .error(
                        Some(place),
                        "`dhcp` is for hosts that get their address by DHCP",
                    )
                    .help("write `address = \"dhcp\"`");
            }
            continue;
        };
        let node = topology.node(id);
        if node.kind != NodeKind::Host || node.ports.len() != 1 {
            let message = format!(
                "`{}` cannot get its address by DHCP: only a host with one card can",
                node.name
            );
            findings.error(field.place(), message);
        }
        for (key, place) in [
            ("gateway", keys.gateway.place()),
            ("routes", keys.routes.place.clone()),
            ("routing", keys.routing.place()),
        ] {
            if place.is_some() {
                findings
                    .error(place, format!("`{key}` comes by DHCP, with the address"))
                    .also(field.place(), "this asks for it");
            }
        }
        clients.insert(id, client(&keys.dhcp.value, findings));
    }
    clients
}

fn client(keys: &schema::DhcpClient, findings: &mut Findings) -> DhcpClient {
    let release = ranges::span(&keys.release, "release", findings);
    DhcpClient {
        probe: keys.probe.read(findings).unwrap_or(false),
        release: release.map(|after| SimTime::ZERO + after),
    }
}

/// What clients need on their segment, and what cannot be there.
pub(super) fn check(
    file: &File,
    topology: &Topology,
    (clients, servers): (&BTreeMap<NodeId, DhcpClient>, &[Server]),
    hosts: &[HostConfig],
    findings: &mut Findings,
) {
    if clients.is_empty() {
        return;
    }
    let segments = Segments::of(topology);
    for (_, members) in segments.iter() {
        let here = |id: NodeId| members.iter().any(|(node, _)| *node == id);
        let Some(client) = clients.keys().find(|id| here(**id)) else {
            continue;
        };
        let name = &topology.node(*client).name;
        let place = file.node.0.get(client.index());
        let place = place.and_then(|(_, table)| table.value.address.place());
        let knows_all = members
            .iter()
            .find(|(node, _)| hosts[node.index()].arp == ArpMode::Static);
        if let Some((node, _)) = knows_all {
            let other = &topology.node(*node).name;
            findings
                .error(
                    place.clone(),
                    format!("`{other}` would never learn where `{name}` is: its ARP is static"),
                )
                .help("leave `arp = \"static\"` out on a segment with DHCP");
        }
        let serves = |server: &Server| matches!(server.app, ServerApp::Dhcp(_)) && here(server.on);
        if !servers.iter().any(serves) {
            findings.warn(
                place,
                format!("there is no DHCP server on the segment of `{name}`: it gets no address"),
            );
        }
    }
    for table in &file.server.items {
        let on = table.value.on.peek().and_then(|name| topology.find(name));
        if on.is_some_and(|id| clients.contains_key(&id)) {
            findings.error(
                table.value.on.place(),
                "a server needs an address of its own, and this host gets its by DHCP",
            );
        }
    }
}

/// Nobody can send to a host whose address is not known yet.
pub(super) fn check_targets(
    file: &File,
    topology: &Topology,
    clients: &BTreeMap<NodeId, DhcpClient>,
    traffic: &Flows,
    findings: &mut Findings,
) {
    let names = clients.keys().map(|id| topology.node(*id).name.as_str());
    let names: BTreeSet<&str> = names.collect();
    for (table, flows) in traffic.by_entry(file) {
        let mut targets = flows.iter().map(|flow| &*flow.to.name);
        if let Some(name) = targets.find(|name| names.contains(name)) {
            let place = table.value.to.place().or_else(|| table.place.clone());
            findings
                .error(
                    place,
                    format!("`{name}` has no address that others know: it comes by DHCP"),
                )
                .help("let it be the one that starts");
        }
    }
}

/// The keys of a DHCP server.
pub(super) fn server(
    table: &Table<schema::Server>,
    on: NodeId,
    (nodes, topology, dns): (&Nodes, &Topology, &Names),
    findings: &mut Findings,
) -> Option<DhcpServer> {
    let keys = &table.value;
    if !keys.pool.is_given() {
        findings
            .missing(table.place.clone(), "this DHCP server has no `pool`")
            .help("write `pool = \"10.0.0.100-10.0.0.199\"`");
    }
    let lease = ranges::positive_span(&keys.lease, "lease", findings).unwrap_or(USUAL_LEASE);
    if !lease.as_nanos().is_multiple_of(1_000_000_000) {
        let message = format!("`lease` is {lease}, but DHCP counts whole seconds");
        findings.error(keys.lease.place(), message);
    }
    let (pool, place) = (keys.pool.read(findings)?, keys.pool.place()?);
    let Some(pool) = read_pool(&pool) else {
        findings
            .error(place, format!("{pool:?} is not a range of addresses"))
            .help("write the first and the last: \"10.0.0.100-10.0.0.199\"");
        return None;
    };
    let (own, members) = subnet(on, pool, topology, &place, findings)?;
    check_pool((own, on), pool, (topology, &members), &place, findings);
    let places = (nodes, topology);
    let router = match keys.router.is_given() {
        true => address(&keys.router, places, findings),
        false => first_router(topology, &members),
    };
    if let Some(router) = router.filter(|router| !own.contains(router)) {
        findings.error(
            keys.router.place(),
            format!("{router} is not on the subnet of the pool, {}", own.trunc()),
        );
    }
    let named = keys.dns.items.iter();
    let mut servers: Vec<Ipv4Addr> = named
        .filter_map(|field| address(field, places, findings))
        .collect();
    if servers.len() > MOST_DNS {
        let message = format!("at most {MOST_DNS} name servers can be told");
        findings.error(keys.dns.place.clone(), message);
    }
    if keys.dns.place.is_none() {
        let usual = dns
            .server
            .and_then(|id| topology.node(id).primary_address());
        servers.extend(usual.and_then(v4));
    }
    Some(DhcpServer {
        own,
        pool,
        lease,
        router,
        dns: servers,
    })
}

fn read_pool(text: &str) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let (first, last) = text.split_once('-')?;
    let pool = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (pool.0 <= pool.1).then_some(pool)
}

/// The server's own address on the subnet of the pool, and who else is on that segment.
fn subnet(
    on: NodeId,
    pool: (Ipv4Addr, Ipv4Addr),
    topology: &Topology,
    place: &Place,
    findings: &mut Findings,
) -> Option<(Ipv4Net, Vec<Card>)> {
    let ports = (0..).map(PortId).zip(&topology.node(on).ports);
    let own = ports.clone().find_map(|(port, card)| {
        card.addresses.iter().find_map(|net| match net {
            IpNet::V4(net) if net.contains(&pool.0) && net.contains(&pool.1) => Some((*net, port)),
            _ => None,
        })
    });
    let Some((own, port)) = own else {
        findings
            .error(
                place.clone(),
                format!(
                    "`{}` is on no subnet that holds {} to {}",
                    topology.node(on).name,
                    pool.0,
                    pool.1
                ),
            )
            .help("a server gives addresses of one of its own subnets");
        return None;
    };
    let segments = Segments::of(topology);
    let segment = segments.of_link(topology.port(on, port).wire.link);
    Some((own, segments.members(segment).to_vec()))
}

/// What must not be in a pool: the ends of the subnet, and what the server or a router has. What
/// another host has is a mistake that one may want to look at.
fn check_pool(
    (own, on): (Ipv4Net, NodeId),
    (first, last): (Ipv4Addr, Ipv4Addr),
    (topology, members): (&Topology, &[Card]),
    place: &Place,
    findings: &mut Findings,
) {
    for end in [own.network(), own.broadcast()] {
        if (first..=last).contains(&end) {
            findings.error(
                place.clone(),
                format!("{end} is an end of the subnet and belongs to no host"),
            );
        }
    }
    for (node, port) in members {
        let addresses = topology.port(*node, *port).addresses.iter();
        for address in addresses.filter_map(|net| v4(net.addr())) {
            if (first..=last).contains(&address) {
                let owner = topology.node(*node);
                let words = format!(
                    "the pool holds {address}, which belongs to `{}`",
                    owner.name
                );
                match *node == on || owner.kind == NodeKind::Router {
                    true => findings.error(place.clone(), words),
                    false => findings.warn(place.clone(), words),
                }
                .help("let the pool begin behind the addresses that are given by the file");
            }
        }
    }
}

fn first_router(topology: &Topology, members: &[Card]) -> Option<Ipv4Addr> {
    let mut routers = members
        .iter()
        .filter(|(node, _)| topology.node(*node).kind == NodeKind::Router);
    let (node, port) = routers.next()?;
    let net = topology.port(*node, *port).addresses.first()?;
    v4(net.addr())
}

fn address(
    field: &Field<String>,
    (nodes, topology): (&Nodes, &Topology),
    findings: &mut Findings,
) -> Option<Ipv4Addr> {
    let text = field.read(findings)?;
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let node = nodes.find(field, findings)?;
    let address = topology.node(node).primary_address().and_then(v4);
    if address.is_none() {
        findings.error(field.place(), format!("`{text}` has no address"));
    }
    address
}

const fn v4(address: IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V4(v4) => Some(v4),
        IpAddr::V6(_) => None,
    }
}

/// The ways of the limited broadcast: all that a client knows at first, and the server's answers.
pub(super) fn routes(
    tables: &mut [RoutingTable],
    clients: &BTreeMap<NodeId, DhcpClient>,
    servers: &[Server],
    topology: &Topology,
) {
    for client in clients.keys() {
        tables[client.index()] = RoutingTable::from(vec![broadcast(PortId(0))]);
    }
    for server in servers {
        let ServerApp::Dhcp(dhcp) = &server.app else {
            continue;
        };
        let mut ports = (0..).map(PortId).zip(&topology.node(server.on).ports);
        let own = ports.find(|(_, port)| port.addresses.contains(&IpNet::V4(dhcp.own)));
        if let Some((port, _)) = own {
            tables[server.on.index()].put(broadcast(port));
        }
    }
}

fn broadcast(port: PortId) -> Route {
    Route {
        prefix: IpNet::V4(Ipv4Net::from(Ipv4Addr::BROADCAST)),
        via: None,
        port,
        origin: RouteOrigin::Static,
    }
}
