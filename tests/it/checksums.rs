//! Checksums are verified on receipt only where a fault touched the frame. Without a fault they
//! are right by construction, and nobody computes them: packets with a wrong checksum show it,
//! since they are accepted unless their frame is marked as struck by noise.

use std::{net::Ipv4Addr, sync::Arc};

use netsim::{
    ids::{FrameId, NodeId, PortId, WireId},
    osi::{
        data_link::{Card, FrameIds, Outbox},
        network::{Fib, IpLayer},
        physical::{Airspace, Flight, Pipe},
    },
    rng::RootSeed,
    topology::{LinkProfile, Route, RouteOrigin},
    trace::DropReason,
    units::SimTime,
    wire::{EtherType, EthernetHeader, Frame, FramePool, HEADER_LEN, Mac},
};

use crate::support::Pair;

/// Flips a bit of the frame's last byte on the wire, in a way that the FCS does not notice: the
/// mark with an FCS that fits is all that remains of it.
fn strike_unnoticed(frame: &mut Frame) {
    *frame.bytes.last_mut().unwrap() ^= 1;
    frame.noisy_fcs = Some(crc32(&frame.bytes));
}

/// IEEE 802.3, section 3.2.9, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    })
}

/// A frame to the router's first card, with a UDP packet to 10.0.2.10 whose header checksum is 0.
/// The right one is not 0.
fn frame_with_a_wrong_header_checksum() -> Frame {
    let mut bytes = vec![0; HEADER_LEN];
    let header = EthernetHeader {
        destination: Mac::generated(9, 0),
        source: Mac::generated(1, 0),
        ethertype: EtherType::IPV4,
    };
    header.emit(&mut bytes);
    bytes.extend([0x45, 0, 0, 48, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 1, 10]);
    bytes.extend([10, 0, 2, 10]);
    bytes.resize(HEADER_LEN + 48, 7);
    let origin = NodeId(1);
    Frame::new(FrameId { origin, number: 0 }, bytes)
}

/// A router between 10.0.1.0/24 and 10.0.2.0/24 that knows its neighbours.
fn router() -> IpLayer {
    let cards = (0..2_u16).map(|k| {
        let net = format!("10.0.{}.1/24", k + 1).parse().unwrap();
        let mut card = Card::new(PortId(k), Mac::generated(9, k), vec![net], 1500);
        let host = Ipv4Addr::new(10, 0, 2, 10).into();
        let known = [(host, Mac::generated(2, 0))];
        card.neighbors.set_fixed(Arc::new(known));
        card
    });
    let fib = Fib::new([Route {
        prefix: "10.0.2.0/24".parse().unwrap(),
        via: None,
        port: PortId(1),
        origin: RouteOrigin::Connected,
    }]);
    IpLayer::new(cards.collect(), fib, true, FrameIds::of(NodeId(9)))
}

fn route(frame: Frame) -> Outbox {
    let mut out = Outbox::default();
    router().handle_frame(SimTime::ZERO, PortId(0), frame, &mut out);
    out
}

#[test]
fn a_router_verifies_the_header_of_a_struck_frame_alone() {
    let untouched = frame_with_a_wrong_header_checksum();
    assert_eq!(route(untouched).sends.len(), 1);
    let mut struck = frame_with_a_wrong_header_checksum();
    strike_unnoticed(&mut struck);
    assert!(struck.fcs_is_right());
    let out = route(struck);
    assert_eq!((out.sends.len(), out.drops.len()), (0, 1));
    assert_eq!(out.drops[0].why, DropReason::BadChecksum);
}

#[test]
fn a_struck_frame_stays_marked_on_every_later_wire_and_in_every_copy() {
    let profile = LinkProfile::default();
    let mut pipe = Pipe::new(profile, RootSeed(1), "x", WireId::from_index(0));
    let mut pool = FramePool::default();
    let mut frame = frame_with_a_wrong_header_checksum();
    strike_unnoticed(&mut frame);
    assert!(pool.copy(&frame).noisy_fcs.is_some());
    // A router changes the header: the FCS of the last wire no longer fits, that of the next does.
    frame.bytes[0] ^= 1;
    let passage = pipe.admit(SimTime::ZERO, &frame.bytes).unwrap();
    let (mut air, mut flight) = (Airspace::default(), Flight::default());
    pipe.launch(passage, frame, &mut pool, |at, frame| {
        flight.put(&mut air, at, frame);
    });
    let at = flight.next_arrival().unwrap();
    let arrival = flight.take_arrived(&mut air, at).unwrap();
    let frame = air.leave(arrival.berth);
    assert!(arrival.intact && frame.noisy_fcs.is_some());
}

/// What b's stack says to a's packets after their last byte has changed, unmarked and marked.
fn verdicts(packets: &[Vec<u8>]) -> [Result<(), DropReason>; 2] {
    [false, true].map(|touched| {
        let pair = Pair::new();
        let _udp = pair.b.udp(9).unwrap();
        let _tcp = pair.b.listen(80).unwrap();
        let mut stack = pair.b.stack().lock();
        let results = packets.iter().map(|packet| {
            let mut packet = packet.clone();
            *packet.last_mut().unwrap() ^= 1;
            stack.handle_packet(SimTime::ZERO, &packet, touched)
        });
        results.last().unwrap()
    })
}

/// The packets that a sends once `start` has started a program, none of which arrive.
fn sent_by(start: impl FnOnce(&Pair)) -> Vec<Vec<u8>> {
    let mut pair = Pair::new();
    pair.pipes[0].drop = |_, _| true;
    start(&pair);
    pair.run_until(SimTime::ZERO);
    pair.seen.iter().map(|seen| seen.packet.clone()).collect()
}

fn datagram(len: usize) -> Vec<Vec<u8>> {
    sent_by(|pair| {
        let socket = pair.a.udp(0).unwrap();
        pair.a.spawn(async move {
            let payload = vec![7; len];
            socket.send_to(&payload, Pair::at_b(9)).await.unwrap();
        });
    })
}

#[test]
fn a_host_verifies_udp_and_tcp_of_a_struck_frame_alone() {
    let refused = [Ok(()), Err(DropReason::BadChecksum)];
    assert_eq!(verdicts(&datagram(100)), refused);
    // A SYN: its last byte belongs to an option.
    let syn = sent_by(|pair| {
        let host = pair.a.clone();
        pair.a
            .spawn(async move { host.connect(Pair::at_b(80)).await.map(drop) });
    });
    assert_eq!(syn.len(), 1);
    assert_eq!(verdicts(&syn), refused);
}

#[test]
fn a_host_verifies_a_datagram_in_pieces_only_if_one_of_them_was_struck() {
    // 4000 bytes in 3 pieces; the last of them tells.
    let pieces = datagram(4000);
    assert_eq!(pieces.len(), 3);
    assert_eq!(verdicts(&pieces), [Ok(()), Err(DropReason::BadChecksum)]);
}
