//! What the groups promise.

use super::*;
use crate::report::sample;

#[test]
fn quantiles_are_values_that_somebody_has() {
    // 1 to 10: rank ceil(10 * 0.5) = 5, ceil(9) = 9, ceil(9.9) = 10.
    let ten = Quantiles::of((1..=10).rev().collect()).unwrap();
    assert_eq!(
        [ten.min, ten.p50, ten.p90, ten.p99, ten.max],
        [1, 5, 9, 10, 10]
    );
    let one = Quantiles::of(vec![7]).unwrap();
    assert_eq!([one.min, one.p50, one.p90, one.p99, one.max], [7; 5]);
    assert_eq!(Quantiles::of(Vec::new()), None);
}

/// alice is written by hand, bob is generated; every number is in the sample's facts.
#[test]
fn nodes_by_hand_keep_apart_from_generated_ones() {
    let groups = sample::grouped().node_groups();
    let names: Vec<_> = groups.iter().map(|g| (g.group.as_str(), g.nodes)).collect();
    assert_eq!(names, [("hosts", 1), ("other hosts", 1)]);
    assert_eq!(groups[0].received_frames, 961);
    assert_eq!(groups[0].dropped_frames, 1);
}

#[test]
fn each_direction_of_a_link_is_in_the_group_of_its_sender() {
    let groups = sample::grouped().link_groups();
    let ends: Vec<_> = groups
        .iter()
        .map(|g| (g.from.as_str(), g.to.as_str()))
        .collect();
    assert_eq!(ends, [("hosts", "other hosts"), ("other hosts", "hosts")]);
    assert_eq!(
        [groups[0].frames.sent_frames, groups[1].frames.sent_frames],
        [480, 1000]
    );
    // 36 lost and 2 refused by the queue; busy for 1.150 s of 4.213 s.
    assert_eq!(groups[1].frames.dropped_frames, 38);
    assert_eq!(groups[1].utilization_max_percent, 27.3);
}

#[test]
fn traffic_is_grouped_by_pattern_and_application() {
    let groups = sample::grouped().traffic_groups();
    let names: Vec<_> = groups
        .iter()
        .map(|g| (g.group.as_str(), g.app.as_str(), g.flows))
        .collect();
    let apps = [
        "echo",
        "grpc",
        "ping",
        "rest",
        "smtp",
        "sse",
        "tcp",
        "traceroute",
        "udp",
        "websocket",
    ];
    let others = apps.map(|app| ("others", app, if app == "ping" { 2 } else { 1 }));
    assert_eq!(names[..2], [("incast", "dns", 1), ("incast", "http", 1)]);
    assert_eq!(names[2..], others);
    // One of the two requests ended in an error.
    assert_eq!(
        (groups[1].sent, groups[1].delivered, groups[1].lost),
        (2, 1, 1)
    );
    // The transfer: 1 MB in 2 s, after a handshake of 44 ms.
    let tcp = &groups[8];
    assert_eq!(tcp.goodput_bits_per_second.unwrap().p50, 4_000_000);
    assert_eq!(tcp.time_ns.unwrap().p50, 2_044_000_000);
    // The stream: 38560 bytes in 241 datagrams, so 38400 in the 1.9909 s after the first.
    let udp = &groups[10];
    // 241 of 250, and two that are only counted.
    assert_eq!((udp.sent, udp.delivered, udp.lost), (252, 243, 9));
    assert_eq!(udp.goodput_bits_per_second.unwrap().p50, 154_302);
    assert_eq!(udp.time_ns.unwrap().p50, 23_000_000);
}
