//! The handshake of TLS, as a client saw it.

use serde::Serialize;

use crate::osi::application::report::TlsResult;

/// The handshake of TLS. What it agreed on is `null` if it failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TlsSummary {
    /// From the TCP connection to the moment when data could be sent; 0 with early data.
    pub handshake_ns: u64,
    /// "1.2" or "1.3".
    pub version: Option<&'static str>,
    /// The cipher suite by its IANA name.
    pub cipher_suite: Option<String>,
    /// The application protocol that was agreed on.
    pub alpn: Option<String>,
    /// "full", "resumed", "0-RTT" or "0-RTT refused".
    pub resumption: Option<&'static str>,
}

impl TlsSummary {
    pub(super) fn new(x: &TlsResult) -> Self {
        let facts = x.facts.as_ref();
        Self {
            handshake_ns: x.handshake.as_nanos(),
            version: facts.map(|f| f.version.number()),
            cipher_suite: facts.map(|f| f.cipher_suite.clone()),
            alpn: facts.and_then(|f| f.alpn.clone()),
            resumption: facts.map(|f| f.resumption.name()),
        }
    }
}
