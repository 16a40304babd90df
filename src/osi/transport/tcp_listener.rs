//! A listening TCP port as an async handle.

use std::{io, net::SocketAddr};

use super::{SharedStack, TcpStream};

/// Listens for TCP connections on one port of every address of its host.
///
/// At most 128 connections wait for [`TcpListener::accept`] or for the end of their handshake;
/// further SYNs are dropped meanwhile. Dropping the listener resets those that wait.
#[derive(Debug)]
pub struct TcpListener {}

impl TcpListener {
    /// Listens on `port`. See [`Host::listen`](crate::task::Host::listen).
    ///
    /// # Errors
    /// As there.
    pub fn bind(_stack: &SharedStack, _port: u16) -> io::Result<Self> {
        todo!()
    }

    /// The port.
    pub fn port(&self) -> u16 {
        todo!()
    }

    /// The next connection whose handshake is complete, and its other end.
    ///
    /// # Errors
    /// None today; the result is there for programs that are written for sockets.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        todo!()
    }
}
