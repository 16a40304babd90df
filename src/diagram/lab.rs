//! A small network with hand-made traffic, for the tests of pictures: real frames that walk hop
//! by hop, as the engine would let them.
//!
//! ```text
//!  alice ---- s1 ---- r1 ======wan====== r2 ---- bob
//!  10.0.0.10  switch  10.0.0.1           10.0.2.1  10.0.2.10
//! ```

use etherparse::PacketBuilder;

use crate::{
    ids::{Direction, FrameId, LinkId, NodeId, PortId, WireId},
    topology::{NodeKind, Topology},
    trace::{DropReason, Fate, FrameDropped, FrameReceived, FrameSent, Record, Recorder, Story},
    units::{SimTime, Span},
    wire::{ArpOperation, ArpPacket, EtherType, EthernetHeader, Ipv4Packet, Mac},
};

mod network;

/// The network and what has happened on it so far.
pub(crate) struct Lab {
    pub(crate) topology: Topology,
    events: Vec<(SimTime, usize, Event)>,
    numbers: [u32; 5],
    /// Alice's port of the next segments.
    pub(crate) port: u16,
}

/// How a frame's journey ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Arrives,
    /// Dies on the WAN.
    Lost,
    /// Finds the WAN's queue full.
    QueueFull,
}

#[derive(Clone)]
struct Event {
    wire: WireId,
    frame: FrameId,
    bytes: Vec<u8>,
    what: What,
}

#[derive(Clone)]
enum What {
    Sent { departs: SimTime, fate: Fate },
    Received,
    Dropped(DropReason),
}

/// The nodes on the way, in order.
pub(crate) const ALICE: NodeId = NodeId(0);
pub(crate) const BOB: NodeId = NodeId(4);
/// The link between the routers.
const WAN: usize = 2;

impl Lab {
    pub(crate) fn new() -> Self {
        Self {
            topology: network::topology(),
            events: Vec::new(),
            numbers: [0; 5],
            port: 49_152,
        }
    }

    /// The one-way delay without waiting: 1 + 1 + 20 + 1 ms.
    pub(crate) const DELAY: Span = Span::from_millis(23);

    /// Lets a TCP segment travel. `from_alice` tells the direction.
    pub(crate) fn tcp(
        &mut self,
        at: Span,
        from_alice: bool,
        tcp: &Tcp<'_>,
        end: Ending,
    ) -> FrameId {
        let (from, to) = if from_alice {
            (self.port, 80)
        } else {
            (80, self.port)
        };
        let builder = self.ip(from_alice).tcp(from, to, tcp.sequence, 64_240);
        let builder = if tcp.flags.contains('S') {
            builder.syn()
        } else {
            builder
        };
        let builder = if tcp.flags.contains('F') {
            builder.fin()
        } else {
            builder
        };
        let builder = if tcp.flags.contains('P') {
            builder.psh()
        } else {
            builder
        };
        let builder = match tcp.ack {
            Some(ack) => builder.ack(ack),
            None => builder,
        };
        let mut bytes = Vec::new();
        builder.write(&mut bytes, tcp.payload).unwrap();
        self.travel(at, from_alice, bytes, end)
    }

    /// Lets a datagram travel from Alice to port 5004 of Bob.
    pub(crate) fn udp(&mut self, at: Span, wait: Span, payload: &[u8], end: Ending) -> FrameId {
        let mut bytes = Vec::new();
        let builder = self.ip(true).udp(self.port, 5004);
        builder.write(&mut bytes, payload).unwrap();
        self.travel_waiting(at, wait, true, bytes, end)
    }

    /// A frame with any payload behind its IP header.
    pub(crate) fn ip(
        &self,
        from_alice: bool,
    ) -> etherparse::PacketBuilderStep<etherparse::IpHeaders> {
        let alice = [10, 0, 0, 10];
        let bob = [10, 0, 2, 10];
        let (s, d) = if from_alice {
            (alice, bob)
        } else {
            (bob, alice)
        };
        PacketBuilder::ethernet2([0; 6], [0; 6]).ipv4(s, d, 64)
    }

    pub(crate) fn travel(
        &mut self,
        at: Span,
        from_alice: bool,
        bytes: Vec<u8>,
        end: Ending,
    ) -> FrameId {
        self.travel_waiting(at, Span::ZERO, from_alice, bytes, end)
    }

    /// Hop by hop; on the WAN the frame first waits in the queue.
    fn travel_waiting(
        &mut self,
        at: Span,
        wait: Span,
        from_alice: bool,
        mut bytes: Vec<u8>,
        end: Ending,
    ) -> FrameId {
        let (origin, direction) = if from_alice {
            (ALICE, Direction::Forward)
        } else {
            (BOB, Direction::Backward)
        };
        let frame = self.next_id(origin);
        bytes.resize(bytes.len().max(60), 0);
        let mut now = SimTime::ZERO + at;
        let mut links: Vec<u32> = (0..4).collect();
        if !from_alice {
            links.reverse();
        }
        for (step, link) in links.into_iter().enumerate() {
            let wire = WireId {
                link: LinkId(link),
                direction,
            };
            let is_wan = link as usize == WAN;
            self.forward(wire, &mut bytes, step == 0);
            if is_wan && end == Ending::QueueFull {
                self.push(
                    now,
                    wire,
                    frame,
                    &bytes,
                    What::Dropped(DropReason::QueueFull),
                );
                return frame;
            }
            let departs = if is_wan { now + wait } else { now };
            let arrives = departs + self.topology.profile(wire).latency;
            let lost = is_wan && end == Ending::Lost;
            let fate = if lost {
                Fate::Lost(arrives, DropReason::RandomLoss)
            } else {
                Fate::Arrives(arrives)
            };
            self.push(now, wire, frame, &bytes, What::Sent { departs, fate });
            if lost {
                return frame;
            }
            self.push(arrives, wire, frame, &bytes, What::Received);
            now = arrives;
        }
        frame
    }

    /// Alice asks who has her router's address; the question reaches the switch and the router.
    pub(crate) fn arp(&mut self, at: Span) -> FrameId {
        let frame = self.next_id(ALICE);
        let packet = ArpPacket {
            operation: ArpOperation::Request,
            sender_mac: Mac::generated(0, 0),
            sender_ip: [10, 0, 0, 10].into(),
            target_mac: Mac([0; 6]),
            target_ip: [10, 0, 0, 1].into(),
        };
        let mut bytes = vec![0; 14];
        EthernetHeader {
            destination: Mac::BROADCAST,
            source: Mac::generated(0, 0),
            ethertype: EtherType::ARP,
        }
        .emit(&mut bytes);
        bytes.extend(packet.emit());
        bytes.resize(60, 0);
        let mut now = SimTime::ZERO + at;
        for link in 0..2 {
            let wire = WireId {
                link: LinkId(link),
                direction: Direction::Forward,
            };
            let arrives = now + Span::from_millis(1);
            let fate = Fate::Arrives(arrives);
            self.push(now, wire, frame, &bytes, What::Sent { departs: now, fate });
            self.push(arrives, wire, frame, &bytes, What::Received);
            now = arrives;
        }
        frame
    }

    /// Tells `recorder` everything in time order.
    pub(crate) fn play(&mut self, recorder: &mut dyn Recorder) {
        self.events.sort_by_key(|(at, number, _)| (*at, *number));
        for (at, _, event) in &self.events {
            recorder.record(&self.record(*at, event)).unwrap();
        }
    }

    pub(crate) fn story(&mut self) -> Story {
        let mut story = Story::with_limit(10_000);
        self.play(&mut story);
        story
    }

    fn record<'a>(&self, at: SimTime, event: &'a Event) -> Record<'a> {
        let (wire, frame) = (event.wire, event.frame);
        let bytes = event.bytes.as_slice();
        let (from, to) = (self.topology.source(wire), self.topology.target(wire));
        match event.what {
            What::Sent { departs, fate } => Record::Sent(FrameSent {
                at,
                wire,
                node: from.node,
                port: from.port,
                frame,
                bytes,
                queued: at,
                departs,
                marked: false,
                fate,
                duplicate: false,
            }),
            What::Received => Record::Received(FrameReceived {
                at,
                wire,
                node: to.node,
                port: to.port,
                frame,
                bytes,
            }),
            What::Dropped(why) => Record::Dropped(FrameDropped {
                at,
                node: from.node,
                port: from.port,
                frame,
                bytes,
                why,
            }),
        }
    }

    fn push(&mut self, at: SimTime, wire: WireId, frame: FrameId, bytes: &[u8], what: What) {
        let number = self.events.len();
        let bytes = bytes.to_vec();
        let event = Event {
            wire,
            frame,
            bytes,
            what,
        };
        self.events.push((at, number, event));
    }

    fn next_id(&mut self, origin: NodeId) -> FrameId {
        let number = &mut self.numbers[origin.index()];
        *number += 1;
        FrameId {
            origin,
            number: *number - 1,
        }
    }

    /// What a router does: TTL, then new addresses for the next segment.
    fn forward(&self, wire: WireId, bytes: &mut [u8], first: bool) {
        let from = self.topology.source(wire);
        let is_router = self.topology.node(from.node).kind == NodeKind::Router;
        if is_router {
            Ipv4Packet::new(&mut bytes[14..]).unwrap().decrement_ttl();
        }
        if first || is_router {
            EthernetHeader {
                destination: self.next_card(wire),
                source: self.topology.port(from.node, from.port).mac,
                ethertype: EtherType::IPV4,
            }
            .emit(bytes);
        }
    }

    /// The next card that speaks IP, past the switch.
    fn next_card(&self, wire: WireId) -> Mac {
        let to = self.topology.target(wire);
        if self.topology.node(to.node).kind.speaks_ip() {
            return self.topology.port(to.node, to.port).mac;
        }
        let other = PortId(1 - to.port.0);
        let next = self.topology.neighbor(to.node, other);
        self.topology.port(next.node, next.port).mac
    }
}

/// A TCP segment to build.
#[derive(Default)]
pub(crate) struct Tcp<'a> {
    pub(crate) sequence: u32,
    pub(crate) ack: Option<u32>,
    /// Letters: S, F, P.
    pub(crate) flags: &'a str,
    pub(crate) payload: &'a [u8],
}

/// A GET, as hyper writes it.
pub(crate) const GET: &[u8] = b"GET /api/users/123 HTTP/1.1\r\nhost: bob\r\naccept: */*\r\n\r\n";

impl Lab {
    /// A handshake and the first request and answer. Returns the frame of the request.
    pub(crate) fn page(&mut self) -> FrameId {
        let ms = Span::from_millis;
        let tcp = |sequence, ack, flags, payload| Tcp {
            sequence,
            ack,
            flags,
            payload,
        };
        self.arp(ms(0));
        self.tcp(ms(4), true, &tcp(7000, None, "S", b""), Ending::Arrives);
        self.tcp(
            ms(27),
            false,
            &tcp(3000, Some(7001), "S", b""),
            Ending::Arrives,
        );
        self.tcp(
            ms(50),
            true,
            &tcp(7001, Some(3001), "", b""),
            Ending::Arrives,
        );
        let get = self.tcp(
            ms(51),
            true,
            &tcp(7001, Some(3001), "P", GET),
            Ending::Arrives,
        );
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                       content-length: 26\r\n\r\n{\"id\":123,\"name\":\"Carol\"}\n";
        let seen = 7001 + u32::try_from(GET.len()).unwrap();
        self.tcp(
            ms(75),
            false,
            &tcp(3001, Some(seen), "P", answer),
            Ending::Arrives,
        );
        get
    }
}
