//! A look at the segments on their way into and out of smoltcp, which mends two of its habits.
//!
//! First, smoltcp forgets what it has sent when its retransmission timer fires: the next pure ACK carries
//! the sequence number of the oldest unacknowledged byte instead of SND.NXT (RFC 9293,
//! section 3.10.7.4). The peer finds such an ACK outside its window and ignores it, and if both
//! sides do this to each other, neither ever goes on. So segments that occupy no sequence space
//! leave with SND.NXT.
//!
//! Second, three duplicate ACKs while nothing but a FIN is unacknowledged stop smoltcp's
//! retransmission timer for good: it has no data to retransmit fast, and forgets the FIN. A FIN
//! is never retransmitted fast (it takes the timer), so such ACKs are kept from smoltcp.

use ::smoltcp::wire::TcpPacket;

use crate::wire::{Ipv4Packet, Protocol, update_checksum};

/// The TCP segment in an outgoing IPv4 packet.
#[derive(Debug)]
pub(super) struct Segment<'a> {
    tcp: &'a mut [u8],
}

impl<'a> Segment<'a> {
    /// The segment in `packet`; `None` if it is none.
    pub(super) fn new(packet: &'a mut [u8]) -> Option<Self> {
        let ip = Ipv4Packet::new(&*packet).filter(|ip| ip.protocol() == Protocol::TCP)?;
        let (start, end) = (ip.header_len(), ip.total_len());
        let tcp = &mut packet[start..end];
        let long_enough = tcp.len() >= 20 && tcp.len() >= usize::from(tcp[12] >> 4) * 4;
        long_enough.then_some(Self { tcp })
    }

    fn seq(&self) -> u32 {
        u32::from_be_bytes([self.tcp[4], self.tcp[5], self.tcp[6], self.tcp[7]])
    }

    /// What it occupies of the sequence space: data, SYN and FIN.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a packet is shorter than 64 KiB"
    )]
    fn len(&self) -> u32 {
        let data = self.tcp.len() - usize::from(self.tcp[12] >> 4) * 4;
        let flags = self.tcp[13];
        data as u32 + u32::from(flags & FIN) + u32::from((flags & SYN) >> 1)
    }

    fn set_seq(&mut self, seq: u32) {
        let mut checksum = u16::from_be_bytes([self.tcp[16], self.tcp[17]]);
        for (at, new) in [(4, (seq >> 16)), (6, seq & 0xffff)] {
            let old = u16::from_be_bytes([self.tcp[at], self.tcp[at + 1]]);
            let [_, _, high, low] = new.to_be_bytes();
            checksum = update_checksum(checksum, old, u16::from_be_bytes([high, low]));
            self.tcp[at..at + 2].copy_from_slice(&[high, low]);
        }
        self.tcp[16..18].copy_from_slice(&checksum.to_be_bytes());
    }
}

/// What one side of a connection has sent.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// SND.NXT: the sequence number behind the last byte ever sent.
    next: Option<u32>,
}

impl Sent {
    /// Lets a segment pass, and mends its sequence number. True if the peer has to acknowledge
    /// it: it carries data, SYN or FIN.
    pub(super) fn pass(&mut self, mut segment: Segment<'_>) -> bool {
        let end = segment.seq().wrapping_add(segment.len());
        match self.next {
            Some(next) if is_before(end, next) => {
                if segment.len() == 0 {
                    segment.set_seq(next);
                }
            }
            _ => self.next = Some(end),
        }
        segment.len() > 0
    }

    /// True for a received packet that is nothing but an ACK of less than was sent.
    pub(super) fn is_partial_ack(&self, packet: &[u8]) -> bool {
        let (Some(ip), Some(next)) = (Ipv4Packet::new(packet), self.next) else {
            return false;
        };
        let Ok(tcp) = TcpPacket::new_checked(ip.payload()) else {
            return false;
        };
        let pure = !tcp.syn() && !tcp.fin() && !tcp.rst() && tcp.payload().is_empty();
        let acknowledged = u32::from_be_bytes(tcp.ack_number().0.to_be_bytes());
        pure && tcp.ack() && is_before(acknowledged, next)
    }
}

/// Comparison in the sequence space, which wraps (RFC 9293, section 3.4).
const fn is_before(a: u32, b: u32) -> bool {
    a.wrapping_sub(b) > u32::MAX / 2
}

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;

#[cfg(test)]
mod tests {
    use ::smoltcp::wire::Ipv4Address;

    use super::*;

    const ADDRESSES: (Ipv4Address, Ipv4Address) =
        (Ipv4Address::new(10, 0, 0, 1), Ipv4Address::new(10, 0, 0, 2));

    /// An IPv4 packet with a segment of `len` bytes of data.
    fn packet(seq: u32, flags: u8, len: u8) -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 40 + len, 0, 0, 0x40, 0, 64, 6, 0, 0];
        packet.extend([10, 0, 0, 1, 10, 0, 0, 2, 0xc0, 0, 0, 80]);
        packet.extend(seq.to_be_bytes());
        packet.extend([0, 0, 0, 9, 0x50, flags, 1, 0, 0, 0, 0, 0]);
        packet.resize(40 + usize::from(len), 7);
        let mut tcp = TcpPacket::new_unchecked(&mut packet[20..]);
        tcp.fill_checksum(&ADDRESSES.0.into(), &ADDRESSES.1.into());
        packet
    }

    fn pass(sent: &mut Sent, packet: &mut [u8]) -> (bool, u32) {
        let demands = sent.pass(Segment::new(packet).unwrap());
        let tcp = TcpPacket::new_checked(&packet[20..]).unwrap();
        assert!(tcp.verify_checksum(&ADDRESSES.0.into(), &ADDRESSES.1.into()));
        (demands, Segment::new(packet).unwrap().seq())
    }

    #[test]
    fn a_pure_ack_leaves_with_the_number_behind_the_last_byte_sent() {
        // The numbers wrap: a SYN takes the last one, data 0 to 99.
        let mut sent = Sent::default();
        let syn = pass(&mut sent, &mut packet(u32::MAX, 0x02, 0));
        assert_eq!(syn, (true, u32::MAX));
        assert_eq!(pass(&mut sent, &mut packet(0, 0x18, 100)), (true, 0));
        // After a time-out smoltcp starts over at 0.
        assert_eq!(pass(&mut sent, &mut packet(0, 0x10, 0)), (false, 100));
        assert_eq!(pass(&mut sent, &mut packet(0, 0x18, 50)), (true, 0));
        assert_eq!(pass(&mut sent, &mut packet(50, 0x10, 0)), (false, 100));
        assert_eq!(pass(&mut sent, &mut packet(100, 0x11, 0)), (true, 100));
        assert_eq!(pass(&mut sent, &mut packet(100, 0x14, 0)), (false, 101));
    }
}
