//! Hand-made journeys of real frames, with the numbers derived first.

use proptest::prelude::*;

use super::*;
use crate::{
    diagram::lab::{Ending, Lab, Tcp},
    units::Span,
};

fn gathered(mut lab: Lab) -> Series {
    let mut series = Series::new(&lab.topology);
    lab.play(&mut series);
    series
}

fn data(sequence: u32, payload: &[u8]) -> Tcp<'_> {
    Tcp {
        sequence,
        payload,
        ..Tcp::default()
    }
}

const SYN: Tcp<'_> = Tcp {
    sequence: 7000,
    ack: None,
    flags: "S",
    payload: b"",
};

#[test]
fn a_segment_sent_twice_counts_as_resent_and_as_lost_once() {
    let mut lab = Lab::new();
    let ms = Span::from_millis;
    // SYN is number 0; 1000 bytes are 1..1001, so the number behind them is 1001.
    lab.tcp(ms(0), true, &SYN, Ending::Arrives);
    lab.tcp(ms(50), true, &data(7001, &[7; 1000]), Ending::Lost);
    lab.tcp(ms(900), true, &data(7001, &[7; 1000]), Ending::Arrives);
    let flows = gathered(lab).flows();
    let tcp = flows[0].tcp.as_ref().unwrap();
    assert_eq!(tcp.bytes(), 1001);
    assert_eq!(tcp.sent.points().last().unwrap().value, 1001);
    assert_eq!(tcp.resent.total(), 1);
    let lost: Vec<Point> = flows[0].losses.points.points().collect();
    assert_eq!((lost.len(), lost[0].value), (1, 1001));
    assert_eq!(lost[0].at, SimTime::ZERO + ms(50));
    assert_eq!(flows[0].arrived.total(), 1000);
}

#[test]
fn acknowledgements_belong_to_the_flow_they_acknowledge() {
    let mut lab = Lab::new();
    lab.tcp(Span::ZERO, true, &SYN, Ending::Arrives);
    let answer = Tcp {
        sequence: 1,
        ack: Some(7001),
        flags: "S",
        payload: b"",
    };
    lab.tcp(Span::from_millis(23), false, &answer, Ending::Arrives);
    let flows = gathered(lab).flows();
    let acks: Vec<Point> = flows[0].tcp.as_ref().unwrap().acks.points().collect();
    // It comes back to Alice two delays after the SYN and acknowledges the SYN's one number.
    assert_eq!(acks[0].at, SimTime::ZERO + Span::from_millis(46));
    assert_eq!(acks[0].value, 1);
    assert!(flows[1].tcp.as_ref().unwrap().acks.is_empty());
}

#[test]
fn sequence_numbers_go_on_past_the_wrap() {
    let mut lab = Lab::new();
    // The SYN is 2^32 - 1, so the first byte is number 0 on the wire and 1 in the series.
    let syn = Tcp {
        sequence: u32::MAX,
        ..SYN
    };
    lab.tcp(Span::ZERO, true, &syn, Ending::Arrives);
    lab.tcp(
        Span::from_millis(1),
        true,
        &data(0, &[0; 500]),
        Ending::Arrives,
    );
    assert_eq!(gathered(lab).flows()[0].tcp.as_ref().unwrap().bytes(), 501);
}

#[test]
fn a_second_connection_between_the_same_ports_is_a_flow_of_its_own() {
    let mut lab = Lab::new();
    let again = Tcp {
        sequence: 9_000_000,
        ..SYN
    };
    lab.tcp(Span::ZERO, true, &SYN, Ending::Lost);
    lab.tcp(Span::from_secs(1), true, &SYN, Ending::Arrives);
    lab.tcp(Span::from_secs(9), true, &again, Ending::Arrives);
    let flows = gathered(lab).flows();
    assert_eq!(flows.len(), 2);
    assert_eq!(flows[0].tcp.as_ref().unwrap().resent.total(), 1);
}

#[test]
fn the_delay_of_a_datagram_runs_from_its_origin_to_its_destination() {
    let mut lab = Lab::new();
    let ms = Span::from_millis;
    for i in 0..10 {
        let (wait, end) = match i {
            4 => (ms(0), Ending::Lost),
            5 => (ms(7), Ending::Arrives),
            _ => (ms(0), Ending::Arrives),
        };
        lab.udp(ms(i * 20), wait, &[0; 160], end);
    }
    let series = gathered(lab);
    let flows = series.flows();
    let udp = flows[0].udp.as_ref().unwrap();
    assert_eq!(
        (udp.sent.total(), udp.delivered, udp.lost.total()),
        (10, 9, 1)
    );
    assert_eq!(udp.delays.min(), Some(Lab::DELAY.as_nanos()));
    assert_eq!(udp.delays.max(), Some((Lab::DELAY + ms(7)).as_nanos()));
    let places: Vec<_> = flows[0].losses.places.iter().collect();
    // Link 2 forward is wire 4.
    assert_eq!(places.len(), 1);
    assert_eq!(
        (places[0].0.0.index(), places[0].0.1),
        (4, DropReason::RandomLoss)
    );
    let wires: Vec<_> = series
        .wires()
        .map(|(w, t)| (w.index(), t.longest()))
        .collect();
    assert_eq!(wires, [(4, ms(7))]);
}

#[test]
fn a_full_queue_counts_at_its_wire_and_for_its_flow() {
    let mut lab = Lab::new();
    lab.udp(Span::ZERO, Span::ZERO, &[0; 100], Ending::QueueFull);
    let series = gathered(lab);
    assert_eq!(series.flows()[0].udp.as_ref().unwrap().lost.total(), 1);
    let (wire, trace) = series.wires().next().unwrap();
    assert_eq!((wire.index(), trace.drops.total()), (4, 1));
}

#[test]
fn flows_past_the_limit_are_counted_only() {
    let mut lab = Lab::new();
    for port in 0..600 {
        lab.port = 10_000 + port;
        lab.udp(Span::ZERO, Span::ZERO, &[0; 100], Ending::Arrives);
    }
    let series = gathered(lab);
    assert_eq!(series.flows().len(), MOST_FLOWS);
    assert_eq!(series.flows_left_out(), 600 - MOST_FLOWS);
}

proptest! {
    /// Whatever stands in a frame: nothing panics, and a flow never loses more than it sent.
    #[test]
    fn any_bytes_can_be_recorded(
        frames in proptest::collection::vec(
            (proptest::collection::vec(any::<u8>(), 0..80), 0u8..3, any::<bool>()),
            0..40,
        ),
    ) {
        let mut lab = Lab::new();
        for (i, (tail, kind, lost)) in frames.into_iter().enumerate() {
            let mut bytes = Vec::new();
            match kind {
                0 => lab.ip(true).tcp(1, 2, 3, 4).write(&mut bytes, &tail).unwrap(),
                1 => lab.ip(true).udp(1, 2).write(&mut bytes, &tail).unwrap(),
                _ => lab.ip(true).write(&mut bytes, 6.into(), &tail).unwrap(),
            }
            let end = if lost { Ending::Lost } else { Ending::Arrives };
            lab.travel(Span::from_millis(i as u64), true, bytes, end);
        }
        let series = gathered(lab);
        for flow in series.flows() {
            if let Some(udp) = &flow.udp {
                prop_assert_eq!(udp.lost.total() + udp.delivered, udp.sent.total());
            }
        }
    }
}
