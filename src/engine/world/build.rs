//! Building a world: nodes with their floors, wires with their random streams.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use super::{Scratch, Tally, World, WorldSetup};
use crate::{
    engine::{
        event_queue::EventQueue,
        ip_node::IpNode,
        slot::{Kind, Slot},
    },
    ids::{NodeId, PortId, WireId},
    osi::{
        data_link::{ArpMode, Card, FrameIds, Hub, Outbox, Switch},
        network::{Fib, IpLayer},
        physical::Pipe,
        transport::{Path, Stack, StackConfig},
    },
    rng::Stream,
    task::{Clock, Doorbell, Host, HostSetup},
    topology::{Node, NodeKind, Route, Segments, Topology},
    wire::Mac,
};

/// What all nodes of a world share.
struct Shared<'a> {
    setup: WorldSetup<'a>,
    clock: Clock,
    doorbell: Doorbell,
    names: Arc<BTreeMap<String, IpAddr>>,
}

pub(super) fn build(setup: WorldSetup<'_>) -> World {
    let shared = Shared {
        setup,
        clock: Clock::new(),
        doorbell: Doorbell::new(),
        names: Arc::new(names(setup.topology)),
    };
    let mut slots: Vec<Slot> = setup
        .topology
        .node_ids()
        .map(|id| shared.slot(id))
        .collect();
    introduce_static_neighbors(setup, &mut slots);
    let wires = || (0..setup.topology.links.len() * 2).map(WireId::from_index);
    World {
        targets: wires().map(|w| setup.topology.target(w)).collect(),
        pipes: wires().map(|w| pipe(setup, w)).collect(),
        armed: wires().map(|_| None).collect(),
        sequences: vec![0; setup.topology.links.len() * 2 + slots.len()],
        slots,
        queue: EventQueue::default(),
        clock: shared.clock,
        doorbell: shared.doorbell,
        out: Outbox::default(),
        scratch: Scratch::default(),
        tally: Tally::default(),
    }
}

fn names(topology: &Topology) -> BTreeMap<String, IpAddr> {
    let named = |node: &Node| {
        let address = node.primary_address()?;
        Some((node.name.to_ascii_lowercase(), address))
    };
    topology.nodes.iter().filter_map(named).collect()
}

fn pipe(setup: WorldSetup<'_>, wire: WireId) -> Pipe {
    let profile = setup.topology.profile(wire).clone();
    let name = &setup.topology.link(wire.link).name;
    Pipe::new(profile, setup.seed, name, wire)
}

impl Shared<'_> {
    fn slot(&self, id: NodeId) -> Slot {
        let node = self.setup.topology.node(id);
        let ports = u16::try_from(node.ports.len()).unwrap_or(u16::MAX);
        let kind = match node.kind {
            NodeKind::Switch => Kind::Switch(Switch::new(ports, self.setup.mac_ageing)),
            NodeKind::Hub => Kind::Hub(Hub::new(ports)),
            NodeKind::Host | NodeKind::Router => Kind::Ip(Box::new(self.ip_node(id))),
        };
        Slot::new(kind, node.ports.iter().map(|p| p.wire).collect())
    }

    fn ip_node(&self, id: NodeId) -> IpNode {
        let topology = self.setup.topology;
        let fib = Fib::new(&self.setup.routes[id.index()]);
        let forwarding = topology.node(id).kind == NodeKind::Router;
        IpNode {
            ip: IpLayer::new(self.cards(id), fib, forwarding, FrameIds::of(id)),
            host: self.host(id),
        }
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

    fn host(&self, id: NodeId) -> Host {
        let node = self.setup.topology.node(id);
        let stream = |purpose| self.setup.seed.stream(&["host", &node.name, purpose]);
        let unspecified = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
        let stack = Stack::new(self.stack_config(id, stream("stack")));
        Host::new(HostSetup {
            id,
            name: node.name.clone(),
            address: node.primary_address().unwrap_or(unspecified),
            clock: self.clock.clone(),
            doorbell: self.doorbell.clone(),
            stack: Arc::new(Mutex::new(stack)),
            names: Arc::clone(&self.names),
            random: stream("programs"),
        })
    }

    fn stack_config(&self, id: NodeId, random: Stream) -> StackConfig {
        let topology = self.setup.topology;
        let node = topology.node(id);
        let config = &self.setup.hosts[id.index()];
        let path = |route: &Route| {
            let port = topology.port(id, route.port);
            Some(Path {
                prefix: route.prefix,
                source: port.addresses.first()?.addr(),
                mtu: topology.profile(port.wire).mtu,
            })
        };
        StackConfig {
            addresses: node
                .ports
                .iter()
                .flat_map(|p| p.addresses.clone())
                .collect(),
            paths: self.setup.routes[id.index()]
                .iter()
                .filter_map(path)
                .collect(),
            tcp: config.tcp.clone(),
            ttl: config.ttl.unwrap_or(64),
            seed: random,
        }
    }
}

/// Tells the nodes whose ARP is static who else is on their segments.
fn introduce_static_neighbors(setup: WorldSetup<'_>, slots: &mut [Slot]) {
    let segments = Segments::of(setup.topology);
    for (_, members) in segments.iter() {
        let asks_nobody = |node: NodeId| setup.hosts[node.index()].arp == ArpMode::Static;
        if !members.iter().any(|&(node, _)| asks_nobody(node)) {
            continue;
        }
        let everybody = Arc::new(addresses_on(setup.topology, members));
        for &(node, port) in members.iter().filter(|&&(node, _)| asks_nobody(node)) {
            if let Kind::Ip(ip) = &mut slots[node.index()].kind {
                let card = &mut ip.ip.cards_mut()[port.index()];
                card.neighbors.set_fixed(Arc::clone(&everybody));
            }
        }
    }
}

fn addresses_on(topology: &Topology, members: &[(NodeId, PortId)]) -> BTreeMap<IpAddr, Mac> {
    let cards = members
        .iter()
        .map(|&(node, port)| topology.port(node, port));
    cards
        .flat_map(|card| card.addresses.iter().map(|net| (net.addr(), card.mac)))
        .collect()
}
