//! Frames of a TCP connection, made by etherparse: a second opinion on what the dissector reads.

use std::ops::Range;

use etherparse::{PacketBuilder, TcpOptionElement};

use super::super::{Dissection, Dissector};

/// The client's first sequence number: its numbers wrap soon.
const CLIENT_ISN: u32 = 0xffff_ff00;
const SERVER_ISN: u32 = 5000;

/// A connection from port 49152 of 10.0.0.10 to port 80 of 10.0.2.10, and a dissector that sees
/// it. Numbers are relative.
pub(super) struct Talk {
    pub(super) dissector: Dissector,
}

/// Who sends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
}
pub(super) use self::Side::{Client, Server};

/// What stands in a segment beside its payload.
#[derive(Clone, Default)]
pub(super) struct Head {
    pub(super) flags: &'static str,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) window: u16,
    pub(super) options: Vec<TcpOptionElement>,
}

impl Talk {
    pub(super) fn new() -> Self {
        Self {
            dissector: Dissector::new(),
        }
    }

    /// A connection whose handshake is over; both sides scale their windows by 128.
    pub(super) fn established() -> Self {
        let mut talk = Self::new();
        let scale = vec![TcpOptionElement::WindowScale(7)];
        for (from, flags, seq, ack, options) in [
            (Client, "S", 0, 0, scale.clone()),
            (Server, "SA", 0, 1, scale),
            (Client, "A", 1, 1, vec![]),
        ] {
            let head = Head {
                flags,
                seq,
                ack,
                window: 500,
                options,
            };
            talk.send(from, &head, b"");
        }
        talk
    }

    pub(super) fn send(&mut self, from: Side, head: &Head, payload: &[u8]) -> Dissection {
        self.dissector.dissect(&frame(from, head, payload))
    }

    /// A segment of data or only an acknowledgment, with the usual window.
    pub(super) fn data(&mut self, from: Side, seq: u32, ack: u32, payload: &[u8]) -> Dissection {
        let head = Head {
            flags: "A",
            seq,
            ack,
            window: 500,
            options: vec![],
        };
        self.send(from, &head, payload)
    }
}

pub(super) fn frame(from: Side, head: &Head, payload: &[u8]) -> Vec<u8> {
    let (client, server) = (([10, 0, 0, 10], 49152), ([10, 0, 2, 10], 80));
    let ((source, from_port), (target, to_port), isn, other) = match from {
        Client => (client, server, CLIENT_ISN, SERVER_ISN),
        Server => (server, client, SERVER_ISN, CLIENT_ISN),
    };
    let mut builder = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ipv4(source, target, 64)
        .tcp(from_port, to_port, isn.wrapping_add(head.seq), head.window)
        .options(&head.options)
        .unwrap();
    for flag in head.flags.chars() {
        builder = match flag {
            'S' => builder.syn(),
            'F' => builder.fin(),
            'R' => builder.rst(),
            'P' => builder.psh(),
            _ => builder.ack(other.wrapping_add(head.ack)),
        };
    }
    let mut bytes = Vec::new();
    builder.write(&mut bytes, payload).unwrap();
    bytes
}

/// The value of a field of the TCP layer.
pub(super) fn tcp<'a>(tree: &'a Dissection, field: &str) -> Option<&'a str> {
    tree.layer("tcp").unwrap().value(field)
}

/// The one line of the TCP layer.
pub(super) fn line(tree: &Dissection) -> &str {
    &tree.layer("tcp").unwrap().summary
}

/// "protocol summary" and range of the layers above TCP.
pub(super) fn above(tree: &Dissection) -> Vec<(String, Range<usize>)> {
    let layers = tree.layers.iter().skip(3);
    layers
        .map(|l| (format!("{} {}", l.protocol, l.summary), l.range.clone()))
        .collect()
}
