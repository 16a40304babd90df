//! The two ends as rustls knows them, made from what the scenario asks for.

use std::{io, sync::Arc};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection,
    SupportedProtocolVersion,
    client::Resumption,
    pki_types::{CertificateDer, ServerName},
    server::WebPkiClientVerifier,
    version::{TLS12, TLS13},
};

use super::{
    certificates::Authority,
    clock::Calendar,
    random::{on_behalf_of, provider},
    secrets::Tell,
    sessions::{ClientSessions, ServerSessions},
    spec::{TlsClient, TlsServer, TlsVersion},
    stream::TlsStream,
    words::io_error,
};
use crate::{osi::transport::TcpStream, rng::RootSeed, task::Host};

/// What certificates and secrets grow from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlsSetting {
    /// The calendar time of virtual time zero \[ns since 1970-01-01 UTC\].
    pub epoch: u64,
    /// The seed of the run.
    pub seed: RootSeed,
}

/// True if `name` can stand for a server: a DNS name or an address.
pub fn is_server_name(name: &str) -> bool {
    ServerName::try_from(name).is_ok()
}

/// The client's end: makes protected connections, and remembers their sessions.
#[derive(Debug)]
pub struct TlsConnector {
    host: Host,
    config: ClientConfig,
    name: ServerName<'static>,
}

impl TlsConnector {
    /// The end of a client on `host` that dials `peer`.
    ///
    /// # Errors
    /// A sentence, if the server's name is none, or a certificate cannot be made.
    pub fn new(
        host: &Host,
        peer: &str,
        spec: &TlsClient,
        setting: TlsSetting,
    ) -> Result<Self, String> {
        let wanted = spec.server_name.as_deref().unwrap_or(peer);
        let name = ServerName::try_from(wanted.to_owned())
            .map_err(|_| format!("TLS: `{wanted}` is no name of a server"))?;
        let config = client_config(host, spec, setting).map_err(|e| format!("TLS: {e}"))?;
        Ok(Self {
            host: host.clone(),
            config,
            name,
        })
    }

    /// Shakes hands over `tcp`. With early data, that is left to the first write and read.
    ///
    /// # Errors
    /// Those of `tcp`, and `InvalidData` with a sentence if TLS fails.
    pub async fn connect(&self, tcp: TcpStream) -> io::Result<TlsStream> {
        let mut config = self.config.clone();
        config.key_log = Arc::new(Tell {
            host: self.host.clone(),
            peer: tcp.peer_addr().ip(),
        });
        let session = on_behalf_of(&self.host, || {
            ClientConnection::new(Arc::new(config), self.name.clone())
        });
        let session = session.map_err(|e| io_error(&e))?;
        TlsStream::open(self.host.clone(), tcp, session.into()).await
    }
}

/// The server's end: takes protected connections.
#[derive(Debug)]
pub struct TlsAcceptor {
    host: Host,
    config: ServerConfig,
}

impl TlsAcceptor {
    /// The end of a server on `host`.
    ///
    /// # Errors
    /// A sentence, if a certificate cannot be made.
    pub fn new(host: &Host, spec: &TlsServer, setting: TlsSetting) -> Result<Self, String> {
        let config = server_config(host, spec, setting).map_err(|e| format!("TLS: {e}"))?;
        Ok(Self {
            host: host.clone(),
            config,
        })
    }

    /// Shakes hands over `tcp`. If the client sends early data, they can be read before the
    /// handshake is over.
    ///
    /// # Errors
    /// Those of `tcp`, and `InvalidData` with a sentence if TLS fails.
    pub async fn accept(&self, tcp: TcpStream) -> io::Result<TlsStream> {
        let mut config = self.config.clone();
        config.key_log = Arc::new(Tell {
            host: self.host.clone(),
            peer: tcp.peer_addr().ip(),
        });
        let session = on_behalf_of(&self.host, || ServerConnection::new(Arc::new(config)));
        let session = session.map_err(|e| io_error(&e))?;
        TlsStream::open(self.host.clone(), tcp, session.into()).await
    }
}

/// Why there is no such side.
pub(in crate::osi::presentation) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The client's side.
pub(in crate::osi::presentation) fn client_config(
    host: &Host,
    spec: &TlsClient,
    setting: TlsSetting,
) -> Result<ClientConfig, Failure> {
    let builder = ClientConfig::builder_with_details(provider(), calendar(host, setting))
        .with_protocol_versions(versions(spec.version))?
        .with_root_certificates(trusted(spec, setting)?);
    let mut config = if spec.certificate {
        let own = Authority::of_scenario(setting)?.client(host.name())?;
        builder.with_client_auth_cert(vec![own.certificate], own.key)?
    } else {
        builder.with_no_client_auth()
    };
    config.alpn_protocols = wire_names(&spec.alpn);
    config.resumption = match spec.resumption {
        true => Resumption::store(Arc::new(ClientSessions::default())),
        false => Resumption::disabled(),
    };
    config.enable_early_data = spec.early_data;
    Ok(config)
}

/// The authority that a client trusts.
pub(in crate::osi::presentation) fn trusted(
    spec: &TlsClient,
    setting: TlsSetting,
) -> Result<RootCertStore, Failure> {
    let authority = match spec.trust {
        true => Authority::of_scenario(setting)?,
        false => Authority::foreign(setting)?,
    };
    Ok(store(authority.root)?)
}

/// The server's side.
pub(in crate::osi::presentation) fn server_config(
    host: &Host,
    spec: &TlsServer,
    setting: TlsSetting,
) -> Result<ServerConfig, Failure> {
    let authority = Authority::of_scenario(setting)?;
    let own = authority.server(&spec.names, spec.certificate)?;
    let builder = ServerConfig::builder_with_details(provider(), calendar(host, setting))
        .with_protocol_versions(versions(spec.version))?;
    let builder = if spec.client_certificate {
        let roots = Arc::new(store(authority.root)?);
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
        builder.with_client_cert_verifier(verifier.build()?)
    } else {
        builder.with_no_client_auth()
    };
    let mut config = builder.with_single_cert(vec![own.certificate], own.key)?;
    config.alpn_protocols = wire_names(&spec.alpn);
    config.session_storage = Arc::new(ServerSessions::default());
    if spec.early_data {
        config.max_early_data_size = MAX_EARLY_DATA;
        // An answer to a client that has not shown its certificate yet would be too early.
        config.send_half_rtt_data = !spec.client_certificate;
    }
    Ok(config)
}

fn calendar(host: &Host, setting: TlsSetting) -> Arc<Calendar> {
    Arc::new(Calendar {
        host: host.clone(),
        epoch: setting.epoch,
    })
}

fn store(root: CertificateDer<'static>) -> Result<RootCertStore, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(root)?;
    Ok(roots)
}

fn versions(only: Option<TlsVersion>) -> &'static [&'static SupportedProtocolVersion] {
    match only {
        None => BOTH.as_slice(),
        Some(TlsVersion::Tls13) => BOTH.split_at(1).0,
        Some(TlsVersion::Tls12) => BOTH.split_at(1).1,
    }
}

fn wire_names(protocols: &[String]) -> Vec<Vec<u8>> {
    protocols.iter().map(|p| p.clone().into_bytes()).collect()
}

/// The better one first.
static BOTH: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
/// How much early data a server takes \[bytes\]: one record.
const MAX_EARLY_DATA: u32 = 16 << 10;
