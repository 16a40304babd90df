//! TLS as Wireshark sees it: `topologies/https.toml`, decrypted by the capture alone.

use std::{fs, path::Path};

use netsim::{
    capture::CaptureReader,
    dissect::{Dissection, Dissector},
};

use crate::support::{Finished, assert_clean, count, fields, run_file, topology, tshark};

fn run(arguments: &[&str]) -> Finished {
    run_file(&topology("https"), arguments).well()
}

/// Frames of handshake messages that Wireshark finds, by their number (RFC 8446, appendix B.3).
fn handshakes(capture: &Path, number: u8) -> usize {
    count(capture, &format!("tls.handshake.type == {number}"))
}

#[test]
fn wireshark_decrypts_what_either_end_and_every_router_captured() {
    let run = run(&[
        "--no-diagrams",
        "--capture",
        "alice",
        "--capture",
        "bob",
        "--capture",
        "r1",
    ]);
    for name in ["alice.pcapng", "bob.pcapng", "r1-wan.pcapng"] {
        let capture = run.file(name);
        assert_clean(&capture);
        // Two requests over each version, one with mutual TLS.
        assert_eq!(
            count(&capture, "http.request.method == \"GET\""),
            5,
            "{name}"
        );
        assert_eq!(count(&capture, "http.response.code == 200"), 5, "{name}");
        // Nine connections begin with a ClientHello; one ends there, for want of a version.
        assert_eq!(handshakes(&capture, 1), 9, "{name}");
        assert_eq!(handshakes(&capture, 2), 8, "{name}");
        // No certificate on the two resumed connections; alice's own makes one more.
        assert_eq!(handshakes(&capture, 11), 7, "{name}");
        // Both sides finish the five good handshakes; the server alone those three that the client
        // ends: 5 x 2 + 3.
        assert_eq!(handshakes(&capture, 20), 13, "{name}");
    }
}

#[test]
fn early_data_leaves_before_the_server_has_answered() {
    let run = run(&["--no-diagrams"]);
    let alice = run.file("alice.pcapng");
    // The GET of the second connection stands in the frame of its ClientHello.
    let both = "tls.handshake.type == 1 && http.request";
    assert_eq!(fields(&alice, both, &["tcp.stream"]), [["1"]]);
    assert_eq!(
        count(&alice, "tls.handshake.type == 5 && tcp.stream == 1"),
        1
    );
}

#[test]
fn each_failure_has_its_alert() {
    let run = run(&["--no-diagrams"]);
    let bob = run.file("bob.pcapng");
    // RFC 8446, section 6: fatal is 2; 48 unknown_ca, 45 certificate_expired, 42 bad_certificate,
    // 70 protocol_version.
    let alerts = fields(
        &bob,
        "tls.alert_message.level == 2",
        &["ip.src", "tls.alert_message.desc"],
    );
    let (alice, server) = ("10.0.0.10", "10.0.2.10");
    let wanted = [[alice, "48"], [alice, "45"], [alice, "42"], [server, "70"]];
    assert_eq!(alerts, wanted);
    let summary = run.summary();
    let errors: Vec<&str> = summary["traffic"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["exchanges"][0]["error"].as_str())
        .collect();
    let wanted = [
        "TLS: the certificate is signed by nobody who is trusted here",
        "TLS: the certificate has expired",
        "TLS: the certificate is for another name",
        "TLS: the other side sent the alert protocol_version",
    ];
    assert_eq!(errors, wanted);
}

#[test]
fn the_key_log_opens_a_classic_capture() {
    let run = run(&["--no-diagrams", "--format", "pcap"]);
    let alice = run.file("alice.pcap");
    assert_eq!(count(&alice, "http.request"), 0);
    let option = format!("tls.keylog_file:{}", run.file("tls-keys.log").display());
    let found = tshark(&alice, &["-o", &option, "-Y", "http.request"]);
    assert_eq!(found.lines().count(), 5, "{found}");
}

#[test]
fn a_bystander_has_no_secrets_in_its_capture() {
    let text = "
        [node.hub]
        kind = \"hub\"
        [node.alice]
        [node.bob]
        [node.eve]
        [[link]]
        between = [\"alice\", \"hub\"]
        [[link]]
        between = [\"bob\", \"hub\"]
        [[link]]
        between = [\"eve\", \"hub\"]
        [[traffic]]
        app = \"http\"
        from = \"alice\"
        to = \"bob\"
        tls = true
    ";
    let run = crate::support::run_text(text, &["--no-diagrams"]).well();
    // The hub shows eve every frame, but not what is inside.
    let eve = run.file("eve.pcapng");
    assert_eq!(handshakes(&eve, 1), 1);
    assert_eq!(count(&eve, "http"), 0);
    assert_eq!(count(&run.file("alice.pcapng"), "http"), 2);
    assert!(count(&run.file("all.pcapng"), "http.request") > 0);
}

/// Every frame of `capture`, taken apart with the secrets of `run`.
fn dissected(run: &Finished, capture: &str) -> Vec<Dissection> {
    let mut dissector = Dissector::new();
    dissector.add_tls_secrets(&fs::read_to_string(run.file("tls-keys.log")).unwrap());
    let file = fs::File::open(run.file(capture)).unwrap();
    let mut reader = CaptureReader::new(file).unwrap();
    let mut all = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        all.push(dissector.dissect(&frame.bytes));
    }
    all
}

/// The values of one field of one protocol in a frame, in order, as Wireshark prints them.
fn values(frame: &Dissection, protocol: &str, field: &str) -> String {
    let layers = frame.layers.iter().filter(|l| l.protocol == protocol);
    let fields = layers.flat_map(|l| &l.fields).filter(|f| f.name == field);
    fields
        .map(|f| f.value.as_str())
        .collect::<Vec<_>>()
        .join(",")
}

/// The name that our dissector has for a handshake message of Wireshark's number.
fn message_name(number: &str) -> &'static str {
    match number {
        "1" => "ClientHello",
        "2" => "ServerHello",
        "4" => "NewSessionTicket",
        "5" => "EndOfEarlyData",
        "8" => "EncryptedExtensions",
        "11" => "Certificate",
        "12" => "ServerKeyExchange",
        "13" => "CertificateRequest",
        "14" => "ServerHelloDone",
        "15" => "CertificateVerify",
        "16" => "ClientKeyExchange",
        "20" => "Finished",
        other => panic!("Wireshark finds a message {other}"),
    }
}

#[test]
fn our_dissector_finds_in_every_frame_what_wireshark_finds() {
    // Small segments cut records and messages apart.
    for mtu in ["1500", "300"] {
        let small = format!("link.alice-r1.mtu={mtu}");
        let run = run(&["--no-diagrams", "--set", &small]);
        let alice = run.file("alice.pcapng");
        let names = [
            "tls.handshake.type",
            "http.request.method",
            "http.response.code",
            "tls.handshake.extensions_server_name",
        ];
        let theirs = fields(&alice, "frame", &names);
        let ours = dissected(&run, "alice.pcapng");
        assert_eq!(theirs.len(), ours.len());
        let mut opened = 0;
        for (number, (theirs, ours)) in theirs.iter().zip(&ours).enumerate() {
            let numbers = theirs[0].split(',').filter(|n| !n.is_empty());
            let messages: Vec<&str> = numbers.map(message_name).collect();
            let wanted = [&messages.join(","), &theirs[1], &theirs[2], &theirs[3]];
            let found = [
                values(ours, "tls", "handshake.type"),
                values(ours, "http", "request.method"),
                values(ours, "http", "response.code"),
                values(ours, "tls", "handshake.extensions_server_name"),
            ];
            assert_eq!(
                found.each_ref(),
                wanted,
                "frame {} with MTU {mtu}",
                number + 1
            );
            opened += usize::from(!found[1].is_empty());
        }
        assert_eq!(opened, 5);
    }
}

#[test]
fn without_secrets_our_dissector_opens_nothing() {
    let run = run(&["--no-diagrams"]);
    let file = fs::File::open(run.file("alice.pcapng")).unwrap();
    let mut reader = CaptureReader::new(file).unwrap();
    let mut dissector = Dissector::new();
    let mut sealed = 0;
    while let Some(frame) = reader.next_frame().unwrap() {
        let tree = dissector.dissect(&frame.bytes);
        assert!(tree.layer("http").is_none());
        let tls = tree.layers.iter().filter(|l| l.protocol == "tls");
        sealed += tls.filter(|l| l.summary.starts_with("encrypted")).count();
    }
    assert!(sealed > 20, "{sealed}");
}

#[test]
fn pictures_show_what_tls_protects() {
    let run = run(&[]);
    let ladder = fs::read_to_string(run.file("ladder-2-tcp-alice-bob-443.mmd")).unwrap();
    let early =
        "TLS ClientHello SNI=bob ALPN=http/1.1 early data, ChangeCipherSpec, GET /api/users/123";
    assert!(ladder.contains(early), "{ladder}");
    assert!(ladder.contains("EncryptedExtensions, Finished, HTTP/1.1 200 OK"));
    let boxes = fs::read_to_string(run.file("encapsulation.svg")).unwrap();
    for floor in [
        "4 Transmission",
        "6 Transport Layer Security",
        "7 Hypertext",
    ] {
        assert!(boxes.contains(floor), "{floor}");
    }
}
