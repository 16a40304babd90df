//! One TCP connection: smoltcp's socket in a set of its own, and what smoltcp does not keep.
//!
//! smoltcp's own user time-out also ends connections that are merely idle, so it stays off and
//! the connection counts by itself: the peer has to be heard from after a segment that demands an
//! answer (RFC 9293, section 3.8.3).

use std::{
    io,
    net::SocketAddr,
    task::{Context, Poll},
};

use smoltcp::{
    iface::{Interface, SocketHandle, SocketSet},
    socket::tcp::{self, Socket, SocketBuffer, State},
    wire::{IpEndpoint, IpListenEndpoint, TcpPacket},
};
use tokio::io::ReadBuf;

use super::{
    TcpConfig,
    config::CongestionControl,
    smol::{Port, from_smoltcp, to_duration, to_smoltcp},
    wakers::Wakers,
};
use crate::{
    trace::TcpState,
    units::{ByteSize, SimTime, Span},
    wire::{FramePool, HEADER_LEN, Ipv4Packet},
};

/// The two ends of a connection, the host's own first.
pub(super) type Ends = (SocketAddr, SocketAddr);

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) ends: Ends,
    /// The path MTU.
    pub(super) mtu: u16,
    /// The state as it was last reported.
    pub(super) state: TcpState,
    /// How it ended, if not well.
    pub(super) error: Option<io::ErrorKind>,
    /// The program has no handle for it (any more, or yet).
    pub(super) orphan: bool,
    /// Over: nothing more is sent for it and nothing taken.
    pub(super) over: bool,
    /// To be ended without another word on the wire.
    pub(super) abandoned: bool,
    /// The program has said its last word; the FIN goes out after what can be sent at once, so
    /// that it does not ride on the last data.
    closing: bool,
    /// The listening port that it came to, until its handshake is complete.
    pub(super) listener: Option<u16>,
    /// It stands in the work list.
    pub(super) queued: bool,
    pub(super) deadline: Option<SimTime>,
    /// Polls in a row at one instant that smoltcp asked for and that sent nothing.
    pub(super) stalls: u32,
    /// When the first packet went out that the peer has not said anything after.
    waits_since: Option<SimTime>,
    /// When the peer was last heard from.
    heard: SimTime,
    /// It counts as one that waits for an answer.
    pub(super) outstanding: bool,
    pub(super) readers: Wakers,
    pub(super) writers: Wakers,
    pub(super) closers: Wakers,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
}

impl Connection {
    pub(super) fn new(ends: Ends, mtu: u16, ttl: u8, config: &TcpConfig) -> Self {
        let mut sockets = SocketSet::new(Vec::with_capacity(1));
        let handle = sockets.add(new_socket(ttl, config));
        Self {
            ends,
            mtu,
            state: TcpState::Closed,
            error: None,
            orphan: false,
            over: false,
            abandoned: false,
            closing: false,
            listener: None,
            queued: false,
            deadline: None,
            stalls: 0,
            waits_since: None,
            heard: SimTime::ZERO,
            outstanding: false,
            readers: Wakers::default(),
            writers: Wakers::default(),
            closers: Wakers::default(),
            sockets,
            handle,
        }
    }

    pub(super) fn socket(&self) -> &Socket<'static> {
        self.sockets.get(self.handle)
    }

    pub(super) fn socket_mut(&mut self) -> &mut Socket<'static> {
        self.sockets.get_mut(self.handle)
    }

    /// Starts the handshake.
    pub(super) fn connect(&mut self, interface: &mut Interface) -> Result<(), tcp::ConnectError> {
        let (local, remote) = (IpEndpoint::from(self.ends.0), IpEndpoint::from(self.ends.1));
        self.socket_mut()
            .connect(interface.context(), remote, local)
    }

    /// Waits for the SYN that it was made for.
    pub(super) fn listen(&mut self) -> Result<(), tcp::ListenError> {
        let local = IpListenEndpoint::from(self.ends.0);
        self.socket_mut().listen(local)
    }

    /// Takes a packet; smoltcp may answer at once.
    pub(super) fn ingress(
        &mut self,
        interface: &mut Interface,
        now: SimTime,
        packet: &[u8],
        pool: &mut FramePool,
    ) -> Option<Vec<u8>> {
        let mut port = Port::new(Some(packet), self.mtu, pool);
        interface.poll_ingress_single(to_smoltcp(now), &mut port, &mut self.sockets);
        self.waits_since = None;
        self.heard = now;
        port.into_outgoing()
    }

    /// Sends a packet, if there is one to send now.
    pub(super) fn egress(
        &mut self,
        interface: &mut Interface,
        now: SimTime,
        pool: &mut FramePool,
    ) -> Option<Vec<u8>> {
        let mut port = Port::new(None, self.mtu, pool);
        interface.poll_egress(to_smoltcp(now), &mut port, &mut self.sockets);
        let packet = port.into_outgoing();
        if self.waits_since.is_none() && packet.as_deref().is_some_and(demands_answer) {
            self.waits_since = Some(now);
        }
        packet
    }

    /// The program is gone: ends the connection as [`TcpStream`](super::TcpStream) promises. One
    /// that is not open yet is forgotten, as Linux does.
    pub(super) fn let_go(&mut self) {
        match self.socket().state() {
            State::SynSent => self.abandoned = true,
            _ if self.socket().can_recv() => self.socket_mut().abort(),
            _ => self.closing = true,
        }
    }

    /// Ends the sending direction after what was written.
    pub(super) const fn shut_down(&mut self) {
        self.closing = true;
    }

    /// Carries out [`Connection::shut_down`]. True if it changed anything.
    pub(super) fn close_now(&mut self) -> bool {
        let closes = std::mem::take(&mut self.closing) && self.socket().may_send();
        if closes {
            self.socket_mut().close();
        }
        closes
    }

    /// Ends the connection with a RST.
    pub(super) fn abort(&mut self) {
        if !self.over {
            self.error = self.error.or(Some(io::ErrorKind::ConnectionAborted));
            self.socket_mut().abort();
        }
    }

    /// Done when the handshake is complete or has failed.
    pub(super) fn poll_open(&mut self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        match (self.error, self.socket().state()) {
            (Some(error), _) => Poll::Ready(Err(error.into())),
            (None, State::SynSent | State::SynReceived) => {
                self.writers.register(cx);
                Poll::Pending
            }
            (None, _) => Poll::Ready(Ok(())),
        }
    }

    /// Done when the connection is over.
    pub(super) fn poll_over(&mut self, cx: &Context<'_>) -> Poll<()> {
        if self.over {
            return Poll::Ready(());
        }
        self.closers.register(cx);
        Poll::Pending
    }

    /// What was received before an error is still read; a FIN is the end in any case.
    pub(super) fn poll_read(
        &mut self,
        cx: &Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        match self.socket_mut().recv_slice(buf.initialize_unfilled()) {
            Ok(0) => {}
            Ok(n) => {
                buf.advance(n);
                return Poll::Ready(Ok(()));
            }
            Err(tcp::RecvError::Finished) => return Poll::Ready(Ok(())),
            Err(tcp::RecvError::InvalidState) if self.error.is_none() => {
                return Poll::Ready(Ok(()));
            }
            Err(tcp::RecvError::InvalidState) => {}
        }
        match self.error {
            Some(error) => Poll::Ready(Err(error.into())),
            None => {
                self.readers.register(cx);
                Poll::Pending
            }
        }
    }

    /// Takes as much of `buf` as there is room for.
    pub(super) fn poll_write(&mut self, cx: &Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(error) = self.error {
            return Poll::Ready(Err(error.into()));
        }
        if self.closing {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        match self.socket_mut().send_slice(buf) {
            Err(tcp::SendError::InvalidState) => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            Ok(0) if !buf.is_empty() => {
                self.writers.register(cx);
                Poll::Pending
            }
            Ok(n) => Poll::Ready(Ok(n)),
        }
    }

    /// When smoltcp wants to be polled.
    pub(super) fn poll_at(&self, interface: &mut Interface, now: SimTime) -> Option<SimTime> {
        let deadline = interface.poll_at(to_smoltcp(now), &self.sockets)?;
        Some(from_smoltcp(deadline, now))
    }

    /// When to give up, if the peer is not heard from before.
    pub(super) fn gives_up_at(&self, config: &TcpConfig) -> Option<SimTime> {
        if self.orphan && self.state == TcpState::FinWait2 {
            return Some(self.heard + ORPHAN_FIN_WAIT);
        }
        Some(self.waits_since? + config.timeout?)
    }

    /// True if the peer owes an answer: to data, a SYN or a FIN.
    pub(super) fn is_outstanding(&self) -> bool {
        let unanswered = matches!(
            self.state,
            TcpState::SynSent
                | TcpState::SynReceived
                | TcpState::FinWait1
                | TcpState::Closing
                | TcpState::LastAck
        );
        unanswered
            || self.closing
            || (self.state != TcpState::Closed && self.socket().send_queue() > 0)
    }

    /// The state now. A socket that a RST sent back to listening is closed: each is for one peer.
    pub(super) fn current_state(&self) -> TcpState {
        match self.socket().state() {
            State::Closed | State::Listen => TcpState::Closed,
            State::SynSent => TcpState::SynSent,
            State::SynReceived => TcpState::SynReceived,
            State::Established => TcpState::Established,
            State::FinWait1 => TcpState::FinWait1,
            State::FinWait2 => TcpState::FinWait2,
            State::CloseWait => TcpState::CloseWait,
            State::Closing => TcpState::Closing,
            State::LastAck => TcpState::LastAck,
            State::TimeWait => TcpState::TimeWait,
        }
    }

    /// True if smoltcp will never send or take another packet for it.
    pub(super) fn has_ended(&self) -> bool {
        let ended = matches!(self.socket().state(), State::Closed | State::Listen);
        ended && self.socket().remote_endpoint().is_none()
    }

    /// Wakes whoever can go on now.
    pub(super) fn wake(&mut self) {
        let socket = self.sockets.get::<Socket<'_>>(self.handle);
        let room = socket.send_capacity() - socket.send_queue();
        let can_read = self.over || socket.can_recv() || !socket.may_recv();
        // As on Linux, a writer waits until a third of the buffer is free.
        let can_write = self.over || !socket.may_send() || room >= socket.send_capacity() / 3;
        let handshake = matches!(self.state, TcpState::SynSent | TcpState::SynReceived);
        if can_read && (!handshake || self.over) {
            self.readers.wake();
        }
        if can_write && (!handshake || self.over) {
            self.writers.wake();
        }
        if self.over {
            self.closers.wake();
        }
    }
}

fn new_socket(ttl: u8, config: &TcpConfig) -> Socket<'static> {
    let buffer = |size: ByteSize| {
        let size = size.bytes().clamp(1, LARGEST_BUFFER);
        SocketBuffer::new(vec![0; usize::try_from(size).unwrap_or(usize::MAX)])
    };
    let mut socket = Socket::new(buffer(config.receive_buffer), buffer(config.send_buffer));
    socket.set_hop_limit(Some(ttl));
    socket.set_nagle_enabled(config.nagle);
    socket.set_ack_delay(config.delayed_ack.map(to_duration));
    socket.set_keep_alive(config.keep_alive.map(to_duration));
    socket.set_congestion_control(match config.congestion {
        CongestionControl::None => tcp::CongestionControl::None,
        CongestionControl::Reno => tcp::CongestionControl::Reno,
        CongestionControl::Cubic => tcp::CongestionControl::Cubic,
    });
    socket
}

/// True for a segment that the peer has to acknowledge: with data, SYN or FIN, or a probe.
fn demands_answer(packet: &[u8]) -> bool {
    let Some(ip) = Ipv4Packet::new(&packet[HEADER_LEN..]) else {
        return false;
    };
    let Ok(segment) = TcpPacket::new_checked(ip.payload()) else {
        return false;
    };
    segment.syn() || segment.fin() || !segment.payload().is_empty()
}

/// The largest window that scaling can express (RFC 7323, section 2.3).
const LARGEST_BUFFER: u64 = 1 << 30;

/// A connection whose program is gone waits this long for the peer's FIN, as on Linux
/// (`tcp_fin_timeout`).
const ORPHAN_FIN_WAIT: Span = Span::from_secs(60);
