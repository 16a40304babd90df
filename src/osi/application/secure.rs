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
        session::{Connection, cause},
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

impl Program {
    /// Opens a connection to `port` of the other side, with TLS if the entry wants it. The
    /// handshake of TCP is told to `connected` when it is over: that of TLS may fail.
    pub(super) async fn dial(
        &self,
        port: u16,
        connected: impl FnOnce(&Connection),
    ) -> Result<Dialled, String> {
        let dialled = self.peer.connect(&self.host, port).await;
        let connection = dialled.map_err(|e| e.to_string())?;
        connected(&connection);
        let Connection {
            stream, connect, ..
        } = connection;
        let (channel, tls) = match self.connector()? {
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

    async fn shake_hands(
        &self,
        connector: &TlsConnector,
        stream: TcpStream,
    ) -> Result<(Channel, Handshake), String> {
        let started = self.now();
        let tls = connector.connect(stream).await.map_err(|e| cause(&e))?;
        let handshake = Handshake {
            took: self.now() - started,
            facts: tls.facts(),
        };
        Ok((tls.into(), handshake))
    }

    fn connector(&self) -> Result<Option<&TlsConnector>, String> {
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
