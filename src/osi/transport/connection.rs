//! One TCP connection: the machine that drives it, who waits for it, and how it is to end.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use super::{TcpConfig, tcp::machine::Machine, wakers::Wakers};
use crate::{
    trace::TcpState,
    units::{SimTime, Span},
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
    /// Fast Open let it in, and its handshake is not complete.
    pub(super) unconfirmed: bool,
    /// It stands in the work list.
    pub(super) queued: bool,
    /// Its program has used it since it was last looked at.
    pub(super) touched: bool,
    pub(super) deadline: Option<SimTime>,
    /// It is given up when the peer owes an answer for this long.
    timeout: Option<Span>,
    /// Polls in a row at one instant that the machine asked for and that sent nothing.
    pub(super) stalls: u32,
    /// It counts as one that waits for an answer.
    pub(super) outstanding: bool,
    pub(super) readers: Wakers,
    pub(super) writers: Wakers,
    pub(super) closers: Wakers,
    /// Who waits for urgent data.
    pub(super) hurried: Wakers,
    pub(super) machine: Machine,
}

impl Connection {
    pub(super) fn new(ends: Ends, mtu: u16, ttl: u8, config: &TcpConfig) -> Self {
        let machine = Machine::new(&ends, mtu, ttl, config);
        Self {
            ends,
            state: TcpState::Closed,
            error: None,
            orphan: false,
            over: false,
            abandoned: false,
            closing: false,
            listener: None,
            unconfirmed: false,
            queued: false,
            touched: false,
            deadline: None,
            timeout: config.timeout,
            stalls: 0,
            outstanding: false,
            readers: Wakers::default(),
            writers: Wakers::default(),
            closers: Wakers::default(),
            hurried: Wakers::default(),
            machine,
        }
    }

    /// Carries out [`Connection::shut_down`]. True if it changed anything.
    pub(super) fn close_now(&mut self) -> bool {
        if self.machine.opens_early() {
            // The FIN follows the handshake.
            return false;
        }
        let closes = std::mem::take(&mut self.closing) && self.machine.may_send();
        if closes {
            self.machine.close();
        }
        closes
    }

    /// When to give up, if the peer is not heard from before.
    pub(super) fn gives_up_at(&self) -> Option<SimTime> {
        if self.orphan && self.state == TcpState::FinWait2 {
            return Some(self.machine.heard() + ORPHAN_FIN_WAIT);
        }
        Some(self.machine.waits_since()? + self.timeout?)
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
            || (self.state != TcpState::Closed && self.machine.send_queue() > 0)
    }

    /// Wakes whoever can go on now.
    pub(super) fn wake(&mut self) {
        let handshake = matches!(self.state, TcpState::SynSent | TcpState::SynReceived);
        if handshake && !self.over {
            return;
        }
        if self.readers.are_waiting() && (self.over || self.can_read()) {
            self.readers.wake();
        }
        if self.writers.are_waiting() && (self.over || self.can_write()) {
            self.writers.wake();
        }
        if self.hurried.are_waiting() && (self.over || self.machine.urgent() > 0) {
            self.hurried.wake();
        }
        if self.over {
            self.closers.wake();
        }
    }

    fn can_read(&self) -> bool {
        self.machine.can_recv() || !self.machine.may_recv()
    }

    /// As on Linux, a writer waits until a third of the buffer is free.
    fn can_write(&self) -> bool {
        let (queued, capacity) = (self.machine.send_queue(), self.machine.send_capacity());
        !self.machine.may_send() || capacity.saturating_sub(queued) >= capacity / 3
    }
}

/// A connection whose program is gone waits this long for the peer's FIN, as on Linux
/// (`tcp_fin_timeout`).
const ORPHAN_FIN_WAIT: Span = Span::from_secs(60);
