//! Connections with or without TLS, as the entry in the file wants it.

use std::{
    io,
    sync::{Arc, OnceLock},
};

use super::{AppEnv, program::Program, report::TlsResult, spec::App};
use crate::{
    osi::{
        presentation::{
            Channel,
            tls::{TlsAcceptor, TlsConnector, TlsFacts, TlsServer},
        },
        session::{Connection, Peer, cause},
        transport::TcpStream,
    },
    task::Host,
    units::Span,
};

/// The client's end of TLS for one traffic entry, made when it is first needed. It stays for all
/// repetitions, so that later connections can resume the sessions of earlier ones. An entry
/// without TLS, as most are, holds the room of a pointer for it.
#[derive(Debug)]
pub(super) struct Connector(Option<Box<OnceLock<TlsConnector>>>);

impl Connector {
    /// That of an entry which does `app`.
    pub(super) fn of(app: &App) -> Self {
        Self(app.tls().map(|_| Box::default()))
    }
}

/// An open connection, and what it took to open it.
#[derive(Debug)]
pub(super) struct Dialled {
    pub(super) channel: Channel,
    /// How long the handshake of TCP took.
    pub(super) connect: Span,
    /// What became of TLS, if the entry speaks it.
    pub(super) tls: Option<Handshake>,
}

/// The handshake of TLS.
#[derive(Debug, Clone)]
pub(super) struct Handshake {
    /// How long it took until data could be sent.
    took: Span,
    facts: Arc<OnceLock<TlsFacts>>,
}

impl Handshake {
    /// One that took so long, and agrees on what will stand in `facts`.
    pub(super) const fn new(took: Span, facts: Arc<OnceLock<TlsFacts>>) -> Self {
        Self { took, facts }
    }

    /// What is known of it now.
    pub(super) fn result(&self) -> TlsResult {
        TlsResult {
            handshake: self.took,
            facts: self.facts.get().cloned(),
        }
    }
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) struct DialFailed {
    /// In words.
    pub(super) text: String,
    /// Another attempt would end in the same way.
    pub(super) lasting: bool,
}

impl DialFailed {
    pub(super) const fn lasting(text: String) -> Self {
        Self {
            text,
            lasting: true,
        }
    }
}

impl Program {
    /// Opens a connection to `port` of the other side, with TLS if the entry wants it. The
    /// handshake of TCP is told to `connected` when it is over: that of TLS may fail.
    pub(super) async fn dial(
        &self,
        port: u16,
        connected: impl FnOnce(&Connection),
    ) -> Result<Dialled, String> {
        let connector = self.connector()?;
        let dialled = self.dial_peer(&self.peer, port, connector, connected);
        dialled.await.map_err(|failed| failed.text)
    }

    /// [`Program::dial`] for any peer, with TLS if there is a `connector`.
    pub(super) async fn dial_peer(
        &self,
        peer: &Peer,
        port: u16,
        connector: Option<&TlsConnector>,
        connected: impl FnOnce(&Connection),
    ) -> Result<Dialled, DialFailed> {
        let dialled = peer.connect(&self.host, port).await;
        let connection = dialled.map_err(|e| DialFailed {
            text: e.to_string(),
            lasting: false,
        })?;
        connected(&connection);
        let Connection {
            stream, connect, ..
        } = connection;
        let (channel, tls) = match connector {
            None => (stream.into(), None),
            Some(connector) => {
                // In a box: few speak it, and everybody would have to hold the room for it.
                let (channel, tls) = Box::pin(self.shake_hands(connector, stream)).await?;
                (channel, Some(tls))
            }
        };
        Ok(Dialled {
            channel,
            connect,
            tls,
        })
    }

    /// TLS over a connection that is open already, if the entry wants it.
    pub(super) async fn protect(
        &self,
        channel: Channel,
    ) -> Result<(Channel, Option<Handshake>), String> {
        match (self.connector()?, channel) {
            (None, channel) => Ok((channel, None)),
            (Some(connector), Channel::Plain(stream)) => {
                let shaken = Box::pin(self.shake_hands(connector, stream)).await;
                let (channel, tls) = shaken.map_err(|failed| failed.text)?;
                Ok((channel, Some(tls)))
            }
            (Some(_), _) => Err("the connection is protected already".to_owned()),
        }
    }

    async fn shake_hands(
        &self,
        connector: &TlsConnector,
        stream: TcpStream,
    ) -> Result<(Channel, Handshake), DialFailed> {
        let started = self.now();
        let tls = connector.connect(stream).await.map_err(|e| DialFailed {
            text: cause(&e),
            lasting: e.kind() == io::ErrorKind::InvalidData,
        })?;
        let handshake = Handshake {
            took: self.now() - started,
            facts: tls.facts(),
        };
        Ok((tls.into(), handshake))
    }

    /// The entry's own end of TLS, if it speaks that.
    pub(super) fn connector(&self) -> Result<Option<&TlsConnector>, String> {
        let (Some(spec), Some(place)) = (self.traffic.app.tls(), &self.connector.0) else {
            return Ok(None);
        };
        if place.get().is_none() {
            let made = TlsConnector::new(&self.host, &self.peer.name, spec, self.setting)?;
            let _ = place.set(made);
        }
        Ok(place.get())
    }
}

/// How a server takes its connections.
#[derive(Debug, Clone)]
pub(super) struct Door(Option<Arc<TlsAcceptor>>);

impl Door {
    /// That of a server which takes no connections of TCP.
    pub(super) const NONE: Self = Self(None);

    /// The door of a server on `host`, which speaks TLS if there is a `spec`.
    pub(super) fn new(host: &Host, spec: Option<&TlsServer>, env: AppEnv) -> Result<Self, String> {
        let acceptor = spec.map(|spec| TlsAcceptor::new(host, spec, env.tls()));
        Ok(Self(acceptor.transpose()?.map(Arc::new)))
    }

    /// Makes a connection of TCP one that can be used.
    pub(super) async fn admit(&self, stream: TcpStream) -> io::Result<Channel> {
        match &self.0 {
            None => Ok(stream.into()),
            Some(acceptor) => Ok(Box::pin(acceptor.accept(stream)).await?.into()),
        }
    }
}
