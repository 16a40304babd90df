//! Datagrams that leave: where they go, and their bytes (RFC 768).

use std::net::{IpAddr, SocketAddr};

use smoltcp::wire::IpProtocol;

use super::{
    outbox::{Header, Outbox},
    paths,
};
use crate::wire::Checksum;

/// How a datagram goes to where it is meant to go.
pub(super) struct Way {
    pub(super) header: Header,
    ports: [u16; 2],
}

impl Way {
    pub(super) fn find(outbox: &Outbox, port: u16, remote: SocketAddr) -> Option<Self> {
        let way = outbox.paths.way(remote.ip(), outbox.now)?;
        Some(Self::along(way, outbox.ttl, (port, remote)))
    }

    /// From a port to a socket by a way that is known.
    pub(super) const fn along(
        (source, mtu): paths::Way,
        ttl: u8,
        (port, remote): (u16, SocketAddr),
    ) -> Self {
        Self {
            header: Header {
                source,
                destination: remote.ip(),
                protocol: IpProtocol::Udp,
                ttl,
                ecn: 0,
                mtu,
            },
            ports: [port, remote.port()],
        }
    }

    /// Writes a datagram over all of `place`, around the payload that `write` writes and sums up.
    pub(super) fn write(&self, place: &mut [u8], write: impl FnOnce(&mut [u8]) -> Checksum) {
        let len = u16::try_from(place.len()).unwrap_or(u16::MAX);
        let (header, payload) = place.split_at_mut(HEADER_LEN);
        let [from, to] = self.ports;
        for (place, word) in header.chunks_mut(2).zip([from, to, len, 0]) {
            place.copy_from_slice(&word.to_be_bytes());
        }
        // By word, not over the header: it has not yet come where it could be read back at once.
        let words = [from, to, len];
        let sum = words
            .iter()
            .fold(pseudo_header(&self.header, len), |sum, &word| {
                sum.word(word)
            });
        let checksum = match sum.plus(write(payload), 1).finish() {
            // "An all zero transmitted checksum value means that the transmitter generated no
            // checksum" (RFC 768).
            0 => u16::MAX,
            checksum => checksum,
        };
        header[6..].copy_from_slice(&checksum.to_be_bytes());
    }
}

/// The sum of what a checksum covers beside the datagram (RFC 768; RFC 8200, section 8.1).
fn pseudo_header(header: &Header, len: u16) -> Checksum {
    let sum = |sum: Checksum, address| match address {
        IpAddr::V4(v4) => sum.over(&v4.octets()),
        IpAddr::V6(v6) => sum.over(&v6.octets()),
    };
    sum(sum(Checksum::default(), header.source), header.destination)
        .word(u8::from(header.protocol).into())
        .word(len)
}

/// The header of a datagram \[bytes\].
pub(super) const HEADER_LEN: usize = 8;

#[cfg(test)]
mod tests {
    use smoltcp::wire::UdpPacket;

    use super::*;

    /// A way from port 0 of 10.0.0.1 to port 0 of 10.0.0.2.
    fn way() -> Way {
        Way {
            header: Header {
                source: IpAddr::from([10, 0, 0, 1]),
                destination: IpAddr::from([10, 0, 0, 2]),
                protocol: IpProtocol::Udp,
                ttl: 64,
                ecn: 0,
                mtu: 1500,
            },
            ports: [0, 0],
        }
    }

    fn datagram(way: &Way, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_LEN + payload.len()];
        way.write(&mut bytes, |place| {
            place.copy_from_slice(payload);
            Checksum::default().over(place)
        });
        bytes
    }

    #[test]
    fn smoltcp_finds_the_checksums_right() {
        let mut way = way();
        way.ports = [0xfffe, 53];
        for len in 0..80 {
            let payload: Vec<u8> = (0..len).map(|i: u8| i.wrapping_mul(77)).collect();
            let bytes = datagram(&way, &payload);
            let udp = UdpPacket::new_checked(&bytes[..]).unwrap();
            let ends = (way.header.source.into(), way.header.destination.into());
            assert!(udp.verify_checksum(&ends.0, &ends.1));
            assert_eq!((udp.src_port(), udp.dst_port()), (0xfffe, 53));
            assert_eq!(udp.payload(), payload);
        }
    }

    #[test]
    fn a_checksum_of_zero_is_sent_as_all_ones() {
        // Words of the pseudo header: 0a00 0001 0a00 0002 0011 000a; of the datagram: ports 0 and
        // 0, length 000a, checksum 0, and two bytes that complete the sum to ffff:
        // 2 x 0a00 + 0003 + 0011 + 2 x 000a = 1428, and ffff - 1428 = ebd7.
        let bytes = datagram(&way(), &[0xeb, 0xd7]);
        assert_eq!(bytes[6..8], [0xff, 0xff]);
    }
}
