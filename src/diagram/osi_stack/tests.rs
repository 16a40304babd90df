//! Pictures of hand-made journeys.

use super::*;
use crate::{
    diagram::lab::{Ending, Lab},
    ids::FrameId,
    units::Span,
};

fn drawn(lab: &mut Lab, frame: Option<FrameId>, name: &str, theme: Theme) -> String {
    let story = lab.story();
    let journey = match frame {
        Some(frame) => Journey::of(frame, &story, &lab.topology),
        None => Journey::most_telling(&story, &lab.topology),
    };
    let svg = osi_stack(&journey.unwrap(), &lab.topology, theme);
    if let Ok(folder) = std::env::var("NETSIM_LOOK") {
        std::fs::write(format!("{folder}/osi-{name}.svg"), &svg).unwrap();
    }
    svg
}

#[test]
fn a_request_crosses_a_switch_and_two_routers() {
    let mut lab = Lab::new();
    lab.page();
    let svg = drawn(&mut lab, None, "request", Theme::Dark);
    for text in [
        "GET /api/users/123",
        "TTL 64 → 63",
        "TTL 63 → 62",
        "forwards the same frame",
        "port 49152 → 80",
    ] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn a_lost_datagram_ends_in_a_cross_on_the_cable() {
    let mut lab = Lab::new();
    let lost = lab.udp(Span::ZERO, Span::ZERO, b"hello", Ending::Lost);
    let svg = drawn(&mut lab, Some(lost), "lost", Theme::Light);
    assert!(svg.contains("random loss on the wire"));
    assert!(svg.contains("never gets it"));
}

#[test]
fn a_full_queue_ends_in_a_cross_in_the_router() {
    let mut lab = Lab::new();
    let full = lab.udp(Span::ZERO, Span::ZERO, b"hello", Ending::QueueFull);
    let svg = drawn(&mut lab, Some(full), "queue", Theme::Dark);
    assert!(svg.contains("drops it: queue full"));
}

#[test]
fn a_ping_uses_three_floors_and_an_arp_question_two() {
    let mut lab = Lab::new();
    let arp = lab.arp(Span::ZERO);
    let mut bytes = Vec::new();
    let ping = lab.ip(true).icmpv4_echo_request(7, 1);
    ping.write(&mut bytes, b"netsim ping 1").unwrap();
    let ping = lab.travel(Span::from_millis(5), true, bytes, Ending::Arrives);
    assert!(drawn(&mut lab, Some(ping), "ping", Theme::Light).contains("ICMP Echo"));
    let svg = drawn(&mut lab, Some(arp), "arp", Theme::Light);
    assert!(svg.contains("ARP: "));
    insta::assert_snapshot!(svg);
}
