//! HTTP/3 over QUIC as Wireshark sees it, decrypted by the capture alone, and its times.

use std::{fs, path::Path};

use netsim::{
    capture::CaptureReader,
    dissect::{Dissection, Dissector},
};
use serde_json::Value;

use crate::support::{Finished, assert_clean, count, fields, run_file, run_text, topology};

fn run(name: &str) -> Finished {
    run_file(&topology(name), &["--no-diagrams"]).well()
}

/// A number of nanoseconds of the exchange called `index` in entry `entry` \[ms\].
fn ms(summary: &Value, (entry, index): (usize, usize), key: &str) -> f64 {
    let exchange = &summary["traffic"][entry]["exchanges"][index];
    exchange[key].as_f64().unwrap() / 1e6
}

/// Packets with a long header of this type (RFC 9000, section 17.2): 0 Initial, 1 0-RTT, 2 Handshake,
/// 3 Retry.
fn long(capture: &Path, kind: u8) -> usize {
    // A datagram may hold several.
    let filter = format!("quic.long.packet_type == {kind} && quic.version == 1");
    count(capture, &filter)
}

#[test]
fn wireshark_decrypts_quic_and_finds_every_kind_of_packet() {
    let run = run("http3");
    for name in ["alice.pcapng", "bob.pcapng"] {
        let capture = run.file(name);
        assert_clean(&capture);
        // Five connections of version 1, and one of the draft that gets no further. Wireshark takes the
        // ClientHello that comes again behind the Retry for one that it has seen.
        let client = "quic.long.packet_type == 0 && ip.src == 10.0.0.10 && tls.handshake.type == 1";
        assert_eq!(count(&capture, client), 6, "{name}");
        assert!(long(&capture, 2) >= 8, "{name}");
        assert_eq!(long(&capture, 3), 1, "{name}");
        // The second round of "page" alone has a session to resume.
        assert_eq!(long(&capture, 1), 1, "{name}");
        let negotiation = "quic.supported_version";
        let versions = fields(&capture, negotiation, &["quic.supported_version"]);
        assert_eq!(versions.len(), 1, "{name}");
        assert!(versions[0][0].contains("0x00000001"), "{versions:?}");
        // Short headers are those of 1-RTT packets.
        assert!(count(&capture, "quic.short") > 30, "{name}");
        assert_eq!(count(&capture, "quic.decryption_failed"), 0, "{name}");
    }
}

#[test]
fn wireshark_finds_the_frames_of_http3() {
    let run = run("http3");
    let alice = run.file("alice.pcapng");
    // RFC 9114, section 7.2: 0 is DATA, 1 HEADERS, 4 SETTINGS. Eight requests and eight answers, but the
    // three requests of the 0-RTT packet, which Wireshark 4.0 does not look into.
    let types = fields(&alice, "http3.frame_type", &["http3.frame_type"]);
    let types: Vec<&str> = types.iter().flat_map(|row| row[0].split(',')).collect();
    let of = |number: &str| types.iter().filter(|t| **t == number).count();
    assert_eq!(of("1"), 13, "{types:?}");
    // One SETTINGS frame of each side of the four connections, one of them in the 0-RTT packet; and one
    // for "untrusted", as a server that takes early data does not wait for the client's Finished.
    assert_eq!(of("4"), 8, "{types:?}");
    // Every answered connection has a body to carry.
    assert!(of("0") >= 4, "{types:?}");
    // A client's requests are streams 0, 4, 8 (RFC 9000, section 2.1).
    let early = "quic.long.packet_type == 1";
    let ids = fields(&alice, early, &["quic.stream.stream_id"]);
    assert!(ids[0][0].ends_with("0,4,8"), "{ids:?}");
}

#[test]
fn the_first_byte_comes_after_as_many_round_trips_as_the_handshake_allows() {
    // There and back takes 2 x (1 + 18 + 1) ms = 40 ms, and less than 1 ms on the wires of each way.
    // 1-RTT: one round trip for the handshake, one for the request: 80 ms. 0-RTT: the request goes out
    // with the ClientHello: 40 ms. A Retry and a Version Negotiation cost one more each: 120 ms.
    // TCP needs one and TLS 1.3 another before the request (see https.rs): 120 ms.
    let run = run("http3");
    let summary = run.summary();
    let first_byte = |entry, index| ms(&summary, (entry, index), "first_byte_ns");
    let near = |measured: f64, wanted: f64| (wanted..wanted + 2.0).contains(&measured);
    assert!(near(first_byte(0, 0), 80.0), "1-RTT: {}", first_byte(0, 0));
    assert!(near(first_byte(0, 3), 40.0), "0-RTT: {}", first_byte(0, 3));
    assert!(near(first_byte(1, 0), 120.0), "Retry: {}", first_byte(1, 0));
    assert!(
        near(first_byte(2, 0), 120.0),
        "versions: {}",
        first_byte(2, 0)
    );
    let tls = |index: usize| &summary["traffic"][0]["exchanges"][index]["tls"];
    assert_eq!(
        (&tls(0)["resumption"], &tls(0)["alpn"]),
        (&"full".into(), &"h3".into())
    );
    assert_eq!(tls(3)["resumption"], "0-RTT");
    let untrusted = &summary["traffic"][3]["exchanges"][0]["error"];
    assert_eq!(
        untrusted,
        "TLS: the certificate is signed by nobody who is trusted here"
    );
}

#[test]
fn a_page_comes_sooner_with_every_version() {
    // Until the first byte: three round trips with TCP and TLS, two with QUIC; 40 ms each. Seven
    // requests one after the other cost a round trip each.
    let summary = run("http_versions").summary();
    let end = |entry: usize| {
        let ended = summary["traffic"][entry]["ended_ns"].as_f64().unwrap();
        (ended - summary["traffic"][entry]["started_ns"].as_f64().unwrap()) / 1e6
    };
    let first = |entry| ms(&summary, (entry, 0), "first_byte_ns");
    let round_trips = [0, 1, 2].map(|entry| (first(entry) / 40.0).floor());
    assert_eq!(round_trips, [3.0, 3.0, 2.0]);
    assert!(end(0) > 80.0 + 7.0 * 40.0, "{}", end(0));
    assert!(end(1) < end(0) - 4.0 * 40.0, "{} {}", end(1), end(0));
    assert!(end(2) < end(1), "{} {}", end(2), end(1));
}

#[test]
fn a_lost_packet_holds_up_everything_behind_it_with_tcp_and_one_answer_with_quic() {
    let run = run("hol_blocking");
    assert_clean(&run.file("browser.pcapng"));
    let summary = run.summary();
    // The answers leave 10 ms apart, so without a loss each is complete 10 ms after the one before it;
    // how much later than that?
    let late = |entry: usize| -> Vec<f64> {
        let due = |index: usize| ms(&summary, (entry, 0), "total_ns") + 10.0 * index as f64;
        (0..20)
            .map(|index| ms(&summary, (entry, index), "total_ns") - due(index))
            .collect()
    };
    let (tcp, quic) = (late(0), late(1));
    // One answer is lost each time. It comes again when three packets behind it have told of the loss
    // (30 ms at most) and a round trip (100 ms) has passed.
    let held = |late: &[f64]| late.iter().filter(|ms| **ms > 2.0).count();
    let longest = |late: &[f64]| late.iter().copied().fold(0.0, f64::max);
    for late in [&tcp, &quic] {
        assert!((100.0..132.0).contains(&longest(late)), "{late:?}");
    }
    // Over QUIC it alone is late. Over TCP, so are all that left in the 126 ms until it came again:
    // the twelve behind it, each by 10 ms less than the one before.
    assert_eq!(held(&quic), 1, "{quic:?}");
    assert_eq!(held(&tcp), 13, "{tcp:?}");
    let behind = tcp.iter().skip_while(|ms| **ms < 100.0);
    let steps: Vec<f64> = behind
        .clone()
        .zip(behind.skip(1))
        .map(|(a, b)| a - b)
        .collect();
    assert!(
        steps.iter().all(|step| (step - 10.0).abs() < 0.5),
        "{steps:?}"
    );
}

#[test]
fn a_connection_goes_on_from_another_address() {
    let run = run("migration");
    let web = run.file("web.pcapng");
    assert_clean(&web);
    let summary = run.summary();
    for entry in 0..2 {
        let exchange = &summary["traffic"][entry]["exchanges"][0];
        assert_eq!(exchange["error"], Value::Null);
        assert_eq!(exchange["response_bytes"], 2 * 1024 * 1024);
    }
    // One handshake for each download, although the first goes on from the cell.
    assert_eq!(count(&web, "tls.handshake.type == 1"), 2);
    let sources = fields(
        &web,
        "quic && ip.dst == 10.0.4.10 && frame.time_relative < 4",
        &["ip.src"],
    );
    let first_of_cell = sources
        .iter()
        .position(|row| row[0] == "10.0.2.10")
        .unwrap();
    assert!(
        sources[..first_of_cell]
            .iter()
            .all(|row| row[0] == "10.0.1.10")
    );
    assert!(
        sources[first_of_cell + 20..]
            .iter()
            .all(|row| row[0] == "10.0.2.10")
    );
    // RFC 9000, section 8.2: the server asks whether the phone is there, the phone says yes, and
    // the other way round, since quinn's client does so too if it is asked from a new path.
    let asked = "quic.frame_type == 0x1a && ip.dst == 10.0.2.10";
    let answered = "quic.frame_type == 0x1b && ip.src == 10.0.2.10";
    assert!(count(&web, asked) >= 1 && count(&web, answered) >= 1);
    // A change of the port alone: the same address, two ports.
    let ports = fields(
        &web,
        "quic && ip.src == 10.0.1.10 && frame.time_relative > 4",
        &["udp.srcport"],
    );
    let mut ports: Vec<&str> = ports.iter().map(|row| row[0].as_str()).collect();
    ports.dedup();
    assert_eq!(ports.len(), 2, "{ports:?}");
}

#[test]
fn a_qlog_holds_virtual_time_alone() {
    let run = run("http3");
    let logs = fs::read_dir(&run.out).unwrap();
    let mut logs: Vec<_> = logs
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "qlog"))
        .collect();
    logs.sort();
    // Five connections with two ends, and the one whose version bob does not speak with one.
    assert_eq!(logs.len(), 11, "{logs:?}");
    for log in &logs {
        let text = fs::read_to_string(log).unwrap();
        let records: Vec<Value> = text
            .split('\u{1e}')
            .skip(1)
            .map(|record| serde_json::from_str(record).unwrap())
            .collect();
        assert_eq!(records[0]["qlog_format"], "JSON-SEQ");
        // The run ends after 4.1 s.
        let times = records[1..].iter().map(|r| r["time"].as_f64().unwrap());
        assert!(
            times.clone().all(|ms| (0.0..4_100.0).contains(&ms)),
            "{log:?}"
        );
        assert!(records.len() > 2, "{log:?}");
    }
}

/// What HTTP/3 needs: two hosts, and three lines of traffic.
fn scenario(traffic: &str, server: &str) -> String {
    format!(
        "[node.alice]\n[node.bob]\n[[link]]\nbetween = [\"alice\", \"bob\"]\nlatency = \"10ms\"\n\
         [[traffic]]\napp = \"http\"\nfrom = \"alice\"\nto = \"bob\"\n{traffic}\n{server}"
    )
}

#[test]
fn three_lines_suffice() {
    let run = run_text(&scenario("version = \"3\"", ""), &["--no-diagrams"]).well();
    let exchange = &run.summary()["traffic"][0]["exchanges"][0];
    assert_eq!(
        (&exchange["status"], &exchange["error"]),
        (&200.into(), &Value::Null)
    );
    assert_eq!(
        count(&run.file("alice.pcapng"), "http3"),
        count(&run.file("bob.pcapng"), "http3")
    );
}

#[test]
fn what_cannot_be_is_an_error_of_check() {
    let server = "[[server]]\non = \"bob\"\napp = \"http\"\nversion = \"3\"\n";
    for (traffic, server, wanted) in [
        (
            "version = \"3\"\ntls = false",
            "",
            "HTTP/3 always runs over TLS",
        ),
        (
            "version = \"3\"\ntls = { version = \"1.2\" }",
            "",
            "QUIC speaks TLS 1.3 alone",
        ),
        (
            "version = \"3\"\ntls = { alpn = \"h2\" }",
            "",
            "HTTP/3 is called \"h3\" in ALPN",
        ),
        (
            "version = \"2\"\nquic = { congestion = \"cubic\" }",
            "",
            "only HTTP/3 runs over QUIC",
        ),
        (
            "version = \"3\"\nquic = { congestion = \"bbr\" }",
            "",
            "`bbr` is not a congestion control of QUIC",
        ),
        (
            "version = \"3\"\nquic = { versions = [\"2\"] }",
            "",
            "`2` is not a version of QUIC",
        ),
        (
            "version = \"3\"\nquic = { versions = [] }",
            "",
            "`versions` has no version",
        ),
        (
            "version = \"3\"\nquic = { migrate = { to = \"10.0.0.10\" } }",
            "",
            "`migrate` needs `after`",
        ),
        (
            "version = \"3\"\nquic = { migrate = { after = \"1s\", to = \"10.0.0.11\" } }",
            "",
            "10.0.0.11 is no address of \"alice\"",
        ),
        (
            "version = \"3\"",
            &format!("{server}tls = false"),
            "HTTP/3 always runs over TLS",
        ),
        (
            "version = \"3\"",
            "[[server]]\non = \"bob\"\napp = \"http\"\nquic = { retry = true }",
            "only HTTP/3 runs over QUIC",
        ),
    ] {
        let run = run_text(&scenario(traffic, server), &["--no-diagrams"]);
        assert_eq!(run.code(), 2, "{traffic}\n{server}");
        assert!(run.stderr().contains(wanted), "{wanted}: {}", run.stderr());
    }
}

#[test]
fn each_failure_has_its_cause() {
    // bob speaks the draft alone, wants a certificate, or does not know the way.
    let other = "[[server]]\non = \"bob\"\napp = \"http\"\nversion = \"3\"\n";
    for (traffic, server, wanted) in [
        (
            "version = \"3\"",
            format!("{other}quic = {{ versions = [\"draft-29\"] }}"),
            "QUIC: the server speaks none of the versions offered",
        ),
        (
            "version = \"3\"",
            format!("{other}tls = {{ client_certificate = true }}"),
            "TLS: the other side sent the alert certificate_required",
        ),
        (
            "version = \"3\"\ntls = { certificate = \"expired\" }",
            String::new(),
            "TLS: the certificate has expired",
        ),
        (
            "version = \"3\"\ntimeout = \"1s\"",
            format!("{other}[[server.route]]\npath = \"/\"\nthink = \"2s\""),
            "no response within 1s",
        ),
    ] {
        let run = run_text(&scenario(traffic, &server), &["--no-diagrams"]).well();
        let error = &run.summary()["traffic"][0]["exchanges"][0]["error"];
        assert_eq!(error, wanted, "{server}");
    }
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

#[test]
fn our_dissector_opens_every_packet_that_wireshark_opens() {
    for (name, capture) in [("http3", "alice.pcapng"), ("migration", "web.pcapng")] {
        let run = run(name);
        let ours: Vec<Vec<String>> = dissected(&run, capture)
            .iter()
            .map(|tree| {
                let packets = tree.layers.iter().filter(|l| l.protocol == "quic");
                packets
                    .filter_map(|l| l.value("packet_number").map(str::to_owned))
                    .collect()
            })
            .collect();
        let columns = ["frame.number", "quic.packet_number"];
        let theirs = fields(&run.file(capture), "quic.packet_number", &columns);
        assert!(theirs.len() > 50, "{name}");
        for row in &theirs {
            let index: usize = row[0].parse().unwrap();
            let numbers: Vec<&str> = row[1].split(',').collect();
            assert_eq!(ours[index - 1], numbers, "frame {index} of {name}");
        }
        assert_eq!(
            ours.iter().filter(|own| !own.is_empty()).count(),
            theirs.len()
        );
    }
}

#[test]
fn our_dissector_shows_the_header_fields_that_wireshark_cannot() {
    let run = run("http3");
    let trees = dissected(&run, "alice.pcapng");
    let http3 = |summary: &str| {
        let mut layers = trees.iter().flat_map(|tree| &tree.layers);
        let found = layers.find(|l| l.protocol == "http3" && l.summary == summary);
        let found = found.unwrap_or_else(|| panic!("no {summary}"));
        let headers = found.fields.iter().filter(|f| f.name == "header");
        headers.map(|f| f.value.clone()).collect::<Vec<_>>()
    };
    let request = http3("HEADERS[8] POST /form");
    for wanted in [
        ":method: POST",
        ":scheme: https",
        ":authority: bob",
        ":path: /form",
        "user-agent: netsim",
        "content-length: 9",
    ] {
        assert!(
            request.iter().any(|line| line == wanted),
            "{wanted}: {request:?}"
        );
    }
    let answer = http3("HEADERS[0] 200");
    for wanted in [
        ":status: 200",
        "content-type: application/json",
        "date: Wed, 01 Jan 2025 00:00:00 GMT",
        "content-length: 27",
    ] {
        assert!(
            answer.iter().any(|line| line == wanted),
            "{wanted}: {answer:?}"
        );
    }
    assert!(
        http3("HEADERS[8] 201")
            .iter()
            .any(|line| line == "location: /form/1")
    );
    // The requests of the second round are in the 0-RTT packet.
    let early = trees.iter().find(|tree| {
        let mut packets = tree.layers.iter();
        packets.any(|l| l.value("packet_type") == Some("0-RTT"))
    });
    let early = early
        .unwrap()
        .layers
        .iter()
        .filter(|l| l.protocol == "http3");
    let told: Vec<&str> = early.map(|l| l.summary.as_str()).collect();
    for wanted in [
        "HEADERS[0] GET /api/users/123",
        "HEADERS[8] POST /form",
        "DATA[8] 9 bytes",
    ] {
        assert!(told.contains(&wanted), "{told:?}");
    }
    // Every kind of packet by its name, and the messages of the handshake.
    let summaries: Vec<&str> = trees
        .iter()
        .flat_map(|tree| &tree.layers)
        .filter(|l| l.protocol == "quic")
        .map(|l| l.summary.as_str())
        .collect();
    for wanted in [
        "Initial 0: CRYPTO (ClientHello SNI=bob ALPN=h3), PADDING",
        "Version Negotiation: ",
        "Retry",
        "0-RTT 0: ",
        "Handshake 0: CRYPTO (EncryptedExtensions, Certificate",
        "1-RTT ",
    ] {
        assert!(
            summaries.iter().any(|s| s.starts_with(wanted)),
            "{wanted}: {summaries:#?}"
        );
    }
}
