//! Messages and packets that are to come back.

use super::Body;
use crate::{osi::presentation::tls::TlsClient, units::Span};

/// Messages that the server sends back.
#[derive(Debug, Clone)]
pub struct EchoClient {
    /// Default 7 (RFC 862).
    pub port: u16,
    /// TCP or UDP. Default TCP.
    pub over: EchoTransport,
    /// What is sent.
    pub message: Body,
    /// How many messages. Default 1.
    pub count: u32,
    /// From one message to the next. Default 1 s.
    pub interval: Span,
    /// Give a message up after this long. Default 5 s.
    pub timeout: Span,
    /// Over TLS, if it runs over TCP. Default: no.
    pub tls: Option<TlsClient>,
}

/// What an echo runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EchoTransport {
    /// A TCP connection.
    #[default]
    Tcp,
    /// Datagrams.
    Udp,
}

/// ICMP echo requests (RFC 792).
#[derive(Debug, Clone)]
pub struct Ping {
    /// How many. Default 4.
    pub count: u32,
    /// From one to the next. Default 1 s.
    pub interval: Span,
    /// Payload \[bytes\]. Default 56.
    pub size: u16,
    /// Wait this long for an answer. Default 1 s.
    pub timeout: Span,
    /// Default 64.
    pub ttl: u8,
}

/// The routers on the way.
#[derive(Debug, Clone)]
pub struct Traceroute {
    /// Default 30.
    pub max_hops: u8,
    /// Probes per hop. Default 3.
    pub probes: u32,
    /// Wait this long for an answer. Default 1 s.
    pub timeout: Span,
}
