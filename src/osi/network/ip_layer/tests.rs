//! Claims about the network floor, on a router with two cards: 10.0.1.1/24 and 10.0.2.1/24.

use std::{net::Ipv4Addr, sync::Arc};

use super::*;
use crate::{
    ids::NodeId,
    osi::data_link::Outbox,
    topology::{Route, RouteOrigin},
    trace::DropReason,
    wire::{ArpPacket, Checksum, EtherType, EthernetHeader, HEADER_LEN, Ipv4Packet, Protocol},
};

fn router(mtu_out: usize) -> IpLayer {
    let card = |port: u16, net: &str, mtu| {
        Card::new(
            PortId(port),
            Mac::generated(9, port),
            vec![net.parse().unwrap()],
            mtu,
        )
    };
    let route = |prefix: &str, port| Route {
        prefix: prefix.parse().unwrap(),
        via: None,
        port: PortId(port),
        origin: RouteOrigin::Connected,
    };
    let fib = Fib::new([route("10.0.1.0/24", 0), route("10.0.2.0/24", 1)]);
    let cards = vec![
        card(0, "10.0.1.1/24", 1500),
        card(1, "10.0.2.1/24", mtu_out),
    ];
    let mut layer = IpLayer::new(cards, fib, true, FrameIds::of(NodeId(9)));
    for (port, host) in [(0, "10.0.1.10"), (1, "10.0.2.10")] {
        let known = [(host.parse().unwrap(), Mac::generated(1, 0))];
        layer.cards_mut()[port].neighbors.set_fixed(Arc::new(known));
    }
    layer
}

/// A UDP packet from 10.0.1.10 in a frame to the router's first card.
fn frame(to: &str, ttl: u8, payload: usize, dont_fragment: bool) -> Frame {
    let to: Ipv4Addr = to.parse().unwrap();
    let total = u16::try_from(20 + payload).unwrap().to_be_bytes();
    let df = if dont_fragment { 0x40 } else { 0 };
    let mut ip = vec![
        0x45, 0, total[0], total[1], 0, 1, df, 0, ttl, 17, 0, 0, 10, 0, 1, 10,
    ];
    ip.extend(to.octets());
    let sum = Checksum::default().over(&ip).finish();
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
    let mut bytes = vec![0; HEADER_LEN];
    EthernetHeader {
        destination: Mac::generated(9, 0),
        source: Mac::generated(1, 0),
        ethertype: EtherType::IPV4,
    }
    .emit(&mut bytes);
    bytes.extend(ip);
    bytes.resize(HEADER_LEN + 20 + payload, 0xab);
    let origin = NodeId(1);
    Frame::new(crate::ids::FrameId { origin, number: 5 }, bytes)
}

fn handle(layer: &mut IpLayer, frame: Frame) -> Outbox {
    let mut out = Outbox::default();
    layer.handle_frame(SimTime::ZERO, PortId(0), frame, &mut out);
    out
}

/// Type, code and next-hop MTU of the ICMP error that went back by port 0.
fn icmp_error(out: &Outbox) -> (u8, u8, u16) {
    let (port, frame) = &out.sends[0];
    let packet = Ipv4Packet::new(&frame.bytes[HEADER_LEN..]).unwrap();
    assert_eq!((*port, packet.protocol()), (PortId(0), Protocol::ICMP));
    let icmp = packet.payload();
    (icmp[0], icmp[1], u16::from_be_bytes([icmp[6], icmp[7]]))
}

#[test]
fn forwarding_keeps_the_identity_and_takes_one_from_the_ttl() {
    let mut layer = router(1500);
    let out = handle(&mut layer, frame("10.0.2.10", 64, 100, true));
    let (port, sent) = &out.sends[0];
    let packet = Ipv4Packet::new(&sent.bytes[HEADER_LEN..]).unwrap();
    assert_eq!((*port, sent.id.number, packet.ttl()), (PortId(1), 5, 63));
    assert!(packet.checksum_is_right());
    let header = EthernetHeader::parse(&sent.bytes).unwrap();
    assert_eq!(header.source, Mac::generated(9, 1));
}

#[test]
fn a_packet_with_ttl_one_comes_back_as_time_exceeded() {
    let out = handle(&mut router(1500), frame("10.0.2.10", 1, 100, true));
    assert_eq!(icmp_error(&out), (11, 0, 0));
    assert_eq!(out.drops[0].why, DropReason::TtlExceeded);
}

#[test]
fn a_destination_without_a_route_is_network_unreachable() {
    let out = handle(&mut router(1500), frame("192.0.2.1", 64, 100, true));
    assert_eq!(icmp_error(&out), (3, 0, 0));
    assert_eq!(out.drops[0].why, DropReason::NoRoute);
}

#[test]
fn too_big_with_df_names_the_mtu_that_fits() {
    let out = handle(&mut router(576), frame("10.0.2.10", 64, 1000, true));
    assert_eq!(icmp_error(&out), (3, 4, 576));
    assert_eq!(out.drops[0].why, DropReason::FragmentationNeeded);
}

#[test]
fn too_big_without_df_goes_on_in_pieces() {
    // 556 bytes fit, 552 in eights: 1000 = 552 + 448.
    let out = handle(&mut router(576), frame("10.0.2.10", 64, 1000, false));
    let lens: Vec<usize> = out.sends.iter().map(|(_, f)| f.bytes.len()).collect();
    assert_eq!(lens, [14 + 20 + 552, 14 + 20 + 448]);
}

#[test]
fn a_packet_for_the_router_itself_goes_up_without_padding() {
    let mut layer = router(1500);
    let mut padded = frame("10.0.2.1", 64, 10, true);
    padded.bytes.resize(60, 0);
    let out = handle(&mut layer, padded);
    assert!(out.sends.is_empty() && out.drops.is_empty());
    assert_eq!(layer.take_local().unwrap().frame.bytes.len(), 14 + 20 + 10);
}

#[test]
fn a_host_does_not_forward() {
    let mut layer = router(1500);
    layer.forwarding = false;
    let out = handle(&mut layer, frame("10.0.2.10", 64, 10, true));
    assert_eq!(out.drops[0].why, DropReason::NotForwarding);
}

#[test]
fn an_unanswered_neighbour_is_host_unreachable_after_three_seconds() {
    let mut layer = router(1500);
    let mut out = handle(&mut layer, frame("10.0.2.77", 64, 100, true));
    let mut now = SimTime::ZERO;
    while let Some(at) = layer.poll_at() {
        (now, out.sends) = (at, Vec::new());
        layer.handle_wake(at, &mut out);
    }
    assert_eq!(now.as_nanos(), 3_000_000_000);
    assert_eq!(icmp_error(&out), (3, 1, 0));
    assert_eq!(out.drops[0].why, DropReason::NeighborUnreachable);
}

#[test]
fn frames_for_other_cards_are_ignored() {
    let mut layer = router(1500);
    let mut stray = frame("10.0.2.10", 64, 100, true);
    stray.bytes[5] = 0x77;
    let out = handle(&mut layer, stray);
    assert!(out.sends.is_empty() && out.drops.is_empty() && layer.is_quiet());
}

#[test]
fn without_a_route_a_nodes_own_packet_comes_back_to_itself() {
    let mut layer = router(1500);
    let mut out = Outbox::default();
    let mut own = frame("192.0.2.1", 64, 100, true);
    own.bytes[HEADER_LEN + 15] = 1;
    own.bytes[..HEADER_LEN].fill(0);
    layer.send(SimTime::ZERO, own.bytes, &mut out);
    let up = layer.take_local().unwrap();
    let packet = Ipv4Packet::new(&up.frame.bytes[HEADER_LEN..]).unwrap();
    assert_eq!(packet.payload()[..2], [3, 0]);
}

/// An ARP reply from 10.0.2.20 at `mac`, in a frame to the router's second card.
fn arp_from(mac: Mac) -> Frame {
    let reply = ArpPacket {
        operation: crate::wire::ArpOperation::Reply,
        sender_mac: mac,
        sender_ip: "10.0.2.20".parse().unwrap(),
        target_mac: Mac::generated(9, 1),
        target_ip: "10.0.2.1".parse().unwrap(),
    };
    let mut bytes = vec![0; HEADER_LEN];
    EthernetHeader {
        destination: Mac::generated(9, 1),
        source: mac,
        ethertype: EtherType::ARP,
    }
    .emit(&mut bytes);
    bytes.extend_from_slice(&reply.emit());
    let origin = NodeId(2);
    Frame::new(crate::ids::FrameId { origin, number: 1 }, bytes)
}

/// Where the fast path sends a packet for 10.0.2.20 at `now`.
fn passed_on(layer: &mut IpLayer, now: SimTime) -> Option<Mac> {
    let mut packet = frame("10.0.2.20", 64, 100, true);
    layer.pass_on(now, PortId(0), &mut packet)?;
    Some(EthernetHeader::parse(&packet.bytes).unwrap().destination)
}

#[test]
fn the_fast_path_follows_a_neighbour_that_moves_and_forgets_one_that_times_out() {
    let mut layer = router(1500);
    let mut out = Outbox::default();
    assert_eq!(passed_on(&mut layer, SimTime::ZERO), None);
    for mac in [Mac::generated(2, 0), Mac::generated(3, 0)] {
        layer.handle_frame(SimTime::ZERO, PortId(1), arp_from(mac), &mut out);
        for _ in 0..2 {
            assert_eq!(passed_on(&mut layer, SimTime::ZERO), Some(mac));
        }
    }
    // An answer is believed for 20 minutes.
    let end = SimTime::from_nanos(20 * 60 * 1_000_000_000);
    let before = SimTime::from_nanos(end.as_nanos() - 1);
    assert_eq!(passed_on(&mut layer, before), Some(Mac::generated(3, 0)));
    assert_eq!(passed_on(&mut layer, end), None);
}
