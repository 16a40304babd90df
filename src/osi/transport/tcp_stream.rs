//! A TCP connection as an async handle.

use std::{
    fmt,
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{MutexGuard, SharedStack, Stack, TcpConfig, connection::Connection, slab::Key};
use crate::trace::TcpState;

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
pub struct TcpStream {
    stack: SharedStack,
    key: Key,
    local: SocketAddr,
    remote: SocketAddr,
}

impl TcpStream {
    /// Opens a connection. With Fast Open to a known server this is done at once, and what is written
    /// at that instant rides on the SYN; errors of the handshake then come with reads and writes. See [`Host::connect`](crate::task::Host::connect).
    ///
    /// # Errors
    /// As there.
    pub async fn connect(stack: &SharedStack, remote: SocketAddr) -> io::Result<Self> {
        Self::open(stack, remote, None).await
    }

    /// Opens a connection with settings of its own. See
    /// [`Host::connect_with`](crate::task::Host::connect_with).
    ///
    /// # Errors
    /// As there.
    pub async fn connect_with(
        stack: &SharedStack,
        remote: SocketAddr,
        config: &TcpConfig,
    ) -> io::Result<Self> {
        let config = stack.lock().tcp.get().own_config(config)?;
        Self::open(stack, remote, Some(&config)).await
    }

    async fn open(
        stack: &SharedStack,
        remote: SocketAddr,
        own: Option<&TcpConfig>,
    ) -> io::Result<Self> {
        let stream = {
            let mut guard = stack.lock();
            let Stack { tcp, outbox, .. } = &mut *guard;
            let (key, local) = tcp.get().connect(outbox, remote, own)?;
            Self::new(stack, key, (local, remote))
        };
        poll_fn(|cx| stream.with(|connection| connection.poll_open(cx))).await?;
        Ok(stream)
    }

    pub(super) fn new(stack: &SharedStack, key: Key, ends: (SocketAddr, SocketAddr)) -> Self {
        Self {
            stack: Arc::clone(stack),
            key,
            local: ends.0,
            remote: ends.1,
        }
    }

    /// This end.
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The other end.
    pub const fn peer_addr(&self) -> SocketAddr {
        self.remote
    }

    /// With `nodelay`, small pieces are sent at once (Nagle's algorithm off).
    pub fn set_nodelay(&self, nodelay: bool) {
        self.change(|connection| connection.machine.set_nagle(!nodelay));
    }

    /// Ends the connection with a RST. What was not sent is lost.
    pub fn abort(&self) {
        self.change(Connection::abort);
    }

    /// Done when the connection is over in both directions: both FINs are acknowledged and
    /// TIME-WAIT has passed, or it was reset or timed out.
    pub async fn closed(&self) {
        poll_fn(|cx| self.with(|connection| connection.poll_over(cx))).await;
    }

    /// Writes as [`write`](tokio::io::AsyncWriteExt::write), and marks what was taken as urgent: the
    /// peer is asked to hurry up to its last byte (RFC 9293, section 3.8.5). The bytes stay in line.
    ///
    /// # Errors
    /// As of a write; `Unsupported` with smoltcp's TCP.
    pub async fn write_urgent(&self, data: &[u8]) -> io::Result<usize> {
        poll_fn(|cx| self.change(|connection| connection.poll_write_urgent(cx, data))).await
    }

    /// Waits for urgent data, and gives back how many bytes there are to read up to the last byte of
    /// it; some of them may not have come yet. `None` when the connection is over.
    pub async fn urgent(&self) -> Option<u64> {
        poll_fn(|cx| self.with(|connection| connection.poll_urgent(cx))).await
    }

    /// The state of the connection now.
    pub fn state(&self) -> TcpState {
        self.with(|connection| connection.machine.state())
    }

    /// Looks at the connection.
    fn with<R>(&self, look: impl FnOnce(&mut Connection) -> R) -> R {
        look(self.connection(&mut self.stack.lock()))
    }

    /// Does something after which the stack may have to send.
    fn change<R>(&self, change: impl FnOnce(&mut Connection) -> R) -> R {
        let mut guard = self.stack.lock();
        let result = change(self.connection(&mut guard));
        let Stack { tcp, outbox, .. } = &mut *guard;
        tcp.get().touch(outbox, self.key);
        result
    }

    #[allow(
        clippy::expect_used,
        reason = "an entry is removed only when its handle is dropped"
    )]
    fn connection<'a>(&self, guard: &'a mut MutexGuard<'_, Stack>) -> &'a mut Connection {
        let connection = guard.tcp.get().connections.get_mut(self.key);
        connection.expect("a connection lives as long as its handle")
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.change(|connection| connection.poll_read(cx, buf))
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.change(|connection| connection.poll_write(cx, buf))
    }

    /// Done at once: the stack sends by itself.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.change(Connection::shut_down);
        Poll::Ready(Ok(()))
    }
}

impl Drop for TcpStream {
    fn drop(&mut self) {
        let mut guard = self.stack.lock();
        let Stack { tcp, outbox, .. } = &mut *guard;
        tcp.get().release(outbox, self.key);
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TcpStream({} to {})", self.local, self.remote)
    }
}
