//! Server-Sent Events as Wireshark sees them: `topologies/sse.toml`, with a link that goes down.

use std::fs;

use netsim::{capture::CaptureReader, dissect::Dissector};
use serde_json::Value;

use crate::support::{Finished, assert_clean, fields, repository, run_file, run_text, topology};

fn run() -> Finished {
    run_file(&topology("sse"), &["--no-diagrams"]).well()
}

fn connections<'a>(summary: &'a Value, name: &str) -> &'a [Value] {
    let mut entries = summary["traffic"].as_array().unwrap().iter();
    let entry = entries.find(|entry| entry["name"] == name).unwrap();
    entry["event_streams"].as_array().unwrap()
}

/// The sum of a number over some connections.
fn sum(all: &[Value], key: &str) -> u64 {
    all.iter().map(|x| x[key].as_u64().unwrap()).sum()
}

#[test]
fn the_second_request_names_the_last_event_and_nothing_is_missing() {
    let run = run();
    let browser = run.file("browser.pcapng");
    assert_clean(&browser);
    let summary = run.summary();
    let news = connections(&summary, "news");
    // Events 1 to 5 happen at 0 to 2.4 s; the sixth would leave at 3.0 s, when the link is down.
    assert_eq!(news[0]["events"], 5);
    assert_eq!(news[0]["error"], "nothing came for 2s");
    assert_eq!(
        (
            sum(news, "events"),
            sum(news, "missed"),
            sum(news, "repeated")
        ),
        (20, 0, 0)
    );
    // The server's "retry: 500" holds.
    assert_eq!(news[0]["retry_ns"], 500_000_000);
    let asked = fields(
        &browser,
        "http.request.uri == \"/events\" && tcp.dstport == 80",
        &["http.request.line"],
    );
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(!asked[0][0].contains("Last-Event-Id"));
    assert!(asked[1][0].contains("Last-Event-Id: 5"), "{asked:?}");
}

#[test]
fn what_the_server_has_forgotten_is_missing() {
    let summary = run().summary();
    let all = connections(&summary, "forgetful");
    assert_eq!(sum(all, "events"), 15);
    // The connection is made again at about 8 s: of the events since then the last 3 are kept.
    let second = all.last().unwrap();
    assert_eq!(second["last_event_id"], "6");
    let missed = second["missed"].as_u64().unwrap();
    assert!((6..=9).contains(&missed), "{missed}");
}

#[test]
fn a_server_may_close_and_says_when_there_is_no_need_to_come_again() {
    let run = run();
    let summary = run.summary();
    let all = connections(&summary, "short");
    // 10 events in connections of 4; whoever has seen the last gets 204.
    let events: Vec<_> = all.iter().map(|x| x["events"].as_u64().unwrap()).collect();
    assert_eq!(events, [4, 4, 2, 0]);
    assert_eq!(all[3]["status"], 204);
    assert!(all.iter().all(|x| x["error"].is_null()));
    // Each whole body, as Wireshark puts it together: its events, each with id and data.
    let bodies = fields(
        &run.file("browser.pcapng"),
        "http.response.code == 200 && tcp.srcport == 8081",
        &["http.content_type", "http.file_data"],
    );
    assert_eq!(bodies.len(), 3);
    assert!(bodies.iter().all(|row| row[0] == "text/event-stream"));
    assert!(
        bodies[1][1].contains(r"id: 5\ndata: 5\n\nid: 6\ndata: 6\n\n"),
        "{bodies:?}"
    );
}

#[test]
fn an_answer_that_is_no_stream_ends_it_for_good() {
    let summary = run().summary();
    let lost = connections(&summary, "lost");
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0]["error"], "the server answered 404 Not Found");
}

#[test]
fn an_event_takes_one_way_of_the_link_unless_it_has_to_wait() {
    // 11 ms, and the time to send a small frame on two links.
    let summary = run().summary();
    let news = connections(&summary, "news");
    let first = &news[0]["latency"];
    for key in ["min_ns", "max_ns"] {
        let ms = first[key].as_u64().unwrap() / 1_000_000;
        assert_eq!(ms, 11, "{first}");
    }
    // Event 6 happened at 3.0 s and came on the connection that was made after the outage.
    let late = news.last().unwrap()["latency"]["max_ns"].as_u64().unwrap();
    assert!(late > 4_000_000_000, "{late}");
}

#[test]
fn over_tls_too() {
    let text = "[node.a]\n[node.b]\n[[link]]\nbetween = [\"a\", \"b\"]\nlatency = \"5ms\"\n\
                [[traffic]]\napp = \"sse\"\nfrom = \"a\"\nto = \"b\"\ntls = true\ncount = 3";
    let run = run_text(text, &["--no-diagrams"]).well();
    let a = run.file("a.pcapng");
    assert_clean(&a);
    let summary = run.summary();
    let all = connections(&summary, "sse-1");
    assert_eq!((all.len(), &all[0]["events"]), (1, &Value::from(3)));
    let response = fields(&a, "tls && http.request", &["http.request.uri"]);
    assert_eq!(response, [["/events"]]);
}

#[test]
fn no_event_is_lost_on_a_lossy_link_whatever_the_seed() {
    for seed in ["1", "2", "3", "4"] {
        let text = "[node.a]\n[node.b]\n[[link]]\nbetween = [\"a\", \"b\"]\nlatency = \"5ms\"\n\
                    loss = \"10%\"\nduplicate = \"2%\"\nreorder = \"5%\"\n\
                    [[traffic]]\nname = \"s\"\napp = \"sse\"\nfrom = \"a\"\nto = \"b\"\ncount = 40\n\
                    [[server]]\non = \"b\"\napp = \"sse\"\nsse = { interval = \"50ms\" }";
        let run = run_text(text, &["--no-diagrams", "--seed", seed]).well();
        let summary = run.summary();
        let all = connections(&summary, "s");
        let counts = (sum(all, "events"), sum(all, "missed"), sum(all, "repeated"));
        assert_eq!(counts, (40, 0, 0), "seed {seed}");
    }
}

#[test]
fn our_dissector_names_every_event() {
    let run = run();
    let mut dissector = Dissector::new();
    let capture = fs::File::open(run.file("browser.pcapng")).unwrap();
    let mut told = Vec::new();
    for frame in CaptureReader::new(capture).unwrap() {
        let tree = dissector.dissect(&frame.unwrap().bytes);
        let port = tree
            .layer("tcp")
            .and_then(|l| l.value("srcport").map(str::to_owned));
        if let (Some("80"), Some(layer)) = (port.as_deref(), tree.layer("sse")) {
            // What the first connection held back during the outage comes on it after all, and
            // again on the second one.
            for one in layer.summary.split(", ").map(str::to_owned) {
                if !told.contains(&one) {
                    told.push(one);
                }
            }
        }
    }
    let events: Vec<_> = told.iter().filter(|t| t.starts_with("SSE event")).collect();
    let wanted: Vec<_> = (1..=20)
        .map(|n| format!("SSE event id={n} (headline)"))
        .collect();
    assert_eq!(events, wanted.iter().collect::<Vec<_>>());
    assert!(told.iter().any(|t| t == "SSE comment"));
    assert!(told.iter().any(|t| t == "SSE retry=500"));
}

#[test]
fn the_comparison_in_the_document_is_what_a_run_measures() {
    let run = run();
    let summary = run.summary();
    let entries = ["news", "forgetful", "ticker"].map(|name| {
        let mut all = summary["traffic"].as_array().unwrap().iter();
        let entry = all.find(|entry| entry["name"] == name).unwrap();
        let streams = entry["event_streams"].as_array();
        streams.or_else(|| entry["websockets"].as_array()).unwrap()
    });
    let came = |x: &Value| {
        let events = x["events"].as_u64();
        events.unwrap_or_else(|| x["received"]["messages"].as_u64().unwrap())
    };
    let row = |what: &str, cells: [String; 3]| format!("| {what} | {} |", cells.join(" | "));
    let us = |x: &Value, key: &str| x["latency"][key].as_u64().unwrap() / 1000;
    let before = entries.map(|all| came(&all[0]).to_string());
    let after = entries.map(|all| all[1..].iter().map(came).sum::<u64>().to_string());
    let mean = entries.map(|all| {
        let us = us(&all[0], "mean_ns");
        format!("{}.{:03} ms", us / 1000, us % 1000)
    });
    let longest = entries.map(|all| format!("{} ms", us(all.last().unwrap(), "max_ns") / 1000));
    let missed = |entry: usize| sum(entries[entry], "missed").to_string();
    let rows = [
        row("came before the outage", before),
        row("came afterwards", after),
        row("missed", [missed(0), missed(1), "nobody knows".to_owned()]),
        row("latency before the outage, mean", mean),
        row("latency afterwards, longest", longest),
    ];
    let document = fs::read_to_string(repository().join("docs/protocols/sse.md")).unwrap();
    for row in rows {
        assert!(document.contains(&row), "{row}");
    }
    // The second message of both, {"n":2,"sent_ns":...}, has 28 bytes.
    let sizes =
        "(tcp.stream == 1 || tcp.stream == 2) && tcp.len in {48, 30} && frame.time_relative < 1.2";
    let sizes = fields(
        &run.file("browser.pcapng"),
        sizes,
        &["tcp.stream", "tcp.len"],
    );
    assert_eq!(sizes, [["1", "48"], ["2", "30"]]);
    assert!(document.contains("| bytes of TCP for a message of 28 bytes | | 48 | 30 |"));
}
