//! IPv4 fragments: splitting at the source and putting together at the destination
//! (RFC 791, section 3.2).
//!
//! A packet whose fragments do not all come within 30 s (as on Linux) is forgotten. Not modelled:
//! the ICMP message "reassembly time exceeded" about it.

use std::{collections::BTreeMap, net::Ipv4Addr};

use crate::{
    units::{SimTime, Span},
    wire::{Checksum, Ipv4Packet},
};

/// Cuts `packet` into fragments of at most `mtu` bytes and hands each one's header and payload to
/// `emit`, first to last.
pub(super) fn split(packet: &[u8], mtu: u16, mut emit: impl FnMut(&[u8], &[u8])) {
    let Some(whole) = Ipv4Packet::new(packet) else {
        return;
    };
    let header_len = whole.header_len();
    // Every piece but the last carries a multiple of 8 bytes.
    let most = (usize::from(mtu).saturating_sub(header_len) / 8 * 8).max(8);
    let mut header = packet[..header_len].to_vec();
    let last = whole.payload().len().saturating_sub(1) / most;
    for (i, piece) in whole.payload().chunks(most).enumerate() {
        set_fragment(&mut header, header_len + piece.len(), i * most, i < last);
        emit(&header, piece);
    }
}

/// Turns the header of a packet into that of one of its fragments.
#[allow(
    clippy::cast_possible_truncation,
    reason = "an IPv4 length fits 16 bits"
)]
fn set_fragment(header: &mut [u8], total_len: usize, offset: usize, more: bool) {
    let flags = (offset / 8) as u16 | if more { 0x2000 } else { 0 };
    header[2..4].copy_from_slice(&(total_len as u16).to_be_bytes());
    header[6..8].copy_from_slice(&flags.to_be_bytes());
    header[10..12].fill(0);
    let checksum = Checksum::default().over(header).finish();
    header[10..12].copy_from_slice(&checksum.to_be_bytes());
}

/// Fragments that wait for the rest of their packets.
#[derive(Debug, Default)]
pub(super) struct Reassembler {
    packets: BTreeMap<Key, Pieces>,
}

/// What all fragments of one packet share.
type Key = (Ipv4Addr, Ipv4Addr, u8, u16);

#[derive(Debug)]
struct Pieces {
    expires: SimTime,
    header: Vec<u8>,
    by_offset: BTreeMap<usize, Vec<u8>>,
    /// A fault has touched one of them.
    touched: bool,
    /// Length of the payload, known from the last fragment.
    len: Option<usize>,
}

impl Reassembler {
    /// Takes a fragment; a fault may have `touched` it. Gives the whole packet if this was the
    /// piece that was missing, and whether a fault may have touched any of its pieces.
    pub(super) fn add<T: AsRef<[u8]>>(
        &mut self,
        now: SimTime,
        fragment: &Ipv4Packet<T>,
        touched: bool,
    ) -> Option<(Vec<u8>, bool)> {
        self.packets.retain(|_, pieces| now < pieces.expires);
        let key = (
            fragment.source(),
            fragment.destination(),
            fragment.protocol().0,
            fragment.identification(),
        );
        if self.packets.len() >= MOST_PACKETS && !self.packets.contains_key(&key) {
            return None;
        }
        let pieces = self.packets.entry(key).or_insert_with(|| Pieces {
            expires: now + PATIENCE,
            header: fragment.packet()[..fragment.header_len()].to_vec(),
            by_offset: BTreeMap::new(),
            touched: false,
            len: None,
        });
        pieces.touched |= touched;
        pieces.add(fragment);
        let whole = (pieces.assemble()?, pieces.touched);
        self.packets.remove(&key);
        Some(whole)
    }
}

impl Pieces {
    fn add<T: AsRef<[u8]>>(&mut self, fragment: &Ipv4Packet<T>) {
        let (offset, payload) = (fragment.fragment_offset(), fragment.payload());
        if offset + payload.len() > MOST_PAYLOAD {
            return;
        }
        if !fragment.more_fragments() {
            self.len = Some(offset + payload.len());
        }
        let piece = self.by_offset.entry(offset).or_default();
        if piece.len() < payload.len() {
            *piece = payload.to_vec();
        }
    }

    /// The packet, if no byte is missing.
    fn assemble(&self) -> Option<Vec<u8>> {
        let len = self.len?;
        let mut packet = self.header.clone();
        let start = packet.len();
        for (offset, piece) in &self.by_offset {
            let have = packet.len() - start;
            let known = have.checked_sub(*offset)?;
            packet.extend_from_slice(piece.get(known..).unwrap_or_default());
        }
        if packet.len() - start != len {
            return None;
        }
        set_fragment(&mut packet[..start], start + len, 0, false);
        Some(packet)
    }
}

/// Give up after this long, as Linux does (`ipfrag_time`).
const PATIENCE: Span = Span::from_secs(30);
/// At most this many packets wait for fragments.
const MOST_PACKETS: usize = 64;
/// What fits behind an IPv4 header.
const MOST_PAYLOAD: usize = 65_535 - 20;

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet of 20 + `len` bytes.
    fn packet(len: usize) -> Vec<u8> {
        let mut packet = vec![
            0x45, 0, 0, 0, 0, 7, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
        ];
        set_fragment(&mut packet, 20 + len, 0, false);
        packet.extend((0..=250u8).cycle().take(len));
        packet
    }

    fn fragments(len: usize, mtu: u16) -> Vec<Vec<u8>> {
        let mut pieces = vec![];
        split(&packet(len), mtu, |header, payload| {
            pieces.push([header, payload].concat());
        });
        pieces
    }

    #[test]
    fn fragments_fill_the_mtu_to_a_multiple_of_eight() {
        // MTU 1500: 1480 bytes each. 8 KiB and 8 of UDP header: 8200 = 5 * 1480 + 800.
        let lens: Vec<usize> = fragments(8200, 1500).iter().map(Vec::len).collect();
        assert_eq!(lens, [1500, 1500, 1500, 1500, 1500, 820]);
        // MTU 1006: 986 bytes of room, 984 of them used.
        let lens: Vec<usize> = fragments(1968, 1006).iter().map(Vec::len).collect();
        assert_eq!(lens, [1004, 1004]);
    }

    #[test]
    fn a_packet_comes_together_in_any_order_and_in_spite_of_duplicates() {
        let mut pieces = fragments(4000, 576);
        pieces.reverse();
        pieces.insert(2, pieces[1].clone());
        let mut reassembler = Reassembler::default();
        let mut whole = vec![];
        for piece in &pieces {
            let fragment = Ipv4Packet::new(piece).unwrap();
            assert!(fragment.checksum_is_right());
            whole.extend(reassembler.add(SimTime::ZERO, &fragment, false));
        }
        assert_eq!(whole, [(packet(4000), false)]);
        assert!(reassembler.packets.is_empty());
    }

    #[test]
    fn a_late_fragment_completes_nothing() {
        let pieces = fragments(2000, 1500);
        let mut reassembler = Reassembler::default();
        let add = |r: &mut Reassembler, s, i: usize| {
            r.add(
                SimTime::ZERO + Span::from_secs(s),
                &Ipv4Packet::new(&pieces[i]).unwrap(),
                false,
            )
        };
        assert_eq!(add(&mut reassembler, 0, 0), None);
        assert_eq!(add(&mut reassembler, 30, 1), None);
        assert!(add(&mut reassembler, 31, 0).is_some());
    }
}
