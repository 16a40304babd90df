//! ICMP errors: what a node says about a packet that it could not deliver (RFC 792, RFC 1122
//! section 3.2.2, RFC 1812 section 4.3).

use std::net::Ipv4Addr;

use crate::wire::{Checksum, HEADER_LEN, Ipv4Packet, Protocol};

/// An ICMP error message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IcmpError {
    /// Type 3, code 0: no route.
    NetworkUnreachable,
    /// Type 3, code 1: the last hop does not answer.
    HostUnreachable,
    /// Type 3, code 4 (RFC 1191): too big for the next link and DF set.
    FragmentationNeeded {
        /// What would fit.
        mtu: u16,
    },
    /// Type 11, code 0: the TTL ran out.
    TimeExceeded,
}

impl IcmpError {
    /// Type, code and the second word of the message.
    const fn head(self) -> (u8, u8, [u8; 4]) {
        match self {
            Self::NetworkUnreachable => (3, 0, [0; 4]),
            Self::HostUnreachable => (3, 1, [0; 4]),
            Self::FragmentationNeeded { mtu } => {
                let [high, low] = mtu.to_be_bytes();
                (3, 4, [0, 0, high, low])
            }
            Self::TimeExceeded => (11, 0, [0; 4]),
        }
    }

    /// Writes the message about `original` into `bytes`: room for an Ethernet header, the IP
    /// header from `source`, then ICMP with as much of the original as keeps the packet within
    /// 576 bytes (RFC 1812, section 4.3.2.3).
    #[allow(clippy::cast_possible_truncation, reason = "at most 576 bytes")]
    pub(super) fn write(self, original: &[u8], source: Ipv4Addr, ident: u16, bytes: &mut Vec<u8>) {
        let Some(about) = Ipv4Packet::new(original) else {
            return;
        };
        let quoted = &about.packet()[..about.total_len().min(MOST_QUOTED)];
        let total = (IP_HEADER + ICMP_HEADER + quoted.len()) as u16;
        bytes.resize(HEADER_LEN, 0);
        bytes.extend_from_slice(&[0x45, 0]);
        bytes.extend_from_slice(&total.to_be_bytes());
        bytes.extend_from_slice(&ident.to_be_bytes());
        bytes.extend_from_slice(&[0, 0, TTL, Protocol::ICMP.0, 0, 0]);
        bytes.extend_from_slice(&source.octets());
        bytes.extend_from_slice(&about.source().octets());
        put_checksum(&mut bytes[HEADER_LEN..], 10);

        let (kind, code, rest) = self.head();
        bytes.extend_from_slice(&[kind, code, 0, 0]);
        bytes.extend_from_slice(&rest);
        bytes.extend_from_slice(quoted);
        put_checksum(&mut bytes[HEADER_LEN + IP_HEADER..], 2);
    }
}

/// May a node send an ICMP error about this packet? Not about ICMP errors, later fragments, or
/// packets that were not from one host to one host (RFC 1122, section 3.2.2).
pub(super) fn may_complain_about(packet: &Ipv4Packet<&[u8]>) -> bool {
    let (source, destination) = (packet.source(), packet.destination());
    let one_to_one = !(source.is_unspecified()
        || source.is_loopback()
        || source.is_multicast()
        || source.is_broadcast()
        || destination.is_multicast()
        || destination.is_broadcast());
    let is_icmp_error = packet.protocol() == Protocol::ICMP
        && !matches!(packet.payload().first(), Some(0 | 8 | 13..=18));
    one_to_one && packet.fragment_offset() == 0 && !is_icmp_error
}

fn put_checksum(covered: &mut [u8], at: usize) {
    let sum = Checksum::default().over(covered).finish();
    covered[at..at + 2].copy_from_slice(&sum.to_be_bytes());
}

const IP_HEADER: usize = 20;
const ICMP_HEADER: usize = 8;
const MOST_QUOTED: usize = 576 - IP_HEADER - ICMP_HEADER;
const TTL: u8 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn original(protocol: u8, first: u8) -> Vec<u8> {
        let mut b = vec![
            0x45, 0, 0, 28, 0, 1, 0, 0, 1, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 2, 2,
        ];
        put_checksum(&mut b, 10);
        b.extend([first, 0, 0, 0, 0, 0, 0, 0]);
        b
    }

    #[test]
    fn an_error_quotes_the_packet_and_has_right_checksums() {
        let about = original(17, 0);
        let mut bytes = Vec::new();
        let from = Ipv4Addr::new(10, 0, 0, 2);
        IcmpError::TimeExceeded.write(&about, from, 7, &mut bytes);
        let packet = Ipv4Packet::new(&bytes[HEADER_LEN..]).unwrap();
        assert!(packet.checksum_is_right());
        assert_eq!(packet.destination(), Ipv4Addr::new(10, 0, 0, 1));
        let icmp = packet.payload();
        assert_eq!(Checksum::default().over(icmp).finish(), 0);
        assert_eq!((icmp[0], icmp[1]), (11, 0));
        assert_eq!(&icmp[8..], &about[..]);
    }

    #[test]
    fn nobody_complains_about_a_complaint() {
        let ask = |bytes: &[u8]| may_complain_about(&Ipv4Packet::new(bytes).unwrap());
        assert!(ask(&original(17, 0)));
        assert!(ask(&original(1, 8)));
        assert!(!ask(&original(1, 3)));
        assert!(!ask(&original(1, 11)));
    }
}
