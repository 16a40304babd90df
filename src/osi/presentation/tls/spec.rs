//! What the two sides of a TLS connection are asked to do: plain, already checked data.

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVersion {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl TlsVersion {
    /// "1.2" or "1.3".
    pub const fn number(self) -> &'static str {
        match self {
            Self::Tls12 => "1.2",
            Self::Tls13 => "1.3",
        }
    }
}

/// The client's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsClient {
    /// The only version offered; `None` offers both. Default: both.
    pub version: Option<TlsVersion>,
    /// The application protocols offered, best first (RFC 7301). Default: none.
    pub alpn: Vec<String>,
    /// Whom it wants to talk to: a DNS name, which is sent in the ClientHello (RFC 6066, section
    /// 3), or an address, which is not. The server's certificate has to be for it. Default: the
    /// name that was dialled.
    pub server_name: Option<String>,
    /// Whether it trusts the authority that signs the servers' certificates. Default: yes.
    pub trust: bool,
    /// Whether it has a certificate of its own to show. Default: no.
    pub certificate: bool,
    /// Whether later connections resume the session of earlier ones. Default: yes.
    pub resumption: bool,
    /// Whether it sends data with the first flight of a resumed connection (RFC 8446, section
    /// 2.3). Default: no.
    pub early_data: bool,
}

impl TlsClient {
    /// What HTTP/3 asks of it if nothing else is said.
    pub fn for_http3() -> Self {
        Self {
            version: Some(TlsVersion::Tls13),
            alpn: vec!["h3".to_owned()],
            server_name: None,
            trust: true,
            certificate: false,
            resumption: true,
            early_data: false,
        }
    }
}

impl TlsServer {
    /// What HTTP/3 asks of it if nothing else is said. Its names are still missing.
    pub fn for_http3() -> Self {
        Self {
            version: Some(TlsVersion::Tls13),
            alpn: vec!["h3".to_owned()],
            names: Vec::new(),
            certificate: CertificateKind::Valid,
            client_certificate: false,
            early_data: false,
        }
    }
}

/// The server's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsServer {
    /// The only version spoken; `None` speaks both. Default: both.
    pub version: Option<TlsVersion>,
    /// The application protocols spoken, best first. Default: none.
    pub alpn: Vec<String>,
    /// What stands in its certificate: DNS names and addresses.
    pub names: Vec<String>,
    /// What certificate it shows. Default: a valid one.
    pub certificate: CertificateKind,
    /// Whether clients have to show a certificate too. Default: no.
    pub client_certificate: bool,
    /// Whether it takes data with the first flight of a resumed connection. Default: no.
    pub early_data: bool,
}

/// How good a server's certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CertificateKind {
    /// Signed by the authority of the scenario, for the server's names, valid today.
    #[default]
    Valid,
    /// Ended thirty days before the run.
    Expired,
    /// Begins thirty days after the start of the run.
    NotYetValid,
    /// For another name.
    WrongName,
    /// Signed by the server itself.
    SelfSigned,
}
