//! The first example, `lossy.toml`: what Wireshark finds in it by itself agrees with the summary.

use crate::support::{Finished, count, fields, run_file, topology};

fn lossy() -> Finished {
    run_file(&topology("lossy"), &["--no-diagrams"]).well()
}

#[test]
fn wireshark_finds_the_handshake_the_request_and_its_answer() {
    let run = lossy();
    let alice = run.file("alice.pcapng");
    let flags = |filter: &str| fields(&alice, filter, &["tcp.stream", "frame.number"]);
    let syn = flags("tcp.flags.syn == 1 && tcp.flags.ack == 0 && tcp.port == 80");
    let syn_ack = flags("tcp.flags.syn == 1 && tcp.flags.ack == 1 && tcp.port == 80");
    assert!(!syn.is_empty() && !syn_ack.is_empty());
    let request = fields(
        &alice,
        "http.request",
        &["http.request.method", "http.request.uri"],
    );
    assert!(
        request.contains(&vec!["GET".to_owned(), "/api/users/123".to_owned()]),
        "{request:?}"
    );
    assert_eq!(count(&alice, "http.response.code == 200"), request.len());
}

#[test]
fn wireshark_finds_retransmissions() {
    let run = lossy();
    let seen: usize = ["alice.pcapng", "bob.pcapng"]
        .map(|name| count(&run.file(name), "tcp.analysis.retransmission"))
        .iter()
        .sum();
    assert!(
        seen > 0,
        "a lossy link without a retransmission teaches nothing"
    );
}

#[test]
fn bob_captures_as_many_datagrams_as_the_summary_says_he_received() {
    let run = lossy();
    let summary = run.summary();
    let udp = summary["traffic"]
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["app"] == "udp")
        .expect("a udp stream");
    let received = udp["stream"]["received_datagrams"].as_u64().unwrap();
    let duplicates = udp["stream"]["duplicate_datagrams"].as_u64();
    let port = udp["port"].as_u64().unwrap_or(5004);
    let captured = count(&run.file("bob.pcapng"), &format!("udp.dstport == {port}"));
    assert_eq!(captured as u64, received + duplicates.unwrap_or_default());
}

#[test]
fn names_are_looked_up_over_the_network() {
    let run = lossy();
    let answers = fields(
        &run.file("alice.pcapng"),
        "dns.flags.response == 1",
        &["dns.a"],
    );
    assert!(!answers.is_empty(), "no DNS answer");
}
