//! What a reverse proxy is asked to do.

use std::net::IpAddr;

use super::{HttpVersion, KeepAlive};
use crate::{osi::presentation::tls::TlsServer, units::Span};

/// A reverse proxy (a gateway, RFC 9110, section 3.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyServer {
    /// What it speaks with clients, unless ALPN decides otherwise. Upstream it is HTTP/1.1. Default
    /// HTTP/1.1.
    pub version: HttpVersion,
    /// Where it listens. Default 80, over TLS 443.
    pub port: u16,
    /// Over TLS, which ends here. Default: no.
    pub tls: Option<TlsServer>,
    /// The servers behind it, asked in turn; at least one.
    pub upstream: Vec<Upstream>,
    /// Give an upstream up that does not accept a connection within this time. Default 1 s.
    pub connect_timeout: Span,
    /// Give an upstream up that does not begin to answer within this time. Default 5 s.
    pub timeout: Span,
    /// Leave an upstream alone for this long after it failed. Default 10 s.
    pub fail_timeout: Span,
    /// How long it keeps connections of clients.
    pub keep_alive: KeepAlive,
}

/// A server behind a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// As written in the file: a node's name or an address.
    pub name: String,
    /// The address that the name stands for.
    pub address: IpAddr,
    /// Its port. Default 80.
    pub port: u16,
}
