//! The datagrams of a UDP socket that wait for the program to read them.

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, SocketAddr},
    task::{Context, Poll},
};

use smoltcp::wire::UdpPacket;

use super::{spare, udp_socket::Datagram, wakers::Wakers};
use crate::{trace::DropReason, units::SimTime, wire::Ipv4Packet};

/// A receive buffer, and who waits for something to come into it.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    received: VecDeque<Waiting>,
    /// What is taken, by [`cost`].
    bytes: usize,
    dropped: u64,
    readers: Wakers,
}

/// A datagram that waits to be read.
#[derive(Debug)]
pub(super) struct Waiting {
    /// When it came.
    pub(super) at: SimTime,
    /// A buffer with its IP packet.
    pub(super) buffer: Vec<u8>,
    /// Where in the buffer the packet begins.
    pub(super) start: usize,
}

impl Inbox {
    /// Sets room aside for a datagram with `len` bytes of payload.
    pub(super) fn make_room(&mut self, len: usize) -> Result<(), DropReason> {
        if self.bytes + cost(len) > RECEIVE_BUFFER {
            self.dropped += 1;
            return Err(DropReason::SocketBufferFull);
        }
        self.bytes += cost(len);
        Ok(())
    }

    /// Takes in a datagram for which there is room.
    pub(super) fn keep(&mut self, waiting: Waiting) {
        self.received.push_back(waiting);
        self.wake();
    }

    /// Shows the whole payload of the next datagram to `look`.
    pub(super) fn poll_take<R>(
        &mut self,
        look: impl FnOnce(Datagram, &[u8]) -> R,
        cx: &Context<'_>,
    ) -> Poll<io::Result<R>> {
        let Some(waiting) = self.received.pop_front() else {
            self.readers.register(cx);
            return Poll::Pending;
        };
        let seen = waiting.read().map(|(datagram, payload)| {
            self.bytes -= cost(payload.len());
            look(datagram, payload)
        });
        spare::give(waiting.buffer);
        Poll::Ready(seen.ok_or_else(|| io::ErrorKind::InvalidData.into()))
    }

    /// How many datagrams found no room.
    pub(super) const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Wakes whoever waits to read.
    pub(super) fn wake(&mut self) {
        self.readers.wake();
    }

    /// Throws away what waits.
    pub(super) fn empty(self) {
        for waiting in self.received {
            spare::give(waiting.buffer);
        }
    }
}

impl Waiting {
    fn read(&self) -> Option<(Datagram, &[u8])> {
        let ip = Ipv4Packet::new(&self.buffer[self.start..])?;
        let start = self.start + ip.header_len();
        let packet = &self.buffer[start..self.start + ip.total_len()];
        let udp = UdpPacket::new_checked(packet).ok()?;
        let payload = udp.payload();
        let datagram = Datagram {
            len: payload.len(),
            from: SocketAddr::new(IpAddr::V4(ip.source()), udp.src_port()),
            to: SocketAddr::new(IpAddr::V4(ip.destination()), udp.dst_port()),
            at: self.at,
            ecn: ip.ecn(),
        };
        Some((datagram, payload))
    }
}

/// What a waiting datagram counts against the receive buffer.
const fn cost(len: usize) -> usize {
    len + 32
}

/// Linux's default (`net.core.rmem_default`).
const RECEIVE_BUFFER: usize = 212_992;
