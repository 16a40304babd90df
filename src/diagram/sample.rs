//! For tests: a small network and hand-made stories with real bytes.
//!
//! `alice - r1 - r2 - bob`, 100 Mbit/s and 1 ms at the sides, 10 Mbit/s and 20 ms in the middle.

use std::{net::Ipv4Addr, sync::Arc};

use etherparse::PacketBuilder;

use crate::{
    ids::{Direction, FrameId, LinkId, NodeId, PortId, WireId},
    topology::{End, Link, LinkProfile, Node, NodeKind, Port, QueueLimit, Topology},
    trace::{DropReason, Fate, Hop, HopEnd, SocketState, Story, StoryDrop, TcpState},
    units::{ByteSize, SimTime, Span},
    wire::Mac,
};

pub(crate) const ALICE: NodeId = NodeId(0);
pub(crate) const BOB: NodeId = NodeId(3);

/// A topology under construction.
#[derive(Debug, Default)]
pub(crate) struct Net(pub(crate) Topology);

impl Net {
    pub(crate) fn node(&mut self, name: &str, kind: NodeKind) -> NodeId {
        let id = NodeId(u32::try_from(self.0.nodes.len()).unwrap());
        self.0.nodes.push(Node {
            name: name.to_owned(),
            kind,
            ports: Vec::new(),
        });
        id
    }

    /// A link between two nodes with an address on each end ("" for none).
    pub(crate) fn link(
        &mut self,
        (a, a_address): (NodeId, &str),
        (b, b_address): (NodeId, &str),
        profile: LinkProfile,
    ) -> LinkId {
        let id = LinkId(u32::try_from(self.0.links.len()).unwrap());
        let ends = [
            self.port(a, a_address, id, Direction::Forward),
            self.port(b, b_address, id, Direction::Backward),
        ];
        let name = format!("{}-{}", self.0.node(a).name, self.0.node(b).name);
        self.0.links.push(Link {
            name,
            ends,
            cost: 1,
            profiles: [Arc::new(profile.clone()), Arc::new(profile)],
        });
        id
    }

    fn port(&mut self, node: NodeId, address: &str, link: LinkId, direction: Direction) -> End {
        let ports = &mut self.0.nodes[node.index()].ports;
        let port = PortId(u16::try_from(ports.len()).unwrap());
        let addresses = if address.is_empty() {
            Vec::new()
        } else {
            vec![address.parse().unwrap()]
        };
        ports.push(Port {
            wire: WireId { link, direction },
            mac: Mac::generated(node.0, port.0),
            addresses,
        });
        End { node, port }
    }
}

pub(crate) fn profile(rate: &str, latency: &str) -> LinkProfile {
    LinkProfile {
        rate: rate.parse().unwrap(),
        latency: latency.parse().unwrap(),
        ..LinkProfile::default()
    }
}

/// The network of the module's caption; the middle link loses 3 % and is called `wan`.
pub(crate) fn network() -> Topology {
    let mut net = Net::default();
    let alice = net.node("alice", NodeKind::Host);
    let r1 = net.node("r1", NodeKind::Router);
    let r2 = net.node("r2", NodeKind::Router);
    let bob = net.node("bob", NodeKind::Host);
    let side = profile("100 Mbit/s", "1ms");
    let middle = LinkProfile {
        jitter: Span::from_millis(2),
        loss: "3%".parse().unwrap(),
        queue: QueueLimit::Bytes(ByteSize::new(64 << 10)),
        ..profile("10 Mbit/s", "20ms")
    };
    net.link((alice, "10.0.1.10/24"), (r1, "10.0.1.1/24"), side.clone());
    net.link((r1, "10.0.12.1/24"), (r2, "10.0.12.2/24"), middle);
    net.link((r2, "10.0.2.1/24"), (bob, "10.0.2.10/24"), side);
    net.0.links[1].name = "wan".to_owned();
    net.0
}

/// A story under construction on [`network`].
#[derive(Debug)]
pub(crate) struct Script {
    topology: Topology,
    pub(crate) story: Story,
    made: [u32; 4],
}

/// What becomes of a packet on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Through,
    /// Lost on the wire of this hop, from 0.
    LostOn(usize),
    /// Dropped by the node behind this many hops.
    DroppedBehind(usize, DropReason),
}

/// The numbers of a TCP segment, relative.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tcp<'a> {
    pub(crate) flags: &'a str,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) data: &'a [u8],
}

impl Script {
    pub(crate) fn new() -> Self {
        Self {
            topology: network(),
            story: Story::with_limit(10_000),
            made: [0; 4],
        }
    }

    /// The story, its records in the order of their times.
    pub(crate) fn finish(mut self) -> Story {
        self.story.hops.sort_by_key(|h| h.sent);
        self.story.drops.sort_by_key(|d| d.at);
        self.story.sockets.sort_by_key(|s| s.at);
        self.story
    }

    /// Alice (or Bob, if `back`) sends a TCP segment at `at`; tells when it arrives, or would.
    pub(crate) fn tcp(&mut self, at: SimTime, back: bool, tcp: Tcp<'_>, way: Way) -> SimTime {
        let (from, to) = if back { (BOB, ALICE) } else { (ALICE, BOB) };
        let (source, destination) = if back { (80, 49152) } else { (49152, 80) };
        let base = |is_alice: bool| if is_alice { 1_000_000 } else { 7_000_000 };
        let builder = ip(from, to).tcp(source, destination, tcp.seq + base(!back), 65535);
        let mut builder = builder;
        if tcp.flags.contains('S') {
            builder = builder.syn();
        }
        if tcp.flags.contains('F') {
            builder = builder.fin();
        }
        if tcp.flags.contains('A') {
            builder = builder.ack(tcp.ack + base(back));
        }
        let mut bytes = Vec::new();
        builder.write(&mut bytes, tcp.data).unwrap();
        self.send(at, from, &bytes, way)
    }

    /// Alice sends Bob datagram `number` of a stream at `at`.
    pub(crate) fn datagram(&mut self, at: SimTime, number: u64, way: Way) -> SimTime {
        let mut data = vec![0; 160];
        data[4..12].copy_from_slice(&number.to_be_bytes());
        data[12..20].copy_from_slice(&at.as_nanos().to_be_bytes());
        let mut bytes = Vec::new();
        ip(ALICE, BOB)
            .udp(49153, 5004)
            .write(&mut bytes, &data)
            .unwrap();
        self.send(at, ALICE, &bytes, way)
    }

    /// A node's end of the connection enters a state.
    pub(crate) fn state(&mut self, at: SimTime, node: NodeId, state: TcpState) {
        let alice = "10.0.1.10:49152".parse().unwrap();
        let bob = "10.0.2.10:80".parse().unwrap();
        let (local, remote) = if node == ALICE {
            (alice, bob)
        } else {
            (bob, alice)
        };
        self.story.sockets.push(SocketState {
            at,
            node,
            local,
            remote,
            state,
        });
    }

    /// Sends a frame hop by hop along the chain.
    fn send(&mut self, at: SimTime, from: NodeId, bytes: &[u8], way: Way) -> SimTime {
        let frame = FrameId {
            origin: from,
            number: self.made[from.index()],
        };
        self.made[from.index()] += 1;
        let mut bytes = bytes.to_vec();
        bytes.resize(bytes.len().max(60), 0);
        let mut now = at;
        let links: Vec<u32> = if from == ALICE {
            vec![0, 1, 2]
        } else {
            vec![2, 1, 0]
        };
        for (index, link) in links.into_iter().enumerate() {
            let direction = if from == ALICE {
                Direction::Forward
            } else {
                Direction::Backward
            };
            let wire = WireId {
                link: LinkId(link),
                direction,
            };
            let source = self.topology.source(wire);
            let place = HopEnd {
                node: source.node,
                port: source.port,
            };
            if let Way::DroppedBehind(hops, why) = way
                && hops == index
            {
                self.story.drops.push(StoryDrop {
                    at: now,
                    place,
                    frame,
                    bytes,
                    why,
                });
                return now;
            }
            let profile = self.topology.profile(wire);
            let arrives =
                now + profile.rate.time_for_bytes(bytes.len() as u64 + 24) + profile.latency;
            let lost = way == Way::LostOn(index);
            let fate = if lost {
                Fate::Lost(arrives, DropReason::RandomLoss)
            } else {
                Fate::Arrives(arrives)
            };
            self.story.hops.push(Hop {
                sent: now,
                departs: now,
                wire,
                from: place,
                frame,
                bytes: bytes.clone(),
                fate,
                duplicate: false,
            });
            now = arrives;
            if lost {
                break;
            }
        }
        now
    }
}

fn ip(from: NodeId, to: NodeId) -> etherparse::PacketBuilderStep<etherparse::IpHeaders> {
    let address = |node: NodeId| match node {
        ALICE => Ipv4Addr::new(10, 0, 1, 10),
        _ => Ipv4Addr::new(10, 0, 2, 10),
    };
    PacketBuilder::ethernet2(Mac::generated(from.0, 0).0, Mac::generated(1, 0).0).ipv4(
        address(from).octets(),
        address(to).octets(),
        64,
    )
}

fn ms(ms: u64) -> Span {
    Span::from_millis(ms)
}

/// A handshake, a page over HTTP whose answer's second half is lost and sent again after a
/// second of silence, and the orderly end.
pub(crate) fn page_with_a_loss() -> Story {
    let mut s = Script::new();
    let tcp = |flags, seq, ack, data| Tcp {
        flags,
        seq,
        ack,
        data,
    };
    let get = b"GET /api/users/123 HTTP/1.1\r\nhost: bob\r\n\r\n";
    let (get_end, body) = (1 + 42, [b'x'; 1000]);
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n".to_vec();
    answer.extend(body);
    let answer_end = 1 + u32::try_from(answer.len()).unwrap();
    s.state(SimTime::ZERO, ALICE, TcpState::SynSent);
    let t = s.tcp(SimTime::ZERO, false, tcp("S", 0, 0, b""), Way::Through);
    s.state(t, BOB, TcpState::SynReceived);
    let t = s.tcp(t, true, tcp("SA", 0, 1, b""), Way::Through);
    s.state(t, ALICE, TcpState::Established);
    let up = s.tcp(t, false, tcp("A", 1, 1, b""), Way::Through);
    s.state(up, BOB, TcpState::Established);
    let t = s.tcp(
        t + Span::from_micros(20),
        false,
        tcp("A", 1, 1, get),
        Way::Through,
    );
    let t = t + ms(2);
    let first = s.tcp(t, true, tcp("A", 1, get_end, &answer), Way::Through);
    let second_at = t + Span::from_micros(90);
    s.tcp(
        second_at,
        true,
        tcp("A", answer_end, get_end, &body),
        Way::LostOn(1),
    );
    s.tcp(
        first + ms(10),
        false,
        tcp("A", get_end, answer_end, b""),
        Way::Through,
    );
    let again = second_at + ms(1000);
    let t = s.tcp(
        again,
        true,
        tcp("A", answer_end, get_end, &body),
        Way::Through,
    );
    let end = answer_end + 1000;
    let t = t + Span::from_micros(50);
    s.state(t, ALICE, TcpState::FinWait1);
    let t = s.tcp(t, false, tcp("FA", get_end, end, b""), Way::Through);
    s.state(t, BOB, TcpState::LastAck);
    let t = s.tcp(t, true, tcp("FA", end, get_end + 1, b""), Way::Through);
    s.state(t, ALICE, TcpState::TimeWait);
    let t = s.tcp(t, false, tcp("A", get_end + 1, end + 1, b""), Way::Through);
    s.state(t, BOB, TcpState::Closed);
    s.finish()
}

/// Thirty datagrams, one every 20 ms; some are lost on the middle link, one finds its queue full.
pub(crate) fn stream_with_losses() -> Story {
    let mut s = Script::new();
    for number in 0..30 {
        let way = match number {
            3 | 17 => Way::LostOn(1),
            5 => Way::DroppedBehind(1, DropReason::QueueFull),
            _ => Way::Through,
        };
        s.datagram(SimTime::ZERO + ms(20).times(number), number, way);
    }
    s.finish()
}
