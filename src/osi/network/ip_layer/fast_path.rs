//! The fast path of a router: the ordinary packet, changed where it stands.
//!
//! It reads one header, finds the way by the destination, and writes the 17 bytes that differ
//! on the next link. Whatever is not ordinary is left as it was for
//! [`IpLayer::handle_frame`], which gives every packet the same bytes.

use std::net::{IpAddr, Ipv4Addr};

use super::{
    IpLayer,
    adjacencies::{Adjacency, Scope},
};
use crate::{
    ids::PortId,
    units::SimTime,
    wire::{EtherType, Frame, HEADER_LEN, MIN_FRAME_LEN, checksum_after_hop},
};

/// An Ethernet header and an IPv4 header without options.
pub(super) type Header = [u8; HEADER_LEN + 20];

impl IpLayer {
    /// Makes a frame that came in by `port` ready to leave by the port that is returned.
    ///
    /// Only in the ordinary case: an IPv4 packet without options, for somebody else, with time to
    /// live left, to a neighbour that is known, by a card whose link carries it whole. In every
    /// other case `None`; then nothing has changed.
    // Always: most of what a large run does is this.
    #[inline(always)]
    pub fn pass_on(&mut self, now: SimTime, port: PortId, frame: &mut Frame) -> Option<PortId> {
        if !self.forwarding || frame.noisy_fcs.is_some() {
            return None;
        }
        let len = frame.bytes.len();
        let header: &mut Header = frame.bytes.first_chunk_mut()?;
        if header[..6] != self.macs[port.index()].0 || !is_ordinary(header, len) {
            return None;
        }
        let destination = destination(header);
        let range = self.range(destination)?;
        let port = match self.adjacencies.get(now, range, destination) {
            Some(way) => way.address(header, len)?,
            None => self
                .look_up(now, range, destination)?
                .address(header, len)?,
        };
        decrement_ttl(header);
        self.counters.forwarded += 1;
        Some(port)
    }

    /// True if a frame that came in by `port` is for the node itself, in the ordinary case: an IPv4
    /// packet without options that noise did not touch, to one of the node's addresses. Its frame
    /// then ends where the packet does. Otherwise nothing has changed.
    #[inline]
    pub fn take_in(&mut self, port: PortId, frame: &mut Frame) -> bool {
        let len = frame.bytes.len();
        let Some(header): Option<&Header> = frame.bytes.first_chunk() else {
            return false;
        };
        if header[..6] != self.macs[port.index()].0
            || frame.noisy_fcs.is_some()
            || !is_ordinary(header, len)
        {
            return false;
        }
        let destination = Ipv4Addr::from_bits(destination(header));
        if !self.own.contain(IpAddr::V4(destination)) {
            return false;
        }
        let end = HEADER_LEN + usize::from(u16::from_be_bytes([header[16], header[17]]));
        // Mostly it does. To write the length just before the frame is moved would cost more than to
        // look: the processor would have to wait until it is in the cache.
        if end < len {
            frame.bytes.truncate(end);
        }
        self.counters.delivered += 1;
        true
    }

    /// Makes a packet of the node's own ready to leave, in the case of [`IpLayer::pass_on`].
    #[inline]
    pub(super) fn send_on(&mut self, now: SimTime, frame: &mut Frame) -> Option<PortId> {
        let len = frame.bytes.len();
        let header: &mut Header = frame.bytes.first_chunk_mut()?;
        if header[HEADER_LEN] != PLAIN {
            return None;
        }
        let destination = destination(header);
        let port = match self.adjacencies.last_of_own(now, destination) {
            Some(way) => way.address(header, len)?,
            None => self.way_of_own(now, destination)?.address(header, len)?,
        };
        header[12..HEADER_LEN].copy_from_slice(&EtherType::IPV4.0.to_be_bytes());
        self.counters.originated += 1;
        if len < MIN_FRAME_LEN {
            frame.bytes.resize(MIN_FRAME_LEN, 0);
        }
        Some(port)
    }

    /// How a packet of the node's own leaves that does not leave as the one before.
    fn way_of_own(&mut self, now: SimTime, destination: u32) -> Option<Adjacency> {
        let range = self.range(destination)?;
        let way = match self.adjacencies.get(now, range, destination) {
            Some(way) => *way,
            None => self.look_up(now, range, destination)?,
        };
        self.adjacencies.keep_for_own(destination, way);
        Some(way)
    }

    /// The range of the forwarding table in which somebody's address is.
    #[inline(always)]
    fn range(&self, destination: u32) -> Option<usize> {
        if destination >= FIRST_MULTICAST {
            return None;
        }
        self.fib.range_v4(Ipv4Addr::from_bits(destination))
    }

    /// Asks the tables for the way to somebody else who can be reached at once.
    #[cold]
    fn look_up(&mut self, now: SimTime, range: usize, destination: u32) -> Option<Adjacency> {
        if self.own.concern(destination) {
            return None;
        }
        let hop = self.fib.hop_v4(range)?;
        let scope = Scope {
            destination,
            whole_range: hop.via.is_some() && self.is_for_others(range),
        };
        let card = &self.cards[hop.port.index()];
        let neighbor = hop.via.unwrap_or_else(|| Ipv4Addr::from_bits(destination));
        let known = card.neighbors.known(now, IpAddr::V4(neighbor))?;
        let way = Adjacency::new(scope, known, (card.mac, hop.port), card.mtu + HEADER_LEN);
        if self.forwarding || self.adjacencies.has_own() {
            self.adjacencies.keep(self.fib.ranges_v4(), range, way);
        }
        Some(way)
    }

    /// True if no address of a range is the node's own or a directed broadcast.
    fn is_for_others(&self, range: usize) -> bool {
        let (first, last) = self.fib.limits_v4(range);
        !self.own.concern_any(first, last)
    }
}

/// Version 4 and five words of header: no options.
const PLAIN: u8 = 0x45;

/// 224.0.0.0: multicast, reserved and the limited broadcast lie from here on.
const FIRST_MULTICAST: u32 = 0xe000_0000;

const fn destination(header: &Header) -> u32 {
    u32::from_be_bytes([header[30], header[31], header[32], header[33]])
}

/// IPv4 without options, time to live left, and nothing behind the packet but the padding of the
/// shortest frames.
const fn is_ordinary(header: &Header, len: usize) -> bool {
    let is_plain_ipv4 = header[12] == 0x08 && header[13] == 0x00 && header[HEADER_LEN] == PLAIN;
    let total = HEADER_LEN + u16::from_be_bytes([header[16], header[17]]) as usize;
    let fits = total == len || (len == MIN_FRAME_LEN && total < len && total >= HEADER_LEN + 20);
    is_plain_ipv4 && fits && header[22] > 1
}

/// Takes one from the TTL and mends the header checksum (RFC 1624).
fn decrement_ttl(header: &mut Header) {
    let checksum = u16::from_be_bytes([header[24], header[25]]);
    header[22] -= 1;
    header[24..26].copy_from_slice(&checksum_after_hop(checksum).to_be_bytes());
}
