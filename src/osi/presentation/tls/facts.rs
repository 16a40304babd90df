//! What a handshake agreed on.

use rustls::{CipherSuite, Connection, HandshakeKind, ProtocolVersion};

use super::spec::TlsVersion;

/// What a handshake agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFacts {
    /// The version.
    pub version: TlsVersion,
    /// The cipher suite by its IANA name: "TLS_AES_256_GCM_SHA384".
    pub cipher_suite: String,
    /// The application protocol, if one was agreed on.
    pub alpn: Option<String>,
    /// Whether an earlier session was taken up.
    pub resumption: TlsResumption,
}

/// How much of an earlier session a connection took up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsResumption {
    /// Nothing: a full handshake, with a certificate.
    Full,
    /// Its secrets: no certificate.
    Resumed,
    /// Its secrets, and the first data went out before the server had answered.
    EarlyData,
    /// The same, but the server refused that data, and it was sent again.
    EarlyDataRefused,
}

impl TlsResumption {
    /// The word in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Resumed => "resumed",
            Self::EarlyData => "0-RTT",
            Self::EarlyDataRefused => "0-RTT refused",
        }
    }
}

impl TlsFacts {
    /// The facts of a session whose handshake is done; `early` says whether the server took the
    /// early data, if there was any.
    pub(super) fn of(session: &Connection, early: Option<bool>) -> Option<Self> {
        let version = match session.protocol_version()? {
            ProtocolVersion::TLSv1_3 => TlsVersion::Tls13,
            _ => TlsVersion::Tls12,
        };
        let suite = session.negotiated_cipher_suite()?.suite();
        let alpn = session.alpn_protocol();
        Some(Self {
            version,
            cipher_suite: iana_name(suite),
            alpn: alpn.map(|name| String::from_utf8_lossy(name).into_owned()),
            resumption: match (session.handshake_kind()?, early) {
                (_, Some(true)) => TlsResumption::EarlyData,
                (_, Some(false)) => TlsResumption::EarlyDataRefused,
                (HandshakeKind::Resumed, None) => TlsResumption::Resumed,
                _ => TlsResumption::Full,
            },
        })
    }
}

/// rustls writes `TLS13_` where the registry has `TLS_`.
fn iana_name(suite: CipherSuite) -> String {
    let name = format!("{suite:?}");
    match name.strip_prefix("TLS13_") {
        Some(rest) => format!("TLS_{rest}"),
        None => name,
    }
}
