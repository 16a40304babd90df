//! The server's end: takes connections.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{self, Duration},
};

use quinn::{
    Connecting, Connection, ConnectionError, ConnectionId, Endpoint, ServerConfig, TimeSource,
    crypto::{HandshakeTokenKey, rustls::QuicServerConfig},
};

use super::{
    super::tls::{Tell, TlsServer, TlsSetting, TlsVersion, on_behalf_of, server_config},
    random::{endpoint_config, token_key},
    runtime::QuicRuntime,
    socket::QuicSocket,
    spec::QuicServer,
    transport::transport,
};
use crate::{osi::session::cause, task::Host};

/// The server's end: takes connections on a port.
pub struct QuicAcceptor {
    base: Base,
    tls: rustls::ServerConfig,
    endpoint: Endpoint,
    /// Data can flow before the handshake is over.
    early: bool,
}

/// A connection whose handshake is under way.
#[derive(Debug)]
pub struct QuicHandshake {
    connecting: Connecting,
    early: bool,
}

impl QuicAcceptor {
    /// Takes connections on UDP `port` of `host`. TLS 1.3 is spoken, whatever `tls` says.
    ///
    /// # Errors
    /// A sentence, if the port is taken or a certificate cannot be made.
    pub fn bind(
        host: &Host,
        port: u16,
        (tls, quic): (&TlsServer, &QuicServer),
        setting: TlsSetting,
    ) -> Result<Self, String> {
        let spec = TlsServer {
            version: Some(TlsVersion::Tls13),
            ..tls.clone()
        };
        let mut config = server_config(host, &spec, setting).map_err(|e| format!("TLS: {e}"))?;
        if spec.early_data {
            // RFC 9001, section 4.6.1: no other limit is allowed.
            config.max_early_data_size = u32::MAX;
        }
        let base = Base {
            host: host.clone(),
            token_key: token_key(host),
            epoch: setting.epoch,
            spec: quic.clone(),
        };
        let first = base.config(config.clone(), None)?;
        let endpoint = open(host, port, quic, first).map_err(|e| cause(&e))?;
        Ok(Self {
            base,
            tls: config,
            endpoint,
            early: spec.early_data && !spec.client_certificate,
        })
    }

    /// Waits for the next client. One that has to show its address first is sent a Retry.
    pub async fn accept(&self) -> Option<QuicHandshake> {
        loop {
            let incoming = self.endpoint.accept().await?;
            let host = &self.base.host;
            if self.base.spec.retry && !incoming.remote_address_validated() {
                let _ = on_behalf_of(host, || incoming.retry());
                continue;
            }
            let ends = (incoming.remote_address().ip(), incoming.orig_dst_cid());
            let Ok(config) = self.base.config(self.tls.clone(), Some(ends)) else {
                continue;
            };
            let taken = on_behalf_of(host, || incoming.accept_with(Arc::new(config)));
            // Whoever sends what is no Initial packet has been told so.
            if let Ok(connecting) = taken {
                let early = self.early;
                return Some(QuicHandshake { connecting, early });
            }
        }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// None while it is open.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.endpoint.local_addr()
    }
}

impl fmt::Debug for QuicAcceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "QuicAcceptor(on {})", self.base.host.name())
    }
}

impl QuicHandshake {
    /// The client's address.
    pub fn remote_address(&self) -> SocketAddr {
        self.connecting.remote_address()
    }

    /// Waits until data can flow: to the end of the handshake, or not at all if the server takes
    /// early data.
    ///
    /// # Errors
    /// Those of the handshake.
    pub async fn complete(self) -> Result<Connection, ConnectionError> {
        if !self.early {
            return self.connecting.await;
        }
        match self.connecting.into_0rtt() {
            Ok((connection, _)) => Ok(connection),
            Err(connecting) => connecting.await,
        }
    }
}

/// What the settings of every connection are made of.
struct Base {
    host: Host,
    token_key: Arc<dyn HandshakeTokenKey>,
    epoch: u64,
    spec: QuicServer,
}

impl Base {
    /// The settings of a connection with that peer and first connection ID, or of the endpoint
    /// before it has any.
    fn config(
        &self,
        mut tls: rustls::ServerConfig,
        ends: Option<(IpAddr, ConnectionId)>,
    ) -> Result<ServerConfig, String> {
        if let Some((peer, _)) = ends {
            let host = self.host.clone();
            tls.key_log = Arc::new(Tell { host, peer });
        }
        let crypto = QuicServerConfig::try_from(tls).map_err(|e| format!("QUIC: {e}"))?;
        let mut config = ServerConfig::new(Arc::new(crypto), Arc::clone(&self.token_key));
        let log = ends.filter(|_| self.spec.qlog).map(|(_, id)| id);
        config
            .time_source(Arc::new(Calendar {
                host: self.host.clone(),
                epoch: self.epoch,
            }))
            .migration(self.spec.migration)
            .transport_config(transport(&self.host, self.spec.congestion, log));
        Ok(config)
    }
}

fn open(host: &Host, port: u16, spec: &QuicServer, config: ServerConfig) -> io::Result<Endpoint> {
    let socket = Arc::new(QuicSocket::bind(host, port)?);
    let runtime = Arc::new(QuicRuntime(host.clone()));
    let settings = endpoint_config(host, &spec.versions);
    Endpoint::new_with_abstract_socket(settings, Some(config), socket, runtime)
}

/// Virtual time as a date, for the age of tokens.
struct Calendar {
    host: Host,
    /// When virtual time begins \[ns since 1970-01-01 UTC\].
    epoch: u64,
}

impl TimeSource for Calendar {
    fn now(&self) -> time::SystemTime {
        let now = self.epoch.saturating_add(self.host.now().as_nanos());
        time::UNIX_EPOCH + Duration::from_nanos(now)
    }
}
