//! What the two sides of a QUIC connection are asked to do: plain, already checked data.

use std::net::IpAddr;

use crate::units::Span;

/// A version of QUIC, as it stands in long headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QuicVersion {
    /// RFC 9000.
    #[default]
    V1,
    /// The last draft that browsers spoke before it, draft-ietf-quic-transport-29.
    Draft29,
}

impl QuicVersion {
    /// The number on the wire.
    pub const fn number(self) -> u32 {
        match self {
            Self::V1 => 1,
            Self::Draft29 => 0xff00_001d,
        }
    }

    /// The word in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "1",
            Self::Draft29 => "draft-29",
        }
    }
}

/// Who decides how much may be in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QuicCongestion {
    /// RFC 9002, section 7.
    #[default]
    NewReno,
    /// RFC 9438 to the letter, with HyStart++ (RFC 9406): TCP's `cubic-rfc9438`.
    Cubic,
}

/// The client's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuicClient {
    /// The versions it tries, one after the other; at least one. Default: version 1 alone.
    pub versions: Vec<QuicVersion>,
    /// Default NewReno.
    pub congestion: QuicCongestion,
    /// Move to another address in the middle of a connection. Default: no.
    pub migrate: Option<Migration>,
    /// Tell the trace of every packet (qlog). Default: no.
    pub qlog: bool,
}

impl Default for QuicClient {
    fn default() -> Self {
        Self {
            versions: vec![QuicVersion::V1],
            congestion: QuicCongestion::NewReno,
            migrate: None,
            qlog: false,
        }
    }
}

/// A change of address in the middle of a connection (RFC 9000, section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// This long after the connection was dialled.
    pub after: Span,
    /// The address to move to, one of the client's own. `None` keeps the address and changes the
    /// port alone, as a NAT does that has forgotten the connection.
    pub to: Option<IpAddr>,
}

/// The server's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuicServer {
    /// The versions it speaks; at least one. Default: version 1 alone.
    pub versions: Vec<QuicVersion>,
    /// Default NewReno.
    pub congestion: QuicCongestion,
    /// Let every client show first that it receives what is sent to its address, by a Retry packet
    /// (RFC 9000, section 8.1.2). Default: no.
    pub retry: bool,
    /// Go on with clients that change their address. Default: yes.
    pub migration: bool,
    /// Tell the trace of every packet (qlog). Default: no.
    pub qlog: bool,
}

impl Default for QuicServer {
    fn default() -> Self {
        Self {
            versions: vec![QuicVersion::V1],
            congestion: QuicCongestion::NewReno,
            retry: false,
            migration: true,
            qlog: false,
        }
    }
}
