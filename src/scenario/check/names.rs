//! The tables of what name servers and DHCP servers know by the file.

use super::Section;
use crate::{
    osi::{
        application::spec::{DhcpServer, DnsZone, Record, ServerApp},
        session::shown,
    },
    scenario::plan::Plan,
};

/// The records of every zone that the file writes, its SOA first.
pub(super) fn zones(plan: &Plan) -> Section {
    let zones = plan.servers.iter().flat_map(|server| {
        let zones: &[DnsZone] = match &server.app {
            ServerApp::Dns(dns) => &dns.zones,
            _ => &[],
        };
        let host = &plan.topology.node(server.on).name;
        zones.iter().map(move |zone| (host, zone))
    });
    let total = zones.clone().map(|(_, zone)| zone.records.len() + 1).sum();
    let rows = zones.flat_map(|(host, zone)| {
        let records = std::iter::once(&zone.soa).chain(&zone.records);
        records.map(move |record| record_row(host, &zone.origin, record))
    });
    let header = ["server", "zone", "name", "TTL", "type", "data"];
    Section::new("DNS zones", &header, total, rows)
}

fn record_row(host: &str, origin: &str, record: &Record) -> Vec<String> {
    let data: String = record.data.to_string().chars().take(LONGEST).collect();
    vec![
        host.to_owned(),
        shown(origin).to_owned(),
        shown(&record.name).to_owned(),
        format!("{}s", record.ttl),
        record.kind().to_string(),
        data,
    ]
}

/// How much of a record's data a row shows.
const LONGEST: usize = 60;

/// What every DHCP server gives away.
pub(super) fn pools(plan: &Plan) -> Section {
    let pools = plan.servers.iter().filter_map(|server| match &server.app {
        ServerApp::Dhcp(dhcp) => Some((&plan.topology.node(server.on).name, dhcp)),
        _ => None,
    });
    let total = pools.clone().count();
    let rows = pools.map(|(host, dhcp)| pool_row(host, dhcp));
    let header = [
        "server", "first", "last", "subnet", "lease", "router", "DNS",
    ];
    Section::new("DHCP pools", &header, total, rows)
}

fn pool_row(host: &str, dhcp: &DhcpServer) -> Vec<String> {
    let dns: Vec<String> = dhcp.dns.iter().map(ToString::to_string).collect();
    vec![
        host.to_owned(),
        dhcp.pool.0.to_string(),
        dhcp.pool.1.to_string(),
        dhcp.own.trunc().to_string(),
        dhcp.lease.to_string(),
        dhcp.router
            .map_or_else(|| "-".to_owned(), |router| router.to_string()),
        if dns.is_empty() {
            "-".to_owned()
        } else {
            dns.join(", ")
        },
    ]
}
