//! Segments: a view of one that came, and the bytes of one that leaves.

use super::options::Options;
use crate::{
    osi::transport::checksum::fill_checksum,
    wire::{Checksum, FramePool, HEADER_LEN, Ipv4Packet},
};

/// The control bits (RFC 9293, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags(pub(super) u8);

impl Flags {
    pub(super) const FIN: Self = Self(0x01);
    pub(super) const SYN: Self = Self(0x02);
    pub(super) const RST: Self = Self(0x04);
    pub(super) const PSH: Self = Self(0x08);
    pub(super) const ACK: Self = Self(0x10);
    pub(super) const URG: Self = Self(0x20);
    pub(super) const ECE: Self = Self(0x40);
    pub(super) const CWR: Self = Self(0x80);

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[must_use]
    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A segment that came.
#[derive(Debug)]
pub(super) struct Segment<'a> {
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) flags: Flags,
    /// As it stands there, unscaled.
    pub(super) window: u16,
    /// The urgent pointer, which means something with URG alone.
    pub(super) urgent: u16,
    pub(super) options: Options,
    pub(super) payload: &'a [u8],
    /// The network has marked it (RFC 3168: CE).
    pub(super) marked: bool,
}

impl<'a> Segment<'a> {
    /// The segment in an IPv4 packet; `None` if it is none.
    pub(super) fn parse(packet: &'a [u8]) -> Option<Self> {
        let ip = Ipv4Packet::new(packet)?;
        let tcp = &packet[ip.header_len()..ip.total_len()];
        let header: &[u8; 20] = tcp.first_chunk()?;
        let long = |at: usize| {
            u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        let offset = usize::from(header[12] >> 4) * 4;
        Some(Self {
            seq: long(4),
            ack: long(8),
            flags: Flags(header[13]),
            window: u16::from_be_bytes([header[14], header[15]]),
            urgent: u16::from_be_bytes([header[18], header[19]]),
            options: Options::parse(tcp.get(20..offset)?),
            payload: &tcp[offset..],
            marked: packet[1] & ECN == CE,
        })
    }

    /// What it occupies of the sequence space: data, SYN and FIN.
    pub(super) fn len(&self) -> u64 {
        let ends = [Flags::SYN, Flags::FIN].map(|flag| u64::from(self.flags.has(flag)));
        self.payload.len() as u64 + ends[0] + ends[1]
    }
}

/// Where segments go: what their headers have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Address {
    pub(super) source: [u8; 4],
    pub(super) destination: [u8; 4],
    /// The own port, the peer's port.
    pub(super) ports: [u16; 2],
    pub(super) ttl: u8,
}

/// A segment that leaves, but for its data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outgoing {
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) flags: Flags,
    pub(super) window: u16,
    pub(super) urgent: u16,
    pub(super) options: Options,
    /// The ECN field of the IP header is ECT(0).
    pub(super) ecn_capable: bool,
}

impl Outgoing {
    /// The IP packet with the data `first` and `second`, behind room for an Ethernet header.
    pub(super) fn packet(
        &self,
        to: &Address,
        (first, second): (&[u8], &[u8]),
        pool: &mut FramePool,
    ) -> Vec<u8> {
        let mut options = [0; 40];
        let len = self.options.emit(&mut options);
        let options = &options[..len];
        let mut head = [0; HEADER_LEN + 40];
        let total = 40 + options.len() + first.len() + second.len();
        self.ip_header(to, total, &mut head[HEADER_LEN..]);
        self.tcp_header(to, options.len(), &mut head[HEADER_LEN + 20..]);
        let mut packet = pool.take();
        packet.reserve(HEADER_LEN + total);
        for part in [&head, options, first, second] {
            packet.extend_from_slice(part);
        }
        fill_checksum(&mut packet[HEADER_LEN..]);
        packet
    }

    fn ip_header(&self, to: &Address, total: usize, ip: &mut [u8]) {
        let total = u16::try_from(total).unwrap_or(u16::MAX).to_be_bytes();
        let ecn = if self.ecn_capable { ECT_0 } else { 0 };
        // Version 4, five words; identification 0, don't fragment (RFC 6864).
        let words = [0x45, ecn, total[0], total[1], 0, 0, 0x40, 0, to.ttl, 6];
        ip[..10].copy_from_slice(&words);
        ip[12..16].copy_from_slice(&to.source);
        ip[16..20].copy_from_slice(&to.destination);
        let checksum = Checksum::default().over(&ip[..20]).finish();
        ip[10..12].copy_from_slice(&checksum.to_be_bytes());
    }

    fn tcp_header(&self, to: &Address, options: usize, tcp: &mut [u8]) {
        tcp[0..2].copy_from_slice(&to.ports[0].to_be_bytes());
        tcp[2..4].copy_from_slice(&to.ports[1].to_be_bytes());
        tcp[4..8].copy_from_slice(&self.seq.to_be_bytes());
        tcp[8..12].copy_from_slice(&self.ack.to_be_bytes());
        let words = u8::try_from(5 + options / 4).unwrap_or(5);
        tcp[12..14].copy_from_slice(&[words << 4, self.flags.0]);
        tcp[14..16].copy_from_slice(&self.window.to_be_bytes());
        tcp[18..20].copy_from_slice(&self.urgent.to_be_bytes());
    }
}

/// The two bits of the traffic class that ECN has (RFC 3168, section 5).
const ECN: u8 = 0b11;
const CE: u8 = 0b11;
const ECT_0: u8 = 0b10;

#[cfg(test)]
mod tests {
    use ::smoltcp::wire::{Ipv4Address, Ipv4Packet as Ipv4, TcpPacket};

    use super::*;

    #[test]
    fn smoltcp_and_we_read_what_we_write() {
        let to = Address {
            source: [10, 0, 0, 1],
            destination: [10, 0, 0, 2],
            ports: [49_152, 80],
            ttl: 9,
        };
        let mut options = Options::default();
        options.sack.push((5, 6));
        let outgoing = Outgoing {
            seq: 0x0102_0304,
            ack: 0x0506_0708,
            flags: Flags::ACK.with(Flags::PSH),
            window: 77,
            urgent: 0,
            options,
            ecn_capable: true,
        };
        let packet = outgoing.packet(&to, (b"abc", b"de"), &mut FramePool::default());
        let bytes = &packet[HEADER_LEN..];
        let ip = Ipv4::new_checked(bytes).unwrap();
        assert!(ip.verify_checksum());
        assert_eq!((ip.hop_limit(), ip.ecn(), ip.dont_frag()), (9, 2, true));
        let tcp = TcpPacket::new_checked(ip.payload()).unwrap();
        let ends = [ip.src_addr(), ip.dst_addr()].map(|a: Ipv4Address| a.into());
        assert!(tcp.verify_checksum(&ends[0], &ends[1]));
        assert_eq!((tcp.src_port(), tcp.dst_port()), (49_152, 80));
        let segment = Segment::parse(bytes).unwrap();
        assert_eq!(segment.payload, b"abcde");
        assert_eq!((segment.seq, segment.ack), (0x0102_0304, 0x0506_0708));
        assert_eq!((segment.window, segment.flags), (77, outgoing.flags));
        assert_eq!(segment.options.sack.as_slice(), [(5, 6)]);
        assert!(!segment.marked);
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let packet: Vec<u8> = (0..60).map(|i| if i == 0 { 0x45 } else { i }).collect();
        for len in 0..60 {
            for offset in 0..16 {
                let mut bytes = packet[..len].to_vec();
                for (at, value) in [(2, 0), (3, len), (32, offset << 4)] {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = u8::try_from(value).unwrap();
                    }
                }
                let _ = Segment::parse(&bytes);
            }
        }
    }
}
