//! From the mirror of the file to a plan: names are looked up, everything left out is filled in,
//! everything impossible is reported.
//!
//! Contract: a pass goes on after a mistake as far as it makes sense, so that one run shows them
//! all. A plan comes out only if there was none.

mod addresses;
mod app;
mod aqm;
mod capture;
mod dhcp;
mod dns;
mod flows;
mod generate;
mod hosts;
mod http;
mod http2;
mod links;
mod live;
mod loops;
mod names;
mod nodes;
mod pattern;
mod ports;
mod profile;
mod proxy;
mod quic;
mod ranges;
mod reach;
mod routes;
mod server_keys;
mod servers;
mod smtp;
mod source_ways;
mod subnets;
mod tls;
mod traffic;
mod users;
mod vantage;
mod web;
mod zones;

pub use vantage::vantage_points;

pub(super) use names::{automatic_link_names, automatic_traffic_names};

use generate::Roles;
use std::path::Path;

use super::{
    plan::{FilledIn, NodeGroup, Plan, TracePlan},
    schema::File,
    text::{Findings, Sources},
};
use crate::{
    rng::RootSeed,
    topology::Owners,
    units::{SimTime, Span},
};

/// 2025-01-01T00:00:00Z.
const DEFAULT_EPOCH: u64 = 1_735_689_600_000_000_000;
const DEFAULT_MAC_AGEING: Span = Span::from_secs(300);

/// Makes the plan, or notes in `findings` why not.
pub(super) fn lower(file: &File, sources: &Sources, findings: &mut Findings) -> Option<Plan> {
    let mut filled = FilledIn::default();
    let general = General::read(file, findings);
    let sketch = generate::read(file, general.seed, findings);
    let nodes = nodes::read(file, &sketch.roles, findings);
    let mut topology = links::wire(file, &nodes, &sketch, &mut filled, findings);
    let mut hosts = hosts::read(file, &nodes, findings);
    loops::check(&topology, file, findings);
    let clients = dhcp::clients(file, &topology, findings);
    if !findings.failed() {
        ports::assign_macs(file, &mut topology, &mut filled, findings);
        let who = (&sketch, &clients);
        addresses::assign(file, &mut topology, who, &mut filled, findings);
    }
    let dns = dns::read(file, &nodes, &topology, findings);
    let mut servers = servers::read(file, &nodes, &topology, &dns, findings);
    let roles = (&clients, servers.list.as_slice());
    dhcp::check(file, &topology, roles, &hosts, findings);
    let scene = flows::Scene {
        nodes: &nodes,
        topology: &topology,
        dns: &dns,
        hosts: &hosts,
        seed: general.seed,
        folder: folder(sources),
        qlog: file.trace.qlog.peek().copied().unwrap_or_default(),
    };
    let traffic = traffic::read(file, scene, &mut filled, findings);
    dhcp::check_targets(file, &topology, &clients, &traffic, findings);
    let capture = capture::read(file, &topology, &mut filled, findings);
    let trace = TracePlan {
        tcp: file.trace.tcp.read(findings).unwrap_or_default(),
        qlog: file.trace.qlog.read(findings).unwrap_or_default(),
    };
    if findings.failed() {
        return None;
    }
    let owners = Owners::of(&topology);
    let places = (&topology, &owners);
    servers::imply(
        file,
        &mut servers,
        &traffic,
        places,
        &dns,
        &mut filled,
        findings,
    );
    // A large network has one for each host, and keeps them for the whole run.
    servers.list.shrink_to_fit();
    proxy::check(file, &servers, &owners, findings);
    let mut routes = routes::tables(file, &topology, &sketch, &owners, findings)?;
    dhcp::routes(&mut routes, &clients, &servers.list, &topology);
    reach::check(file, &topology, &routes, &traffic, &owners, findings);
    source_ways::fill(file, &traffic, &topology, &mut hosts, findings);
    let warnings = warnings(sources, findings);
    Some(Plan {
        title: general.title,
        seed: general.seed,
        stop: general.stop,
        epoch: general.epoch,
        topology,
        groups: groups(&sketch.roles),
        routes,
        hosts,
        mac_ageing: general.mac_ageing,
        servers: servers.list,
        traffic: traffic.list,
        traffic_groups: traffic.groups,
        dns_server: dns.server,
        dhcp_clients: clients.into_iter().collect(),
        capture,
        trace,
        warnings,
        filled_in: filled,
    })
}

/// The folder of the scenario file, which other files are named from.
fn folder(sources: &Sources) -> &Path {
    let file = Path::new(&sources.file().name);
    file.parent().unwrap_or_else(|| Path::new(""))
}

/// The generated nodes by group.
fn groups(roles: &Roles) -> Vec<NodeGroup> {
    let mut groups: Vec<NodeGroup> = Vec::new();
    for role in roles.iter() {
        match groups.last_mut().filter(|last| last.name == role.group) {
            Some(group) => group.members.extend(role.members()),
            None => groups.push(NodeGroup {
                name: role.group.to_owned(),
                members: role.members().collect(),
            }),
        }
    }
    groups
}

/// The keys at the top of the file.
struct General {
    title: String,
    seed: RootSeed,
    stop: Option<SimTime>,
    epoch: u64,
    mac_ageing: Span,
}

impl General {
    fn read(file: &File, findings: &mut Findings) -> Self {
        let stop = ranges::positive_span(&file.stop, "stop", findings);
        let ageing = ranges::positive_span(&file.switch.mac_ageing, "mac_ageing", findings);
        Self {
            title: file.title.read(findings).unwrap_or_default(),
            seed: RootSeed(file.seed.read(findings).unwrap_or(1)),
            stop: stop.map(|span| SimTime::ZERO + span),
            epoch: file.epoch.read(findings).map_or(DEFAULT_EPOCH, |e| e.0),
            mac_ageing: ageing.unwrap_or(DEFAULT_MAC_AGEING),
        }
    }
}

/// The warnings, each with its line.
fn warnings(sources: &Sources, findings: &Findings) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for warning in &findings.warnings {
        let line = match &warning.place {
            Some(place) => format!("{}: {}", sources.describe(place), warning.message),
            None => warning.message.clone(),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}
