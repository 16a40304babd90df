//! A listening TCP port as an async handle.

use std::{
    fmt,
    future::poll_fn,
    io,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
};

use super::{SharedStack, Stack, TcpConfig, TcpStream};

/// Listens for TCP connections on one port of every address of its host.
///
/// At most [`backlog`](crate::osi::transport::TcpConfig::backlog) connections wait for
/// [`TcpListener::accept`] or for the end of their handshake; further SYNs are dropped meanwhile, or
/// answered with a cookie if the host has them. Dropping the listener resets those that wait.
pub struct TcpListener {
    stack: SharedStack,
    port: u16,
}

impl TcpListener {
    /// Listens on `port`. See [`Host::listen`](crate::task::Host::listen).
    ///
    /// # Errors
    /// As there.
    pub fn bind(stack: &SharedStack, port: u16) -> io::Result<Self> {
        stack.lock().tcp.get().listeners.bind(port, None)?;
        Ok(Self::new(stack, port))
    }

    /// Listens on `port` for connections with settings of their own. See
    /// [`Host::listen_with`](crate::task::Host::listen_with).
    ///
    /// # Errors
    /// As there.
    pub fn bind_with(stack: &SharedStack, port: u16, config: &TcpConfig) -> io::Result<Self> {
        let mut guard = stack.lock();
        let config = guard.tcp.get().own_config(config)?;
        guard.tcp.get().listeners.bind(port, Some(config))?;
        Ok(Self::new(stack, port))
    }

    fn new(stack: &SharedStack, port: u16) -> Self {
        Self {
            stack: Arc::clone(stack),
            port,
        }
    }

    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The next connection whose handshake is complete, and its other end.
    ///
    /// # Errors
    /// None today; the result is there for programs that are written for sockets.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        poll_fn(|cx| self.poll_accept(cx)).await
    }

    /// [`TcpListener::accept`] for those who poll.
    ///
    /// # Errors
    /// As there.
    pub fn poll_accept(&self, cx: &Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let mut guard = self.stack.lock();
        let tcp = guard.tcp.get();
        let key = match tcp.listeners.poll_accept(self.port, cx) {
            Poll::Ready(key) => key,
            Poll::Pending => return Poll::Pending,
        };
        let Some(connection) = tcp.connections.get(key) else {
            return Poll::Pending;
        };
        let ends = connection.ends;
        Poll::Ready(Ok((TcpStream::new(&self.stack, key, ends), ends.1)))
    }
}

impl Drop for TcpListener {
    fn drop(&mut self) {
        let mut guard = self.stack.lock();
        let Stack { tcp, outbox, .. } = &mut *guard;
        let tcp = tcp.get();
        for key in tcp.listeners.close(self.port) {
            if let Some(connection) = tcp.connections.get_mut(key) {
                connection.abort();
            }
            tcp.release(outbox, key);
        }
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TcpListener(port {})", self.port)
    }
}
