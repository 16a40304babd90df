//! The UDP sockets of a host, sans-I/O (RFC 768).

use std::{
    collections::BTreeSet,
    fmt, io,
    net::{IpAddr, SocketAddr},
    task::{Context, Poll},
};

use smoltcp::wire::{IpAddress, UdpPacket};

use super::{
    datagram::{HEADER_LEN, Way},
    icmp,
    inbox::{Inbox, Waiting},
    outbox::Outbox,
    ports::{ByPort, Ephemeral},
    source::{Running, Schedule, Source},
    udp_socket::{Datagram, Marks},
    wakers::Wakers,
};
use crate::{
    trace::DropReason,
    units::SimTime,
    wire::{self, Checksum, FramePool, Ipv4Packet},
};

/// Sockets by their port: one each.
///
/// The fields that every datagram needs come last, as in [`Stack`](super::Stack).
#[derive(Debug, Default)]
#[repr(C)]
pub(super) struct Udp {
    ephemeral: Ephemeral,
    /// The ports whose senders wait for room in the outbox. In a box: mostly nobody does.
    writers_wait: Option<Box<Ports>>,
    schedule: Schedule,
    sockets: ByPort<Socket>,
}

type Ports = BTreeSet<u16>;

/// The fields stand in the order of their use.
#[derive(Debug, Default)]
#[repr(C)]
struct Socket {
    /// If it is connected. In a box: few are.
    peer: Option<Box<Peer>>,
    sink: Option<Sink>,
    source: Option<Box<Running>>,
    /// Made when somebody reads or something waits: who has a sink, or only sends, needs none.
    inbox: Option<Box<Inbox>>,
    writers: Wakers,
}

/// The only host that a socket hears.
#[derive(Debug)]
struct Peer {
    address: SocketAddr,
    /// What became of a datagram to it, until somebody asks.
    error: Option<io::ErrorKind>,
}

/// Who takes datagrams as they arrive.
struct Sink(Box<Take>);

type Take = dyn FnMut(Datagram, &[u8]) + Send;

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sink")
    }
}

impl Udp {
    /// Takes `port`, or a free one for 0.
    pub(super) fn bind(&mut self, port: u16) -> io::Result<u16> {
        let port = match port {
            0 => self.ephemeral.next(|port| !self.sockets.contains(port))?,
            port if self.sockets.contains(port) => {
                return Err(io::ErrorKind::AddrInUse.into());
            }
            port => port,
        };
        self.sockets.insert(port, Socket::default());
        Ok(port)
    }

    pub(super) fn close(&mut self, port: u16) {
        if let Some(socket) = self.sockets.remove(port) {
            socket.inbox.into_iter().for_each(|inbox| inbox.empty());
        }
    }

    pub(super) fn connect(
        &mut self,
        outbox: &Outbox,
        port: u16,
        remote: SocketAddr,
    ) -> io::Result<()> {
        let way = outbox.paths.way(remote.ip(), outbox.now);
        way.ok_or(io::ErrorKind::NetworkUnreachable)?;
        self.socket(port)?.peer = Some(Box::new(Peer {
            address: remote,
            error: None,
        }));
        Ok(())
    }

    /// Sends the `len` bytes that `fill` writes to `remote`, or to the peer.
    pub(super) fn poll_send(
        &mut self,
        outbox: &mut Outbox,
        port: u16,
        (len, fill): (usize, impl FnOnce(&mut [u8])),
        remote: Option<SocketAddr>,
        cx: &Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let socket = self.socket(port)?;
        socket.take_error()?;
        let peer = socket.peer.as_ref().map(|peer| peer.address);
        let remote = remote.or(peer).ok_or(io::ErrorKind::NotConnected)?;
        if remote.port() == 0 || len > MOST_PAYLOAD {
            return Poll::Ready(Err(io::ErrorKind::InvalidInput.into()));
        }
        let way = Way::find(outbox, port, remote).ok_or(io::ErrorKind::NetworkUnreachable)?;
        if outbox.is_full() {
            socket.writers.register(cx);
            self.writers_wait.get_or_insert_default().insert(port);
            return Poll::Pending;
        }
        outbox.send(&way.header, HEADER_LEN + len, |datagram| {
            way.write(datagram, |payload| {
                fill(payload);
                Checksum::default().over(payload)
            });
        });
        outbox.ring();
        Poll::Ready(Ok(len))
    }

    /// Sends `payload` to `remote` in one piece and without waiting.
    pub(super) fn try_send(
        &mut self,
        outbox: &mut Outbox,
        port: u16,
        payload: &[u8],
        (remote, marks): (SocketAddr, Marks),
    ) -> io::Result<()> {
        let len = HEADER_LEN + payload.len();
        let mut way = Way::find(outbox, port, remote).ok_or(io::ErrorKind::NetworkUnreachable)?;
        if remote.port() == 0 || 20 + len > usize::from(way.header.mtu) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if outbox.is_full() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if let Some(source) = marks.source {
            if !outbox.paths.is_local(source) {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            way.header.source = source;
        }
        way.header.ecn = marks.ecn;
        outbox.send(&way.header, len, |datagram| {
            way.write(datagram, |place| {
                place.copy_from_slice(payload);
                Checksum::default().over(payload)
            });
        });
        outbox.ring();
        Ok(())
    }

    /// Waits until the outbox has room.
    pub(super) fn poll_writable(
        &mut self,
        outbox: &Outbox,
        port: u16,
        cx: &Context<'_>,
    ) -> Poll<io::Result<()>> {
        if !outbox.is_full() {
            return Poll::Ready(Ok(()));
        }
        self.socket(port)?.writers.register(cx);
        self.writers_wait.get_or_insert_default().insert(port);
        Poll::Pending
    }

    /// Lets `source` send `len` bytes to `remote` each time, first at `first`.
    pub(super) fn set_source(
        &mut self,
        (port, first): (u16, SimTime),
        source: impl Source + 'static,
        (len, remote): (usize, SocketAddr),
    ) -> io::Result<()> {
        if remote.port() == 0 || len > MOST_PAYLOAD {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let running = self.schedule.begin((port, first), source, (len, remote));
        self.socket(port)?.source = Some(running);
        Ok(())
    }

    /// Waits until the source of a socket has sent its last.
    pub(super) fn poll_source_end(&mut self, port: u16, cx: &Context<'_>) -> Poll<io::Result<()>> {
        let socket = self.socket(port)?;
        if socket.source.is_none() {
            return Poll::Ready(Ok(()));
        }
        socket.writers.register(cx);
        Poll::Pending
    }

    /// When the next source is due.
    pub(super) fn next_source(&self) -> Option<SimTime> {
        self.schedule.next()
    }

    /// The packet of a source that is due, if there is one.
    pub(super) fn poll_sources(
        &mut self,
        outbox: &mut Outbox,
        pool: &mut FramePool,
    ) -> Option<Vec<u8>> {
        loop {
            let port = self.schedule.due(outbox.now)?;
            let socket = self.sockets.get_mut(port);
            match socket.filter(|s| s.source.as_ref().is_some_and(|r| self.schedule.is_first(r))) {
                None => self.schedule.drop_first(),
                Some(socket) => {
                    let packet = socket.send_next(&mut self.schedule, port, outbox, pool);
                    if packet.is_some() {
                        return packet;
                    }
                }
            }
        }
    }

    /// Lets senders go on that found the outbox full.
    pub(super) fn wake_writers(&mut self) {
        let waiting = self.writers_wait.take();
        for port in waiting.into_iter().flat_map(|ports| *ports) {
            if let Some(socket) = self.sockets.get_mut(port) {
                socket.writers.wake();
            }
        }
    }

    /// Shows the whole payload of the next datagram to `look`.
    pub(super) fn poll_recv<R>(
        &mut self,
        port: u16,
        look: impl FnOnce(Datagram, &[u8]) -> R,
        cx: &Context<'_>,
    ) -> Poll<io::Result<R>> {
        let socket = self.socket(port)?;
        socket.take_error()?;
        socket.inbox.get_or_insert_default().poll_take(look, cx)
    }

    pub(super) fn dropped(&self, port: u16) -> u64 {
        let inbox = self.sockets.get(port).and_then(|s| s.inbox.as_ref());
        inbox.map_or(0, |inbox| inbox.dropped())
    }

    /// Looks at a packet from the network: a sink has taken it, or it waits at the port that is
    /// returned, whose socket has room for it.
    pub(super) fn admit<T: AsRef<[u8]>>(
        &mut self,
        outbox: &mut Outbox,
        packet: &Ipv4Packet<T>,
        verify: bool,
    ) -> Result<Option<u16>, DropReason> {
        let udp = UdpPacket::new_checked(packet.payload()).map_err(|_| DropReason::Malformed)?;
        let source = packet.source();
        let ends = || (source.into(), packet.destination().into());
        if verify && !verify_checksum(&udp, ends()) {
            return Err(DropReason::BadChecksum);
        }
        let from = SocketAddr::new(IpAddr::V4(source), udp.src_port());
        let port = udp.dst_port();
        let socket = self.sockets.get_mut(port);
        let Some(socket) = socket.filter(|s| s.hears(from)) else {
            icmp::send_unreachable(outbox, packet, PORT_UNREACHABLE);
            return Err(DropReason::PortUnreachable);
        };
        if let Some(Sink(take)) = &mut socket.sink {
            let payload = udp.payload();
            let datagram = Datagram {
                len: payload.len(),
                from,
                to: SocketAddr::new(IpAddr::V4(packet.destination()), port),
                at: outbox.now,
                ecn: packet.ecn(),
            };
            take(datagram, payload);
            return Ok(None);
        }
        let inbox = socket.inbox.get_or_insert_default();
        inbox.make_room(udp.payload().len())?;
        Ok(Some(port))
    }

    /// From now on `take` gets every datagram to `port`.
    pub(super) fn set_sink(
        &mut self,
        port: u16,
        take: impl FnMut(Datagram, &[u8]) + Send + 'static,
    ) {
        if let Some(socket) = self.sockets.get_mut(port) {
            socket.sink = Some(Sink(Box::new(take)));
        }
    }

    /// Keeps a datagram that was admitted.
    pub(super) fn keep(&mut self, port: u16, waiting: Waiting) {
        if let Some(socket) = self.sockets.get_mut(port) {
            socket.inbox.get_or_insert_default().keep(waiting);
        }
    }

    /// Takes the news that a datagram from `port` to `remote` came to nothing.
    pub(super) fn handle_error(&mut self, port: u16, remote: SocketAddr, kind: io::ErrorKind) {
        let Some(Socket { peer, inbox, .. }) = self.sockets.get_mut(port) else {
            return;
        };
        if let Some(peer) = peer.as_mut().filter(|peer| peer.address == remote) {
            peer.error = Some(kind);
            inbox.iter_mut().for_each(|inbox| inbox.wake());
        }
    }

    fn socket(&mut self, port: u16) -> io::Result<&mut Socket> {
        let socket = self.sockets.get_mut(port);
        socket.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Socket {
    /// True if it takes datagrams of `from`.
    fn hears(&self, from: SocketAddr) -> bool {
        self.peer.as_ref().is_none_or(|peer| peer.address == from)
    }

    /// Tells once what became of a datagram to the peer.
    fn take_error(&mut self) -> io::Result<()> {
        let error = self.peer.as_mut().and_then(|peer| peer.error.take());
        error.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Sends the datagram of its source that is due now.
    fn send_next(
        &mut self,
        schedule: &mut Schedule,
        port: u16,
        outbox: &mut Outbox,
        pool: &mut FramePool,
    ) -> Option<Vec<u8>> {
        let running = self.source.as_mut()?;
        let way = running.way(&outbox.paths, outbox.now);
        let packet = way.map(|way| {
            let way = Way::along(way, outbox.ttl, (port, running.remote));
            let write = |payload: &mut [u8]| running.source.write(outbox.now, payload);
            let len = HEADER_LEN + running.len;
            // A source writes over every byte of its payload.
            let take = |len| pool.take_len(len, wire::HEADER_LEN);
            let packet = way
                .header
                .packet(take, len, |place| way.write(place, write));
            (packet, way.header.mtu)
        });
        match running.source.next(packet.is_some()) {
            Some(next) => schedule.renew(running, next),
            None => {
                schedule.drop_first();
                self.source = None;
                self.writers.wake();
            }
        }
        outbox.pass(packet?, pool)
    }
}

fn verify_checksum(udp: &UdpPacket<&[u8]>, (from, to): (IpAddress, IpAddress)) -> bool {
    udp.verify_checksum(&from, &to)
}

/// What fits behind the headers of IPv4 and UDP.
const MOST_PAYLOAD: usize = 65_535 - 20 - 8;
/// The ICMP code (RFC 792).
const PORT_UNREACHABLE: u8 = 3;
