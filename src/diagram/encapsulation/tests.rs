//! Pictures of hand-made frames.

use proptest::prelude::*;

use super::*;
use crate::{
    diagram::lab::{Ending, Lab},
    dissect::Dissector,
    ids::FrameId,
    units::Span,
};

/// The picture of `frame` as its maker sent it.
fn drawn(lab: &mut Lab, frame: FrameId, name: &str, theme: Theme) -> String {
    let story = lab.story();
    let mut dissector = Dissector::new();
    let firsts = story.hops.iter().filter(|h| h.from.node == h.frame.origin);
    let mut trees = firsts.map(|h| (h, dissector.dissect(&h.bytes)));
    let (hop, tree) = trees.find(|(h, _)| h.frame == frame).unwrap();
    let caption = format!("{name} at {}", hop.sent);
    let svg = encapsulation_of(&caption, &hop.bytes, &tree, theme);
    if let Ok(folder) = std::env::var("NETSIM_LOOK") {
        std::fs::write(format!("{folder}/encapsulation-{name}.svg"), &svg).unwrap();
    }
    svg
}

#[test]
fn a_request_adds_up() {
    let mut lab = Lab::new();
    let get = lab.page();
    let svg = drawn(&mut lab, get, "request", Theme::Dark);
    // 55 bytes of HTTP, 20 of TCP, 20 of IP, 14 of Ethernet are 109; 24 more on the wire.
    assert!(svg.contains("= 133 bytes on the wire, 109 of them in the capture"));
    assert!(svg.contains("55 of 133 bytes on the wire are application data: 41 %"));
    assert!(svg.contains("/api/users/123"));
}

#[test]
fn a_short_frame_shows_its_padding() {
    let mut lab = Lab::new();
    let arp = lab.arp(Span::ZERO);
    let svg = drawn(&mut lab, arp, "arp", Theme::Light);
    // 14 + 28 are 42; 18 more make 60.
    assert!(svg.contains("padding: 18 bytes"));
    assert!(svg.contains("carries no application data"));
    insta::assert_snapshot!(svg);
}

#[test]
fn a_ping_a_question_and_a_large_datagram_have_their_pictures() {
    let mut lab = Lab::new();
    let mut bytes = Vec::new();
    let ping = lab.ip(true).icmpv4_echo_request(7, 1);
    ping.write(&mut bytes, b"netsim ping 1").unwrap();
    let ping = lab.travel(Span::ZERO, true, bytes, Ending::Arrives);
    let question = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03bob\0\0\x01\0\x01";
    let mut bytes = Vec::new();
    lab.ip(true)
        .udp(50_000, 53)
        .write(&mut bytes, question)
        .unwrap();
    let dns = lab.travel(Span::from_millis(1), true, bytes, Ending::Arrives);
    let large = lab.udp(
        Span::from_millis(2),
        Span::ZERO,
        &[0x55; 1472],
        Ending::Arrives,
    );
    assert!(drawn(&mut lab, ping, "ping", Theme::Dark).contains("Internet Control Message"));
    assert!(drawn(&mut lab, dns, "dns", Theme::Light).contains("Domain Name System"));
    // 14 + 20 + 8 + 1472 are 1514; 20 rows show 320 of them.
    assert!(drawn(&mut lab, large, "large", Theme::Dark).contains("and 1194 more bytes"));
}

#[test]
fn a_syn_shows_its_options() {
    use etherparse::TcpOptionElement as Is;
    let mut lab = Lab::new();
    let options = [
        Is::MaximumSegmentSize(1460),
        Is::Noop,
        Is::WindowScale(7),
        Is::SelectiveAcknowledgementPermitted,
    ];
    let syn = lab.ip(true).tcp(49_152, 80, 7000, 64_240).syn();
    let mut bytes = Vec::new();
    syn.options(&options)
        .unwrap()
        .write(&mut bytes, b"")
        .unwrap();
    let syn = lab.travel(Span::ZERO, true, bytes, Ending::Arrives);
    let svg = drawn(&mut lab, syn, "syn", Theme::Dark);
    assert!(
        svg.contains(">1460</text>") || svg.contains("1460 bytes"),
        "no MSS"
    );
    assert!(svg.contains("carries no application data"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the bytes: the parts are the whole frame, and the picture is SVG.
    #[test]
    fn any_bytes_have_a_picture_and_add_up(
        head in proptest::sample::select(vec![&[][..], IPV4, ARP]),
        tail in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let bytes = [head, &tail].concat();
        let tree = Dissector::new().dissect(&bytes);
        let parts = part::parts(&bytes, &tree);
        let sum: usize = parts.iter().map(|p| p.range.len()).sum();
        prop_assert_eq!(sum, bytes.len());
        let svg = encapsulation_of("any", &bytes, &tree, Theme::Light);
        prop_assert!(resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default()).is_ok());
    }
}

/// The start of a frame that says IPv4 is inside, and TCP inside that.
const IPV4: &[u8] = &[
    2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 60, 0, 0, 0, 0, 64, 6,
];
/// The same for ARP.
const ARP: &[u8] = &[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 6, 0, 1, 8, 0, 6, 4];
