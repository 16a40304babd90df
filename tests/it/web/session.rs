//! Connections kept, shared, lost and made again: `topologies/session.toml`.

use netsim::{osi::session::Backoff, rng::RootSeed, units::Span};

use super::{each, ms, run};
use crate::support::{assert_clean, count, run_text};

/// Connections that begin in one second of the run.
fn connections(capture: &std::path::Path, second: u32) -> usize {
    let filter = format!(
        "tcp.flags.syn == 1 && tcp.flags.ack == 0 && frame.time_relative >= {second} \
         && frame.time_relative < {}",
        second + 1
    );
    count(capture, &filter)
}

#[test]
fn connections_are_as_many_as_the_entry_says() {
    let run = run("session");
    let client = run.file("client.pcapng");
    assert_clean(&client);
    // Six new ones, one kept, three shared, three over TLS; two for three requests of which a
    // connection takes two.
    for (second, wanted) in [(0, 6), (1, 1), (2, 3), (3, 3), (4, 2)] {
        assert_eq!(connections(&client, second), wanted, "second {second}");
    }
    assert_eq!(
        count(
            &client,
            "http.connection == \"close\" && http.response && tcp.srcport == 8080"
        ),
        1
    );
}

#[test]
fn a_pool_takes_as_long_as_the_requests_of_one_connection() {
    // A round trip is 40 ms, and 10 KiB take 8 ms. A new connection costs two round trips each:
    // 6 x 88 = 528 ms. Kept: 40 + 6 x 48 = 328 ms. Three side by side: 40 + 2 x 48 = 136 ms, and the
    // first three answers share the line: 2 x 8 ms more.
    let run = run("session");
    let took = |entry: &str| {
        let starts = each(&run, entry, "started_ns");
        let spans = each(&run, entry, "total_ns");
        let ends = starts.iter().zip(&spans).map(|(s, t)| ms(s) + ms(t));
        ends.max().unwrap() - ms(&starts[0])
    };
    for (entry, wanted) in [("new", 528), ("kept", 328), ("pool", 152)] {
        let found = took(entry);
        let near = wanted * 98 / 100..wanted * 112 / 100;
        assert!(
            near.contains(&found),
            "{entry}: {found} ms instead of {wanted}"
        );
    }
}

#[test]
fn tls_sessions_are_resumed_across_connections() {
    let run = run("session");
    let tls = each(&run, "resumed", "tls");
    let kinds: Vec<_> = tls
        .iter()
        .map(|t| t["resumption"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["full", "resumed", "resumed"]);
}

#[test]
fn a_get_is_tried_again_after_growing_waits_and_a_post_is_not() {
    let run = run("session");
    assert_eq!(each(&run, "get", "attempts"), [3]);
    assert_eq!(each(&run, "get", "status"), [200]);
    assert_eq!(each(&run, "post", "attempts"), [1]);
    let lost = "the server closed the connection before its response was complete";
    assert_eq!(each(&run, "post", "error"), [lost]);
    // Each attempt takes two round trips of 40 ms: one to connect, one to ask. The first request
    // finds the ARP cache filled. The waits are those of the entry's own stream.
    let mut stream = RootSeed(3).stream(&["traffic", "get", "retry", "0"]);
    let backoff = Backoff::default();
    let waits = [1, 2].map(|made| backoff.delay(made, &mut stream).as_nanos());
    let wanted = 3 * 80 + (waits[0] + waits[1]) / 1_000_000;
    let found = ms(&each(&run, "get", "total_ns")[0]);
    assert!(
        (wanted..wanted + 6).contains(&found),
        "{found} ms instead of {wanted}"
    );
    assert!((80_000_000..=120_000_000).contains(&waits[0]), "{waits:?}");
    assert!((160_000_000..=240_000_000).contains(&waits[1]), "{waits:?}");
}

#[test]
fn what_was_not_sent_is_tried_again_whatever_it_is() {
    // Nobody has that address. The neighbour is looked for until dialling is given up, three times
    // 200 ms and two waits of 50 and 100 ms: 750 ms.
    let text = "
        node = { a = {}, b = {} }
        link = [{ between = [\"a\", \"b\"] }]
        [[traffic]]
        app = \"http\"
        from = \"a\"
        to = \"10.0.0.99\"
        connect_timeout = \"200ms\"
        retry = { attempts = 3, first = \"50ms\", jitter = \"0%\" }
        request = { method = \"POST\", body = \"pay 100\" }
    ";
    let run = run_text(text, &["--no-diagrams"]).well();
    assert_eq!(each(&run, "http-1", "attempts"), [3]);
    assert_eq!(
        each(&run, "http-1", "error"),
        ["no connection within 200ms"]
    );
    assert_eq!(ms(&each(&run, "http-1", "failed_after_ns")[0]), 750);
}

#[test]
fn an_idle_connection_is_closed_by_the_server() {
    let text = "
        node = { a = {}, b = {} }
        link = [{ between = [\"a\", \"b\"] }]
        stop = \"10s\"
        [[traffic]]
        app = \"http\"
        from = \"a\"
        to = \"b\"
        requests = [{}, { path = \"/slow\" }, {}]
        [[traffic]]
        app = \"ping\"
        from = \"a\"
        to = \"b\"
        count = 5
        [[server]]
        on = \"b\"
        app = \"http\"
        idle_timeout = \"2s\"
        [[server.route]]
        path = \"/slow\"
        think = \"3s\"
        [[server.route]]
        path = \"/\"
    ";
    // Thinking is not idleness: one connection carries all three.
    let run = run_text(text, &["--no-diagrams"]).well();
    let a = run.file("a.pcapng");
    assert_eq!(count(&a, "tcp.flags.syn == 1 && tcp.flags.ack == 0"), 1);
    assert_eq!(each(&run, "http-1", "status"), [200, 200, 200]);
}

#[test]
fn jitter_comes_from_the_seed_and_the_entry() {
    let waits = |seed, entry| {
        let mut stream = RootSeed(seed).stream(&["traffic", entry, "retry", "0"]);
        Backoff::default().delay(1, &mut stream)
    };
    assert_eq!(waits(3, "get"), waits(3, "get"));
    assert_ne!(waits(3, "get"), waits(4, "get"));
    assert_ne!(waits(3, "get"), waits(3, "other"));
    assert!(waits(3, "get") > Span::ZERO);
}
