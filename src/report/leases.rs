//! Hosts that got their address by DHCP.

use serde::Serialize;

use crate::{
    osi::application::report::LeaseReport,
    topology::Topology,
    units::{SimTime, Span},
};

/// The address of one host, and what it took to get and keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeaseSummary {
    /// The host.
    pub node: String,
    /// The address at the end with its prefix length; `null` if there is none.
    pub address: Option<String>,
    /// Who gave it.
    pub server: Option<String>,
    /// The router that came with it.
    pub router: Option<String>,
    /// The name servers that came with it.
    pub dns: Vec<String>,
    /// For how long it was given.
    pub lease_ns: Option<u64>,
    /// When the host began to ask.
    pub started_ns: Option<u64>,
    /// When it had an address for the first time.
    pub bound_ns: Option<u64>,
    /// How long the last search for an address took.
    pub took_ns: Option<u64>,
    /// DISCOVER messages sent.
    pub discovers: u32,
    /// REQUEST messages sent.
    pub requests: u32,
    /// How often the lease was extended.
    pub renewals: u32,
    /// How often a server refused.
    pub naks: u32,
    /// How often somebody else had the address already.
    pub declines: u32,
    /// How often the address was lost.
    pub lost: u32,
    /// When it was given back; `null` if it was not.
    pub released_ns: Option<u64>,
}

impl LeaseSummary {
    pub(super) fn new(topology: &Topology, x: &LeaseReport) -> Self {
        let text = |address: &std::net::Ipv4Addr| address.to_string();
        Self {
            node: topology.node(x.node).name.clone(),
            address: x.address.map(|net| net.to_string()),
            server: x.server.as_ref().map(text),
            router: x.router.as_ref().map(text),
            dns: x.dns.iter().map(text).collect(),
            lease_ns: x.lease.map(Span::as_nanos),
            started_ns: x.started.map(SimTime::as_nanos),
            bound_ns: x.bound.map(SimTime::as_nanos),
            took_ns: x.took.map(Span::as_nanos),
            discovers: x.discovers,
            requests: x.requests,
            renewals: x.renewals,
            naks: x.naks,
            declines: x.declines,
            lost: x.lost,
            released_ns: x.released.map(SimTime::as_nanos),
        }
    }
}
