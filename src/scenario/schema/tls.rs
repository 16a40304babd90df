//! `tls` of `[[traffic]]` and `[[server]]`: how a connection is protected.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{field::Field, names::Names};
use crate::osi::presentation::tls::{CertificateKind, TlsVersion};

/// The client's side of TLS.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClientTls {
    /// The only version that is offered. Left out: 1.3 and 1.2.
    #[schemars(extend("examples" = ["1.2"]))]
    pub(crate) version: Field<TlsVersion>,
    /// The application protocols that are offered, best first. Left out: with app
    /// "http" the one of its `version`, "http/1.1", "h2" or "h3"; else none.
    #[schemars(extend("examples" = [["http/1.1"]]))]
    pub(crate) alpn: Names,
    /// The name that the server's certificate has to be for, also sent in the ClientHello. Left
    /// out: that of `to`.
    #[schemars(extend("examples" = ["www.example"]))]
    pub(crate) server_name: Field<String>,
    /// Whether the client trusts the authority that signs the servers' certificates.
    #[schemars(extend("default" = true, "examples" = [false]))]
    pub(crate) trust: Field<bool>,
    /// Whether the client has a certificate to show (mutual TLS). A server that this traffic
    /// implies asks for it.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) client_certificate: Field<bool>,
    /// Whether later connections of this entry resume the session of earlier ones.
    #[schemars(extend("default" = true, "examples" = [false]))]
    pub(crate) resumption: Field<bool>,
    /// Whether data goes out with the first flight of a resumed connection (0-RTT). A server that
    /// this traffic implies takes them.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) early_data: Field<bool>,
    /// The certificate of the server that this traffic implies.
    #[schemars(extend("default" = "valid", "examples" = ["expired"]))]
    pub(crate) certificate: Field<CertificateKind>,
}

/// The server's side of TLS.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerTls {
    /// The only version that is spoken. Left out: 1.3 and 1.2.
    #[schemars(extend("examples" = ["1.3"]))]
    pub(crate) version: Field<TlsVersion>,
    /// The application protocols that are spoken, best first. Left out: with app "http" the
    /// one of its `version`, "http/1.1", "h2" or "h3"; else none.
    #[schemars(extend("examples" = [["http/1.1"]]))]
    pub(crate) alpn: Names,
    /// How good the certificate is.
    #[schemars(extend("default" = "valid", "examples" = ["wrong-name"]))]
    pub(crate) certificate: Field<CertificateKind>,
    /// Whether clients have to show a certificate too (mutual TLS).
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) client_certificate: Field<bool>,
    /// Whether data are taken with the first flight of a resumed connection (0-RTT).
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) early_data: Field<bool>,
}
