//! What DNS clients and servers are asked to do.

use std::net::IpAddr;

pub use crate::osi::session::{Record, RecordData, RecordType, Soa, canonical, is_within};
use crate::units::Span;

/// A DNS question.
#[derive(Debug, Clone)]
pub struct DnsLookup {
    /// The name asked for.
    pub query: String,
    /// What to tell of it. Default A.
    pub record: RecordType,
    /// The server's port. Default 53.
    pub port: u16,
    /// Ask again after this long without an answer. Default 5 s, as the usual resolver does.
    pub timeout: Span,
    /// How often to ask at most. Default 3.
    pub attempts: u32,
    /// The longest answer over UDP that is welcome \[bytes\], 512 to 4096, by EDNS. Default: 512,
    /// without EDNS.
    pub edns: Option<u16>,
}

/// A DNS server, over UDP and TCP: with zones, or recursive, or both.
#[derive(Debug, Clone)]
pub struct DnsServer {
    /// Default 53.
    pub port: u16,
    /// Names and their addresses (A and AAAA), lower case, no final dot. If there are any, the
    /// server has authority for every name there is, as if it were the only one in the world.
    pub zone: Vec<(String, IpAddr)>,
    /// How long an answer from `zone` may be kept. Default 5 min.
    pub ttl: Span,
    /// The zones that it has authority for.
    pub zones: Vec<DnsZone>,
    /// Where it begins to ask for everybody who asks it, if it does that: the addresses of root
    /// servers.
    pub roots: Vec<IpAddr>,
}

impl DnsServer {
    /// True if the file says what it knows, rather than the network.
    pub const fn is_written(&self) -> bool {
        !self.zones.is_empty() || !self.roots.is_empty()
    }
}

/// One zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsZone {
    /// Its name; the root is the empty text.
    pub origin: String,
    /// What it says of itself.
    pub soa: Record,
    /// Everything else. NS records below the origin cut off a child zone; addresses below a cut
    /// are glue.
    pub records: Vec<Record>,
}
