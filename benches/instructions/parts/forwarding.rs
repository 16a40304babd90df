//! What a router and a switch do with a frame, and the search for a route.

use std::{
    hint::black_box,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use netsim::{
    ids::{FrameId, NodeId, PortId},
    osi::{
        data_link::{Card, FrameIds, Outbox, Switch},
        network::{Fib, IpLayer},
    },
    rng::RootSeed,
    topology::{Route, RouteOrigin},
    units::{SimTime, Span},
    wire::{Checksum, EtherType, EthernetHeader, Frame, HEADER_LEN, Mac},
};

use crate::counted;

const OPERATIONS: usize = 20_000;
const ROUTER: [Mac; 2] = [Mac([2, 0, 0, 0, 1, 0]), Mac([2, 0, 0, 0, 1, 1])];
const NEIGHBOR: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 2);

/// A router that passes a plain frame on in place.
pub(crate) fn router() -> u64 {
    let mut router = two_card_router();
    pass(&datagram(ROUTER[0]), |mut frame, out| {
        let port = router.pass_on(SimTime::ZERO, PortId(0), &mut frame);
        out.send(port.unwrap(), frame);
    })
}

/// The same router by the way that every frame can take.
pub(crate) fn router_general() -> u64 {
    let mut router = two_card_router();
    pass(&datagram(ROUTER[0]), |frame, out| {
        router.handle_frame(SimTime::ZERO, PortId(0), frame, out);
    })
}

/// A router with two cards and 1000 routes, whose neighbours it knows.
fn two_card_router() -> IpLayer {
    let cards = (0..2).map(|port| {
        let net = format!("192.168.{port}.1/24").parse().unwrap();
        let mut card = Card::new(PortId(port), ROUTER[usize::from(port)], vec![net], 1500);
        let neighbors = [(IpAddr::V4(NEIGHBOR), Mac([2, 0, 0, 0, 9, 9]))];
        card.neighbors.set_fixed(Arc::new(neighbors));
        card
    });
    let routes: Vec<Route> = (0..1000).map(|i| route(i, PortId(1))).collect();
    let ids = FrameIds::of(NodeId(0));
    IpLayer::new(cards.collect(), Fib::new(&routes), true, ids)
}

/// A switch that knows 1000 addresses behind 10 ports.
pub(crate) fn switch() -> u64 {
    let mut switch = Switch::new(10, Span::from_secs(300));
    let mut out = Outbox::default();
    for source in 0..1000_u16 {
        let [high, low] = source.to_be_bytes();
        let mut bytes = datagram(Mac::BROADCAST);
        bytes[6..12].copy_from_slice(&[2, 0, 0, 7, high, low]);
        let frame = Frame::new(FRAME, bytes);
        switch.handle_frame(SimTime::ZERO, PortId(source % 10), frame, &mut out);
    }
    let mut bytes = datagram(Mac([2, 0, 0, 7, 1, 100]));
    bytes[6..12].copy_from_slice(&[2, 0, 0, 7, 0, 50]);
    pass(&bytes, |frame, out| {
        switch.handle_frame(SimTime::ZERO, PortId(0), frame, out);
    })
}

/// Passes one frame through a node again and again, its headers made new each time.
fn pass(bytes: &[u8], mut node: impl FnMut(Frame, &mut Outbox)) -> u64 {
    let mut out = Outbox::default();
    let mut frame = Some(Frame::new(FRAME, bytes.to_vec()));
    let mut round = || {
        let mut next = frame.take().unwrap();
        next.bytes[..34].copy_from_slice(&bytes[..34]);
        node(next, &mut out);
        frame = out.sends.pop().map(|(_, frame)| frame);
    };
    (0..100).for_each(|_| round());
    counted(|| (0..OPERATIONS).for_each(|_| round()));
    OPERATIONS as u64
}

/// A table of `routes` prefixes, asked for addresses in all of them.
pub(crate) fn lookup(routes: u32) -> u64 {
    let all: Vec<Route> = (0..routes).map(|i| route(i, PortId(0))).collect();
    let fib = Fib::new(&all);
    let mut random = RootSeed(1).stream(&["lookup"]);
    let addresses: Vec<IpAddr> = (0..1024)
        .map(|_| u32::try_from(random.below(routes.into())).unwrap())
        .map(|i| IpAddr::V4((network(i) + 9).into()))
        .collect();
    counted(|| {
        for address in addresses.iter().cycle().take(OPERATIONS) {
            black_box(fib.lookup(black_box(*address)));
        }
    });
    OPERATIONS as u64
}

/// The route number `i`: a /24 from 10.0.0.0 on, every other one, so that there are gaps.
fn route(i: u32, port: PortId) -> Route {
    Route {
        prefix: format!("{}/24", Ipv4Addr::from(network(i)))
            .parse()
            .unwrap(),
        via: Some(IpAddr::V4(NEIGHBOR)),
        port,
        origin: RouteOrigin::ShortestPath,
    }
}

const fn network(i: u32) -> u32 {
    (10 << 24) + (i << 9)
}

const FRAME: FrameId = FrameId {
    origin: NodeId(0),
    number: 0,
};

/// A frame of 1042 bytes to `to` with a UDP datagram to 10.1.144.9, which 10.1.144.0/24 holds.
fn datagram(to: Mac) -> Vec<u8> {
    let mut bytes = vec![0; 1042];
    let header = EthernetHeader {
        destination: to,
        source: Mac([2, 0, 0, 0, 8, 8]),
        ethertype: EtherType::IPV4,
    };
    header.emit(&mut bytes);
    let ip = [
        0x45, 0, 4, 4, 0, 0, 0, 0, 64, 17, 0, 0, 192, 168, 0, 2, 10, 1, 144, 9,
    ];
    bytes[HEADER_LEN..34].copy_from_slice(&ip);
    let checksum = Checksum::default().over(&ip).finish();
    bytes[24..26].copy_from_slice(&checksum.to_be_bytes());
    bytes
}
