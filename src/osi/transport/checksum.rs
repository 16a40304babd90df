//! The checksum of TCP over what it carries and a pseudo header (RFC 9293, section 3.1).

use crate::wire::{Checksum, Ipv4Packet, Protocol};

/// Writes the checksum of the TCP segment in an IPv4 packet. Other packets stay as they are.
pub(super) fn fill_checksum(packet: &mut [u8]) {
    let Some(ip) = Ipv4Packet::new(&*packet) else {
        return;
    };
    let (start, end) = (ip.header_len(), ip.total_len());
    let at = start + 16;
    if ip.protocol() != Protocol::TCP || at + 2 > end {
        return;
    }
    packet[at..at + 2].fill(0);
    let checksum = sum(&packet[..end], start);
    packet[at..at + 2].copy_from_slice(&checksum.to_be_bytes());
}

/// The checksum over the pseudo header and all behind `start`.
fn sum(packet: &[u8], start: usize) -> u16 {
    let len = u16::try_from(packet.len() - start).unwrap_or(u16::MAX);
    Checksum::default()
        .over(&packet[12..20])
        .word(Protocol::TCP.0.into())
        .word(len)
        .over(&packet[start..])
        .finish()
}

#[cfg(test)]
mod tests {
    use smoltcp::wire::{IpAddress, Ipv4Address, TcpPacket};

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
            assert!(tcp.verify_checksum(&from, &to), "{len} bytes");
        }
    }

    #[test]
    fn what_is_not_tcp_stays_as_it_is() {
        for (protocol, len) in [
            (Protocol::ICMP, 30),
            (Protocol::TCP, 17),
            (Protocol::UDP, 30),
        ] {
            let (mut bytes, ..) = packet(protocol, len);
            let before = bytes.clone();
            fill_checksum(&mut bytes);
            assert_eq!(bytes, before);
        }
    }
}
