//! ICMP messages (RFC 792): reading what comes, answering echo requests, reporting closed ports.

use std::net::{IpAddr, Ipv4Addr};

use smoltcp::wire::{Icmpv4Packet, Icmpv4Repr, IpProtocol};

use super::{
    icmp_socket::Unreachable,
    outbox::{Header, Outbox},
    smol,
};
use crate::wire::{Checksum, Ipv4Packet, Protocol};

/// What an ICMP message says, as far as a host cares.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message<'a> {
    /// Somebody wants this back.
    EchoRequest {
        ident: u16,
        seq: u16,
        data: &'a [u8],
    },
    /// Somebody sent this back.
    EchoReply { ident: u16, seq: u16, len: usize },
    /// A packet of ours came to nothing.
    Error(Trouble, Quoted),
}

/// What became of the packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    Unreachable(Unreachable),
    TimeExceeded,
}

/// The packet that an ICMP error quotes: its addresses, and the first 4 bytes behind its header
/// as two numbers (the ports, or half of an ICMP header).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quoted {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) protocol: Protocol,
    pub(super) total_len: u16,
    pub(super) words: [u16; 4],
}

/// Reads an ICMP message. `None` if it is malformed or says nothing that a host cares about.
pub(super) fn parse(bytes: &[u8]) -> Option<Message<'_>> {
    let header: &[u8; 8] = bytes.first_chunk()?;
    let data = &bytes[8..];
    let word = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
    let (ident, seq) = (word(4), word(6));
    match (header[0], header[1]) {
        (ECHO_REQUEST, 0) => Some(Message::EchoRequest { ident, seq, data }),
        (ECHO_REPLY, 0) => Some(Message::EchoReply {
            ident,
            seq,
            len: data.len(),
        }),
        (UNREACHABLE, code) => {
            let why = unreachable_code(code, seq);
            Some(Message::Error(Trouble::Unreachable(why), quoted(data)?))
        }
        (TIME_EXCEEDED, 0) => Some(Message::Error(Trouble::TimeExceeded, quoted(data)?)),
        _ => None,
    }
}

/// True if the checksum over the whole message is right.
pub(super) fn checksum_is_right(bytes: &[u8]) -> bool {
    Checksum::default().over(bytes).finish() == 0
}

const fn unreachable_code(code: u8, next_mtu: u16) -> Unreachable {
    match code {
        0 => Unreachable::Network,
        1 => Unreachable::Host,
        2 => Unreachable::Protocol,
        3 => Unreachable::Port,
        4 => Unreachable::FragmentationNeeded(next_mtu),
        other => Unreachable::Other(other),
    }
}

/// Reads the packet that an error quotes, of which only header and 8 bytes need be there.
fn quoted(bytes: &[u8]) -> Option<Quoted> {
    let header: &[u8; 20] = bytes.first_chunk()?;
    let behind: &[u8; 8] = bytes
        .get(usize::from(header[0] & 0x0f) * 4..)?
        .first_chunk()?;
    let word = |b: &[u8], at: usize| u16::from_be_bytes([b[at], b[at + 1]]);
    let address = |at: usize| {
        IpAddr::V4(Ipv4Addr::new(
            header[at],
            header[at + 1],
            header[at + 2],
            header[at + 3],
        ))
    };
    Some(Quoted {
        source: address(12),
        destination: address(16),
        protocol: Protocol(header[9]),
        total_len: word(header, 2),
        words: [0, 2, 4, 6].map(|at| word(behind, at)),
    })
}

/// Sends an echo message: a request with a TTL of its own, or a reply.
pub(super) fn send_echo(outbox: &mut Outbox, header: &Header, message: &Icmpv4Repr<'_>) {
    outbox.send(header, message.buffer_len(), |buffer| {
        let mut packet = Icmpv4Packet::new_unchecked(buffer);
        message.emit(&mut packet, &smol::checksums());
    });
}

/// Answers an echo request that came from `source` to `destination`.
pub(super) fn reply(
    outbox: &mut Outbox,
    source: IpAddr,
    destination: IpAddr,
    ident: u16,
    seq_no: u16,
    data: &[u8],
) {
    let Some((own, mtu)) = outbox.paths.way(source, outbox.now) else {
        return;
    };
    let header = Header {
        // A ping to a broadcast address is answered from an address of one's own.
        source: if outbox.paths.is_local(destination) {
            destination
        } else {
            own
        },
        destination: source,
        protocol: IpProtocol::Icmp,
        ttl: outbox.ttl,
        ecn: 0,
        mtu,
    };
    let message = Icmpv4Repr::EchoReply {
        ident,
        seq_no,
        data,
    };
    send_echo(outbox, &header, &message);
}

/// Tells the sender of `packet` that it could not be delivered: `code` is 2 (no such protocol) or
/// 3 (no such port). Never about a broadcast (RFC 1122, section 3.2.2).
pub(super) fn send_unreachable<T: AsRef<[u8]>>(
    outbox: &mut Outbox,
    packet: &Ipv4Packet<T>,
    code: u8,
) {
    let (to, own) = (
        IpAddr::V4(packet.source()),
        IpAddr::V4(packet.destination()),
    );
    let way = outbox.paths.way(to, outbox.now);
    let Some((_, mtu)) = way.filter(|_| outbox.paths.is_local(own)) else {
        return;
    };
    let header = Header {
        source: own,
        destination: to,
        protocol: IpProtocol::Icmp,
        ttl: outbox.ttl,
        ecn: 0,
        mtu,
    };
    let quote = packet.packet();
    let quote = &quote[..quote.len().min(MOST_QUOTED)];
    outbox.send(&header, 8 + quote.len(), |buffer| {
        buffer[..2].copy_from_slice(&[UNREACHABLE, code]);
        buffer[8..].copy_from_slice(quote);
        let checksum = Checksum::default().over(buffer).finish();
        buffer[2..4].copy_from_slice(&checksum.to_be_bytes());
    });
}

const ECHO_REPLY: u8 = 0;
const UNREACHABLE: u8 = 3;
const ECHO_REQUEST: u8 = 8;
const TIME_EXCEEDED: u8 = 11;

/// As much of the quoted packet as keeps the whole message at 576 bytes (RFC 1812,
/// section 4.3.2.3).
const MOST_QUOTED: usize = 576 - 20 - 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_quotes_the_ports_of_the_packet_that_came_to_nothing() {
        // Type 3, code 4, next MTU 1400; then a header 10.0.0.1 -> 10.0.0.2, TCP, 1500 bytes,
        // ports 49152 (c000) and 80.
        let mut bytes = vec![3, 4, 0, 0, 0, 0, 0x05, 0x78];
        bytes.extend([0x45, 0, 0x05, 0xdc, 0, 0, 0x40, 0, 64, 6, 0, 0]);
        bytes.extend([10, 0, 0, 1, 10, 0, 0, 2, 0xc0, 0, 0, 80, 0, 0, 0, 9]);
        let Some(Message::Error(trouble, quoted)) = parse(&bytes) else {
            panic!("not read as an error");
        };
        let why = Unreachable::FragmentationNeeded(1400);
        assert_eq!(trouble, Trouble::Unreachable(why));
        assert_eq!(quoted.source, IpAddr::from([10, 0, 0, 1]));
        assert_eq!(quoted.words, [49_152, 80, 0, 9]);
        assert_eq!(quoted.total_len, 1500);
        bytes.pop();
        assert_eq!(
            parse(&bytes),
            None,
            "8 bytes behind the header must be there"
        );
    }
}
