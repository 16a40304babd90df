//! Building a world: nodes with their floors, wires with their random streams.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use ipnet::IpNet;

use super::WorldSetup;
use crate::{
    engine::{
        ip_node::IpNode,
        part::{Abroad, ELSEWHERE, Incoming, Outgoing, Part, Scratch, Tally, foresight::queue_for},
        partition::Partition,
        slot::{Kind, Slot},
    },
    ids::{NodeId, PortId, WireId},
    osi::{
        data_link::{ArpMode, Card, FrameIds, Homes, Hub, Outbox, Switch},
        network::{Fib, IpLayer},
        physical::{Airspace, Flight, Pipe},
        transport::{Exit, Stack, StackConfig},
    },
    rng::Stream,
    task::{Clock, Doorbell, Host, HostSetup},
    topology::{Discipline, End, Node, NodeKind, Port, Segments, Topology},
    units::SimTime,
    wire::Mac,
};

const UNSPECIFIED: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// What all nodes of a world share.
struct Shared<'a> {
    setup: WorldSetup<'a>,
    partition: &'a Partition,
    names: Arc<BTreeMap<String, IpAddr>>,
    /// Where each wire ends: a place in the [`Part::incoming`] of its part.
    incoming: Vec<u32>,
}

pub(super) fn build(setup: WorldSetup<'_>, partition: &Partition) -> Vec<Part> {
    let shared = Shared::new(setup, partition);
    let bell = Doorbell::new();
    let mut parts: Vec<Part> = (0..partition.parts())
        .map(|part| shared.part(part, bell.beside()))
        .collect();
    introduce_static_neighbors(setup, partition, &mut parts);
    parts
}

fn names(topology: &Topology) -> BTreeMap<String, IpAddr> {
    let named = |node: &Node| {
        let address = node.primary_address()?;
        Some((node.name.to_ascii_lowercase(), address))
    };
    topology.nodes.iter().filter_map(named).collect()
}

/// Numbers the wires of each part, in scenario order.
fn places(count: usize, parts: usize, part_of: impl Fn(WireId) -> usize) -> Vec<u32> {
    let mut next = vec![0; parts];
    let place = |index| {
        let next = &mut next[part_of(WireId::from_index(index))];
        *next += 1;
        *next - 1
    };
    (0..count).map(place).collect()
}

impl<'a> Shared<'a> {
    fn new(setup: WorldSetup<'a>, partition: &'a Partition) -> Self {
        let topology = setup.topology;
        let (wires, parts) = (topology.links.len() * 2, partition.parts());
        let at = |node| partition.part_of(node);
        Self {
            setup,
            partition,
            names: Arc::new(names(topology)),
            incoming: places(wires, parts, |wire| at(topology.target(wire).node)),
        }
    }

    fn part(&self, number: usize, doorbell: Doorbell) -> Part {
        let clock = Clock::new();
        let nodes: Vec<NodeId> = self.partition.nodes_of(number).collect();
        let ports = |id: NodeId| &self.setup.topology.node(id).ports;
        let outgoing = nodes.iter().flat_map(|&id| ports(id)).map(|port| port.wire);
        let outgoing: Vec<WireId> = outgoing.collect();
        let mut first_wire = 0;
        let mut slot = |&id: &NodeId| {
            let first = first_wire;
            first_wire += u32::try_from(ports(id).len()).unwrap_or_default();
            self.slot(id, first, &clock, &doorbell)
        };
        Part {
            slots: nodes.iter().map(&mut slot).collect(),
            ends: outgoing.iter().map(|&wire| self.end(wire)).collect(),
            incoming: self.all_incoming(number, &nodes, outgoing.len()),
            outgoing: outgoing.into_iter().map(|w| self.outgoing(w)).collect(),
            air: Airspace::default(),
            queue: queue_for(nodes.len()),
            clock,
            doorbell,
            out: Outbox {
                homes: self.homes(number),
                ..Outbox::default()
            },
            scratch: Scratch::default(),
            tally: Tally::default(),
            parcels: (0..self.partition.parts()).map(|_| Vec::new()).collect(),
        }
    }

    /// The ways home from a part, if it is not the only one.
    fn homes(&self, part: usize) -> Option<Box<Homes>> {
        let parts = self.partition.parts();
        let here = u32::try_from(part).unwrap_or_default();
        (parts > 1).then(|| Box::new(Homes::new(here, self.partition.part_of_each(), parts)))
    }

    /// The receiving ends at the `count` ports of a part's nodes.
    fn all_incoming(&self, part: usize, nodes: &[NodeId], count: usize) -> Vec<Incoming> {
        let topology = self.setup.topology;
        let mut incoming = Vec::with_capacity(count);
        for wire in (0..topology.links.len() * 2).map(WireId::from_index) {
            if self.partition.part_of(topology.target(wire).node) == part {
                incoming.push(self.incoming(wire, nodes));
            }
        }
        incoming
    }

    fn outgoing(&self, wire: WireId) -> Outgoing {
        let topology = self.setup.topology;
        let name = &topology.link(wire.link).name;
        let profile = Arc::clone(topology.profile(wire));
        Outgoing {
            wire,
            pipe: Pipe::new(profile, self.setup.seed, name, wire),
            abroad: self.abroad(wire),
        }
    }

    /// Where a wire ends, if that is in another part than where it begins.
    fn abroad(&self, wire: WireId) -> Option<Abroad> {
        let topology = self.setup.topology;
        let [from, to] = [topology.source(wire), topology.target(wire)]
            .map(|end| self.partition.part_of(end.node));
        (from != to).then(|| Abroad {
            part: u32::try_from(to).unwrap_or_default(),
            place: self.incoming[wire.index()],
        })
    }

    /// Where a wire ends, if that is in the part where it begins; or else [`ELSEWHERE`].
    fn end(&self, wire: WireId) -> u32 {
        match self.abroad(wire) {
            None => self.incoming[wire.index()],
            Some(_) => ELSEWHERE,
        }
    }

    fn incoming(&self, wire: WireId, nodes: &[NodeId]) -> Incoming {
        let End { node, port } = self.setup.topology.target(wire);
        let slot = nodes.binary_search(&node).unwrap_or_default();
        Incoming {
            wire,
            flight: Flight::default(),
            armed: SimTime::MAX,
            slot: u32::try_from(slot).unwrap_or_default(),
            port,
        }
    }

    fn slot(&self, id: NodeId, first_wire: u32, clock: &Clock, doorbell: &Doorbell) -> Slot {
        let node = self.setup.topology.node(id);
        let ports = u16::try_from(node.ports.len()).unwrap_or(u16::MAX);
        let kind = match node.kind {
            NodeKind::Switch => Kind::Switch(Box::new(Switch::new(ports, self.setup.mac_ageing))),
            NodeKind::Hub => Kind::Hub(Hub::new(ports)),
            NodeKind::Host | NodeKind::Router => Kind::Ip(self.ip_node(id, clock, doorbell)),
        };
        let ports = (0..).map(PortId).zip(&node.ports);
        let managed = ports.filter(|(_, p)| {
            self.setup.topology.profile(p.wire).discipline != Discipline::DropTail
        });
        let managed = managed.map(|(port, _)| port).collect();
        Slot::new(id, kind, first_wire, managed)
    }

    fn ip_node(&self, id: NodeId, clock: &Clock, doorbell: &Doorbell) -> IpNode {
        let topology = self.setup.topology;
        let fib = Arc::new(Fib::new(self.setup.routes[id.index()].iter()));
        let forwarding = topology.node(id).kind == NodeKind::Router;
        let mut ip = IpLayer::new(self.cards(id), fib, forwarding, FrameIds::of(id));
        if self.setup.hosts[id.index()].silent {
            ip.keep_silent();
        }
        ip.route_by_source(&self.setup.hosts[id.index()].source_ways);
        let host = self.host(id, &ip, clock, doorbell);
        IpNode::new(ip, host)
    }

    fn cards(&self, id: NodeId) -> Vec<Card> {
        let topology = self.setup.topology;
        let ports = (0..).map(PortId).zip(&topology.node(id).ports);
        ports
            .map(|(port, p)| {
                let mtu = usize::from(topology.profile(p.wire).mtu);
                Card::new(port, p.mac, p.addresses.clone(), mtu)
            })
            .collect()
    }

    fn host(&self, id: NodeId, ip: &IpLayer, clock: &Clock, doorbell: &Doorbell) -> Host {
        let node = self.setup.topology.node(id);
        let stream = |purpose| self.setup.seed.stream(&["host", &node.name, purpose]);
        let stack = Stack::new(self.stack_config(id, ip, stream("stack")));
        Host::new(HostSetup {
            id,
            name: node.name.clone(),
            address: node.primary_address().unwrap_or(UNSPECIFIED),
            clock: clock.clone(),
            doorbell: doorbell.clone(),
            stack: stack.shared(),
            names: Arc::clone(&self.names),
            random: stream("programs"),
        })
    }

    fn stack_config(&self, id: NodeId, ip: &IpLayer, random: Stream) -> StackConfig {
        let topology = self.setup.topology;
        let config = &self.setup.hosts[id.index()];
        let exit = |port: &Port| Exit {
            source: port.addresses.first().map_or(UNSPECIFIED, IpNet::addr),
            mtu: topology.profile(port.wire).mtu,
        };
        StackConfig {
            addresses: ip.own_addresses().clone(),
            routes: Arc::clone(ip.fib()),
            exits: topology.node(id).ports.iter().map(exit).collect(),
            tcp: Arc::clone(&config.tcp),
            ttl: config.ttl.unwrap_or(64),
            seed: random,
        }
    }
}

/// Tells the nodes whose ARP is static who else is on their segments.
fn introduce_static_neighbors(setup: WorldSetup<'_>, partition: &Partition, parts: &mut [Part]) {
    let segments = Segments::of(setup.topology);
    for (_, members) in segments.iter() {
        let asks_nobody = |node: NodeId| setup.hosts[node.index()].arp == ArpMode::Static;
        if !members.iter().any(|&(node, _)| asks_nobody(node)) {
            continue;
        }
        let everybody: Arc<[_]> = addresses_on(setup.topology, members).into();
        for &(node, port) in members.iter().filter(|&&(node, _)| asks_nobody(node)) {
            let part = &mut parts[partition.part_of(node)];
            let Some(place) = part.place_of(node) else {
                continue;
            };
            if let Kind::Ip(ip) = &mut part.slots[place].kind {
                let card = &mut ip.ip.cards_mut()[port.index()];
                card.neighbors.set_fixed(Arc::clone(&everybody));
            }
        }
    }
}

/// Every address on a segment with its card, by address.
fn addresses_on(topology: &Topology, members: &[(NodeId, PortId)]) -> Vec<(IpAddr, Mac)> {
    let cards = members
        .iter()
        .map(|&(node, port)| topology.port(node, port));
    let mut addresses: Vec<(IpAddr, Mac)> = cards
        .flat_map(|card| card.addresses.iter().map(|net| (net.addr(), card.mac)))
        .collect();
    addresses.sort_unstable();
    addresses
}
