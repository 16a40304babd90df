//! A TCP connection as an async handle.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::SharedStack;

/// One end of a TCP connection.
///
/// It reads and writes through tokio's traits, with the meaning that they have for a socket of
/// an operating system: a read of nothing is the end (a FIN came); `shutdown` sends a FIN and
/// leaves the other direction open. Errors are the usual ones: `ConnectionReset` (a RST came),
/// `TimedOut` (no answer for the configured time), `BrokenPipe` (written after `shutdown`),
/// `ConnectionAborted` (aborted on this side).
///
/// Dropping it closes the connection in the background: what was written is still sent, then a
/// FIN. If received data was never read, a RST goes out instead (RFC 1122, section 4.2.2.13), and
/// so it does if more data comes later.
#[derive(Debug)]
pub struct TcpStream {}

impl TcpStream {
    /// Opens a connection. See [`Host::connect`](crate::task::Host::connect).
    ///
    /// # Errors
    /// As there.
    pub async fn connect(_stack: &SharedStack, _remote: SocketAddr) -> io::Result<Self> {
        todo!()
    }

    /// This end.
    pub fn local_addr(&self) -> SocketAddr {
        todo!()
    }

    /// The other end.
    pub fn peer_addr(&self) -> SocketAddr {
        todo!()
    }

    /// With `nodelay`, small pieces are sent at once (Nagle's algorithm off).
    pub fn set_nodelay(&self, _nodelay: bool) {
        todo!()
    }

    /// Ends the connection with a RST. What was not sent is lost.
    pub fn abort(&self) {
        todo!()
    }

    /// Done when the connection is over in both directions: both FINs are acknowledged, or it
    /// was reset or timed out.
    pub async fn closed(&self) {
        todo!()
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        _buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        todo!()
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        _buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        todo!()
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        todo!()
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        todo!()
    }
}
