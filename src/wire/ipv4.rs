//! The IPv4 header (RFC 791), as a view over bytes: what the forwarding path reads and changes.

use std::net::Ipv4Addr;

use super::checksum::{Checksum, checksum_after_hop, update_checksum};

/// The number in the header's protocol field. An open set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocol(pub u8);

impl Protocol {
    /// ICMP.
    pub const ICMP: Self = Self(1);
    /// TCP.
    pub const TCP: Self = Self(6);
    /// UDP.
    pub const UDP: Self = Self(17);
}

/// A header without options, of a packet that is not a fragment and must not become one:
/// identification zero, don't fragment (RFC 6864, section 4.1).
#[derive(Debug, Clone, Copy)]
pub struct AtomicHeader {
    /// Who sends it.
    pub source: Ipv4Addr,
    /// To whom.
    pub destination: Ipv4Addr,
    /// What the payload is.
    pub protocol: Protocol,
    /// Hops left.
    pub ttl: u8,
    /// Header and payload \[bytes\].
    pub total_len: u16,
}

impl AtomicHeader {
    /// The 20 bytes.
    pub fn bytes(&self) -> [u8; 20] {
        let mut header = [0; 20];
        let total = self.total_len.to_be_bytes();
        let words = [
            0x45,
            0,
            total[0],
            total[1],
            0,
            0,
            0x40,
            0,
            self.ttl,
            self.protocol.0,
        ];
        header[..10].copy_from_slice(&words);
        header[12..16].copy_from_slice(&self.source.octets());
        header[16..].copy_from_slice(&self.destination.octets());
        let checksum = Checksum::default().over(&header).finish();
        header[10..12].copy_from_slice(&checksum.to_be_bytes());
        header
    }
}

/// A view of one IPv4 packet.
///
/// [`Ipv4Packet::new`] checks the lengths once; after it, no call can panic.
#[derive(Debug)]
pub struct Ipv4Packet<T>(T);

impl<T: AsRef<[u8]>> Ipv4Packet<T> {
    /// The length of a header without options.
    pub const MIN_HEADER_LEN: usize = 20;

    /// A view of `bytes`, which may go on behind the packet (Ethernet padding). `None` if the
    /// version is not 4 or a length does not fit.
    pub fn new(bytes: T) -> Option<Self> {
        let b = bytes.as_ref();
        if b.len() < Self::MIN_HEADER_LEN || b[0] >> 4 != 4 {
            return None;
        }
        let header = usize::from(b[0] & 0x0f) * 4;
        let total = usize::from(u16::from_be_bytes([b[2], b[3]]));
        let fits = header >= Self::MIN_HEADER_LEN && header <= total && total <= b.len();
        fits.then_some(Self(bytes))
    }

    /// Header length in bytes, options included.
    pub fn header_len(&self) -> usize {
        usize::from(self.bytes()[0] & 0x0f) * 4
    }

    /// Length of header and payload in bytes.
    pub fn total_len(&self) -> usize {
        usize::from(self.word(2))
    }

    /// The identification field, which the fragments of one packet share.
    pub fn identification(&self) -> u16 {
        self.word(4)
    }

    /// The ECN field (RFC 3168, section 5): 0 to 3.
    pub fn ecn(&self) -> u8 {
        self.bytes()[1] & 0b11
    }

    /// May not be fragmented.
    pub fn dont_fragment(&self) -> bool {
        self.bytes()[6] & 0x40 != 0
    }

    /// More fragments follow.
    pub fn more_fragments(&self) -> bool {
        self.bytes()[6] & 0x20 != 0
    }

    /// Where this fragment's payload belongs, in bytes.
    pub fn fragment_offset(&self) -> usize {
        usize::from(self.word(6) & 0x1fff) * 8
    }

    /// True for any fragment of a larger packet.
    pub fn is_fragment(&self) -> bool {
        self.more_fragments() || self.fragment_offset() != 0
    }

    /// Time to live: hops left.
    pub fn ttl(&self) -> u8 {
        self.bytes()[8]
    }

    /// What the payload is.
    pub fn protocol(&self) -> Protocol {
        Protocol(self.bytes()[9])
    }

    /// The source address.
    pub fn source(&self) -> Ipv4Addr {
        self.address(12)
    }

    /// The destination address.
    pub fn destination(&self) -> Ipv4Addr {
        self.address(16)
    }

    /// True if the header checksum is right.
    pub fn checksum_is_right(&self) -> bool {
        Checksum::default()
            .over(&self.bytes()[..self.header_len()])
            .finish()
            == 0
    }

    /// Header and payload, without what may stand behind.
    pub fn packet(&self) -> &[u8] {
        &self.bytes()[..self.total_len()]
    }

    /// The payload.
    pub fn payload(&self) -> &[u8] {
        &self.bytes()[self.header_len()..self.total_len()]
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_ref()
    }

    fn word(&self, at: usize) -> u16 {
        let b = self.bytes();
        u16::from_be_bytes([b[at], b[at + 1]])
    }

    fn address(&self, at: usize) -> Ipv4Addr {
        let b = self.bytes();
        Ipv4Addr::new(b[at], b[at + 1], b[at + 2], b[at + 3])
    }
}

impl<T: AsRef<[u8]> + AsMut<[u8]>> Ipv4Packet<T> {
    /// Takes one from the TTL and mends the header checksum in place (RFC 1624). A TTL of zero
    /// stays.
    pub fn decrement_ttl(&mut self) {
        let checksum = checksum_after_hop(self.word(10));
        let b = self.0.as_mut();
        if b[8] > 0 {
            b[8] -= 1;
            b[10..12].copy_from_slice(&checksum.to_be_bytes());
        }
    }

    /// Sets "congestion experienced" and mends the header checksum (RFC 3168, section 5). False,
    /// and nothing is changed, if the packet's transport is not ECN-capable.
    pub fn mark_congestion(&mut self) -> bool {
        let old = self.word(0);
        if old & ECN == 0 {
            return false;
        }
        let (new, checksum) = (old | ECN, self.word(10));
        let b = self.0.as_mut();
        b[0..2].copy_from_slice(&new.to_be_bytes());
        b[10..12].copy_from_slice(&update_checksum(checksum, old, new).to_be_bytes());
        true
    }

    /// Writes the ECN field, 0 to 3, and mends the header checksum (RFC 3168, section 5).
    pub fn set_ecn(&mut self, ecn: u8) {
        let (old, checksum) = (self.word(0), self.word(10));
        let new = old & !ECN | u16::from(ecn) & ECN;
        let b = self.0.as_mut();
        b[0..2].copy_from_slice(&new.to_be_bytes());
        b[10..12].copy_from_slice(&update_checksum(checksum, old, new).to_be_bytes());
    }

    /// Writes flags (DF clear) and fragment offset, then a fresh header checksum. `offset` is in
    /// bytes, a multiple of 8 below 65536.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "an offset in eights fits 13 bits"
    )]
    pub fn set_fragment(&mut self, offset: usize, more: bool) {
        let header = self.header_len();
        let flags = ((offset / 8) as u16 & 0x1fff) | if more { 0x2000 } else { 0 };
        let b = self.0.as_mut();
        b[6..8].copy_from_slice(&flags.to_be_bytes());
        b[10..12].fill(0);
        let checksum = Checksum::default().over(&b[..header]).finish();
        b[10..12].copy_from_slice(&checksum.to_be_bytes());
    }
}

/// The ECN field in the first word of the header (RFC 3168, section 5): 00 is not ECN-capable, 11
/// is "congestion experienced".
const ECN: u16 = 0b11;

#[cfg(test)]
mod tests {
    use super::*;

    /// A header from RFC 1071-style worked examples: 10.0.0.1 to 10.0.0.2, UDP, TTL 64.
    fn packet() -> Vec<u8> {
        let mut b = vec![
            0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
        ];
        let sum = Checksum::default().over(&b).finish();
        b[10..12].copy_from_slice(&sum.to_be_bytes());
        b.extend([0; 8]);
        b
    }

    #[test]
    fn decrementing_the_ttl_keeps_the_checksum_right() {
        let mut bytes = packet();
        let mut view = Ipv4Packet::new(&mut bytes[..]).unwrap();
        for left in (0..64).rev() {
            view.decrement_ttl();
            assert_eq!(view.ttl(), left);
            assert!(view.checksum_is_right());
        }
    }

    #[test]
    fn an_atomic_header_reads_back() {
        let header = AtomicHeader {
            source: Ipv4Addr::new(10, 0, 0, 1),
            destination: Ipv4Addr::new(192, 0, 2, 255),
            protocol: Protocol::UDP,
            ttl: 3,
            total_len: 20,
        };
        let packet = Ipv4Packet::new(header.bytes()).unwrap();
        assert_eq!(
            (packet.source(), packet.destination()),
            (header.source, header.destination)
        );
        assert_eq!(
            (packet.protocol(), packet.ttl(), packet.total_len()),
            (Protocol::UDP, 3, 20)
        );
        assert!(packet.checksum_is_right() && packet.dont_fragment() && !packet.is_fragment());
        assert_eq!(packet.identification(), 0);
    }

    #[test]
    fn a_mark_keeps_the_checksum_right_and_needs_a_transport_that_understands() {
        for (before, after, marked) in [(0, 0, false), (1, 3, true), (2, 3, true), (3, 3, true)] {
            let mut bytes = packet();
            let old = update_checksum(
                u16::from_be_bytes([bytes[10], bytes[11]]),
                0x4500,
                0x4500 | before,
            );
            bytes[1] = before.to_be_bytes()[1];
            bytes[10..12].copy_from_slice(&old.to_be_bytes());
            let mut view = Ipv4Packet::new(&mut bytes[..]).unwrap();
            assert_eq!(view.mark_congestion(), marked);
            assert!(view.checksum_is_right());
            assert_eq!(bytes[1], after);
        }
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        let mut bytes = packet();
        assert!(Ipv4Packet::new(&bytes[..27]).is_none());
        bytes[0] = 0x44;
        assert!(Ipv4Packet::new(&bytes).is_none());
        bytes[0] = 0x65;
        assert!(Ipv4Packet::new(&bytes).is_none());
    }
}
