//! The reverse proxy: `topologies/proxy.toml`.

use super::{codes, each, ms, run};
use crate::support::{assert_clean, count, fields};

#[test]
fn wireshark_finds_502_503_and_504_and_no_fault() {
    let run = run("proxy");
    let (alice, bob) = (run.file("alice.pcapng"), run.file("bob.pcapng"));
    assert_clean(&alice);
    assert_clean(&bob);
    assert_eq!(codes(&alice, "tls"), ["200"; 8]);
    // In the order of time: lost twice, late, and patient twice.
    assert_eq!(codes(&bob, "http"), ["502", "503", "504", "503", "200"]);
}

#[test]
fn a_request_has_a_connection_in_front_and_one_behind() {
    let run = run("proxy");
    let (front, back) = (
        run.file("gate-front-gate.pcapng"),
        run.file("gate-back-gate.pcapng"),
    );
    assert_clean(&front);
    assert_clean(&back);
    // TLS ends at the gate: in front every request is inside, behind none.
    assert_eq!(count(&front, "http.request && tls"), 8);
    assert_eq!(count(&back, "tls"), 0);
    let syn = "tcp.flags.syn == 1 && tcp.flags.ack == 0";
    assert_eq!(count(&front, &format!("{syn} && tcp.dstport == 443")), 8);
    // Behind one to each of web1 and web2 is kept, and one more finds web1 hostile.
    assert_eq!(
        fields(
            &back,
            &format!("{syn} && ip.dst == 10.0.1.20"),
            &["tcp.stream"]
        )
        .len(),
        0
    );
    let web = run.file("web2.pcapng");
    assert_eq!(count(&web, syn), 1);
    assert_eq!(count(&web, "http.request"), 4 + 1);
    // Who asked, and who passed it on.
    let columns = ["http.x_forwarded_for", "http.request.line"];
    let rows = fields(&web, "http.request", &columns);
    for row in rows {
        assert_eq!(row[0], "10.0.0.10");
        assert!(row[1].contains("Via: 1.1 gate"), "{}", row[1]);
        assert!(row[1].contains("X-Forwarded-Proto: https"), "{}", row[1]);
        assert!(
            row[1].contains("Forwarded: for=10.0.0.10;host=\"gate\";proto=https"),
            "{}",
            row[1]
        );
    }
}

#[test]
fn an_upstream_that_fails_in_mid_run_is_replaced_by_the_other() {
    let run = run("proxy");
    assert_eq!(each(&run, "pages", "status"), [200; 8]);
    // Before 1 s they take turns; from then on web2 alone answers.
    let web1 = run.file("web1.pcapng");
    assert_eq!(count(&web1, "http.response.code == 200"), 3);
    assert_eq!(count(&web1, "http.response && frame.time_relative > 1"), 0);
}

#[test]
fn a_client_that_is_told_when_to_come_back_does() {
    let run = run("proxy");
    assert_eq!(each(&run, "patient", "attempts"), [2]);
    assert_eq!(each(&run, "patient", "status"), [200]);
    // bad failed at about 2.04 s and is left alone until 7.04 s; at 3.02 s that is 4.02 s, which
    // Retry-After rounds up to 5.
    let retry_after = fields(
        &run.file("bob.pcapng"),
        "http.response.code == 503",
        &["http.response.line"],
    );
    assert!(
        retry_after[0][0].contains("Retry-After: 5"),
        "{retry_after:?}"
    );
    let took = ms(&each(&run, "patient", "total_ns")[0]);
    assert!((5_000..5_300).contains(&took), "{took}");
    // late: a round trip to connect, one to ask, and the 500 ms of the proxy.
    let took = ms(&each(&run, "late", "total_ns")[0]);
    assert!((540..560).contains(&took), "{took}");
}
