//! What came of a host that gets its address by DHCP.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::{
    ids::NodeId,
    units::{SimTime, Span},
};

/// The address of one host, and what it took to get and keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseReport {
    /// The host.
    pub node: NodeId,
    /// When it began to ask; `None` if the run ended before.
    pub started: Option<SimTime>,
    /// When it had an address for the first time.
    pub bound: Option<SimTime>,
    /// How long the last search for an address took.
    pub took: Option<Span>,
    /// The address at the end, if there is one.
    pub address: Option<Ipv4Net>,
    /// Who gave it.
    pub server: Option<Ipv4Addr>,
    /// The router that came with it.
    pub router: Option<Ipv4Addr>,
    /// The name servers that came with it.
    pub dns: Vec<Ipv4Addr>,
    /// For how long it was given.
    pub lease: Option<Span>,
    /// DISCOVER messages sent.
    pub discovers: u32,
    /// REQUEST messages sent.
    pub requests: u32,
    /// How often the lease was extended.
    pub renewals: u32,
    /// How often a server refused.
    pub naks: u32,
    /// How often somebody else had the address already (DECLINE).
    pub declines: u32,
    /// How often the address was lost.
    pub lost: u32,
    /// When it was given back (RELEASE).
    pub released: Option<SimTime>,
}

impl LeaseReport {
    /// A host that has not asked yet.
    pub const fn new(node: NodeId) -> Self {
        Self {
            node,
            started: None,
            bound: None,
            took: None,
            address: None,
            server: None,
            router: None,
            dns: Vec::new(),
            lease: None,
            discovers: 0,
            requests: 0,
            renewals: 0,
            naks: 0,
            declines: 0,
            lost: 0,
            released: None,
        }
    }
}
