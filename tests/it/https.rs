//! TLS as Wireshark sees it: `topologies/https.toml`, decrypted by the capture alone.

use std::path::Path;

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
