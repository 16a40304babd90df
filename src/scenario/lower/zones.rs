//! `[[server.zone]]`, `recursive` and `root`: what a DNS server knows by the file.
//!
//! Records are lines of a zone file (RFC 1035, section 5.1), one each. What a name server would refuse
//! to load is an error here.

mod line;
mod rules;

use std::net::IpAddr;

use super::{dns::address_of, nodes::Nodes, ranges};
use crate::{
    osi::application::spec::{DnsZone, Record, RecordData, Soa, canonical},
    scenario::{
        schema::{self, Field, File, Table},
        text::{Findings, Place},
    },
    topology::Topology,
    units::Span,
};

/// What the file says of the knowledge of a DNS server.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    pub(super) zones: Vec<DnsZone>,
    /// Where it begins to ask for others; empty if it does not.
    pub(super) roots: Vec<IpAddr>,
}

/// A record with the line that it was read from.
struct Placed {
    record: Record,
    place: Place,
}

/// What every `[[server]]` of the file knows, in their order.
pub(super) fn read(
    file: &File,
    nodes: &Nodes,
    topology: &Topology,
    findings: &mut Findings,
) -> Vec<Written> {
    let places = (nodes, topology);
    let tables = &file.server.items;
    let mut all: Vec<Written> = tables
        .iter()
        .map(|table| Written {
            zones: zones(table, places, findings),
            roots: Vec::new(),
        })
        .collect();
    let usual = usual_roots(file, &all, places);
    for (table, written) in tables.iter().zip(&mut all) {
        written.roots = roots(table, &usual, places, findings);
    }
    all
}

/// The addresses of the servers in the file that have the root zone.
fn usual_roots(
    file: &File,
    written: &[Written],
    (nodes, topology): (&Nodes, &Topology),
) -> Vec<IpAddr> {
    let servers = file.server.items.iter().zip(written);
    let roots = servers.filter(|(_, w)| w.zones.iter().any(|zone| zone.origin.is_empty()));
    let hosts = roots.filter_map(|(table, _)| nodes.get(table.value.on.peek()?));
    hosts.map(|host| address_of(topology, host)).collect()
}

fn roots(
    table: &Table<schema::Server>,
    usual: &[IpAddr],
    places: (&Nodes, &Topology),
    findings: &mut Findings,
) -> Vec<IpAddr> {
    let keys = &table.value;
    if !keys.recursive.read(findings).unwrap_or(false) {
        if let Some(place) = &keys.root.place {
            findings
                .error(
                    place.clone(),
                    "`root` means nothing to a server that asks nobody",
                )
                .help("write `recursive = true`, or leave `root` out");
        }
        return Vec::new();
    }
    let named = keys.root.items.iter();
    let named: Vec<IpAddr> = named
        .filter_map(|field| host_address(field, places, findings))
        .collect();
    if keys.root.place.is_some() {
        return named;
    }
    if usual.is_empty() {
        findings
            .error(
                keys.recursive.place(),
                "this server does not know where to begin to ask",
            )
            .help("give some `[[server]]` the zone \".\", or write `root = [\"NAME\"]`");
    }
    usual.to_vec()
}

/// An IPv4 address, or the first address of a node.
fn host_address(
    field: &Field<String>,
    (nodes, topology): (&Nodes, &Topology),
    findings: &mut Findings,
) -> Option<IpAddr> {
    let text = field.read(findings)?;
    if let Ok(address) = text.parse::<std::net::Ipv4Addr>() {
        return Some(address.into());
    }
    let node = nodes.find(field, findings)?;
    if !nodes.kind(node).speaks_ip() {
        let kind = nodes.kind(node);
        findings.error(
            field.place(),
            format!("`{text}` is a {kind} and has no address"),
        );
        return None;
    }
    Some(address_of(topology, node))
}

fn zones(
    table: &Table<schema::Server>,
    places: (&Nodes, &Topology),
    findings: &mut Findings,
) -> Vec<DnsZone> {
    let server = table.value.on.peek().map_or("ns", String::as_str);
    let mut zones: Vec<(DnsZone, Option<Place>)> = Vec::new();
    for zone in &table.value.zone.items {
        let Some(read) = zone_of(zone, server, places, findings) else {
            continue;
        };
        if let Some((_, first)) = zones.iter().find(|(z, _)| z.origin == read.origin) {
            findings
                .error(zone.value.name.place(), "the server has this zone already")
                .also(first.clone(), "the first one");
            continue;
        }
        zones.push((read, zone.value.name.place()));
    }
    zones.into_iter().map(|(zone, _)| zone).collect()
}

fn zone_of(
    table: &Table<schema::DnsZone>,
    server: &str,
    (nodes, topology): (&Nodes, &Topology),
    findings: &mut Findings,
) -> Option<DnsZone> {
    let keys = &table.value;
    if !keys.name.is_given() {
        findings
            .missing(table.place.clone(), "this zone has no `name`")
            .help("write `name = \"example.\"`, or `name = \".\"` for the root");
    }
    let origin = canonical(&keys.name.read(findings)?);
    if let Some(problem) = line::bad_name(&origin) {
        findings.error(keys.name.place(), format!("{problem}; so it is no zone"));
        return None;
    }
    let ttl = seconds(&keys.ttl, ("ttl", Span::from_secs(300)), findings);
    let negative = (&keys.negative_ttl, ("negative_ttl", Span::from_secs(60)));
    let negative = seconds(negative.0, negative.1, findings);
    let mut records = Vec::new();
    for field in &keys.records.items {
        let (Some(text), Some(place)) = (field.read(findings), field.place()) else {
            continue;
        };
        let reader = line::Reader {
            origin: &origin,
            ttl,
            node: &|name| nodes.get(name).map(|node| address_of(topology, node)),
        };
        match reader.record(&text) {
            Ok(record) => records.push(Placed { record, place }),
            Err(problem) => {
                findings
                    .error(place, format!("this is no record: {problem}"))
                    .help("a record is a name, perhaps a TTL in seconds, a type and its data: \"www 60 A 10.0.2.10\"");
            }
        }
    }
    rules::check(&origin, &records, findings);
    Some(assemble(origin, records, server, (ttl, negative)))
}

/// The zone with its SOA: that of the file, or the usual one.
fn assemble(
    origin: String,
    records: Vec<Placed>,
    server: &str,
    (ttl, negative): (u32, u32),
) -> DnsZone {
    let records = records.into_iter().map(|placed| placed.record);
    let (soa, records): (Vec<Record>, Vec<Record>) =
        records.partition(|r| matches!(r.data, RecordData::Soa(_)));
    let usual = || {
        let own = |r: &&Record| r.name == origin && matches!(r.data, RecordData::Ns(_));
        let first = records.iter().find(own).and_then(|r| r.data.target());
        let mname = first.map_or_else(|| canonical(server), str::to_owned);
        let rname = match origin.as_str() {
            "" => "hostmaster".to_owned(),
            origin => format!("hostmaster.{origin}"),
        };
        Record {
            name: origin.clone(),
            ttl,
            data: RecordData::Soa(Soa::usual(&mname, &rname, negative)),
        }
    };
    let soa = soa.into_iter().next().unwrap_or_else(usual);
    DnsZone {
        origin,
        soa,
        records,
    }
}

fn seconds(field: &Field<Span>, (key, usual): (&str, Span), findings: &mut Findings) -> u32 {
    let span = ranges::span(field, key, findings).unwrap_or(usual);
    if !span.as_nanos().is_multiple_of(1_000_000_000) {
        findings.error(
            field.place(),
            format!("`{key}` is {span}, but DNS counts whole seconds"),
        );
    }
    u32::try_from(span.as_nanos() / 1_000_000_000).unwrap_or(u32::MAX)
}
