//! Routing tables: connected subnets, shortest paths, and what the file writes by hand.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use ipnet::{IpNet, Ipv4Net};

use super::{
    generate::{Role, Sketch, Way},
    ports,
};
use crate::{
    ids::{NodeId, PortId},
    scenario::{
        limits::MAX_ROUTING_WORK,
        schema::{File, Node, Routing},
        text::{Findings, Place},
    },
    topology::{
        NodeKind, Owners, Route, RouteOrigin, RouteSearch, RoutingTable, Topology, connected_routes,
    },
};

/// The routing table of every node; `None` after a mistake.
pub(super) fn tables(
    file: &File,
    topology: &Topology,
    sketch: &Sketch,
    owners: &Owners,
    findings: &mut Findings,
) -> Option<Vec<RoutingTable>> {
    let mut tables = match &sketch.routes {
        Some(ways) if sketch.place.is_some() && sketch.is_numbered() => {
            let own = compact(topology, ways);
            match file.link.items.len() {
                0 => own.into_iter().map(RoutingTable::from).collect(),
                _ => beside(own, topology, sketch, shortest(file, topology, findings)?),
            }
        }
        _ => shortest(file, topology, findings)?,
    };
    write_by_hand(file, topology, owners, &mut tables, findings);
    (!findings.failed()).then_some(tables)
}

/// The tables that a generated network writes itself.
fn compact(topology: &Topology, ways: &[Way]) -> Vec<Vec<Route>> {
    let mut more = vec![0; topology.nodes.len()];
    for way in ways {
        more[way.node.index()] += 1;
    }
    let own = |id: NodeId| {
        let connected = connected_routes(topology, id);
        let mut table = Vec::with_capacity(topology.node(id).ports.len() + more[id.index()]);
        table.extend(connected);
        table
    };
    let mut tables: Vec<Vec<Route>> = topology.node_ids().map(own).collect();
    for way in ways {
        let [a, b] = topology.links[way.by.index()].ends;
        let (here, there) = if a.node == way.node { (a, b) } else { (b, a) };
        let next = topology.port(there.node, there.port).addresses.first();
        tables[way.node.index()].push(Route {
            prefix: way.prefix.into(),
            via: next.map(IpNet::addr),
            port: here.port,
            origin: RouteOrigin::Generated,
        });
    }
    tables
}

/// Among links written by hand: generated nodes keep the routes that they write themselves, and find
/// the subnets of those links by shortest paths. So what hangs on a generated network does not
/// change the paths within it. A packet that enters it by a shortest path stays on its own links to the end,
/// so it goes round in no circle.
fn beside(
    own: Vec<Vec<Route>>,
    topology: &Topology,
    sketch: &Sketch,
    mut tables: Vec<RoutingTable>,
) -> Vec<RoutingTable> {
    let written = topology.links[sketch.cables.len()..].iter();
    let cards = written.flat_map(|link| link.ends);
    let subnets: BTreeSet<IpNet> = cards
        .flat_map(|end| &topology.port(end.node, end.port).addresses)
        .map(IpNet::trunc)
        .collect();
    let generated = sketch.roles.iter().flat_map(Role::members);
    let mut own = own
        .into_iter()
        .skip(topology.nodes.len() - sketch.roles.count() as usize);
    for id in generated {
        let mut rows = own.next().unwrap_or_default();
        let found = tables[id.index()].iter();
        rows.extend(found.filter(|row| {
            row.origin == RouteOrigin::ShortestPath && subnets.contains(&row.prefix)
        }));
        tables[id.index()] = rows.into();
    }
    tables
}

/// The tables that shortest paths give.
fn shortest(
    file: &File,
    topology: &Topology,
    findings: &mut Findings,
) -> Option<Vec<RoutingTable>> {
    let search = RouteSearch::new(topology);
    if search.steps() > MAX_ROUTING_WORK {
        report_too_many(file, &search, findings);
        return None;
    }
    Some(search.tables())
}

fn report_too_many(file: &File, search: &RouteSearch<'_>, findings: &mut Findings) {
    let generate = &file.generate;
    let (routers, subnets) = (search.routers(), search.subnets_between());
    let message = format!(
        "{routers} routers and {subnets} subnets between them are too many to compute routes for"
    );
    let help = if generate.value.routing.is_given() {
        "leave `routing` out"
    } else {
        "use fewer routers; hosts, and subnets that hang on a single router, do not count"
    };
    let place = generate
        .value
        .routing
        .place()
        .or_else(|| generate.place.clone());
    findings.error(place, message).help(help);
}

/// What the keys of the nodes say.
fn write_by_hand(
    file: &File,
    topology: &Topology,
    owners: &Owners,
    tables: &mut [RoutingTable],
    findings: &mut Findings,
) {
    for ((node, table), (_, keys)) in topology.node_ids().zip(tables).zip(&file.node.0) {
        let keys = &keys.value;
        if keys.routing.read(findings) == Some(Routing::Static) {
            table.keep_connected();
        }
        for (prefix, via, place) in written(keys, findings) {
            if let Some(port) = port_towards((topology, owners), node, via, &place, findings) {
                let origin = RouteOrigin::Static;
                table.put(Route {
                    prefix,
                    via: Some(via),
                    port,
                    origin,
                });
            }
        }
    }
}

/// The routes that a node's keys give: `gateway`, then `routes`.
fn written(keys: &Node, findings: &mut Findings) -> Vec<(IpNet, IpAddr, Place)> {
    let mut routes = Vec::new();
    if let (Some(via), Some(place)) = (keys.gateway.read(findings), keys.gateway.place()) {
        routes.push((IpNet::V4(Ipv4Net::default()), via, place));
    }
    let mut first: BTreeMap<IpNet, Place> =
        routes.iter().map(|(n, _, p)| (*n, p.clone())).collect();
    for table in &keys.routes.items {
        let route = &table.value;
        for (key, given) in [("to", route.to.is_given()), ("via", route.via.is_given())] {
            if !given {
                findings
                    .missing(table.place.clone(), format!("this route has no `{key}`"))
                    .help("write something like `{ to = \"10.9.0.0/16\", via = \"10.0.1.2\" }`");
            }
        }
        let (to, via) = (route.to.read(findings), route.via.read(findings));
        let (Some(to), Some(via), Some(place)) = (to, via, route.to.place()) else {
            continue;
        };
        if to.addr() != to.network() {
            findings
                .error(
                    place.clone(),
                    format!("{to} is an address within a network"),
                )
                .help(format!("the network is {}", to.trunc()));
        }
        if let Some(other) = first.insert(to, place.clone()) {
            findings
                .error(place, format!("there are two routes to {to}"))
                .also(Some(other), "the first one");
            continue;
        }
        routes.push((to, via, route.via.place().unwrap_or(place)));
    }
    routes
}

/// The port on whose subnet the next router `via` is.
fn port_towards(
    (topology, owners): (&Topology, &Owners),
    node: NodeId,
    via: IpAddr,
    place: &Place,
    findings: &mut Findings,
) -> Option<PortId> {
    let own: Vec<IpNet> = topology
        .node(node)
        .ports
        .iter()
        .flat_map(|p| p.addresses.clone())
        .collect();
    if own.iter().any(|net| net.addr() == via) {
        findings
            .error(
                place.clone(),
                format!(
                    "{via} is an address of `{}` itself",
                    topology.node(node).name
                ),
            )
            .help("`via` is the next router");
        return None;
    }
    let near = |port: &PortId| {
        topology
            .port(node, *port)
            .addresses
            .iter()
            .any(|n| n.contains(&via))
    };
    let Some(port) = ports::of(topology, node).find(near) else {
        let list: Vec<String> = own.iter().map(|net| net.trunc().to_string()).collect();
        findings
            .error(
                place.clone(),
                format!(
                    "{via} is on none of the subnets of `{}`",
                    topology.node(node).name
                ),
            )
            .help(format!(
                "the next router must be a neighbour; the subnets are: {}",
                list.join(", ")
            ));
        return None;
    };
    match owners.get(via).map(|id| topology.node(id)) {
        None => {
            findings.warn(
                place.clone(),
                format!("no node has the address {via}: this route leads nowhere"),
            );
        }
        Some(next) if next.kind != NodeKind::Router => {
            findings.warn(
                place.clone(),
                format!(
                    "{via} belongs to the host `{}`, which does not forward",
                    next.name
                ),
            );
        }
        Some(_) => {}
    }
    Some(port)
}
