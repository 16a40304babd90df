//! The checksums of TCP and UDP over what they carry and a pseudo header (RFC 9293, section 3.1;
//! RFC 768).

use crate::wire::{Checksum, Ipv4Packet, Protocol};

/// Writes the checksum of the TCP segment or UDP datagram in an IPv4 packet. Other packets stay as
/// they are.
pub(super) fn fill_checksum(packet: &mut [u8]) {
    let Some(ip) = Ipv4Packet::new(&*packet) else {
        return;
    };
    let (protocol, start, end) = (ip.protocol(), ip.header_len(), ip.total_len());
    let at = match protocol {
        Protocol::TCP => start + 16,
        Protocol::UDP => start + 6,
        _ => return,
    };
    if at + 2 > end {
        return;
    }
    packet[at..at + 2].fill(0);
    let checksum = match (sum(&packet[..end], start, protocol), protocol) {
        // "An all zero transmitted checksum value means that the transmitter generated no
        // checksum" (RFC 768).
        (0, Protocol::UDP) => u16::MAX,
        (checksum, _) => checksum,
    };
    packet[at..at + 2].copy_from_slice(&checksum.to_be_bytes());
}

/// The checksum over the pseudo header and all behind `start`.
fn sum(packet: &[u8], start: usize, protocol: Protocol) -> u16 {
    let len = u16::try_from(packet.len() - start).unwrap_or(u16::MAX);
    Checksum::default()
        .over(&packet[12..20])
        .word(protocol.0.into())
        .word(len)
        .over(&packet[start..])
        .finish()
}

#[cfg(test)]
mod tests {
    use smoltcp::wire::{IpAddress, Ipv4Address, TcpPacket, UdpPacket};

    use super::*;

    /// An IPv4 packet with `len` bytes behind its header, and its addresses.
    fn packet(protocol: Protocol, len: u8) -> (Vec<u8>, IpAddress, IpAddress) {
        let mut packet = vec![0x45, 0, 0, 20 + len, 0, 0, 0x40, 0, 64, protocol.0, 0, 0];
        packet.extend([10, 0, 0, 1, 10, 0, 0, 2]);
        packet.extend((0..len).map(|i| i.wrapping_mul(77)));
        let ip = |last| IpAddress::from(Ipv4Address::new(10, 0, 0, last));
        (packet, ip(1), ip(2))
    }

    #[test]
    fn smoltcp_finds_the_checksums_right() {
        for len in 20..80 {
            let (mut bytes, from, to) = packet(Protocol::TCP, len);
            bytes[32] = 0x50;
            fill_checksum(&mut bytes);
            let tcp = TcpPacket::new_checked(&bytes[20..]).unwrap();
            assert!(tcp.verify_checksum(&from, &to), "TCP, {len} bytes");
            let (mut bytes, from, to) = packet(Protocol::UDP, len);
            bytes[24..26].copy_from_slice(&[0, len]);
            fill_checksum(&mut bytes);
            let udp = UdpPacket::new_checked(&bytes[20..]).unwrap();
            assert!(udp.verify_checksum(&from, &to), "UDP, {len} bytes");
        }
    }

    #[test]
    fn a_udp_checksum_of_zero_is_sent_as_all_ones() {
        // Words of the pseudo header: 0a00 0001 0a00 0002 0011 000a; of the datagram: ports 0 and
        // 0, length 000a, checksum 0, and two bytes that complete the sum to ffff:
        // 2 x 0a00 + 0003 + 0011 + 2 x 000a = 1428, and ffff - 1428 = ebd7.
        let (mut bytes, ..) = packet(Protocol::UDP, 10);
        bytes[20..].copy_from_slice(&[0, 0, 0, 0, 0, 10, 9, 9, 0xeb, 0xd7]);
        fill_checksum(&mut bytes);
        assert_eq!(bytes[26..28], [0xff, 0xff]);
    }

    #[test]
    fn what_is_neither_tcp_nor_udp_stays_as_it_is() {
        for (protocol, len) in [
            (Protocol::ICMP, 30),
            (Protocol::TCP, 17),
            (Protocol::UDP, 7),
        ] {
            let (mut bytes, ..) = packet(protocol, len);
            let before = bytes.clone();
            fill_checksum(&mut bytes);
            assert_eq!(bytes, before);
        }
    }
}
