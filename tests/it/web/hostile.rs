//! Servers that do not keep to their protocol: `topologies/hostile.toml`.

use super::{each, ms, run, two_hosts};
use crate::support::{count, fields};

/// Each exchange that fails: the entry, its error, and after how many milliseconds. Connecting takes a
/// round trip of 20 ms (two for the first, which needs ARP at both ends), asking another.
const FAILURES: [(&str, &str, u64); 15] = [
    ("garbage", "what came back is not HTTP/1.1", 60),
    ("silent", "no response within 1s", 1000),
    (
        "at-once",
        "the server closed the connection before its response was complete",
        40,
    ),
    (
        "middle",
        "the server closed the connection before its response was complete",
        40,
    ),
    ("header", "the header of the response is too long", 138),
    ("too-long", "the server sent more than its response", 40),
    ("too-short", "the peer closed the connection early", 40),
    ("stall", "no response within 1s", 1000),
    ("chunk", "a chunk of the response is malformed", 40),
    ("body", "no response within 200ms", 200),
    ("tls-garbage", "TLS: what came back is not TLS", 40),
    ("tls-silent", "no response within 1s", 1000),
    (
        "h2-garbage",
        "HTTP/2: connection error detected: frame with invalid size",
        40,
    ),
    ("h2-silent", "no response within 1s", 1000),
    ("tls-in-order", "the peer closed the connection early", 60),
];

#[test]
fn each_exchange_ends_with_its_cause_and_its_time_and_the_rest_goes_on() {
    let run = run("hostile");
    for (entry, error, after) in FAILURES {
        assert_eq!(each(&run, entry, "error"), [error], "{entry}");
        let found = ms(&each(&run, entry, "failed_after_ns")[0]);
        assert!((after..after + 2).contains(&found), "{entry}: {found} ms");
    }
    assert_eq!(each(&run, "good", "status"), [200; 10]);
    // Every page in its two round trips, the first with ARP, the others on a new connection.
    let took = each(&run, "good", "total_ns");
    assert!(took[1..].iter().all(|t| ms(t) == 40), "{took:?}");
}

#[test]
fn a_header_without_end_is_given_up_after_400_kib() {
    let run = run("hostile");
    let alice = run.file("alice.pcapng");
    let rows = fields(&alice, "tcp.srcport == 85 && tcp.len > 0", &["tcp.len"]);
    let bytes: u64 = rows.iter().map(|row| row[0].parse::<u64>().unwrap()).sum();
    // hyper holds at most 8 KiB + 4 KiB x 100; what was under way comes on top.
    assert!((408 << 10..1 << 20).contains(&bytes), "{bytes}");
    assert!(count(&alice, "tcp.flags.reset == 1 && tcp.dstport == 85") > 0);
}

#[test]
fn wireshark_finds_malformed_only_what_is_meant_to_be() {
    let run = run("hostile");
    let columns = ["tcp.srcport"];
    let rows = fields(&run.file("alice.pcapng"), "_ws.malformed", &columns);
    // The chunk whose size is no number.
    assert!(rows.iter().all(|row| row[0] == "89"), "{rows:?}");
}

#[test]
fn other_clients_meet_a_hostile_server_too() {
    let text = "
        [[traffic]]
        name = \"echo\"
        app = \"echo\"
        from = \"a\"
        to = \"b\"
        timeout = \"1s\"
        [[traffic]]
        name = \"bulk\"
        app = \"tcp\"
        from = \"a\"
        to = \"b\"
        direction = \"download\"
        bytes = \"1 MiB\"
        [[server]]
        on = \"b\"
        app = \"hostile\"
        port = 7
        [[server]]
        on = \"b\"
        app = \"hostile\"
        port = 5001
        behaviour = \"close-in-the-middle\"
    ";
    let run = two_hosts(text);
    let summary = run.summary();
    let probe = &summary["traffic"][0]["probes"]["list"][0];
    assert!(probe["error"].is_string(), "{}", summary["traffic"][0]);
    let transfer = &summary["traffic"][1]["connections"][0];
    assert!(transfer["error"].is_string(), "{transfer}");
}

#[test]
fn the_same_seed_gives_the_same_garbage() {
    let bytes = |seed: &str| {
        let arguments = ["--no-diagrams", "--seed", seed];
        let file = crate::support::topology("hostile");
        let run = crate::support::run_file(&file, &arguments).well();
        let filter = "tcp.srcport == 81 && tcp.len > 0";
        fields(&run.file("alice.pcapng"), filter, &["tcp.payload"])
    };
    assert_eq!(bytes("1"), bytes("1"));
    assert_ne!(bytes("1"), bytes("2"));
}
