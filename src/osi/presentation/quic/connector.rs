//! The client's end: makes connections, and remembers their sessions.

use std::{
    io,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, OnceLock},
};

use futures_util::future::{Either, select};
use quinn::{
    ClientConfig, Connecting, Connection, ConnectionError, Endpoint, VarInt,
    crypto::rustls::{HandshakeData, QuicClientConfig},
};
use rustls::client::WebPkiServerVerifier;

use super::{
    super::tls::{
        Tell, TlsClient, TlsFacts, TlsSetting, TlsVersion, client_config, is_server_name,
        on_behalf_of, provider, trusted,
    },
    random::{connection_id, endpoint_config},
    runtime::QuicRuntime,
    socket::QuicSocket,
    spec::{Migration, QuicClient, QuicVersion},
    transport::transport,
    watch::{Verifier, Watch},
    words::words,
};
use crate::{
    osi::session::{DialError, cause},
    task::Host,
    trace::AppEventKind,
};

/// The client's end: makes connections, and remembers their sessions.
#[derive(Debug)]
pub struct QuicConnector {
    host: Host,
    spec: QuicClient,
    tls: rustls::ClientConfig,
    verifier: Arc<Verifier>,
    /// Whom it wants to talk to.
    name: String,
}

/// A connection that a client has made.
#[derive(Debug)]
pub struct QuicConnection {
    /// quinn's own. With early data its handshake may still be under way.
    pub connection: Connection,
    /// What the handshake agrees on, as soon as it is over.
    pub facts: Arc<OnceLock<TlsFacts>>,
    endpoint: Endpoint,
}

impl QuicConnector {
    /// The end of a client on `host` that dials `peer`. TLS 1.3 is spoken, whatever `tls` says.
    ///
    /// # Errors
    /// A sentence, if the server's name is none, or a certificate cannot be made.
    pub fn new(
        host: &Host,
        peer: &str,
        (tls, quic): (&TlsClient, &QuicClient),
        setting: TlsSetting,
    ) -> Result<Self, String> {
        let name = tls.server_name.as_deref().unwrap_or(peer);
        if !is_server_name(name) {
            return Err(format!("TLS: `{name}` is no name of a server"));
        }
        let spec = TlsClient {
            version: Some(TlsVersion::Tls13),
            ..tls.clone()
        };
        let mut config = client_config(host, &spec, setting).map_err(|e| format!("TLS: {e}"))?;
        let roots = trusted(&spec, setting).map_err(|e| format!("TLS: {e}"))?;
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
        let verifier = Verifier::new(verifier.map_err(|e| format!("TLS: {e}"))?);
        config
            .dangerous()
            .set_certificate_verifier(Arc::clone(&verifier) as Arc<_>);
        Ok(Self {
            host: host.clone(),
            spec: quic.clone(),
            tls: config,
            verifier,
            name: name.to_owned(),
        })
    }

    /// Opens a connection. If the server speaks another version, the next one of those offered is
    /// tried on a new connection. With early data it does not wait for the server.
    ///
    /// # Errors
    /// A sentence.
    pub async fn connect(&self, remote: SocketAddr) -> Result<QuicConnection, String> {
        let mut last = ConnectionError::VersionMismatch;
        for version in &self.spec.versions {
            match self.attempt(remote, *version).await? {
                Ok(connection) => return Ok(connection),
                Err(error @ ConnectionError::VersionMismatch) => last = error,
                Err(error) => return Err(words(&error)),
            }
        }
        Err(words(&last))
    }

    /// Tries one version. Errors that are not of QUIC are sentences already.
    async fn attempt(
        &self,
        remote: SocketAddr,
        version: QuicVersion,
    ) -> Result<Result<QuicConnection, ConnectionError>, String> {
        let failed = |error| DialError::Connect { remote, error }.to_string();
        let socket = QuicSocket::dial(&self.host, remote, None).map_err(failed)?;
        let socket = Arc::new(socket);
        let endpoint = self.endpoint(Arc::clone(&socket)).map_err(failed)?;
        let watch = Watch::new(
            &self.verifier,
            Tell {
                host: self.host.clone(),
                peer: remote.ip(),
            },
        );
        let config = self.config(&watch, version)?;
        let connecting = on_behalf_of(&self.host, || {
            endpoint.connect_with(config, remote, &self.name)
        });
        let connecting = connecting.map_err(|e| format!("QUIC: {e}"))?;
        let begun = {
            let (shake, refused) = (pin!(self.shake(connecting, &watch)), pin!(socket.refused()));
            match select(shake, refused).await {
                Either::Left((begun, _)) => begun,
                Either::Right((kind, _)) => return Err(failed(kind.into())),
            }
        };
        Ok(match begun {
            Ok((connection, facts)) => {
                self.plan_migration(&connection, &endpoint, remote);
                Ok(QuicConnection {
                    connection,
                    facts,
                    endpoint,
                })
            }
            Err(ConnectionError::TransportError(error)) => {
                let noted = watch.failure().map(|why| format!("TLS: {why}"));
                return Err(noted.unwrap_or_else(|| words(&error.into())));
            }
            Err(error) => Err(error),
        })
    }

    fn endpoint(&self, socket: Arc<QuicSocket>) -> io::Result<Endpoint> {
        let config = endpoint_config(&self.host, &self.spec.versions);
        let runtime = Arc::new(QuicRuntime(self.host.clone()));
        Endpoint::new_with_abstract_socket(config, None, socket, runtime)
    }

    /// The settings of one connection.
    fn config(&self, watch: &Arc<Watch>, version: QuicVersion) -> Result<ClientConfig, String> {
        let mut tls = self.tls.clone();
        tls.key_log = Arc::clone(watch) as Arc<_>;
        let crypto = QuicClientConfig::try_from(tls).map_err(|e| format!("QUIC: {e}"))?;
        let mut config = ClientConfig::new(Arc::new(crypto));
        let first_id = connection_id(&self.host);
        let log = self.spec.qlog.then_some(first_id);
        config
            .version(version.number())
            .initial_dst_cid_provider(Arc::new(move || first_id))
            .transport_config(transport(&self.host, self.spec.congestion, log));
        Ok(config)
    }

    /// Shakes hands, or begins to if data can flow before that.
    async fn shake(
        &self,
        connecting: Connecting,
        watch: &Arc<Watch>,
    ) -> Result<(Connection, Arc<OnceLock<TlsFacts>>), ConnectionError> {
        let facts = Arc::new(OnceLock::new());
        let connection = match connecting.into_0rtt() {
            Ok((connection, accepted)) => {
                let (place, watch) = (Arc::clone(&facts), Arc::clone(watch));
                let early = connection.clone();
                drop(self.host.spawn(async move {
                    let accepted = accepted.await;
                    let _ = place.set(watch.facts(alpn(&early), Some(accepted)));
                }));
                connection
            }
            Err(connecting) => {
                let connection = connecting.await?;
                let _ = facts.set(watch.facts(alpn(&connection), None));
                connection
            }
        };
        Ok((connection, facts))
    }

    /// Moves the connection to another address when it is time, unless it has ended by then.
    fn plan_migration(&self, connection: &Connection, endpoint: &Endpoint, remote: SocketAddr) {
        let Some(Migration { after, to }) = self.spec.migrate else {
            return;
        };
        let (host, connection, endpoint) =
            (self.host.clone(), connection.clone(), endpoint.clone());
        drop(self.host.spawn(async move {
            let wait = pin!(host.sleep(after));
            if let Either::Right(_) = select(wait, pin!(connection.closed())).await {
                return;
            }
            let moved = QuicSocket::dial(&host, remote, to)
                .and_then(|socket| endpoint.rebind_abstract(Arc::new(socket)));
            host.emit(
                match moved.and_then(|()| endpoint.local_addr()) {
                    Ok(now) => AppEventKind::Note(format!("QUIC: the connection moves to {now}")),
                    Err(error) => AppEventKind::Failed(format!(
                        "QUIC: the connection cannot move: {}",
                        cause(&error)
                    )),
                },
                None,
            );
        }));
    }
}

impl QuicConnection {
    /// This end as it is now.
    ///
    /// # Errors
    /// None while the connection is open.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.endpoint.local_addr()
    }

    /// Ends the connection with an error code of the application (RFC 9000, section 19.19).
    pub fn close(&self, code: u32) {
        self.connection.close(VarInt::from_u32(code), b"");
    }
}

/// The application protocol that was agreed on.
fn alpn(connection: &Connection) -> Option<Vec<u8>> {
    let data = connection.handshake_data()?;
    data.downcast::<HandshakeData>().ok()?.protocol
}
