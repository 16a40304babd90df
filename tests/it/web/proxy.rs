//! The reverse proxy: `topologies/proxy.toml`.

use serde_json::Value;

use super::{codes, each, ms, run};
use crate::support::{Finished, assert_clean, count, fields, run_text};

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

/// A client, a proxy that speaks HTTP/2 over TLS on port 443 and HTTP/1.1 on others, and two servers.
const BEHIND: &str = "
    node = { a = {}, gate = {}, w1 = {}, w2 = {}, s = { kind = \"switch\" } }
    link = [
        { between = [\"a\", \"s\"] }, { between = [\"gate\", \"s\"] },
        { between = [\"w1\", \"s\"] }, { between = [\"w2\", \"s\"] },
    ]
    [[server]]
    on = \"w1\"
    app = \"http\"
    [[server.route]]
    path = \"/*\"
    lose = 1000
    [[server]]
    on = \"w2\"
    app = \"http\"
    [[server.route]]
    path = \"/*\"
    size = \"100 KiB\"
    chunked = true
";

#[test]
fn http2_in_front_becomes_http1_behind_with_bodies_both_ways() {
    let text = format!(
        "{BEHIND}
        [[server]]
        on = \"gate\"
        app = \"proxy\"
        version = \"2\"
        tls = true
        upstream = \"w2\"
        [[traffic]]
        app = \"http\"
        version = \"2\"
        from = \"a\"
        to = \"gate\"
        tls = true
        requests = [{{ path = \"/x\" }}, {{ method = \"POST\", path = \"/y\", size = \"50 KiB\" }}]"
    );
    let run = run_text(&text, &["--no-diagrams"]).well();
    assert_eq!(each(&run, "http-1", "status"), [200, 200]);
    assert_eq!(
        each(&run, "http-1", "response_bytes"),
        [100 << 10, 100 << 10]
    );
    let behind = run.file("w2.pcapng");
    assert_clean(&behind);
    assert_eq!(count(&behind, "http2"), 0);
    let columns = ["http.request.method", "http.host", "http.request.line"];
    let rows = fields(&behind, "http.request", &columns);
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!(row[1], "gate");
        assert!(row[2].contains("Via: 2.0 gate"), "{}", row[2]);
    }
}

#[test]
fn a_request_is_passed_to_the_next_upstream_only_if_it_may_be_sent_twice() {
    let text = format!(
        "{BEHIND}
        [[server]]
        on = \"gate\"
        app = \"proxy\"
        fail_timeout = \"1ms\"
        upstream = [\"w1\", \"w2\"]
        [[traffic]]
        app = \"http\"
        from = \"a\"
        to = \"gate\"
        requests = [{{}}, {{}}, {{ method = \"POST\" }}, {{ method = \"PUT\", body = \"once\" }}]
        [[traffic]]
        name = \"posts\"
        app = \"http\"
        from = \"a\"
        to = \"gate\"
        start = \"1s\"
        repeat = 2
        request = {{ method = \"POST\" }}"
    );
    let run = run_text(&text, &["--no-diagrams"]).well();
    // w1 loses everything: a GET that meets it goes on to w2, a POST does not.
    assert_eq!(each(&run, "http-1", "status")[..2], [200, 200]);
    let posts = each(&run, "posts", "status");
    assert!(posts.iter().any(|status| *status == 502), "{posts:?}");
}

#[test]
fn an_upstream_that_is_not_there_is_a_bad_or_a_late_gateway() {
    let text = format!(
        "{BEHIND}
        [[server]]
        on = \"gate\"
        app = \"proxy\"
        port = 81
        upstream = \"w1:8080\"
        [[server]]
        on = \"gate\"
        app = \"proxy\"
        port = 82
        upstream = \"10.0.0.99\"
        connect_timeout = \"300ms\"
        [[traffic]]
        name = \"refused\"
        app = \"http\"
        from = \"a\"
        to = \"gate\"
        port = 81
        [[traffic]]
        name = \"nowhere\"
        app = \"http\"
        from = \"a\"
        to = \"gate\"
        port = 82"
    );
    let run = run_text(&text, &["--no-diagrams"]).well();
    assert_eq!(each(&run, "refused", "status"), [502]);
    assert_eq!(each(&run, "nowhere", "status"), [504]);
    let took = ms(&each(&run, "nowhere", "total_ns")[0]);
    assert!((300..310).contains(&took), "{took}");
}

/// What answers without a body, or before it has one: behind a proxy of its own for each version.
fn bodiless(version: &str, requests: &str) -> Finished {
    let text = format!(
        "node = {{ a = {{}}, gate = {{}}, web = {{}}, s = {{ kind = \"switch\" }} }}
        link = [
            {{ between = [\"a\", \"s\"], latency = \"5ms\" }},
            {{ between = [\"gate\", \"s\"], latency = \"5ms\" }},
            {{ between = [\"web\", \"s\"], latency = \"5ms\" }},
        ]
        [[server]]
        on = \"web\"
        app = \"http\"
        [[server.route]]
        path = \"/page\"
        size = \"1000 B\"
        headers = {{ etag = '\"one\"' }}
        [[server.route]]
        path = \"/chunks\"
        size = \"1000 B\"
        chunked = true
        [[server.route]]
        path = \"/nothing\"
        status = 204
        [[server.route]]
        path = \"/closed\"
        credentials = \"ann:secret\"
        [[server]]
        on = \"gate\"
        app = \"proxy\"
        version = \"{version}\"
        upstream = \"web\"
        [[server]]
        on = \"gate\"
        app = \"proxy\"
        port = 8080
        version = \"{version}\"
        upstream = \"web:8080\"
        [[traffic]]
        app = \"http\"
        version = \"{version}\"
        from = \"a\"
        to = \"gate\"
        requests = {requests}
        [[traffic]]
        name = \"refused\"
        app = \"http\"
        version = \"{version}\"
        from = \"a\"
        to = \"gate\"
        port = 8080
        start = \"1s\"
        request = {{ method = \"HEAD\" }}"
    );
    run_text(&text, &["--no-diagrams"]).well()
}

#[test]
fn answers_without_a_body_pass_in_every_version_and_the_next_one_is_whole() {
    for version in ["1.1", "2"] {
        let run = bodiless(
            version,
            "[{ path = \"/page\", method = \"HEAD\" }, { path = \"/chunks\", method = \"HEAD\" },
              { path = \"/nothing\" }, { path = \"/page\", headers = { if-none-match = '\"one\"' } },
              { path = \"/page\" }]",
        );
        let errors = each(&run, "http-1", "error");
        assert!(errors.iter().all(Value::is_null), "{version}: {errors:?}");
        let statuses = each(&run, "http-1", "status");
        assert_eq!(statuses, [200, 200, 204, 304, 200], "{version}");
        let sizes = each(&run, "http-1", "response_bytes");
        assert_eq!(sizes, [0, 0, 0, 0, 1000], "{version}");
        // So is an answer of the proxy itself.
        assert_eq!(each(&run, "refused", "status"), [502], "{version}");
        assert_eq!(each(&run, "refused", "response_bytes"), [0], "{version}");
        assert_eq!(each(&run, "refused", "error"), [Value::Null], "{version}");
        let (front, behind) = (run.file("a.pcapng"), run.file("web.pcapng"));
        assert_clean(&front);
        assert_clean(&behind);
        if version == "2" {
            // One DATA frame with something in it, and none behind an answer to HEAD.
            assert_eq!(count(&front, "http2.type == 0 && http2.length > 0"), 1);
            let heads = "http2.headers.status == 502 && http2.flags.end_stream == 1";
            assert_eq!(count(&front, heads), 1);
        }
    }
}

#[test]
fn a_body_that_waits_for_100_continue_waits_for_the_upstream() {
    let run = bodiless(
        "1.1",
        "[{ path = \"/page\", method = \"PUT\", headers = { expect = \"100-continue\" }, body = \"a large file\" },
          { path = \"/closed\", method = \"PUT\", headers = { expect = \"100-continue\" }, body = \"a secret file\" },
          { path = \"/page\" }]",
    );
    assert_eq!(each(&run, "http-1", "status"), [200, 401, 200]);
    let (front, behind) = (run.file("a.pcapng"), run.file("web.pcapng"));
    assert_clean(&front);
    assert_clean(&behind);
    assert_eq!(codes(&front, "http"), ["100", "200", "401", "200", "502"]);
    assert_eq!(codes(&behind, "http"), ["100", "200", "401", "200"]);
    // The head takes 10 ms to the gate, which asks by ARP (20 ms), shakes hands (20 ms) and passes it on
    // (10 ms); the 100 comes back in 20 ms.
    let at = |filter: &str| -> f64 {
        let rows = fields(&front, filter, &["frame.time_relative"]);
        rows[0][0].parse().unwrap()
    };
    let head = at("tcp.payload contains \"Expect\"");
    let waited = at("tcp.payload contains \"large file\"") - head;
    assert!((0.080..0.081).contains(&waited), "{waited}");
    // What is refused is sent by nobody.
    for capture in [&front, &behind] {
        assert_eq!(count(capture, "tcp.payload contains \"secret file\""), 0);
    }
}
