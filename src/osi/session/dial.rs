//! From whom one wants to talk to, to a connection: resolve, then connect.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use super::{
    cause::cause,
    resolve::{LookupError, Resolver},
};
use crate::{osi::transport::TcpStream, task::Host, units::Span};

/// Whom to talk to.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its name, or an address as text.
    pub name: Arc<str>,
    /// The address that the name stands for in the scenario.
    pub address: IpAddr,
    /// Ask this server for the address instead of knowing it.
    pub resolver: Option<Box<Resolver>>,
}

impl Peer {
    /// Finds the address: over DNS if there is a resolver and the name is not an address itself.
    ///
    /// # Errors
    /// [`DialError::Lookup`] if the name has no address or nobody answers.
    pub async fn locate(&self, host: &Host) -> Result<Located, DialError> {
        let Some(resolver) = self
            .resolver
            .as_ref()
            .filter(|_| self.name.parse::<IpAddr>().is_err())
        else {
            return Ok(Located {
                address: self.address,
                lookup: None,
            });
        };
        // In a box: few ask, and everybody who could ask would have to hold the room for it.
        let lookup = Box::pin(resolver.lookup(host, &self.name)).await;
        let took = lookup.took;
        let addresses = lookup.addresses().map_err(|error| DialError::Lookup {
            name: self.name.to_string(),
            error,
        })?;
        Ok(Located {
            address: addresses.first().copied().unwrap_or(self.address),
            lookup: Some(took),
        })
    }

    /// Finds the address and opens a TCP connection to `port`.
    ///
    /// # Errors
    /// [`DialError`]: the name has no address, or the connection is not made.
    pub async fn connect(&self, host: &Host, port: u16) -> Result<Connection, DialError> {
        let Located { address, lookup } = self.locate(host).await?;
        let started = host.now();
        let remote = SocketAddr::from((address, port));
        let stream = host
            .connect(remote)
            .await
            .map_err(|error| DialError::Connect { remote, error })?;
        Ok(Connection {
            stream,
            remote,
            lookup,
            connect: host.now() - started,
        })
    }
}

/// An address, and what it took to find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located {
    /// The address.
    pub address: IpAddr,
    /// How long the lookup took, if there was one.
    pub lookup: Option<Span>,
}

/// An open TCP connection, and what it took to open it.
#[derive(Debug)]
pub struct Connection {
    /// The connection.
    pub stream: TcpStream,
    /// The other end.
    pub remote: SocketAddr,
    /// How long the name lookup took, if there was one.
    pub lookup: Option<Span>,
    /// How long the handshake took.
    pub connect: Span,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// The name has no address.
    #[error("cannot resolve `{name}`: {error}")]
    Lookup {
        /// The name.
        name: String,
        /// Why.
        error: LookupError,
    },
    /// The handshake failed.
    #[error("cannot connect to {remote}: {}", cause(.error))]
    Connect {
        /// The other end.
        remote: SocketAddr,
        /// Why.
        error: io::Error,
    },
}
