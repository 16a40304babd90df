//! smoltcp's machine: its socket in a set of its own, and what smoltcp does not keep.
//!
//! smoltcp's own user time-out also ends connections that are merely idle, so it stays off and
//! the connection counts by itself: the peer has to be heard from after a segment that demands an
//! answer (RFC 9293, section 3.8.3).

use std::io;

use ::smoltcp::{
    iface::{SocketHandle, SocketSet},
    socket::tcp::{self, RecvError, Socket, SocketBuffer, State},
    time::Duration,
    wire::{IpEndpoint, IpListenEndpoint},
};

use self::segment::{Segment, Sent};
use super::machine::{Context, Received};
use crate::{
    osi::transport::{
        TcpConfig,
        config::CongestionControl,
        connection::Ends,
        smol::{Port, from_smoltcp, to_duration, to_smoltcp},
    },
    trace::TcpState,
    units::{ByteSize, SimTime},
    wire::HEADER_LEN,
};

mod interfaces;
mod segment;

pub(in super::super) use interfaces::Interfaces;

#[derive(Debug)]
pub(in super::super) struct Smoltcp {
    sockets: SocketSet<'static>,
    handle: SocketHandle,
    /// The path MTU.
    mtu: u16,
    sent: Sent,
    /// A probe is on its way to a peer whose window is closed.
    probing: bool,
    keep_alive: Option<Duration>,
    waits_since: Option<SimTime>,
    heard: SimTime,
    last_ack: Option<Vec<u8>>,
}

impl Smoltcp {
    pub(super) fn new(mtu: u16, ttl: u8, config: &TcpConfig) -> Self {
        let mut sockets = SocketSet::new(Vec::with_capacity(1));
        let handle = sockets.add(new_socket(ttl, config));
        Self {
            sockets,
            handle,
            mtu,
            sent: Sent::default(),
            probing: false,
            keep_alive: config.keep_alive.map(to_duration),
            waits_since: None,
            heard: SimTime::ZERO,
            last_ack: None,
        }
    }

    fn socket(&self) -> &Socket<'static> {
        self.sockets.get(self.handle)
    }

    fn socket_mut(&mut self) -> &mut Socket<'static> {
        self.sockets.get_mut(self.handle)
    }

    pub(super) fn connect(&mut self, ends: &Ends, interfaces: &mut Interfaces) -> io::Result<()> {
        let (local, remote) = (IpEndpoint::from(ends.0), IpEndpoint::from(ends.1));
        let interface = interfaces.get(self.mtu);
        let result = self
            .socket_mut()
            .connect(interface.context(), remote, local);
        result.map_err(|_| io::ErrorKind::InvalidInput.into())
    }

    pub(super) fn listen(&mut self, ends: &Ends) -> io::Result<()> {
        let result = self.socket_mut().listen(IpListenEndpoint::from(ends.0));
        result.map_err(|_| io::ErrorKind::InvalidInput.into())
    }

    pub(super) fn ingress(&mut self, cx: &mut Context<'_>, packet: &[u8]) -> Option<Vec<u8>> {
        self.waits_since = None;
        self.heard = cx.now;
        if self.waits_for_fin_alone() && self.sent.is_partial_ack(packet) {
            return None;
        }
        if std::mem::take(&mut self.probing) {
            let keep_alive = self.keep_alive;
            self.socket_mut().set_keep_alive(keep_alive);
        }
        let interface = cx.interfaces.get(self.mtu);
        let mut port = Port::new(Some(packet), self.mtu, cx.pool);
        interface.poll_ingress_single(to_smoltcp(cx.now), &mut port, &mut self.sockets);
        let mut reply = port.into_outgoing();
        self.note_sent(cx.now, reply.as_deref_mut());
        reply
    }

    pub(super) fn egress(&mut self, cx: &mut Context<'_>) -> Option<Vec<u8>> {
        let interface = cx.interfaces.get(self.mtu);
        let mut port = Port::new(None, self.mtu, cx.pool);
        interface.poll_egress(to_smoltcp(cx.now), &mut port, &mut self.sockets);
        let mut packet = port.into_outgoing();
        self.note_sent(cx.now, packet.as_deref_mut());
        packet
    }

    /// Looks at a packet that is about to leave. One that leaves in TIME-WAIT is kept: it will
    /// have to be said again if it gets lost.
    fn note_sent(&mut self, now: SimTime, packet: Option<&mut [u8]>) {
        let Some(packet) = packet else {
            return;
        };
        if let Some(segment) = Segment::new(&mut packet[HEADER_LEN..])
            && self.sent.pass(segment)
            && self.waits_since.is_none()
        {
            self.waits_since = Some(now);
        }
        if self.state() == TcpState::TimeWait {
            self.last_ack = Some(packet[HEADER_LEN..].to_vec());
        }
    }

    /// When smoltcp wants to be polled.
    ///
    /// smoltcp forgets the persist timer (RFC 9293, section 3.8.6.1) when its retransmission
    /// timer fires while the window is closed. A connection that waits for an answer but has no
    /// timer sends a keep-alive probe; the answer brings the window, and smoltcp goes on.
    pub(super) fn poll_at(
        &mut self,
        now: SimTime,
        interfaces: &mut Interfaces,
        over: bool,
    ) -> Option<SimTime> {
        let interface = interfaces.get(self.mtu);
        let mut deadline = interface.poll_at(to_smoltcp(now), &self.sockets);
        if deadline.is_none() && self.socket().send_queue() > 0 && !over {
            self.probing = true;
            self.socket_mut().set_keep_alive(Some(PROBE_INTERVAL));
            deadline = interface.poll_at(to_smoltcp(now), &self.sockets);
        }
        deadline.map(|deadline| from_smoltcp(deadline, now))
    }

    pub(super) const fn waits_since(&self) -> Option<SimTime> {
        self.waits_since
    }

    pub(super) const fn heard(&self) -> SimTime {
        self.heard
    }

    /// True if everything is acknowledged but the FIN.
    fn waits_for_fin_alone(&self) -> bool {
        let state = self.socket().state();
        matches!(state, State::FinWait1 | State::Closing | State::LastAck)
            && self.socket().send_queue() == 0
    }

    pub(super) fn state(&self) -> TcpState {
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

    pub(super) fn has_ended(&self) -> bool {
        let ended = matches!(self.socket().state(), State::Closed | State::Listen);
        ended && self.socket().remote_endpoint().is_none()
    }

    pub(super) fn close(&mut self) {
        self.socket_mut().close();
    }

    pub(super) fn abort(&mut self) {
        self.socket_mut().abort();
    }

    pub(super) fn set_nagle(&mut self, on: bool) {
        self.socket_mut().set_nagle_enabled(on);
    }

    pub(super) fn lower_mtu(&mut self, mtu: u16) {
        self.mtu = self.mtu.min(mtu);
    }

    pub(super) fn may_send(&self) -> bool {
        self.socket().may_send()
    }

    pub(super) fn may_recv(&self) -> bool {
        self.socket().may_recv()
    }

    pub(super) fn can_recv(&self) -> bool {
        self.socket().can_recv()
    }

    pub(super) fn send_queue(&self) -> usize {
        self.socket().send_queue()
    }

    pub(super) fn send_capacity(&self) -> usize {
        self.socket().send_capacity()
    }

    pub(super) fn send(&mut self, data: &[u8]) -> Option<usize> {
        self.socket_mut().send_slice(data).ok()
    }

    pub(super) fn recv(&mut self, buf: &mut [u8]) -> Received {
        match self.socket_mut().recv_slice(buf) {
            Ok(0) => Received::Nothing,
            Ok(n) => Received::Data(n),
            Err(RecvError::Finished) => Received::Finished,
            Err(RecvError::InvalidState) => Received::Closed,
        }
    }

    pub(super) const fn take_last_ack(&mut self) -> Option<Vec<u8>> {
        self.last_ack.take()
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
        CongestionControl::Reno | CongestionControl::NewReno => tcp::CongestionControl::Reno,
        _ => tcp::CongestionControl::Cubic,
    });
    socket
}

/// The smallest retransmission time-out (RFC 6298, section 2.4).
const PROBE_INTERVAL: Duration = Duration::from_millis(1_000);

/// The largest window that scaling can express (RFC 7323, section 2.3).
const LARGEST_BUFFER: u64 = 1 << 30;
