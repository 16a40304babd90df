//! One TCP connection: smoltcp's socket in a set of its own, and what smoltcp does not keep.
//!
//! smoltcp's own user time-out also ends connections that are merely idle, so it stays off and
//! the connection counts by itself: the peer has to be heard from after a segment that demands an
//! answer (RFC 9293, section 3.8.3).

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use smoltcp::{
    iface::{Interface, SocketHandle, SocketSet},
    socket::tcp::{self, Socket, SocketBuffer, State},
    time::Duration,
    wire::{IpEndpoint, IpListenEndpoint},
};

use super::{
    TcpConfig,
    config::CongestionControl,
    segment::{Segment, Sent},
    smol::{Port, from_smoltcp, to_duration, to_smoltcp},
    wakers::Wakers,
};
use crate::{
    trace::TcpState,
    units::{ByteSize, SimTime, Span},
    wire::{FramePool, HEADER_LEN},
};

mod requests;

/// The two ends of a connection, the host's own first.
pub(super) type Ends = (SocketAddr, SocketAddr);

/// [`Ends`] as a key that takes a few machine words to compare, of which the first mostly decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EndsKey {
    ports: u32,
    addresses: [u128; 2],
}

impl From<&Ends> for EndsKey {
    fn from((local, remote): &Ends) -> Self {
        let bits = |end: &SocketAddr| match end.ip() {
            IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
            IpAddr::V6(address) => address.to_bits(),
        };
        Self {
            ports: u32::from(remote.port()) << 16 | u32::from(local.port()),
            addresses: [bits(remote), bits(local)],
        }
    }
}

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
    /// Its program has used it since it was last looked at.
    pub(super) touched: bool,
    pub(super) deadline: Option<SimTime>,
    /// Polls in a row at one instant that smoltcp asked for and that sent nothing.
    pub(super) stalls: u32,
    sent: Sent,
    /// A probe is on its way to a peer whose window is closed.
    probing: bool,
    keep_alive: Option<Duration>,
    /// When the first packet went out that the peer has not said anything after.
    waits_since: Option<SimTime>,
    /// When the peer was last heard from.
    heard: SimTime,
    /// What it said last in TIME-WAIT, as an IP packet.
    pub(super) last_ack: Option<Vec<u8>>,
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
            touched: false,
            deadline: None,
            stalls: 0,
            sent: Sent::default(),
            probing: false,
            keep_alive: config.keep_alive.map(to_duration),
            waits_since: None,
            heard: SimTime::ZERO,
            last_ack: None,
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
        self.waits_since = None;
        self.heard = now;
        if self.waits_for_fin_alone() && self.sent.is_partial_ack(packet) {
            return None;
        }
        if std::mem::take(&mut self.probing) {
            let keep_alive = self.keep_alive;
            self.socket_mut().set_keep_alive(keep_alive);
        }
        let mut port = Port::new(Some(packet), self.mtu, pool);
        interface.poll_ingress_single(to_smoltcp(now), &mut port, &mut self.sockets);
        let mut reply = port.into_outgoing();
        self.note_sent(now, reply.as_deref_mut());
        reply
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
        let mut packet = port.into_outgoing();
        self.note_sent(now, packet.as_deref_mut());
        packet
    }

    /// Keeps a packet that leaves in TIME-WAIT: it will have to be said again if it gets lost.
    pub(super) fn remember_last_ack(&mut self, packet: &[u8]) {
        if self.current_state() == TcpState::TimeWait {
            self.last_ack = Some(packet[HEADER_LEN..].to_vec());
        }
    }

    /// Carries out [`Connection::shut_down`]. True if it changed anything.
    pub(super) fn close_now(&mut self) -> bool {
        let closes = std::mem::take(&mut self.closing) && self.socket().may_send();
        if closes {
            self.socket_mut().close();
        }
        closes
    }

    /// Looks at a packet that is about to leave.
    fn note_sent(&mut self, now: SimTime, packet: Option<&mut [u8]>) {
        let Some(segment) = packet.and_then(|p| Segment::new(&mut p[HEADER_LEN..])) else {
            return;
        };
        if self.sent.pass(segment) && self.waits_since.is_none() {
            self.waits_since = Some(now);
        }
    }

    /// When smoltcp wants to be polled.
    ///
    /// smoltcp forgets the persist timer (RFC 9293, section 3.8.6.1) when its retransmission
    /// timer fires while the window is closed. A connection that waits for an answer but has no
    /// timer sends a keep-alive probe; the answer brings the window, and smoltcp goes on.
    pub(super) fn poll_at(&mut self, interface: &mut Interface, now: SimTime) -> Option<SimTime> {
        let mut deadline = interface.poll_at(to_smoltcp(now), &self.sockets);
        if deadline.is_none() && self.socket().send_queue() > 0 && !self.over {
            self.probing = true;
            self.socket_mut().set_keep_alive(Some(PROBE_INTERVAL));
            deadline = interface.poll_at(to_smoltcp(now), &self.sockets);
        }
        deadline.map(|deadline| from_smoltcp(deadline, now))
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

    /// True if everything is acknowledged but the FIN.
    fn waits_for_fin_alone(&self) -> bool {
        let state = self.socket().state();
        matches!(state, State::FinWait1 | State::Closing | State::LastAck)
            && self.socket().send_queue() == 0
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
        let lists = [&self.readers, &self.writers, &self.closers];
        if !lists.into_iter().any(Wakers::are_waiting) {
            return;
        }
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

/// The smallest retransmission time-out (RFC 6298, section 2.4).
const PROBE_INTERVAL: Duration = Duration::from_millis(1_000);

/// The largest window that scaling can express (RFC 7323, section 2.3).
const LARGEST_BUFFER: u64 = 1 << 30;

/// A connection whose program is gone waits this long for the peer's FIN, as on Linux
/// (`tcp_fin_timeout`).
const ORPHAN_FIN_WAIT: Span = Span::from_secs(60);
