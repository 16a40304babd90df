//! What DHCP servers are asked to do.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::units::Span;

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

/// Where servers listen.
pub const DHCP_SERVER_PORT: u16 = 67;
/// Where clients listen.
pub const DHCP_CLIENT_PORT: u16 = 68;
