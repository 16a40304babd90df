//! DNS from the root down: `topologies/dns.toml` as Wireshark sees it, and round trips that are
//! derived first.

use serde_json::Value;

use crate::support::{assert_clean, count, fields, run_file, run_text, topology};

/// One lookup of the entry called `name`.
fn lookup<'a>(summary: &'a Value, name: &str) -> &'a Value {
    let entries = summary["traffic"].as_array().unwrap();
    let entry = entries.iter().find(|e| e["name"] == name).unwrap();
    &entry["lookups"][0]
}

fn millis(lookup: &Value) -> u64 {
    lookup["took_ns"].as_u64().unwrap() / 1_000_000
}

#[test]
fn a_lookup_takes_the_round_trips_that_the_cache_leaves_over() {
    // One way from the client to the resolver is 1 + 1 ms, from the resolver to the root 1 + 20,
    // to the TLD 1 + 10, to the shop 1 + 5. There and back:
    let (stub, root, tld, shop) = (4, 42, 22, 12);
    let run = run_file(&topology("dns"), &["--no-diagrams"]).well();
    let summary = run.summary();
    let took = |name| millis(lookup(&summary, name));
    assert_eq!(took("cold"), stub + root + tld + shop);
    // A second later everything is known.
    assert_eq!(took("warm"), stub);
    // After 40 s the address (30 s) has run out, the servers (1 h and 48 h) have not.
    assert_eq!(took("run-out"), stub + shop);
    // Another type and an alias are unknown, their servers are not.
    for name in ["mail", "policy", "alias", "six", "no-data"] {
        assert_eq!(took(name), stub + shop, "{name}");
    }
    // A truncated answer costs a TCP handshake and one more question, over TCP.
    assert_eq!(took("long"), stub + shop + stub + stub);
    assert_eq!(took("roomy"), stub);
    // Another top-level zone: from the root again.
    assert_eq!(took("reverse"), stub + root + tld);
}

#[test]
fn answers_say_what_the_zones_say() {
    let run = run_file(&topology("dns"), &["--no-diagrams"]).well();
    let summary = run.summary();
    let answers = |name| lookup(&summary, name)["answers"].clone();
    assert_eq!(
        answers("mail"),
        serde_json::json!(["10 mail.shop.example", "20 backup.shop.example"])
    );
    assert_eq!(answers("policy"), serde_json::json!(["\"v=spf1 mx -all\""]));
    assert_eq!(answers("six"), serde_json::json!(["fd00::10"]));
    assert_eq!(answers("reverse"), serde_json::json!(["web.shop.example"]));
    let alias = lookup(&summary, "alias");
    assert_eq!(alias["aliases"], serde_json::json!(["www.shop.example"]));
    // 30 s in the zone; asked again 3 s after the alias' own target was heard at 1 s.
    assert_eq!(alias["ttl_s"], 30);
    assert_eq!(lookup(&summary, "warm")["ttl_s"], 29);
    assert_eq!(lookup(&summary, "long")["over_tcp"], true);
    let error = |name| lookup(&summary, name)["error"].clone();
    assert_eq!(error("nobody"), "the DNS server answered NXDOMAIN");
    assert_eq!(error("no-data"), "the name has no MX record");
    // The page's name was asked for first.
    let page = summary["traffic"].as_array().unwrap().last().unwrap();
    assert!(page["exchanges"][0]["lookup_ns"].as_u64().unwrap() > 0);
    assert_eq!(page["exchanges"][0]["status"], 200);
}

#[test]
fn wireshark_sees_referrals_authority_and_the_way_over_tcp() {
    let run = run_file(&topology("dns"), &["--no-diagrams"]).well();
    let resolver = run.file("resolver.pcapng");
    assert_clean(&resolver);
    // Cold, at the resolver: the client's question with RD, three without; then the answers.
    let www =
        "dns.qry.name == \"www.shop.example\" && dns.qry.type == 1 && frame.time_relative < 0.5";
    let flags = ["ip.dst", "dns.flags.recdesired"];
    let asked = fields(
        &resolver,
        &format!("{www} && dns.flags.response == 0"),
        &flags,
    );
    assert_eq!(
        asked,
        [
            ["10.0.1.10", "1"],
            ["10.0.2.10", "0"],
            ["10.0.3.10", "0"],
            ["10.0.5.10", "0"]
        ]
    );
    let flags = [
        "ip.src",
        "dns.flags.authoritative",
        "dns.flags.recavail",
        "dns.count.answers",
        "dns.count.auth_rr",
    ];
    let said = fields(
        &resolver,
        &format!("{www} && dns.flags.response == 1"),
        &flags,
    );
    assert_eq!(
        said,
        [
            ["10.0.2.10", "0", "0", "0", "1"],
            ["10.0.3.10", "0", "0", "0", "1"],
            ["10.0.5.10", "1", "0", "1", "0"],
            ["10.0.1.10", "0", "1", "1", "0"]
        ]
    );
    let client = run.file("client.pcapng");
    assert_clean(&client);
    // One truncated answer, and the same over TCP in both directions.
    assert_eq!(count(&client, "dns.flags.truncated == 1"), 1);
    assert_eq!(count(&client, "dns && tcp.port == 53"), 2);
    let long = "dns.flags.response == 1 && tcp.port == 53";
    assert_eq!(fields(&client, long, &["dns.count.answers"]), [["1"]]);
    // The negative answer carries the SOA, and the second time nobody else is asked.
    let negative = "dns.flags.rcode == 3";
    assert_eq!(fields(&client, negative, &["dns.soa.mname"]).len(), 2);
    assert_eq!(
        count(&resolver, "dns.flags.rcode == 3 && ip.src == 10.0.5.10"),
        1
    );
    // 20 s in the zone, a second of which is over.
    let ttls = fields(&client, negative, &["dns.resp.ttl"]);
    assert_eq!(ttls, [["20"], ["19"]]);
}

/// A stub and a resolver behind a link that loses what `faults` says, and two servers of one zone.
fn two_servers(extra: &str, first_up: bool) -> String {
    let first = if first_up {
        "[[server]]\non = \"ns1\"\napp = \"dns\"\n[[server.zone]]\nname = \"example.\"\nrecords = [\"www A 10.9.9.9\"]\n"
    } else {
        ""
    };
    format!(
        r#"
        [defaults.host]
        arp = "static"
        [node.stub]
        [node.resolver]
        [node.core]
        kind = "router"
        [node.root]
        [node.ns1]
        [node.ns2]
        [[link]]
        between = ["stub", "core"]
        [[link]]
        between = ["resolver", "core"]
        [[link]]
        between = ["root", "core"]
        [[link]]
        between = ["ns1", "core"]
        {extra}
        [[link]]
        between = ["ns2", "core"]
        [[server]]
        on = "resolver"
        app = "dns"
        recursive = true
        [[server]]
        on = "root"
        app = "dns"
        [[server.zone]]
        name = "."
        records = [
            "example. NS ns1.example.", "example. NS ns2.example.",
            "ns1.example. A ns1", "ns2.example. A ns2",
        ]
        [[server]]
        on = "ns2"
        app = "dns"
        [[server.zone]]
        name = "example."
        records = ["www A 10.9.9.9", "loop CNAME pool", "pool CNAME loop"]
        {first}
        [[traffic]]
        name = "www"
        app = "dns"
        from = "stub"
        to = "resolver"
        query = "www.example"
        [[traffic]]
        name = "loop"
        app = "dns"
        from = "stub"
        to = "resolver"
        query = "loop.example"
        start = "10s"
        "#
    )
}

#[test]
fn when_one_server_is_silent_the_next_is_asked() {
    // The first server's link loses everything: 800 ms of waiting, then the second answers.
    let run = run_text(&two_servers("loss = \"100%\"", true), &["--no-diagrams"]).well();
    let summary = run.summary();
    let www = lookup(&summary, "www");
    assert_eq!(www["answers"], serde_json::json!(["10.9.9.9"]));
    assert_eq!(millis(www) / 100, 8);
    assert_eq!(www["attempts"], 1);
}

#[test]
fn when_one_server_is_no_server_the_next_is_asked_at_once() {
    // An ICMP port unreachable is an answer too.
    let run = run_text(&two_servers("", false), &["--no-diagrams"]).well();
    let summary = run.summary();
    assert!(millis(lookup(&summary, "www")) < 100);
    assert_eq!(lookup(&summary, "www")["error"], Value::Null);
    // Aliases in a circle are the zone's mistake: the resolver gives up, not the simulator.
    let error = lookup(&summary, "loop")["error"].as_str().unwrap();
    assert!(error.contains("SERVFAIL"), "{error}");
}

#[test]
fn a_server_without_the_zone_refuses() {
    let text = two_servers("", true).replacen("to = \"resolver\"", "to = \"ns2\"", 1);
    let text = text.replacen("query = \"www.example\"", "query = \"www.other\"", 1);
    let run = run_text(&text, &["--no-diagrams"]).well();
    let summary = run.summary();
    let error = lookup(&summary, "www")["error"].as_str().unwrap();
    assert!(error.contains("REFUSED"), "{error}");
}

#[test]
fn mistakes_in_a_zone_are_errors_of_check_at_their_place() {
    let cases = [
        (
            "\"www A 10.9.9.9\",",
            "\"www A 10.9.9\",",
            "neither an IPv4 address nor a node",
        ),
        (
            "\"loop CNAME pool\",",
            "\"www CNAME pool\",",
            "a name with a CNAME has no other records",
        ),
        (
            "\"www A 10.9.9.9\",",
            "\"www.com. A 10.9.9.9\",",
            "does not lie in the zone",
        ),
        ("\"ns1.example. A ns1\",", "", "nobody could find"),
        (
            "\"www A 10.9.9.9\",",
            "\"@ MX 5 loop\",",
            "cannot be an alias",
        ),
        ("name = \".\"", "name = \"ex ample\"", "is not a DNS name"),
        ("recursive = true", "root = \"root\"", "asks nobody"),
        (
            "query = \"www.example\"",
            "query = \"www.example\"\ntype = \"MXX\"",
            "did you mean \"MX\"?",
        ),
    ];
    for (good, bad, words) in cases {
        let text = two_servers("", true);
        assert!(text.contains(good), "{good}");
        let run = run_text(&text.replacen(good, bad, 1), &["--no-diagrams"]);
        assert_eq!(run.code(), 2, "{bad}");
        assert!(run.stderr().contains(words), "{bad}: {}", run.stderr());
        assert!(run.stderr().contains(".toml:"), "{bad}: {}", run.stderr());
    }
}
