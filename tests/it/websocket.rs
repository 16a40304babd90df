//! WebSocket as Wireshark sees it: `topologies/websocket.toml`, and what goes wrong.

use std::fs;

use netsim::{capture::CaptureReader, dissect::Dissector};
use serde_json::Value;

use crate::support::{Finished, assert_clean, count, fields, run_file, run_text, topology, tshark};

fn run() -> Finished {
    run_file(&topology("websocket"), &["--no-diagrams"]).well()
}

/// The only connection of an entry.
fn connection<'a>(summary: &'a Value, name: &str) -> &'a Value {
    let all = connections(summary, name);
    assert_eq!(all.len(), 1, "{name}");
    &all[0]
}

fn connections<'a>(summary: &'a Value, name: &str) -> &'a [Value] {
    let mut entries = summary["traffic"].as_array().unwrap().iter();
    let entry = entries.find(|entry| entry["name"] == name).unwrap();
    entry["websockets"].as_array().unwrap()
}

/// alice, web and 10 ms between them; `more` is the rest of the file.
fn two(link: &str, more: &str) -> String {
    format!(
        "seed = 3\n[node.alice]\n[node.web]\n[[link]]\nname = \"wan\"\nbetween = [\"alice\", \"web\"]\n\
         latency = \"10ms\"\nrate = \"10 Mbit/s\"\n{link}\n{more}"
    )
}

const ECHO: &str =
    "[[traffic]]\nname = \"echo\"\napp = \"websocket\"\nfrom = \"alice\"\nto = \"web\"\n";

#[test]
fn the_upgrade_has_the_key_and_the_answer_of_the_rfc() {
    let run = run();
    let alice = run.file("alice.pcapng");
    assert_clean(&alice);
    assert_clean(&run.file("web.pcapng"));
    assert_clean(&run.file("carol.pcapng"));
    let first = "tcp.stream == 0 && http";
    let columns = [
        "http.response.code",
        "http.request.line",
        "http.response.line",
    ];
    let rows = fields(&alice, first, &columns);
    // RFC 6455, section 1.3.
    assert!(rows[0][1].contains("Sec-Websocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
    assert_eq!(rows[1][0], "101");
    assert!(rows[1][2].contains("Sec-Websocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    // Of echo.v2 and echo.v1 the server knows the second.
    assert!(rows[1][2].contains("Sec-Websocket-Protocol: echo.v1"));
    let summary = run.summary();
    assert_eq!(connection(&summary, "hello")["subprotocol"], "echo.v1");
}

#[test]
fn wireshark_sees_fragments_masks_pings_and_the_close_code() {
    let run = run();
    let alice = run.file("alice.pcapng");
    let columns = ["websocket.fin", "websocket.opcode", "websocket.mask"];
    let of_client = "tcp.stream == 0 && websocket && ip.src == 10.0.0.10";
    // "Hello, message 1" has 16 bytes, so two frames of 8: Text without FIN, Continuation with.
    // After 300 ms a ping comes between the second message and the third.
    let fragments = ["0,1", "1,0", "1,1"];
    let (ping, close) = (["1", "9", "1"], ["1", "8", "1"]);
    let wanted = [fragments, fragments, ping, fragments, close];
    assert_eq!(fields(&alice, of_client, &columns), wanted);
    // The server fragments nothing and masks nothing.
    let of_server = "tcp.stream == 0 && websocket && ip.src == 10.0.2.10";
    let opcodes: Vec<_> = fields(&alice, of_server, &columns);
    let wanted = ["1", "1", "10", "1", "8"].map(|opcode| ["1", opcode, "0"]);
    assert_eq!(opcodes, wanted);
    let close = "websocket.opcode == 8 && tcp.stream == 0";
    let columns = [
        "websocket.payload.close.status_code",
        "websocket.payload.close.reason",
    ];
    assert_eq!(
        fields(&alice, close, &columns),
        [["1000", "done"], ["1000", ""]]
    );
    // 3 x 16 bytes each way; the round trip is 2 x 11 ms and the sending time of the frames.
    let summary = run.summary();
    let hello = connection(&summary, "hello");
    assert_eq!(
        hello["sent"],
        serde_json::json!({"messages": 3, "bytes": 48, "frames": 6})
    );
    assert_eq!(
        hello["received"],
        serde_json::json!({"messages": 3, "bytes": 48, "frames": 3})
    );
    for rtt in [&hello["echo_rtt"]["mean_ns"], &hello["ping_rtt"]["mean_ns"]] {
        let ms = rtt.as_u64().unwrap() / 1_000_000;
        assert_eq!(ms, 22, "{hello}");
    }
}

#[test]
fn the_upgrade_costs_one_round_trip_after_tcp_and_tls() {
    // One way is 11 ms, so TCP takes 22 ms, TLS 1.3 another 22, the upgrade another 22.
    let summary = run().summary();
    let ms = |value: &Value| value.as_u64().unwrap() / 1_000_000;
    let secret = connection(&summary, "secret");
    assert_eq!(ms(&secret["connect_ns"]), 22);
    assert_eq!(ms(&secret["handshake_ns"]), 22);
    assert!(
        (22..30).contains(&ms(&secret["tls"]["handshake_ns"])),
        "{secret}"
    );
    assert_eq!(secret["tls"]["alpn"], "http/1.1");
}

#[test]
fn wireshark_decrypts_wss_with_the_capture_alone() {
    let run = run();
    let alice = run.file("alice.pcapng");
    let columns = [
        "websocket.opcode",
        "websocket.payload_length",
        "websocket.payload_length_ext_16",
    ];
    // Two binary messages of 2048 bytes there and back (126: the length is in 16 more bits), and
    // both closes.
    let binary = ["2", "126", "2048"];
    let close = ["8", "2", ""];
    let wanted = [binary, binary, binary, binary, close, close];
    assert_eq!(fields(&alice, "tls && websocket", &columns), wanted);
}

#[test]
fn everybody_in_a_chat_hears_everybody() {
    let run = run();
    let summary = run.summary();
    // alice sends 3 from 2.0 s on, carol 2 from 2.1 s on. alice hears all 5; carol came after the
    // first and hears 4.
    assert_eq!(connection(&summary, "alice")["received"]["messages"], 5);
    assert_eq!(connection(&summary, "carol")["received"]["messages"], 4);
    let text = fields(
        &run.file("carol.pcapng"),
        "websocket.payload.text && ip.dst == 10.0.1.10",
        &["websocket.payload.text"],
    );
    assert!(
        text.iter()
            .any(|row| row[0].contains(r#""from":"alice","n":3"#)),
        "{text:?}"
    );
}

#[test]
fn a_ticker_ends_with_the_code_of_its_server() {
    let run = run();
    let summary = run.summary();
    let ticker = connection(&summary, "ticker");
    assert_eq!(ticker["received"]["messages"], 4);
    let close = serde_json::json!({"code": 1001, "reason": "that was all", "by": "server"});
    assert_eq!(ticker["close"], close);
    assert_eq!(ticker["error"], Value::Null);
}

#[test]
fn each_broken_rule_ends_its_connection_with_its_code_and_its_time() {
    let run = run();
    let summary = run.summary();
    let error = |name: &str| {
        let x = connection(&summary, name);
        assert!(x["ended_ns"].as_u64() > x["started_ns"].as_u64(), "{x}");
        x["error"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        error("unmasked"),
        "the server closed with 1002: a frame of the client is not masked"
    );
    assert_eq!(
        error("big"),
        "the server closed with 1009: a message is too big"
    );
    assert_eq!(
        error("old"),
        "the server refused the upgrade: 426 Upgrade Required"
    );
    assert_eq!(
        error("lost"),
        "the server refused the upgrade: 404 Not Found"
    );
    assert_eq!(error("deaf"), "no pong within 2s");
    // Who refuses version 8 says which one it speaks (RFC 6455, section 4.4).
    let refusal = fields(
        &run.file("alice.pcapng"),
        "http.response.code == 426",
        &["http.response.line"],
    );
    assert!(
        refusal[0][0].contains("Sec-Websocket-Version: 13"),
        "{refusal:?}"
    );
}

#[test]
fn a_client_takes_nothing_wrong_from_a_server() {
    let fault = |word: &str| {
        let text = two(
            "",
            &format!(
                "{ECHO}count = 1\n[[server]]\non = \"web\"\napp = \"websocket\"\nwebsocket = {{ fault = \"{word}\" }}"
            ),
        );
        let run = run_text(&text, &["--no-diagrams"]).well();
        assert_clean(&run.file("alice.pcapng"));
        let summary = run.summary();
        connection(&summary, "echo")["error"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let broke = |why: &str| format!("the server broke the protocol: {why}");
    assert_eq!(fault("masked"), broke("a frame of the server is masked"));
    assert_eq!(
        fault("oversized-control"),
        broke("a control frame has more than 125 bytes of payload")
    );
    assert_eq!(fault("bad-utf8"), broke("a text message is not UTF-8"));
    assert_eq!(fault("silent"), "no echo within 5s");
    assert_eq!(
        fault("wrong-accept"),
        "Sec-WebSocket-Accept is not the answer to the key"
    );
}

#[test]
fn garbage_behind_the_handshake_is_answered_with_1002() {
    let more = format!("{ECHO}websocket = {{ fault = \"garbage\" }}");
    let run = run_text(&two("", &more), &["--no-diagrams"]).well();
    let summary = run.summary();
    let error = connection(&summary, "echo")["error"].as_str().unwrap();
    assert_eq!(error, "the server closed with 1002: a reserved bit is set");
}

#[test]
fn a_lost_connection_is_made_again_and_goes_on_where_it_was() {
    // Ten messages, 500 ms apart; the link is down from 2 s to 6 s, so the echo that is under way
    // then does not come within 1 s.
    let more = format!(
        "{ECHO}count = 10\ninterval = \"500ms\"\ntimeout = \"1s\"\n\
         websocket = {{ reconnect = 9, reconnect_after = \"500ms\" }}"
    );
    let run = run_text(&two("down = \"2s..6s\"", &more), &["--no-diagrams"]).well();
    let summary = run.summary();
    let all = connections(&summary, "echo");
    assert!(all.len() > 2, "{all:?}");
    let (last, failed) = all.split_last().unwrap();
    assert_eq!(failed[0]["error"], "no echo within 1s");
    assert!(failed.iter().all(|x| x["error"].is_string()));
    assert_eq!(last["error"], Value::Null);
    assert_eq!(last["close"]["code"], 1000);
    let echoes: u64 = all
        .iter()
        .map(|x| x["received"]["messages"].as_u64().unwrap())
        .sum();
    assert_eq!(echoes, 10);
}

#[test]
fn messages_come_whole_over_a_lossy_link_whatever_the_seed() {
    let link = "loss = \"5%\"\nduplicate = \"2%\"\nreorder = \"5%\"\nreorder_delay = \"5ms\"";
    let more = format!(
        "{ECHO}count = 20\ninterval = \"50ms\"\nsize = \"3 KiB\"\ntimeout = \"30s\"\n\
         websocket = {{ fragment = \"700 B\" }}"
    );
    for seed in ["1", "2", "3", "4"] {
        let run = run_text(&two(link, &more), &["--no-diagrams", "--seed", seed]).well();
        let summary = run.summary();
        let echo = connection(&summary, "echo");
        // Every echo is compared with what was sent; 3072 bytes make 5 frames of at most 700.
        assert_eq!(echo["error"], Value::Null, "seed {seed}");
        let counted = serde_json::json!({"messages": 20, "bytes": 61440, "frames": 100});
        assert_eq!(echo["sent"], counted, "seed {seed}");
        assert_eq!(echo["received"]["bytes"], 61440, "seed {seed}");
    }
}

#[test]
fn our_dissector_finds_the_frames_that_wireshark_finds() {
    let run = run();
    for name in ["alice", "carol", "web"] {
        let capture = run.file(&format!("{name}.pcapng"));
        let mut dissector = Dissector::new();
        dissector.add_tls_secrets(&fs::read_to_string(run.file("tls-keys.log")).unwrap());
        let reader = CaptureReader::new(fs::File::open(&capture).unwrap()).unwrap();
        let mut ours = Vec::new();
        for frame in reader {
            let tree = dissector.dissect(&frame.unwrap().bytes);
            let frames = tree.layers.iter().filter(|l| l.protocol == "websocket");
            let named = frames.filter_map(|l| {
                let opcode = l.value("opcode")?.split(' ').next()?.to_owned();
                let bit = |name| {
                    if l.value(name) == Some("Set") {
                        "1"
                    } else {
                        "0"
                    }
                };
                Some(format!("{opcode} {} {}", bit("fin"), bit("mask")))
            });
            ours.extend(named);
        }
        let columns = ["websocket.opcode", "websocket.fin", "websocket.mask"];
        let mut theirs = Vec::new();
        for row in fields(&capture, "websocket", &columns) {
            let [opcodes, fins, masks] = [&row[0], &row[1], &row[2]].map(|c| c.split(','));
            let frames = opcodes.zip(fins).zip(masks);
            theirs.extend(frames.map(|((opcode, fin), mask)| format!("{opcode} {fin} {mask}")));
        }
        // A frame that spans segments (the message of 5 KiB) has its header in an earlier one.
        let whole = |frames: Vec<String>| frames.len();
        let spanning = usize::from(name != "carol");
        assert_eq!(whole(ours) + spanning, whole(theirs), "{name}");
    }
}

#[test]
fn the_pictures_tell_the_frames() {
    let run = run_file::<&str>(&topology("websocket"), &[]).well();
    let ladder = fs::read_to_string(run.file("ladder-1-tcp-alice-web-80.svg")).unwrap();
    for line in [
        "WebSocket Text [MASKED] &quot;Hello, m&quot;, Continuation [FIN] [MASKED] &quot;essage 1&quot;",
        "WebSocket Text [FIN] &quot;Hello, message 1&quot;",
        "WebSocket Ping [FIN] [MASKED] 8 bytes",
        "WebSocket Connection Close [FIN] [MASKED] 1000 &quot;done&quot;",
    ] {
        assert!(ladder.contains(line), "{line}");
    }
}

#[test]
fn no_capture_has_a_reset() {
    let run = run();
    for name in ["alice", "carol", "web"] {
        assert_eq!(
            count(&run.file(&format!("{name}.pcapng")), "tcp.flags.reset == 1"),
            0
        );
    }
    // Wireshark's own list of conversations ends them all.
    let ends = tshark(&run.file("web.pcapng"), &["-Y", "tcp.flags.fin == 1"]);
    assert_eq!(ends.lines().count(), 20);
}

#[test]
fn options_that_contradict_each_other_are_errors_of_the_file() {
    let wrong = |traffic: &str, server: &str| {
        let text = two("", &format!("{ECHO}{traffic}\n{server}"));
        let run = run_text(&text, &["--no-diagrams"]);
        assert_eq!(run.code(), 2, "{traffic} {server}");
        run.stderr()
    };
    let server = |keys: &str| {
        format!("[[server]]\non = \"web\"\napp = \"websocket\"\nwebsocket = {{ {keys} }}")
    };
    for (traffic, own, complaint) in [
        (
            "websocket = { mode = \"chat\" }",
            "mode = \"ticker\"",
            "another `mode`",
        ),
        (
            "websocket = { close = { code = 1006 } }",
            "",
            "no close frame may have the code 1006",
        ),
        (
            "websocket = { key = \"short\" }",
            "",
            "not 16 bytes in base64",
        ),
        (
            "websocket = { fault = \"masked\" }",
            "",
            "only a server can break this rule",
        ),
        (
            "websocket = { stay = \"1s\" }",
            "",
            "only with mode \"chat\"",
        ),
        (
            "websocket = { reconnect_after = \"1s\" }",
            "",
            "does not connect again",
        ),
        (
            "text = \"x\"\nwebsocket = { mode = \"ticker\" }",
            "mode = \"ticker\"",
            "says nothing",
        ),
        ("", "interval = \"1s\"", "for mode \"ticker\" alone"),
        (
            "sse = { path = \"/\" }",
            "",
            "`sse` means nothing to the application",
        ),
        ("text = \"x\"\nsize = \"1 KiB\"", "", "exclude each other"),
    ] {
        let told = wrong(traffic, &server(own));
        assert!(told.contains(complaint), "{complaint}: {told}");
    }
}
