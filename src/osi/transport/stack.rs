//! The transport stack of one host, sans-I/O.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    task::Waker,
};

use ipnet::IpNet;

use super::TcpConfig;
use crate::{
    rng::Stream,
    trace::{DropReason, TcpState},
    units::SimTime,
    wire::FramePool,
};

/// A stack as its handles share it.
pub type SharedStack = Arc<Mutex<Stack>>;

/// What a stack has to know about its host.
#[derive(Debug, Clone)]
pub struct StackConfig {
    /// The host's addresses with their prefix lengths.
    pub addresses: Vec<IpNet>,
    /// The ways out, in any order. A destination takes the longest prefix that holds it.
    pub paths: Vec<Path>,
    /// How TCP behaves.
    pub tcp: TcpConfig,
    /// The TTL of every packet that the stack makes, but for echo requests with one of their own.
    pub ttl: u8,
    /// What sequence numbers are drawn from.
    pub seed: Stream,
}

/// What a destination means for a packet that goes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    /// The destinations.
    pub prefix: IpNet,
    /// The address that packets to them come from.
    pub source: IpAddr,
    /// The MTU of the first link on the way \[bytes of an IP packet\], at least 68 (RFC 791).
    pub mtu: u16,
}

/// A TCP connection of this host entered a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpEvent {
    /// When.
    pub at: SimTime,
    /// The host's end.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
    /// The state it is in from now on.
    pub state: TcpState,
}

/// TCP, UDP and ICMP of one host.
#[derive(Debug)]
pub struct Stack {}

impl Stack {
    /// A stack without sockets.
    pub fn new(_config: StackConfig) -> Self {
        todo!()
    }

    /// Takes an IP packet for this host. `checked` is false for a packet that no fault has
    /// touched, whose checksums are right by construction.
    ///
    /// # Errors
    /// Why the packet went no further.
    pub fn handle_packet(
        &mut self,
        _now: SimTime,
        _packet: &[u8],
        _checked: bool,
    ) -> Result<(), DropReason> {
        todo!()
    }

    /// The next packet to send, in a buffer of `pool` with [`HEADER_LEN`](crate::wire::HEADER_LEN)
    /// bytes before it for the Ethernet header. `None` if there is nothing more to send now.
    pub fn poll_transmit(&mut self, _now: SimTime, _pool: &mut FramePool) -> Option<Vec<u8>> {
        todo!()
    }

    /// When to call [`Stack::poll_transmit`] again at the latest, if nothing else happens before.
    pub fn poll_at(&self) -> Option<SimTime> {
        todo!()
    }

    /// True if no connection waits for an answer and nothing is queued: if the run ends now,
    /// nothing is cut off. Connections at rest, and those in TIME-WAIT, are quiet.
    pub fn is_quiet(&self) -> bool {
        todo!()
    }

    /// Moves the state changes since the last call to the end of `events`.
    pub fn take_events(&mut self, _events: &mut Vec<TcpEvent>) {
        todo!()
    }

    /// Wakes `waker` whenever a handle gives the stack something to do.
    pub fn set_work_waker(&mut self, _waker: Waker) {
        todo!()
    }
}
