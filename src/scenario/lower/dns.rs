//! `[dns]`: the server, and the zone of names that it and the file know.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr},
};

use super::{
    nodes::Nodes,
    ranges,
    zones::{self, Written},
};
use crate::{
    ids::NodeId,
    osi::application::spec::{DnsServer, Record, RecordData},
    scenario::{
        schema::{AppWord, Field, File, ServerWord},
        text::Findings,
    },
    topology::Topology,
    units::Span,
};

/// What the file says of names.
#[derive(Debug)]
pub(super) struct Names {
    /// The host that answers, if there is one.
    pub(super) server: Option<NodeId>,
    /// Port, zone and TTL of every DNS server.
    pub(super) settings: DnsServer,
    /// What each `[[server]]` of the file knows, in their order.
    pub(super) written: Vec<Written>,
    records: BTreeMap<String, IpAddr>,
}

const DEFAULT_TTL: Span = Span::from_secs(300);
const USUAL_PORT: u16 = 53;

/// Reads `[dns]` and makes the zone: hosts and routers, then the records.
pub(super) fn read(
    file: &File,
    nodes: &Nodes,
    topology: &Topology,
    findings: &mut Findings,
) -> Names {
    let dns = &file.dns.value;
    let server = nodes.host(&dns.server, "a DNS server runs on a host", findings);
    if let (Some(place), false) = (&file.dns.place, dns.server.is_given()) {
        findings
            .error(
                place.clone(),
                "`[dns]` does not say which host the server is",
            )
            .help("write `server = \"NAME\"` with the name of a host");
    }
    let records = records(file, nodes, topology, findings);
    let ttl = ranges::span(&dns.ttl, "ttl", findings).unwrap_or(DEFAULT_TTL);
    if !ttl.as_nanos().is_multiple_of(1_000_000_000) {
        findings.error(
            dns.ttl.place(),
            format!("`ttl` is {ttl}, but DNS counts whole seconds"),
        );
    }
    let own = records
        .iter()
        .map(|(name, address)| (name.clone(), *address));
    let asked = is_asked(file);
    let hosts = topology.nodes.iter().filter(|_| asked);
    let hosts = hosts.filter_map(|n| Some((n.name.to_lowercase(), n.primary_address()?)));
    let settings = DnsServer {
        port: ranges::port(&dns.port, USUAL_PORT, findings),
        zone: hosts.chain(own).collect(),
        ttl,
        zones: Vec::new(),
        roots: Vec::new(),
    };
    Names {
        server,
        settings,
        written: zones::read(file, nodes, topology, findings),
        records,
    }
}

/// True if there is a DNS server, so that somebody needs the names of all hosts.
fn is_asked(file: &File) -> bool {
    let mut servers = file.server.items.iter();
    let mut traffic = file.traffic.items.iter();
    file.dns.place.is_some()
        || servers.any(|s| s.value.app.peek() == Some(&ServerWord::Dns))
        || traffic.any(|t| t.value.app.peek() == Some(&AppWord::Dns))
}

impl Names {
    /// The address that `name` has by a record of `[dns]` or by some zone of the file.
    pub(super) fn record(&self, name: &str) -> Option<IpAddr> {
        let mut name = canonical(name);
        if let Some(address) = self.records.get(&name) {
            return Some(*address);
        }
        for _ in 0..LONGEST_CHAIN {
            let mut alias = None;
            for record in self.zone_records().filter(|r| r.name == name) {
                match &record.data {
                    RecordData::A(address) => return Some((*address).into()),
                    RecordData::Cname(target) => alias = Some(target.clone()),
                    _ => {}
                }
            }
            name = alias?;
        }
        None
    }

    fn zone_records(&self) -> impl Iterator<Item = &Record> {
        let zones = self.written.iter().flat_map(|written| &written.zones);
        zones.flat_map(|zone| &zone.records)
    }

    /// The names of the records.
    pub(super) fn record_names(&self) -> impl Iterator<Item = &str> {
        let addresses = self
            .zone_records()
            .filter(|record| matches!(record.data, RecordData::A(_) | RecordData::Cname(_)));
        let own = self.records.keys().map(String::as_str);
        own.chain(addresses.map(|record| record.name.as_str()))
    }

    /// What the `[[server]]` with this number knows by the file.
    pub(super) fn written(&self, number: usize) -> Written {
        self.written.get(number).cloned().unwrap_or_default()
    }
}

/// More aliases in a row are a loop.
const LONGEST_CHAIN: usize = 16;

/// Lower case, no final dot.
pub(super) fn canonical(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_lowercase()
}

fn records(
    file: &File,
    nodes: &Nodes,
    topology: &Topology,
    findings: &mut Findings,
) -> BTreeMap<String, IpAddr> {
    let mut records = BTreeMap::new();
    if file.dns.value.records.0.is_empty() {
        return records;
    }
    let own: BTreeSet<String> = topology
        .nodes
        .iter()
        .map(|n| n.name.to_lowercase())
        .collect();
    for (name, value) in &file.dns.value.records.0 {
        let key = canonical(&name.text);
        if let Some(problem) = bad_dns_name(&key) {
            findings.error(
                name.place.clone(),
                format!("{:?} is not a DNS name: {problem}", name.text),
            );
        }
        if own.contains(&key) || records.contains_key(&key) {
            findings
                .error(
                    name.place.clone(),
                    format!("the name `{}` is known already", name.text),
                )
                .help("the names of nodes and records must differ, whatever their case");
        }
        if let Some(address) = address(value, nodes, topology, findings) {
            records.insert(key, address);
        }
    }
    records
}

/// What a record stands for: an address, or a node's first address.
fn address(
    value: &Field<String>,
    nodes: &Nodes,
    topology: &Topology,
    findings: &mut Findings,
) -> Option<IpAddr> {
    let text = value.read(findings)?;
    if let Ok(address) = text.parse::<IpAddr>() {
        if address.is_ipv6() {
            findings.error(
                value.place(),
                "only IPv4 addresses are understood in scenario files so far",
            );
        }
        return Some(address);
    }
    let node = nodes.find(value, findings)?;
    if !nodes.kind(node).speaks_ip() {
        findings.error(
            value.place(),
            format!("`{text}` is a {} and has no address", nodes.kind(node)),
        );
        return None;
    }
    Some(address_of(topology, node))
}

/// The first address of a node; 0.0.0.0 while addresses could not be handed out, in which case no
/// plan is made.
pub(super) fn address_of(topology: &Topology, node: NodeId) -> IpAddr {
    topology
        .node(node)
        .primary_address()
        .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// Why `name` is not a DNS name (RFC 1035, section 2.3.4: labels up to 63 bytes, 253 in all).
pub(super) fn bad_dns_name(name: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 253 {
        Some("it must have 1 to 253 characters")
    } else if name
        .split('.')
        .any(|label| label.is_empty() || label.len() > 63)
    {
        Some("each part between dots must have 1 to 63 characters")
    } else if !name.chars().all(|c| allowed(c) || c == '.') {
        Some("only letters, digits, hyphens and dots are allowed")
    } else {
        None
    }
}
