//! The way out of a stack: packets are built here and wait for [`Stack::poll_transmit`].
//!
//! Packets up to the path MTU are atomic in the sense of RFC 6864 (don't fragment, identification
//! zero); larger ones are split here.
//!
//! [`Stack::poll_transmit`]: super::Stack::poll_transmit

use std::{collections::VecDeque, fmt, net::IpAddr, task::Waker};

use smoltcp::wire::{IpAddress, IpProtocol, IpRepr, Ipv4Packet};

use super::{fragments, paths::Paths, smol, spare};
use crate::{
    units::SimTime,
    wire::{self, AtomicHeader, FramePool, HEADER_LEN, Protocol},
};

/// Who sends what to whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) protocol: IpProtocol,
    pub(super) ttl: u8,
    /// The ECN field (RFC 3168, section 5); only of IPv4.
    pub(super) ecn: u8,
    /// Split the packet if it is larger than this.
    pub(super) mtu: u16,
}

impl Header {
    /// The packet around the `len` bytes that `write` writes, behind room for an Ethernet header, in
    /// a buffer that `take` gives: of the length that it is told, its head zero. What else is not
    /// zero there, `write` has to write over.
    pub(super) fn packet(
        &self,
        take: impl FnOnce(usize) -> Vec<u8>,
        len: usize,
        write: impl FnOnce(&mut [u8]),
    ) -> Vec<u8> {
        let (IpAddr::V4(source), IpAddr::V4(destination)) = (self.source, self.destination) else {
            return self.packet_v6(take, len, write);
        };
        let mut buffer = take(HEADER_LEN + 20 + len);
        let header = AtomicHeader {
            source,
            destination,
            protocol: Protocol(self.protocol.into()),
            ttl: self.ttl,
            total_len: u16::try_from(20 + len).unwrap_or(u16::MAX),
        };
        let packet = &mut buffer[HEADER_LEN..];
        packet[..20].copy_from_slice(&header.bytes());
        write(&mut packet[20..]);
        if self.ecn != 0
            && let Some(mut ip) = wire::Ipv4Packet::new(packet)
        {
            ip.set_ecn(self.ecn);
        }
        buffer
    }

    fn packet_v6(
        &self,
        take: impl FnOnce(usize) -> Vec<u8>,
        len: usize,
        write: impl FnOnce(&mut [u8]),
    ) -> Vec<u8> {
        let ip = IpRepr::new(
            IpAddress::from(self.source),
            IpAddress::from(self.destination),
            self.protocol,
            len,
            self.ttl,
        );
        let mut buffer = take(HEADER_LEN + ip.buffer_len());
        let packet = &mut buffer[HEADER_LEN..];
        ip.emit(&mut *packet, &smol::checksums());
        write(&mut packet[ip.header_len()..]);
        buffer
    }
}

/// The fields that every packet needs come last, as in [`Stack`](super::Stack).
#[repr(C)]
pub(super) struct Outbox {
    work: Option<Waker>,
    identification: u16,
    /// The TTL of packets that do not say.
    pub(super) ttl: u8,
    pub(super) paths: Paths,
    bytes: usize,
    /// The time of the last call from below.
    pub(super) now: SimTime,
    queue: VecDeque<Vec<u8>>,
}

impl Outbox {
    pub(super) fn new(paths: Paths, ttl: u8) -> Self {
        Self {
            paths,
            ttl: ttl.max(1),
            now: SimTime::ZERO,
            queue: VecDeque::new(),
            bytes: 0,
            identification: 0,
            work: None,
        }
    }

    pub(super) fn set_work_waker(&mut self, waker: Waker) {
        self.work = Some(waker);
    }

    /// Tells whoever drives the stack that a handle gave it something to do.
    pub(super) fn ring(&self) {
        if let Some(work) = &self.work {
            work.wake_by_ref();
        }
    }

    /// Builds a packet around the `len` bytes that `write` writes, zero where it does not, and queues
    /// it.
    pub(super) fn send(&mut self, header: &Header, len: usize, write: impl FnOnce(&mut [u8])) {
        let zeros = |len| {
            let mut buffer = spare::take();
            buffer.resize(len, 0);
            buffer
        };
        let buffer = header.packet(zeros, len, write);
        self.queue(buffer, header.mtu);
    }

    /// Queues a packet, in pieces if it is larger than `mtu`.
    pub(super) fn queue(&mut self, buffer: Vec<u8>, mtu: u16) {
        if buffer.len() - HEADER_LEN <= usize::from(mtu) {
            self.push(buffer);
        } else {
            self.send_split(buffer, mtu);
        }
    }

    /// `packet` itself, or its first piece if it is larger than its `mtu`; the others are queued.
    pub(super) fn pass(
        &mut self,
        (packet, mtu): (Vec<u8>, u16),
        pool: &mut FramePool,
    ) -> Option<Vec<u8>> {
        if packet.len() - HEADER_LEN <= usize::from(mtu) {
            return Some(packet);
        }
        self.send_split(packet, mtu);
        self.pop(pool)
    }

    fn send_split(&mut self, mut buffer: Vec<u8>, mtu: u16) {
        self.identification = self.identification.wrapping_add(1);
        let mut packet = Ipv4Packet::new_unchecked(&mut buffer[HEADER_LEN..]);
        packet.set_ident(self.identification);
        let mut pieces = Vec::new();
        fragments::split(&buffer[HEADER_LEN..], mtu, |header, payload| {
            let mut piece = spare::take();
            piece.resize(HEADER_LEN, 0);
            piece.extend_from_slice(header);
            piece.extend_from_slice(payload);
            pieces.push(piece);
        });
        spare::give(buffer);
        pieces.into_iter().for_each(|piece| self.push(piece));
    }

    /// Queues a packet that is complete, with headroom.
    pub(super) fn push(&mut self, packet: Vec<u8>) {
        self.bytes += packet.len();
        if self.queue.capacity() == 0 {
            self.queue.reserve_exact(1);
        }
        self.queue.push_back(packet);
    }

    /// Queues a packet that smoltcp made of its own accord, which has smoltcp's TTL of 64.
    pub(super) fn push_reply(&mut self, mut packet: Vec<u8>) {
        if self.ttl != 64 {
            let mut ip = Ipv4Packet::new_unchecked(&mut packet[HEADER_LEN..]);
            ip.set_hop_limit(self.ttl);
            ip.fill_checksum();
        }
        self.push(packet);
    }

    /// Takes the oldest packet; in exchange, one of `pool`'s buffers becomes a spare one, so that
    /// buffers neither gather here nor there.
    pub(super) fn pop(&mut self, pool: &mut FramePool) -> Option<Vec<u8>> {
        let packet = self.queue.pop_front()?;
        self.bytes -= packet.len();
        spare::give(pool.take());
        Some(packet)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// True while so much waits that senders should wait too.
    pub(super) const fn is_full(&self) -> bool {
        self.bytes >= FULL
    }
}

/// A task that sends without ever waiting may queue this many bytes at one instant. All of it
/// leaves when the task's turn ends.
const FULL: usize = 1 << 20;

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outbox({} packets)", self.queue.len())
    }
}
