//! Whole frames, byte by byte, and frames that make no sense.

mod conversations;
mod packets;
mod talk;
mod web;

use proptest::prelude::*;

use super::{Dissection, Dissector, Layer};
use crate::wire::OsiLayer;

/// The bytes that hexadecimal digits stand for; blanks and line ends do not count.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// "name=value@start..end" of every field.
fn listing(layer: &Layer) -> Vec<String> {
    layer
        .fields
        .iter()
        .map(|f| format!("{}={}@{:?}", f.name, f.value, f.range))
        .collect()
}

fn protocols(tree: &Dissection) -> Vec<&'static str> {
    tree.layers.iter().map(|l| l.protocol).collect()
}

/// Port 49152 of 10.0.0.10 asks port 80 of 10.0.2.10 for a connection.
const SYN: &str = "
    0200 0001 0000  0200 0000 0000  0800
    45 00 003c 0001 4000 40 06 24a8 0a00000a 0a00020a
    c000 0050 000003e8 00000000 a0 02 faf0 72c2 0000
    020405b4 0402 080a 00000001 00000000 01 030307";

#[test]
fn a_syn_shows_every_field_of_ethernet_ip_and_tcp_at_its_bytes() {
    let tree = Dissector::new().dissect(&hex(SYN));
    assert_eq!(protocols(&tree), ["eth", "ip", "tcp"]);
    // 14 bytes of Ethernet, 20 of IP from 14, 40 of TCP from 34 (data offset a = 10 words).
    let [eth, ip, tcp] = [0, 1, 2].map(|i| &tree.layers[i]);
    assert_eq!((eth.range.clone(), eth.osi), (0..14, OsiLayer::DataLink));
    assert_eq!((ip.range.clone(), ip.osi), (14..34, OsiLayer::Network));
    assert_eq!((tcp.range.clone(), tcp.osi), (34..74, OsiLayer::Transport));
    assert_eq!(
        listing(eth),
        [
            "dst=02:00:00:01:00:00@0..6",
            "src=02:00:00:00:00:00@6..12",
            "type=IPv4 (0x0800)@12..14"
        ]
    );
    // 003c = 60 bytes = 20 + 40; 4000: only DF.
    assert_eq!(
        listing(ip),
        [
            "version=4@14..15",
            "hdr_len=20 bytes@14..15",
            "dsfield.dscp=0@15..16",
            "dsfield.ecn=0@15..16",
            "len=60@16..18",
            "id=0x0001@18..20",
            "flags.rb=Not set@20..21",
            "flags.df=Set@20..21",
            "flags.mf=Not set@20..21",
            "frag_offset=0@20..22",
            "ttl=64@22..23",
            "proto=TCP (6)@23..24",
            "checksum=0x24a8@24..26",
            "checksum.status=correct@24..26",
            "src=10.0.0.10@26..30",
            "dst=10.0.2.10@30..34"
        ]
    );
    assert_syn_fields(tcp);
}

fn assert_syn_fields(tcp: &Layer) {
    // c000 = 49152, 3e8 = 1000 which is the first number and so 0, faf0 = 64240, 5b4 = 1460;
    // options from byte 54: MSS 4 bytes, SACK permitted 2, timestamps 10, no-operation 1, window
    // scale 3 with shift 7 = times 128.
    assert_eq!(
        listing(tcp),
        [
            "srcport=49152@34..36",
            "dstport=80@36..38",
            "stream=0@34..38",
            "seq=0@38..42",
            "seq_raw=1000@38..42",
            "ack=0@42..46",
            "ack_raw=0@42..46",
            "hdr_len=40 bytes@46..47",
            "flags=0x002 (SYN)@46..48",
            "flags.cwr=Not set@47..48",
            "flags.ece=Not set@47..48",
            "flags.urg=Not set@47..48",
            "flags.ack=Not set@47..48",
            "flags.push=Not set@47..48",
            "flags.reset=Not set@47..48",
            "flags.syn=Set@47..48",
            "flags.fin=Not set@47..48",
            "window_size_value=64240@48..50",
            "window_size=64240@48..50",
            "checksum=0x72c2@50..52",
            "checksum.status=correct@50..52",
            "urgent_pointer=0@52..54",
            "options.mss_val=1460@56..58",
            "options.sack_perm=yes@58..60",
            "options.timestamp.tsval=1@62..66",
            "options.timestamp.tsecr=0@66..70",
            "options.wscale.shift=7 (multiply by 128)@73..74",
            "len=0@34..74"
        ]
    );
    assert_eq!(
        tcp.summary,
        "49152 → 80 [SYN] Seq=0 Win=64240 Len=0 MSS=1460 SACK_PERM TSval=1 TSecr=0 WS=128"
    );
}

#[test]
fn a_wrong_bit_makes_the_checksum_incorrect() {
    let mut frame = hex(SYN);
    frame[40] ^= 1;
    let tree = Dissector::new().dissect(&frame);
    assert_eq!(
        tree.layer("ip").unwrap().value("checksum.status"),
        Some("correct")
    );
    assert_eq!(
        tree.layer("tcp").unwrap().value("checksum.status"),
        Some("incorrect")
    );
}

#[test]
fn an_arp_request_asks_its_question_and_its_padding_is_a_field() {
    // Hardware 1, protocol 0800, sizes 6 and 4, opcode 1; 28 bytes from 14; zeros from 42 to 60.
    let mut frame = hex("ffffffffffff 020000000000 0806
         0001 0800 06 04 0001 020000000000 0a00000a 000000000000 0a000001");
    frame.resize(60, 0);
    let tree = Dissector::new().dissect(&frame);
    assert_eq!(protocols(&tree), ["eth", "arp"]);
    let arp = tree.layer("arp").unwrap();
    assert_eq!(arp.summary, "Who has 10.0.0.1? Tell 10.0.0.10");
    assert_eq!(
        listing(arp),
        [
            "hw.type=Ethernet (1)@14..16",
            "proto.type=IPv4 (0x0800)@16..18",
            "hw.size=6@18..19",
            "proto.size=4@19..20",
            "opcode=request (1)@20..22",
            "src.hw_mac=02:00:00:00:00:00@22..28",
            "src.proto_ipv4=10.0.0.10@28..32",
            "dst.hw_mac=00:00:00:00:00:00@32..38",
            "dst.proto_ipv4=10.0.0.1@38..42"
        ]
    );
    let padding = tree.layers[0].fields.last().unwrap();
    assert_eq!((padding.name, padding.range.clone()), ("padding", 42..60));
    assert_eq!(tree.highest().unwrap().protocol, "arp");
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..4)) {
        let mut dissector = Dissector::new();
        for frame in &frames {
            assert_ranges_fit(&dissector.dissect(frame), frame);
        }
    }

    /// Changed bytes, cut ends, and all frames of one dissector's streams.
    #[test]
    fn mutated_frames_never_panic(changes in prop::collection::vec((0_usize..12, 0_usize..200, any::<u8>()), 0..16), cuts in prop::collection::vec((0_usize..12, 0_usize..200), 0..3)) {
        let mut frames = samples();
        let count = frames.len();
        for (which, at, value) in changes {
            let frame = &mut frames[which % count];
            let at = at % frame.len();
            frame[at] = value;
        }
        for (which, keep) in cuts {
            frames[which % count].truncate(keep.max(1));
        }
        let mut dissector = Dissector::new();
        for frame in &frames {
            assert_ranges_fit(&dissector.dissect(frame), frame);
        }
    }
}

/// One frame of every kind that the dissector knows.
fn samples() -> Vec<Vec<u8>> {
    use talk::{Client, Head, Server};
    let head = |flags, seq, ack| Head {
        flags,
        seq,
        ack,
        window: 500,
        ..Head::default()
    };
    let request = b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let response = b"HTTP/1.1 200 OK\r\ncontent-length: 30\r\n\r\n0123456789";
    let mut frames = vec![
        hex(SYN),
        talk::frame(Client, &head("S", 0, 0), b""),
        talk::frame(Server, &head("SA", 0, 1), b""),
        talk::frame(Client, &head("A", 1, 1), request),
        talk::frame(Server, &head("A", 1, 70), response),
        talk::frame(Server, &head("A", 60, 70), b"0123456789"),
        talk::frame(Server, &head("A", 50, 70), b"0123456789"),
    ];
    frames.extend(packets::samples());
    frames
}

fn assert_ranges_fit(tree: &Dissection, frame: &[u8]) {
    for layer in &tree.layers {
        assert!(layer.range.start <= layer.range.end && layer.range.end <= frame.len());
        for field in &layer.fields {
            assert!(field.range.start <= field.range.end && field.range.end <= frame.len());
        }
    }
}
