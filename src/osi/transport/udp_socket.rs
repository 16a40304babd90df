//! A UDP socket as an async handle.

use std::{
    fmt,
    future::poll_fn,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    task::{Context, Poll},
};

use super::{SharedStack, Source, Stack};
use crate::units::SimTime;

/// A UDP socket on one port of every address of its host.
///
/// Up to 208 KiB of received datagrams (payload and 32 bytes each) wait for the program, as by
/// default on Linux; what comes on top is dropped and counted. A datagram that does not fit the path's MTU is sent in fragments.
///
/// A connected socket takes datagrams from its peer alone and reports ICMP errors about its own
/// datagrams: `ConnectionRefused`, `HostUnreachable`, `NetworkUnreachable`. A socket that is not
/// connected reports none, as on Linux.
pub struct UdpSocket {
    stack: SharedStack,
    port: u16,
}

/// What is known of a received datagram beside its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datagram {
    /// Bytes of payload; of [`UdpSocket::recv_datagram`], those written to the buffer. What did
    /// not fit is lost.
    pub len: usize,
    /// Who sent it.
    pub from: SocketAddr,
    /// The address it was sent to.
    pub to: SocketAddr,
    /// When it reached this host, however late the program reads it.
    pub at: SimTime,
    /// Its ECN field (RFC 3168, section 5): 0 to 3.
    pub ecn: u8,
}

/// What a datagram carries in its IP header beside the usual.
///
/// # Defaults
/// The address of the way to the receiver, and no ECN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// The source address, one of the host's own.
    pub source: Option<IpAddr>,
    /// The ECN field (RFC 3168, section 5): 0 to 3.
    pub ecn: u8,
}

impl UdpSocket {
    /// A socket on `port`. See [`Host::udp`](crate::task::Host::udp).
    ///
    /// # Errors
    /// As there.
    pub fn bind(stack: &SharedStack, port: u16) -> io::Result<Self> {
        let port = stack.lock().udp.bind(port)?;
        Ok(Self {
            stack: Arc::clone(stack),
            port,
        })
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// From now on talks to `remote` alone.
    ///
    /// # Errors
    /// `NetworkUnreachable` if there is no way to it.
    pub fn connect(&self, remote: SocketAddr) -> io::Result<()> {
        let mut guard = self.stack.lock();
        let Stack { udp, outbox, .. } = &mut *guard;
        udp.connect(outbox, self.port, remote)
    }

    /// Sends `payload` to `remote`; waits while the stack has more than it can send.
    ///
    /// # Errors
    /// `NetworkUnreachable` if there is no way; `InvalidInput` above 65,507 bytes or for port 0.
    pub async fn send_to(&self, payload: &[u8], remote: SocketAddr) -> io::Result<usize> {
        poll_fn(|cx| self.poll_send(cx, payload, Some(remote))).await
    }

    /// [`UdpSocket::send_to`] without a payload of one's own: `fill` writes it, all `len` bytes,
    /// into the packet itself.
    ///
    /// # Errors
    /// As there.
    pub fn send_with(
        &self,
        len: usize,
        mut fill: impl FnMut(&mut [u8]),
        remote: SocketAddr,
    ) -> impl Future<Output = io::Result<usize>> {
        poll_fn(move |cx| self.poll_send_with(cx, (len, &mut fill), Some(remote)))
    }

    /// Sends `payload` to the peer.
    ///
    /// # Errors
    /// As [`UdpSocket::send_to`]; `NotConnected`; or an ICMP error about an earlier datagram.
    pub async fn send(&self, payload: &[u8]) -> io::Result<usize> {
        poll_fn(|cx| self.poll_send(cx, payload, None)).await
    }

    /// Waits for a datagram.
    ///
    /// # Errors
    /// An ICMP error about an earlier datagram, on a connected socket.
    pub async fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let datagram = self.recv_datagram(buf).await?;
        Ok((datagram.len, datagram.from))
    }

    /// Waits for a datagram, and says when it arrived.
    ///
    /// # Errors
    /// As [`UdpSocket::recv_from`].
    pub async fn recv_from_at(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr, SimTime)> {
        let datagram = self.recv_datagram(buf).await?;
        Ok((datagram.len, datagram.from, datagram.at))
    }

    /// Waits for a datagram.
    ///
    /// # Errors
    /// As [`UdpSocket::recv_from`].
    pub async fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        Ok(self.recv_datagram(buf).await?.len)
    }

    /// Waits for a datagram, and tells all about it.
    ///
    /// # Errors
    /// As [`UdpSocket::recv_from`].
    pub async fn recv_datagram(&self, buf: &mut [u8]) -> io::Result<Datagram> {
        poll_fn(|cx| self.poll_recv(cx, buf)).await
    }

    /// Waits for a datagram and shows it to `look`, whole and without a copy.
    ///
    /// # Errors
    /// As [`UdpSocket::recv_from`].
    pub fn recv_with<R>(
        &self,
        mut look: impl FnMut(Datagram, &[u8]) -> R,
    ) -> impl Future<Output = io::Result<R>> {
        poll_fn(move |cx| self.poll_recv_with(cx, &mut look))
    }

    /// Gives every datagram to `take` at the instant when it arrives: a receiver that only looks
    /// needs no task for it, and none is woken. Nothing more can be received otherwise. `take` runs
    /// inside the stack of its host, so it must not use a socket of that host.
    pub(crate) fn set_sink(&self, take: impl FnMut(Datagram, &[u8]) + Send + 'static) {
        self.stack.lock().udp.set_sink(self.port, take);
    }

    /// Lets `source` send datagrams of `len` bytes to `remote`, the first at `first`, until it has
    /// no more: a sender that only follows a schedule needs no task that wakes up for each. `source`
    /// runs inside the stack of its host, so it must not use a socket of that host.
    ///
    /// # Errors
    /// `InvalidInput` above 65,507 bytes or for port 0.
    pub(crate) fn run_source(
        &self,
        first: SimTime,
        source: impl Source + 'static,
        to: (usize, SocketAddr),
    ) -> impl Future<Output = io::Result<()>> {
        let begun = self.begin_source(first, source, to);
        poll_fn(move |cx| match &begun {
            Err(error) => Poll::Ready(Err(error.kind().into())),
            Ok(()) => self.stack.lock().udp.poll_source_end(self.port, cx),
        })
    }

    fn begin_source(
        &self,
        first: SimTime,
        source: impl Source + 'static,
        to: (usize, SocketAddr),
    ) -> io::Result<()> {
        let mut guard = self.stack.lock();
        let Stack { udp, outbox, .. } = &mut *guard;
        udp.set_source((self.port, first), source, to)?;
        outbox.ring();
        Ok(())
    }

    /// [`UdpSocket::send_to`] (or, without `remote`, [`UdpSocket::send`]) for those who poll.
    ///
    /// # Errors
    /// As there.
    pub fn poll_send(
        &self,
        cx: &Context<'_>,
        payload: &[u8],
        remote: Option<SocketAddr>,
    ) -> Poll<io::Result<usize>> {
        let fill = |place: &mut [u8]| place.copy_from_slice(payload);
        self.poll_send_with(cx, (payload.len(), fill), remote)
    }

    fn poll_send_with(
        &self,
        cx: &Context<'_>,
        payload: (usize, impl FnOnce(&mut [u8])),
        remote: Option<SocketAddr>,
    ) -> Poll<io::Result<usize>> {
        let mut guard = self.stack.lock();
        let Stack { udp, outbox, .. } = &mut *guard;
        udp.poll_send(outbox, self.port, payload, remote, cx)
    }

    /// Sends `payload` to `remote` at once and whole, or not at all.
    ///
    /// # Errors
    /// As [`UdpSocket::send_to`]; `WouldBlock` while the stack has more than it can send (see
    /// [`UdpSocket::poll_writable`]); `InvalidInput` also if it does not fit the path's MTU, or if
    /// `marks` name a source that is not the host's own.
    pub fn try_send(&self, payload: &[u8], remote: SocketAddr, marks: Marks) -> io::Result<()> {
        let mut guard = self.stack.lock();
        let Stack { udp, outbox, .. } = &mut *guard;
        udp.try_send(outbox, self.port, payload, (remote, marks))
    }

    /// Waits until the stack takes another datagram.
    ///
    /// # Errors
    /// None while the socket is open.
    pub fn poll_writable(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        let mut guard = self.stack.lock();
        let Stack { udp, outbox, .. } = &mut *guard;
        udp.poll_writable(outbox, self.port, cx)
    }

    /// The address that datagrams to `remote` come from, if there is a way to it.
    pub fn source_for(&self, remote: SocketAddr) -> Option<IpAddr> {
        let guard = self.stack.lock();
        let way = guard.outbox.paths.way(remote.ip(), guard.outbox.now);
        way.map(|(source, _)| source)
    }

    /// [`UdpSocket::recv_datagram`] for those who poll.
    ///
    /// # Errors
    /// As there.
    pub fn poll_recv(&self, cx: &Context<'_>, buf: &mut [u8]) -> Poll<io::Result<Datagram>> {
        self.poll_recv_with(cx, |mut datagram, payload| {
            datagram.len = payload.len().min(buf.len());
            buf[..datagram.len].copy_from_slice(&payload[..datagram.len]);
            datagram
        })
    }

    fn poll_recv_with<R>(
        &self,
        cx: &Context<'_>,
        look: impl FnOnce(Datagram, &[u8]) -> R,
    ) -> Poll<io::Result<R>> {
        self.stack.lock().udp.poll_recv(self.port, look, cx)
    }

    /// How many datagrams were dropped because the receive buffer was full.
    pub fn dropped(&self) -> u64 {
        self.stack.lock().udp.dropped(self.port)
    }
}

impl Drop for UdpSocket {
    fn drop(&mut self) {
        self.stack.lock().udp.close(self.port);
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UdpSocket(port {})", self.port)
    }
}
