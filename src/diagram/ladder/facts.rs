//! The few facts about a frame that a ladder needs beside its dissection: who talks to whom, on
//! which ports, and TCP's raw numbers.
//!
//! Contract: any bytes are accepted; what cannot be read is `None` or [`Content::Other`].
//!
//! Not here: names and values for people (`dissect`).

use std::net::IpAddr;

use etherparse::{
    Icmpv4Slice, LaxNetSlice, LaxSlicedPacket, TcpOptionElement, TcpSlice, TransportSlice,
};

use crate::units::{SimTime, Span};

/// What a frame is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    /// IP source and destination.
    pub(super) ends: Option<(IpAddr, IpAddr)>,
    /// What it carries.
    pub(super) content: Content,
}

/// The protocol above IP, or beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// A TCP segment.
    Tcp(Segment),
    /// A UDP datagram: its ports, how much it carries \[bytes\], and its stream's number.
    Udp {
        source: u16,
        destination: u16,
        len: usize,
        stamp: Option<Stamp>,
    },
    /// An ICMP echo request or reply with its identifier and number.
    Echo { id: u16, number: u16, reply: bool },
    /// An ICMP error, with what it quotes of the packet that caused it.
    IcmpError(Option<Box<Facts>>),
    /// Anything else.
    Other,
}

/// What may stand at the head of a constant-rate stream's datagram: its sequence number and when
/// it was sent. Any datagram of 20 bytes has such numbers: ask [`Stamp::is_believable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) number: u64,
    pub(super) sent: SimTime,
}

impl Stamp {
    /// Four bytes of stream, eight of sequence number, eight of time \[ns\].
    fn of(payload: &[u8]) -> Option<Self> {
        let (number, rest) = payload.get(4..)?.split_first_chunk()?;
        let (sent, _) = rest.split_first_chunk()?;
        Some(Self {
            number: u64::from_be_bytes(*number),
            sent: SimTime::from_nanos(u64::from_be_bytes(*sent)),
        })
    }

    /// True if the datagram, seen on a wire at `seen`, was stamped shortly before.
    pub(super) fn is_believable(&self, seen: SimTime) -> bool {
        self.sent <= seen && seen.since(self.sent) <= Span::from_secs(10)
    }
}

/// The header fields of a TCP segment (RFC 9293, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) source: u16,
    pub(super) destination: u16,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) window: u16,
    pub(super) len: u32,
    pub(super) flags: Flags,
    /// It tells of data that came twice (RFC 2883).
    pub(super) dsack: bool,
}

/// The control bits that tell a connection's story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags {
    pub(super) syn: bool,
    pub(super) ack: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    /// The network marked a segment of the other side (RFC 3168).
    pub(super) ece: bool,
    /// The window was reduced for such a mark.
    pub(super) cwr: bool,
}

impl Segment {
    /// How much sequence space it takes: SYN and FIN count one each.
    pub(super) fn space(&self) -> u32 {
        self.len + u32::from(self.flags.syn) + u32::from(self.flags.fin)
    }
}

impl Facts {
    /// Reads an Ethernet frame.
    pub(super) fn of(frame: &[u8]) -> Self {
        LaxSlicedPacket::from_ethernet(frame).map_or(Self::NONE, |packet| Self::read(&packet))
    }

    const NONE: Self = Self {
        ends: None,
        content: Content::Other,
    };

    fn read(packet: &LaxSlicedPacket<'_>) -> Self {
        Self {
            ends: packet.net.as_ref().and_then(ends),
            content: packet.transport.as_ref().map_or(Content::Other, content),
        }
    }

    /// Reads an IP packet that may be cut short, as ICMP errors quote it.
    fn of_quote(packet: &[u8]) -> Option<Self> {
        let quoted = LaxSlicedPacket::from_ip(packet).ok()?;
        let mut facts = Self::read(&quoted);
        if let (Content::Other, Some(payload)) = (&facts.content, quoted.ip_payload()) {
            facts.content = ports_only(payload.ip_number.0, payload.payload);
        }
        Some(facts)
    }
}

fn ends(net: &LaxNetSlice<'_>) -> Option<(IpAddr, IpAddr)> {
    match net {
        LaxNetSlice::Ipv4(ip) => {
            let header = ip.header();
            Some((
                header.source_addr().into(),
                header.destination_addr().into(),
            ))
        }
        LaxNetSlice::Ipv6(ip) => {
            let header = ip.header();
            Some((
                header.source_addr().into(),
                header.destination_addr().into(),
            ))
        }
        LaxNetSlice::Arp(_) => None,
    }
}

fn content(transport: &TransportSlice<'_>) -> Content {
    match transport {
        TransportSlice::Tcp(tcp) => Content::Tcp(segment(tcp)),
        TransportSlice::Udp(udp) => Content::Udp {
            source: udp.source_port(),
            destination: udp.destination_port(),
            len: udp.payload().len(),
            stamp: Stamp::of(udp.payload()),
        },
        TransportSlice::Icmpv4(icmp) => icmp_content(icmp),
        _ => Content::Other,
    }
}

fn segment(tcp: &TcpSlice<'_>) -> Segment {
    Segment {
        source: tcp.source_port(),
        destination: tcp.destination_port(),
        seq: tcp.sequence_number(),
        ack: tcp.acknowledgment_number(),
        window: tcp.window_size(),
        len: u32::try_from(tcp.payload().len()).unwrap_or(0),
        flags: Flags {
            syn: tcp.syn(),
            ack: tcp.ack(),
            fin: tcp.fin(),
            rst: tcp.rst(),
            ece: tcp.ece(),
            cwr: tcp.cwr(),
        },
        dsack: has_dsack(tcp),
    }
}

/// RFC 2883, section 4: the first block is below the ACK, or inside the second.
fn has_dsack(tcp: &TcpSlice<'_>) -> bool {
    let below = |a: u32, b: u32| a.wrapping_sub(b).cast_signed() <= 0;
    let ack = tcp.acknowledgment_number();
    tcp.options_iterator().flatten().any(|option| match option {
        TcpOptionElement::SelectiveAcknowledgement((start, end), rest) => {
            let inside = |&(from, to): &(u32, u32)| below(from, start) && below(end, to);
            below(end, ack) || rest[0].as_ref().is_some_and(inside)
        }
        _ => false,
    })
}

/// True if a router on the way marked the IP packet in a frame (RFC 3168: CE).
pub(super) fn is_marked(frame: &[u8]) -> bool {
    let packet = LaxSlicedPacket::from_ethernet(frame);
    let net = packet.ok().and_then(|packet| packet.net);
    matches!(net, Some(LaxNetSlice::Ipv4(ip)) if ip.header().ecn().value() == 3)
}

/// RFC 792: types 0 and 8 are echoes, 3, 4, 5, 11 and 12 quote the packet they complain about.
fn icmp_content(icmp: &Icmpv4Slice<'_>) -> Content {
    match icmp.type_u8() {
        0 | 8 => {
            let [i0, i1, n0, n1] = icmp.bytes5to8();
            Content::Echo {
                id: u16::from_be_bytes([i0, i1]),
                number: u16::from_be_bytes([n0, n1]),
                reply: icmp.type_u8() == 0,
            }
        }
        3..=5 | 11 | 12 => Content::IcmpError(Facts::of_quote(icmp.payload()).map(Box::new)),
        _ => Content::Other,
    }
}

/// A quote may end eight bytes behind the IP header: enough for the ports.
fn ports_only(protocol: u8, payload: &[u8]) -> Content {
    let Some(&[s0, s1, d0, d1, q0, q1, q2, q3]) = payload.first_chunk() else {
        return Content::Other;
    };
    let (source, destination) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    match protocol {
        6 => Content::Tcp(Segment {
            source,
            destination,
            seq: u32::from_be_bytes([q0, q1, q2, q3]),
            ack: 0,
            window: 0,
            len: 0,
            flags: Flags::default(),
            dsack: false,
        }),
        17 => Content::Udp {
            source,
            destination,
            len: usize::from(u16::from_be_bytes([q0, q1])).saturating_sub(8),
            stamp: None,
        },
        1 => Content::Echo {
            id: u16::from_be_bytes([q0, q1]),
            number: u16::from_be_bytes([q2, q3]),
            reply: s0 == 0,
        },
        _ => Content::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ACK of 1000 with these SACK blocks, in an IP packet with this ECN field.
    fn ack(blocks: [Option<(u32, u32)>; 2], ecn: u8) -> Vec<u8> {
        let mut ip =
            etherparse::Ipv4Header::new(0, 64, etherparse::IpNumber::TCP, [1; 4], [2; 4]).unwrap();
        ip.ecn = etherparse::IpEcn::try_new(ecn).unwrap();
        let first = blocks[0].unwrap_or((0, 0));
        let option = TcpOptionElement::SelectiveAcknowledgement(first, [blocks[1], None, None]);
        let options: &[TcpOptionElement] = if blocks[0].is_some() { &[option] } else { &[] };
        let builder = etherparse::PacketBuilder::ethernet2([0; 6], [0; 6])
            .ip(etherparse::IpHeaders::Ipv4(
                ip,
                etherparse::Ipv4Extensions::default(),
            ))
            .tcp(1, 2, 0, 0)
            .ack(1000)
            .options(options)
            .unwrap();
        let mut bytes = Vec::new();
        builder.write(&mut bytes, &[]).unwrap();
        bytes
    }

    #[test]
    fn a_first_block_below_the_ack_or_inside_the_second_tells_of_data_that_came_twice() {
        let dsack = |blocks| match Facts::of(&ack(blocks, 0)).content {
            Content::Tcp(segment) => segment.dsack,
            _ => false,
        };
        assert!(dsack([Some((500, 600)), None]));
        assert!(dsack([Some((2000, 2100)), Some((1900, 2500))]));
        assert!(!dsack([Some((2000, 2100)), Some((3000, 3500))]));
        assert!(!dsack([None, None]));
    }

    #[test]
    fn only_congestion_experienced_is_a_mark() {
        // RFC 3168: 0 is not capable, 1 and 2 are capable, 3 is the mark.
        let marked = [0, 1, 2, 3].map(|ecn| is_marked(&ack([None, None], ecn)));
        assert_eq!(marked, [false, false, false, true]);
    }

    #[test]
    fn any_bytes_give_some_facts() {
        for len in 0..80 {
            for fill in [0x00, 0x08, 0x45, 0xff] {
                let mut frame = vec![fill; len];
                if len > 14 {
                    frame[12..14].copy_from_slice(&[0x08, 0x00]);
                    frame[14] = 0x45;
                }
                let _ = Facts::of(&frame);
            }
        }
        assert_eq!(Facts::of(&[]), Facts::NONE);
    }

    #[test]
    fn a_quoted_udp_header_tells_its_ports() {
        // IPv4 header: 20 bytes, total 28, protocol 17, 10.0.0.1 to 10.0.0.2; then ports 5000, 53.
        let quote = [
            0x45, 0, 0, 40, 0, 0, 0, 0, 1, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x13, 0x88, 0, 53,
            0, 20, 0, 0,
        ];
        let facts = Facts::of_quote(&quote).unwrap();
        assert!(matches!(
            facts.content,
            Content::Udp {
                source: 5000,
                destination: 53,
                ..
            }
        ));
    }
}
