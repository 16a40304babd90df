//! The few header bytes that series need: addresses, ports, TCP numbers and flags.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use crate::wire::{EtherType, EthernetHeader, HEADER_LEN, Ipv4Packet, Protocol};

/// The protocol of floor 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    /// TCP (RFC 9293).
    Tcp,
    /// UDP (RFC 768).
    Udp,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        })
    }
}

/// One direction of one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowKey {
    /// TCP or UDP.
    pub transport: Transport,
    /// From.
    pub source: SocketAddr,
    /// To.
    pub destination: SocketAddr,
}

impl FlowKey {
    /// The other direction.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self {
            transport: self.transport,
            source: self.destination,
            destination: self.source,
        }
    }
}

/// A TCP segment or UDP datagram in a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub(super) key: FlowKey,
    /// Payload bytes.
    pub(super) payload: u64,
    /// Only TCP.
    pub(super) tcp: Option<TcpNumbers>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct TcpNumbers {
    pub(super) sequence: u32,
    /// Only if the ACK flag is set.
    pub(super) acknowledgement: Option<u32>,
    pub(super) syn: bool,
    pub(super) fin: bool,
    /// The first block of a SACK option (RFC 2018): the newest data behind a gap.
    pub(super) sacked: Option<(u32, u32)>,
}

/// The destination address of an IPv4 packet in an Ethernet frame.
pub(super) fn destination(frame: &[u8]) -> Option<IpAddr> {
    Some(ipv4(frame)?.destination().into())
}

/// What the frame carries, if it is TCP or UDP.
pub(super) fn segment(frame: &[u8]) -> Option<Segment> {
    let packet = ipv4(frame).filter(|p| p.fragment_offset() == 0)?;
    let (transport, payload, tcp) = match packet.protocol() {
        Protocol::TCP => tcp(packet.payload())?,
        Protocol::UDP => udp(packet.payload())?,
        _ => return None,
    };
    let port = |at: usize| u16::from_be_bytes([packet.payload()[at], packet.payload()[at + 1]]);
    Some(Segment {
        key: FlowKey {
            transport,
            source: SocketAddr::new(packet.source().into(), port(0)),
            destination: SocketAddr::new(packet.destination().into(), port(2)),
        },
        payload,
        tcp,
    })
}

fn ipv4(frame: &[u8]) -> Option<Ipv4Packet<&[u8]>> {
    EthernetHeader::parse(frame).filter(|h| h.ethertype == EtherType::IPV4)?;
    Ipv4Packet::new(&frame[HEADER_LEN..])
}

type Parsed = (Transport, u64, Option<TcpNumbers>);

fn tcp(bytes: &[u8]) -> Option<Parsed> {
    let b: &[u8; 20] = bytes.first_chunk()?;
    let header = usize::from(b[12] >> 4) * 4;
    let payload = bytes.len().checked_sub(header.max(20))?;
    let numbers = TcpNumbers {
        sequence: u32::from_be_bytes([b[4], b[5], b[6], b[7]]),
        acknowledgement: (b[13] & 0x10 != 0)
            .then(|| u32::from_be_bytes([b[8], b[9], b[10], b[11]])),
        syn: b[13] & 0x02 != 0,
        fin: b[13] & 0x01 != 0,
        sacked: sacked(bytes.get(20..header).unwrap_or(&[])),
    };
    Some((Transport::Tcp, payload as u64, Some(numbers)))
}

/// The first SACK block in a header's options.
fn sacked(mut options: &[u8]) -> Option<(u32, u32)> {
    while let [kind, rest @ ..] = options {
        options = match kind {
            0 => return None,
            1 => rest,
            5 => {
                let (block, _) = rest.get(1..)?.split_first_chunk::<8>()?;
                let [a, b, c, d, e, f, g, h] = *block;
                let ends = (
                    u32::from_be_bytes([a, b, c, d]),
                    u32::from_be_bytes([e, f, g, h]),
                );
                return Some(ends);
            }
            _ => {
                let length = usize::from(*rest.first()?).max(2);
                options.get(length..)?
            }
        };
    }
    None
}

fn udp(bytes: &[u8]) -> Option<Parsed> {
    let b: &[u8; 8] = bytes.first_chunk()?;
    let payload = u16::from_be_bytes([b[4], b[5]]).checked_sub(8)?;
    Some((Transport::Udp, payload.into(), None))
}
