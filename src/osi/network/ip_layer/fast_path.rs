//! The fast path of a router: the ordinary packet, changed where it stands.
//!
//! It reads one header, finds the way by the destination, and writes the 17 bytes that differ
//! on the next link. Whatever is not ordinary is left as it was for
//! [`IpLayer::handle_frame`], which gives every packet the same bytes.

use std::net::{IpAddr, Ipv4Addr};

use super::{IpLayer, destinations::Way};
use crate::{
    ids::PortId,
    units::SimTime,
    wire::{EtherType, Frame, HEADER_LEN, MIN_FRAME_LEN, update_checksum},
};

/// An Ethernet header and an IPv4 header without options.
type Header = [u8; HEADER_LEN + 20];

impl IpLayer {
    /// Makes a frame that came in by `port` ready to leave by the port that is returned.
    ///
    /// Only in the ordinary case: an IPv4 packet without options, for somebody else, with time to
    /// live left, to a neighbour that is known, by a card whose link carries it whole. In every
    /// other case `None`; then nothing has changed.
    #[inline]
    pub fn pass_on(&mut self, now: SimTime, port: PortId, frame: &mut Frame) -> Option<PortId> {
        if !self.forwarding || frame.noisy_fcs.is_some() {
            return None;
        }
        let len = frame.bytes.len();
        let header: &mut Header = frame.bytes.first_chunk_mut()?;
        if header[..6] != self.macs[port.index()].0 || !is_ordinary(header, len) {
            return None;
        }
        let way = self.way(now, header, len)?;
        header[..12].copy_from_slice(&way.macs);
        decrement_ttl(header);
        self.counters.forwarded += 1;
        Some(way.port)
    }

    /// Makes a packet of the node's own ready to leave, in the same case.
    #[inline]
    pub(super) fn send_on(&mut self, now: SimTime, frame: &mut Frame) -> Option<PortId> {
        let len = frame.bytes.len();
        let header: &mut Header = frame.bytes.first_chunk_mut()?;
        if header[HEADER_LEN] != PLAIN {
            return None;
        }
        let way = self.way(now, header, len)?;
        header[..12].copy_from_slice(&way.macs);
        header[12..HEADER_LEN].copy_from_slice(&EtherType::IPV4.0.to_be_bytes());
        self.counters.originated += 1;
        if len < MIN_FRAME_LEN {
            frame.bytes.resize(MIN_FRAME_LEN, 0);
        }
        Some(way.port)
    }

    /// How a packet leaves that is in a frame of `len` bytes.
    #[inline]
    fn way(&mut self, now: SimTime, header: &Header, len: usize) -> Option<Way> {
        let destination = u32::from_be_bytes([header[30], header[31], header[32], header[33]]);
        let way = match self.destinations.get(now, destination) {
            Some(way) => *way,
            None => self.look_up(now, destination)?,
        };
        (len <= way.longest as usize).then_some(way)
    }

    /// Asks the tables for the way to somebody else who can be reached at once.
    #[cold]
    fn look_up(&mut self, now: SimTime, destination: u32) -> Option<Way> {
        if destination >= FIRST_MULTICAST || self.own.concern(destination) {
            return None;
        }
        let address = Ipv4Addr::from_bits(destination);
        let hop = self.fib.lookup_v4(address)?;
        let card = &self.cards[hop.port.index()];
        let neighbor = IpAddr::V4(hop.via.unwrap_or(address));
        let known = card.neighbors.known(now, neighbor)?;
        let way = Way::new(known, (card.mac, hop.port), card.mtu + HEADER_LEN);
        self.destinations.keep(destination, way);
        Some(way)
    }
}

/// Version 4 and five words of header: no options.
const PLAIN: u8 = 0x45;

/// 224.0.0.0: multicast, reserved and the limited broadcast lie from here on.
const FIRST_MULTICAST: u32 = 0xe000_0000;

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
    let old = u16::from_be_bytes([header[22], header[23]]);
    let checksum = u16::from_be_bytes([header[24], header[25]]);
    let checksum = update_checksum(checksum, old, old - 0x100);
    header[22] -= 1;
    header[24..26].copy_from_slice(&checksum.to_be_bytes());
}
