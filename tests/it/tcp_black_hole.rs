//! A router that drops what is too large for the next link, and says nothing.

use crate::support::{Finished, assert_clean, fields, run_text};

/// A transfer of 100 KiB over a link that takes packets of 1200 bytes, behind a router that sends no
/// ICMP errors. Ends that agree on segments of 1460 bytes know nothing of it.
fn run(settings: &[&str]) -> Finished {
    let text = r#"
[defaults.host]
arp = "static"
tcp = { timeout = "30s" }
[node.a]
[node.r]
kind = "router"
[node.s]
kind = "router"
[node.b]
[defaults.link]
latency = "10ms"
[[link]]
between = ["a", "r"]
[[link]]
between = ["r", "s"]
mtu = 1200
[[link]]
between = ["s", "b"]
[[traffic]]
app = "tcp"
from = "a"
to = "b"
bytes = "100 KiB"
"#;
    let mut arguments = vec!["--no-diagrams"];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    run_text(text, &arguments)
}

/// What came of the transfer: its bytes, and what the router refused.
fn outcome(run: &Finished) -> (u64, u64) {
    let summary = run.summary();
    let bytes = summary["traffic"][0]["connections"][0]["received_bytes"].as_u64();
    let refused = run.summary()["nodes"][1]["dropped_frames"].as_u64();
    (bytes.unwrap(), refused.unwrap())
}

#[test]
fn with_icmp_a_narrow_link_costs_one_flight() {
    let run = run(&[]).well();
    // Ten segments are refused at once; what they carried leaves again in smaller ones.
    assert_eq!(outcome(&run), (102_400, 10));
}

#[test]
fn without_icmp_nothing_comes_through() {
    let run = run(&["node.r.icmp_errors=false"]);
    assert_eq!(outcome(&run).0, 0);
    assert_clean(&run.file("a.pcapng"));
}

#[test]
fn smaller_segments_find_their_way_through_a_black_hole() {
    let run = run(&[
        "node.r.icmp_errors=false",
        "defaults.host.tcp.mtu_probing=\"black-hole\"",
    ])
    .well();
    // Ten segments, a tail loss probe and two time-outs are lost; the third time-out sends less.
    assert_eq!(outcome(&run), (102_400, 13));
    assert_clean(&run.file("a.pcapng"));
}

#[test]
fn a_search_finds_the_largest_segments_that_come_through() {
    // Packets begin with 1024 + 52 = 1076 bytes (52 are headers and time stamps) and may have up to
    // 1500 at the ends, 1400 in the middle. Probes: 1288 comes through, 1394 too; 1447, 1420 and 1406
    // are lost; 1399 comes through. 1400 to 1405 are less than 8 bytes: the search is over.
    let run = run(&[
        "node.r.icmp_errors=false",
        "link.r-s.mtu=1400",
        "traffic.tcp-1.bytes=\"4 MiB\"",
        "defaults.host.tcp.mtu_probing=\"always\"",
    ])
    .well();
    assert_eq!(outcome(&run), (4 << 20, 3));
    let [a, b] = ["a.pcapng", "b.pcapng"].map(|name| run.file(name));
    let sizes = |capture, filter: &str| -> Vec<u16> {
        let rows = fields(capture, filter, &["ip.len"]);
        rows.iter().map(|row| row[0].parse().unwrap()).collect()
    };
    assert_eq!(sizes(&a, "ip.len > 1399"), [1447, 1420, 1406]);
    // Six probes take seven round trips, and most of the data leaves later.
    let came = sizes(&b, "tcp.len > 0");
    assert_eq!(came.iter().max(), Some(&1399));
    let most = came.iter().filter(|size| **size == 1399).count();
    assert!(most > came.len() / 2, "{most} of {}", came.len());
    [a, b].iter().for_each(|capture| assert_clean(capture));
}
