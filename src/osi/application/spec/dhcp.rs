//! What DHCP servers are asked to do.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::units::{SimTime, Span};

/// A DHCP server for one subnet (RFC 2131).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DhcpServer {
    /// The server's own address on the subnet, with the prefix that clients get too.
    pub own: Ipv4Net,
    /// The first and the last address that it gives away.
    pub pool: (Ipv4Addr, Ipv4Addr),
    /// For how long. Default 1 h.
    pub lease: Span,
    /// The router that clients are told of.
    pub router: Option<Ipv4Addr>,
    /// The name servers that clients are told of, at most 3.
    pub dns: Vec<Ipv4Addr>,
}

/// A host that gets its address by DHCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DhcpClient {
    /// Ask by ARP whether somebody has the address already before it is used (RFC 5227, section
    /// 2.1.1). Default: no.
    pub probe: bool,
    /// When to give the address back. Default: never.
    pub release: Option<SimTime>,
}

/// Where servers listen.
pub const DHCP_SERVER_PORT: u16 = 67;
/// Where clients listen.
pub const DHCP_CLIENT_PORT: u16 = 68;
