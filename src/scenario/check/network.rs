//! The tables of the network: cards, links, routes, settings.

use std::net::IpAddr;

use super::{Section, marked};
use crate::{
    ids::{Direction, LinkId, NodeId, PortId, WireId},
    osi::transport::{TcpConfig, TcpMachine},
    scenario::{
        plan::{ArpMode, HostConfig, Plan},
        schema::Epoch,
    },
    topology::{
        Discipline, End, JitterShape, Link, LinkProfile, Route, RouteOrigin, RoutingTable, Topology,
    },
    units::{Probability, Span},
};

/// Seed, end and start of the run, in one line.
pub(super) fn general(plan: &Plan) -> String {
    let stop = plan.stop.map_or_else(
        || "when the traffic is done".to_owned(),
        |stop| format!("at {stop} at the latest"),
    );
    format!(
        "seed {}, ends {stop}, starts at {}",
        plan.seed.0,
        Epoch(plan.epoch)
    )
}

fn ports(plan: &Plan, node: NodeId) -> impl Iterator<Item = PortId> + use<> {
    let count = plan.topology.node(node).ports.len();
    (0..u16::try_from(count).unwrap_or(u16::MAX)).map(PortId)
}

/// Every card of every node.
pub(super) fn cards(plan: &Plan) -> Section {
    let total = plan.topology.nodes.iter().map(|n| n.ports.len()).sum();
    let cards = plan
        .topology
        .node_ids()
        .flat_map(|id| ports(plan, id).map(move |port| (id, port)));
    let rows = cards.map(|(id, port)| card_row(plan, id, port));
    let header = ["node", "kind", "link", "address", "MAC"];
    Section::new("Cards", &header, total, rows)
}

fn card_row(plan: &Plan, id: NodeId, port: PortId) -> Vec<String> {
    let node = plan.topology.node(id);
    let card = plan.topology.port(id, port);
    let filled = &plan.filled_in;
    let (address, mac) = if node.kind.speaks_ip() {
        let address: Vec<String> = card.addresses.iter().map(ToString::to_string).collect();
        (
            marked(address.join(" "), filled.address((id, port))),
            marked(card.mac, filled.mac((id, port))),
        )
    } else {
        ("-".to_owned(), "-".to_owned())
    };
    let link = plan.topology.link(card.wire.link).name.clone();
    vec![node.name.clone(), node.kind.to_string(), link, address, mac]
}

/// Every link; one row if both directions are the same.
pub(super) fn links(plan: &Plan) -> Section {
    let same = |link: &Link| link.profiles[0] == link.profiles[1];
    let links = &plan.topology.links;
    let total = links.iter().map(|l| if same(l) { 1 } else { 2 }).sum();
    let rows = (0..).zip(links).flat_map(|(number, link)| {
        let id = LinkId(number);
        let ways = if same(link) { 1 } else { 2 };
        let arrow = if same(link) { "-" } else { "->" };
        let directions = Direction::BOTH.into_iter().take(ways);
        directions.map(move |direction| link_row(plan, id, direction, arrow))
    });
    let header = [
        "link", "between", "rate", "latency", "jitter", "faults", "MTU", "queue", "cost",
    ];
    Section::new("Links", &header, total, rows)
}

fn link_row(plan: &Plan, link: LinkId, direction: Direction, arrow: &str) -> Vec<String> {
    let wire = WireId { link, direction };
    let profile = plan.topology.profile(wire);
    let cable = plan.topology.link(link);
    let end = |end: End| &plan.topology.node(end.node).name;
    let (a, b) = (
        end(plan.topology.source(wire)),
        end(plan.topology.target(wire)),
    );
    vec![
        marked(&cable.name, plan.filled_in.link_name(link)),
        format!("{a} {arrow} {b}"),
        profile.rate.to_string(),
        profile.latency.to_string(),
        jitter(profile),
        faults(profile),
        profile.mtu.to_string(),
        queue(profile),
        cable.cost.to_string(),
    ]
}

fn queue(profile: &LinkProfile) -> String {
    match profile.discipline {
        Discipline::DropTail => profile.queue.to_string(),
        discipline => format!("{}, {discipline}", profile.queue),
    }
}

fn jitter(profile: &LinkProfile) -> String {
    if profile.jitter == Span::ZERO {
        return "-".to_owned();
    }
    let shape = match profile.jitter_shape {
        JitterShape::Uniform => "uniform",
        JitterShape::Normal => "normal",
    };
    let order = if profile.jitter_reorders {
        ", reorders"
    } else {
        ""
    };
    format!("{} {shape}{order}", profile.jitter)
}

fn faults(profile: &LinkProfile) -> String {
    let held = format!("reorder by {}", profile.reorder_delay);
    let all = [
        ("loss", profile.loss),
        ("duplicate", profile.duplicate),
        (&held, profile.reorder),
        ("bit error", profile.bit_error),
    ];
    let some = |(what, chance): &(&str, Probability)| {
        (!chance.is_zero()).then(|| format!("{what} {chance}"))
    };
    let down = profile.down.map(|outage| format!("down {outage}"));
    let words: Vec<String> = all.iter().filter_map(some).chain(down).collect();
    if words.is_empty() {
        "-".to_owned()
    } else {
        words.join(", ")
    }
}

/// Every routing table.
pub(super) fn routes(plan: &Plan) -> Section {
    let total = plan.routes.iter().map(RoutingTable::len).sum();
    let tables = plan.topology.node_ids().zip(&plan.routes);
    let rows = tables.flat_map(|(id, table)| table.iter().map(move |r| route_row(plan, id, &r)));
    Section::new("Routes", &["node", "to", "via", "link", "by"], total, rows)
}

fn route_row(plan: &Plan, node: NodeId, route: &Route) -> Vec<String> {
    let link = plan.topology.port(node, route.port).wire.link;
    let via = route.via.map_or_else(
        || "-".to_owned(),
        |via| match owner(
            &plan.topology,
            plan.topology.neighbor(node, route.port),
            via,
        ) {
            Some(owner) => format!("{via} ({})", plan.topology.node(owner).name),
            None => via.to_string(),
        },
    );
    let by = match route.origin {
        RouteOrigin::Connected => "own subnet",
        RouteOrigin::Static => "hand",
        RouteOrigin::Generated => "generate",
        RouteOrigin::ShortestPath => "shortest path",
    };
    vec![
        plan.topology.node(node).name.clone(),
        marked(
            route.prefix,
            matches!(
                route.origin,
                RouteOrigin::ShortestPath | RouteOrigin::Generated
            ),
        ),
        via,
        plan.topology.link(link).name.clone(),
        by.to_owned(),
    ]
}

/// The node that has `address`; it is likely the one at `end`.
fn owner(topology: &Topology, end: End, address: IpAddr) -> Option<NodeId> {
    let likely = topology.port(end.node, end.port).addresses.iter();
    if likely.into_iter().any(|net| net.addr() == address) {
        return Some(end.node);
    }
    topology.owner(address)
}

/// The settings of every host and router.
pub(super) fn settings(plan: &Plan) -> Section {
    let speaks_ip = |id: NodeId| plan.topology.node(id).kind.speaks_ip();
    let nodes = plan.topology.node_ids().zip(&plan.hosts);
    let nodes = nodes.filter(|(id, _)| speaks_ip(*id));
    let total = plan
        .topology
        .nodes
        .iter()
        .filter(|n| n.kind.speaks_ip())
        .count();
    let rows = nodes.map(|(id, config)| settings_row(&plan.topology.node(id).name, config));
    let header = [
        "node",
        "ARP",
        "TTL",
        "TCP",
        "congestion",
        "Nagle",
        "delayed ACK",
        "send buffer",
        "receive buffer",
        "timeout",
        "keep-alive",
    ];
    Section::new("Settings", &header, total, rows)
}

fn settings_row(name: &str, config: &HostConfig) -> Vec<String> {
    let TcpConfig {
        machine,
        congestion,
        nagle,
        delayed_ack,
        ..
    } = *config.tcp;
    let or_off = |span: Option<Span>| span.map_or_else(|| "off".to_owned(), |s| s.to_string());
    let arp = match config.arp {
        ArpMode::Dynamic => "dynamic",
        ArpMode::Static => "static",
    };
    let machine = match machine {
        TcpMachine::Smoltcp => "smoltcp",
        TcpMachine::Native => "native",
    };
    vec![
        name.to_owned(),
        arp.to_owned(),
        config.ttl.unwrap_or(64).to_string(),
        machine.to_owned(),
        congestion.name().to_owned(),
        if nagle { "on" } else { "off" }.to_owned(),
        or_off(delayed_ack),
        config.tcp.send_buffer.to_string(),
        config.tcp.receive_buffer.to_string(),
        or_off(config.tcp.timeout),
        or_off(config.tcp.keep_alive),
    ]
}
