//! IP, ICMP, UDP and DNS frames, and what other libraries read in them.

use etherparse::{IpFragOffset, IpNumber, Ipv4Header, PacketBuilder};

use super::{super::Dissector, hex, listing, protocols};

fn builder() -> etherparse::PacketBuilderStep<etherparse::IpHeaders> {
    PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]).ipv4(
        [10, 0, 0, 10],
        [10, 0, 2, 10],
        64,
    )
}

/// One frame of each kind.
pub(super) fn samples() -> Vec<Vec<u8>> {
    let answer = hex(
        "1234 8580 0001 0001 0000 0000 03626f62 00 0001 0001 c00c 0001 0001 0000012c 0004 0a00020a",
    );
    let mut dns = Vec::new();
    builder().udp(53, 40000).write(&mut dns, &answer).unwrap();
    let [first, last] = fragments();
    vec![icmp_error(), dns, first, last, tagged()]
}

fn icmp_error() -> Vec<u8> {
    // Time exceeded: 8 bytes of ICMP, then the header and 8 bytes of a datagram
    // from port 40000 (9c40) to 33434 (829a).
    let quote = hex("45000024 0007 0000 01 11 a3bd 0a00000a 0a00020a 9c40 829a 0010 0000");
    let mut frame = Vec::new();
    builder()
        .icmpv4_raw(11, 0, [0; 4])
        .write(&mut frame, &quote)
        .unwrap();
    frame
}

#[test]
fn an_icmp_error_shows_the_packet_it_is_about() {
    let tree = Dissector::new().dissect(&icmp_error());
    assert_eq!(protocols(&tree), ["eth", "ip", "icmp"]);
    let icmp = tree.layer("icmp").unwrap();
    assert_eq!(
        icmp.summary,
        "Time-to-live exceeded (Time to live exceeded in transit)"
    );
    // ICMP at 34, the quoted header at 42, the quoted ports at 62.
    let fields = listing(icmp);
    for field in [
        "type=Time-to-live exceeded (11)@34..35",
        "code=Time to live exceeded in transit (0)@35..36",
        "checksum.status=correct@36..38",
        "ip.ttl=1@50..51",
        "ip.proto=UDP (17)@51..52",
        "ip.src=10.0.0.10@54..58",
        "ip.dst=10.0.2.10@58..62",
        "udp.srcport=40000@62..64",
        "udp.dstport=33434@64..66",
    ] {
        assert!(
            fields.contains(&field.to_owned()),
            "no {field} in {fields:#?}"
        );
    }
}

#[test]
fn a_ping_shows_identifier_and_sequence_number() {
    let mut frame = Vec::new();
    builder()
        .icmpv4_echo_request(0x1234, 3)
        .write(&mut frame, b"0123")
        .unwrap();
    let tree = Dissector::new().dissect(&frame);
    let icmp = tree.layer("icmp").unwrap();
    assert_eq!(icmp.summary, "Echo (ping) request id=0x1234, seq=3, ttl=64");
    assert_eq!(icmp.value("data"), Some("0123"));
    assert_eq!(icmp.range, 34..46);
}

/// A datagram of 24 bytes (port 7 to 8, length 32) in two fragments, the first with 16 of them.
fn fragments() -> [Vec<u8>; 2] {
    let mut datagram = vec![0, 7, 0, 8, 0, 32, 0x12, 0x34];
    datagram.extend([b'x'; 24]);
    [(0, 24, true), (24, 32, false)].map(|(from, to, more)| {
        let payload = &datagram[from..to];
        let length = u16::try_from(payload.len()).unwrap();
        let addresses = ([10, 0, 0, 10], [10, 0, 2, 10]);
        let mut ip = Ipv4Header::new(length, 64, IpNumber::UDP, addresses.0, addresses.1).unwrap();
        ip.more_fragments = more;
        ip.identification = 0xabcd;
        ip.fragment_offset = IpFragOffset::try_new(u16::try_from(from / 8).unwrap()).unwrap();
        ip.header_checksum = ip.calc_header_checksum();
        let mut frame = hex("020000000002 020000000001 0800");
        ip.write(&mut frame).unwrap();
        frame.extend(payload);
        frame
    })
}

#[test]
fn fragments_say_where_they_belong_and_checksums_wait() {
    let mut dissector = Dissector::new();
    let [first, last] = fragments().map(|f| dissector.dissect(&f));
    assert_eq!(protocols(&first), ["eth", "ip", "udp", "data"]);
    assert_eq!(
        first.layers[1].summary,
        "10.0.0.10 → 10.0.2.10, UDP, TTL 64, fragment at 0 of 0xabcd, more follow"
    );
    let udp = first.layer("udp").unwrap();
    assert_eq!(
        udp.value("checksum.status"),
        Some("not verified (fragment)")
    );
    assert_eq!(udp.value("dstport"), Some("8"));
    assert_eq!(protocols(&last), ["eth", "ip", "data"]);
    assert_eq!(last.layers[1].value("frag_offset"), Some("24"));
    assert_eq!(last.layers[2].summary, "fragment of UDP (17), 8 bytes");
    assert_eq!(last.layers[2].range, 34..42);
}

fn tagged() -> Vec<u8> {
    let mut frame = Vec::new();
    PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .single_vlan(etherparse::VlanId::try_new(42).unwrap())
        .ipv4([10, 0, 0, 10], [10, 0, 2, 10], 64)
        .udp(5004, 5004)
        .write(&mut frame, b"hello")
        .unwrap();
    frame
}

#[test]
fn a_tag_is_a_layer_of_its_own() {
    let tree = Dissector::new().dissect(&tagged());
    assert_eq!(protocols(&tree), ["eth", "vlan", "ip", "udp", "data"]);
    assert_eq!(tree.layers[1].value("id"), Some("42"));
    assert_eq!(tree.layers[2].range, 18..38);
    assert_eq!(tree.layers[3].summary, "5004 → 5004 Len=5");
    assert_eq!(tree.layers[4].value("data"), Some("hello"));
}

#[test]
fn a_zero_udp_checksum_is_none_and_a_right_one_is_correct() {
    let mut frame = Vec::new();
    builder().udp(1, 2).write(&mut frame, b"abc").unwrap();
    let status = |frame: &[u8]| {
        let tree = Dissector::new().dissect(frame);
        let udp = tree.layer("udp").unwrap();
        udp.value("checksum.status").map(str::to_owned)
    };
    assert_eq!(status(&frame).as_deref(), Some("correct"));
    frame[40..42].fill(0);
    assert_eq!(status(&frame).as_deref(), Some("not present"));
    frame[41] = 1;
    assert_eq!(status(&frame).as_deref(), Some("incorrect"));
}

#[test]
fn a_dns_question_is_dns_only_if_it_makes_sense() {
    let question = hex("0001 0100 0001 0000 0000 0000 03626f62 00 0001 0001");
    let mut frame = Vec::new();
    builder()
        .udp(40000, 53)
        .write(&mut frame, &question)
        .unwrap();
    let tree = Dissector::new().dissect(&frame);
    let dns = tree.layer("dns").unwrap();
    assert_eq!(dns.summary, "Standard query 0x0001 A bob");
    assert_eq!(dns.range, 42..42 + question.len());
    let mut frame = Vec::new();
    builder()
        .udp(40000, 53)
        .write(&mut frame, &question[..15])
        .unwrap();
    let tree = Dissector::new().dissect(&frame);
    assert_eq!(protocols(&tree), ["eth", "ip", "udp", "data"]);
}

#[test]
fn a_packet_that_ends_too_soon_is_malformed_where_it_ends() {
    let mut frame = Vec::new();
    builder().udp(1, 2).write(&mut frame, b"abc").unwrap();
    frame.truncate(14 + 20 + 5);
    let tree = Dissector::new().dissect(&frame);
    assert_eq!(protocols(&tree), ["eth", "ip", "malformed"]);
    assert_eq!(tree.layers[2].range, 34..39);
}

/// pnet reads the same numbers at the same place.
#[cfg(unix)]
mod second_opinion {
    use pnet::packet::{
        Packet, ethernet::EthernetPacket, ipv4::Ipv4Packet, tcp::TcpPacket, udp::UdpPacket,
    };
    use proptest::prelude::*;

    use super::{super::super::Dissector, builder};

    fn number(layer: &super::super::super::Layer, field: &str) -> u64 {
        layer.value(field).unwrap().parse().unwrap()
    }

    proptest! {
        #[test]
        fn pnet_agrees_on_tcp(ports: (u16, u16), seq: u32, ack: u32, window: u16, payload in prop::collection::vec(any::<u8>(), 0..100)) {
            let mut frame = Vec::new();
            builder().tcp(ports.0, ports.1, seq, window).ack(ack).write(&mut frame, &payload).unwrap();
            let tree = Dissector::new().dissect(&frame);
            let ethernet = EthernetPacket::new(&frame).unwrap();
            let ip = Ipv4Packet::new(ethernet.payload()).unwrap();
            let tcp = TcpPacket::new(ip.payload()).unwrap();
            let layer = tree.layer("tcp").unwrap();
            prop_assert_eq!(number(layer, "srcport"), u64::from(tcp.get_source()));
            prop_assert_eq!(number(layer, "dstport"), u64::from(tcp.get_destination()));
            prop_assert_eq!(number(layer, "seq_raw"), u64::from(tcp.get_sequence()));
            prop_assert_eq!(number(layer, "ack_raw"), u64::from(tcp.get_acknowledgement()));
            prop_assert_eq!(number(layer, "window_size_value"), u64::from(tcp.get_window()));
            prop_assert_eq!(number(layer, "len"), tcp.payload().len() as u64);
            prop_assert_eq!(layer.value("checksum.status"), Some("correct"));
            prop_assert_eq!(tree.layer("ip").unwrap().value("ttl"), Some("64"));
        }

        #[test]
        fn pnet_agrees_on_udp(ports: (u16, u16), payload in prop::collection::vec(any::<u8>(), 0..100)) {
            let mut frame = Vec::new();
            builder().udp(ports.0, ports.1).write(&mut frame, &payload).unwrap();
            let tree = Dissector::new().dissect(&frame);
            let udp = UdpPacket::new(&frame[34..]).unwrap();
            let layer = tree.layer("udp").unwrap();
            prop_assert_eq!(number(layer, "srcport"), u64::from(udp.get_source()));
            prop_assert_eq!(number(layer, "length"), u64::from(udp.get_length()));
            prop_assert_eq!(layer.value("checksum").unwrap(), format!("{:#06x}", udp.get_checksum()));
            prop_assert_eq!(layer.value("checksum.status"), Some("correct"));
        }
    }
}
