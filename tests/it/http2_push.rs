//! HTTP/2 in depth as Wireshark sees it: `topologies/http2_push.toml`.

use std::path::Path;

use serde_json::Value;

use crate::support::{Finished, assert_clean, expert_notes, fields, run_file, run_text, topology};

/// The numbers of the connections, in their order: one for each entry, but three for `goodbye` and
/// for `refused`.
const PUSHED: &str = "tcp.stream == 1";
const CACHED: &str = "tcp.stream == 2";
const ENOUGH: &str = "tcp.stream == 4";
const SMALL: &str = "tcp.stream == 5";

fn run() -> Finished {
    run_file(&topology("http2_push"), &["--no-diagrams"]).well()
}

/// All values of a field, in their order.
fn values(capture: &Path, filter: &str, name: &str) -> Vec<String> {
    let rows = fields(capture, &format!("({filter}) && {name}"), &[name]);
    let all = rows.iter().flat_map(|row| row[0].split(','));
    all.map(str::to_owned).collect()
}

/// One exchange of an entry.
fn exchange(summary: &Value, entry: usize, number: usize) -> &Value {
    &summary["traffic"][entry]["exchanges"][number]
}

#[test]
fn wireshark_finds_the_promises_and_no_fault() {
    let run = run();
    for name in ["browser.pcapng", "web.pcapng"] {
        let capture = run.file(name);
        assert_clean(&capture);
        assert_eq!(expert_notes(&capture).len(), 0, "{name}");
        // One promise each for the client that takes it and the one that cancels it; none where push
        // is off. A server's streams have even numbers (RFC 9113, section 5.1.1).
        let promise = "http2.push_promise.promised_stream_id";
        assert_eq!(values(&capture, "http2", promise), ["2", "2"], "{name}");
        for connection in [PUSHED, CACHED] {
            assert_eq!(values(&capture, connection, promise), ["2"], "{name}");
        }
        // ENABLE_PUSH is setting 2: off twice, on for the others.
        let off = "http2.settings.enable_push == 0";
        assert_eq!(
            fields(&capture, off, &["tcp.stream"]),
            [["0"], ["3"]],
            "{name}"
        );
    }
}

#[test]
fn a_pushed_style_sheet_saves_a_round_trip() {
    let summary = run().summary();
    let end = |entry, number| {
        let e = exchange(&summary, entry, number);
        e["started_ns"].as_u64().unwrap() + e["total_ns"].as_u64().unwrap()
            - summary["traffic"][entry]["started_ns"].as_u64().unwrap()
    };
    // asked: page, then style sheet. pushed: the second exchange is the one that nobody asked for.
    let (asked, pushed) = (end(0, 1), end(1, 1));
    assert_eq!(exchange(&summary, 1, 1)["pushed"], true);
    assert_eq!(exchange(&summary, 1, 1)["path"], "/style.css");
    // A round trip is 40 ms, and the request takes some microseconds of the link.
    let saved = asked - pushed;
    assert!((40_000_000..41_000_000).contains(&saved), "{saved} ns");
}

#[test]
fn streams_are_cancelled_by_the_client_and_refused_by_the_server() {
    let run = run();
    let browser = run.file("browser.pcapng");
    // RFC 9113, section 7: CANCEL is 8, REFUSED_STREAM 7.
    let reset = "http2.rst_stream.error";
    assert_eq!(values(&browser, CACHED, reset), ["8"]);
    assert_eq!(values(&browser, ENOUGH, reset), ["8"]);
    // Of five requests at once three are too many; of those, again at once, one.
    let refused = values(&browser, "tcp.port == 8088", reset);
    assert_eq!(refused, ["7"; 4]);
    let summary = run.summary();
    for number in 0..5 {
        assert_eq!(exchange(&summary, 7, number)["status"], 200);
    }
    // The connection outlives the stream that was given up.
    let film = exchange(&summary, 4, 0);
    assert_eq!(film["error"], "cancelled by the client after 100 KiB");
    let got = film["response_bytes"].as_u64().unwrap();
    // A frame of DATA is at most 16 KiB.
    assert!((100 << 10..117 << 10).contains(&got), "{got}");
    let style = exchange(&summary, 4, 1);
    assert_eq!(
        (&style["status"], &style["connect_ns"]),
        (&200.into(), &Value::Null)
    );
}

#[test]
fn a_server_says_goodbye_twice_and_the_rest_is_asked_elsewhere() {
    let run = run();
    let browser = run.file("browser.pcapng");
    let from_server = "tcp.srcport == 8080";
    let last = values(&browser, from_server, "http2.goaway.last_stream_id");
    // Two connections end after two requests, streams 1 and 3: first with the highest number, then
    // with the last stream. The third has but one request, and ends with the client's goodbye.
    let highest = "2147483647";
    assert_eq!(last, [highest, "3", highest, "3", "1"]);
    let summary = run.summary();
    let connects = |number| !exchange(&summary, 6, number)["connect_ns"].is_null();
    let wanted = [true, false, true, false, true];
    assert_eq!([0, 1, 2, 3, 4].map(connects), wanted);
}

#[test]
fn a_small_window_makes_the_server_wait() {
    let run = run();
    let browser = run.file("browser.pcapng");
    let announced = values(&browser, SMALL, "http2.settings.initial_window_size");
    assert_eq!(announced, ["8192"]);
    // 100 KiB with at most 8 KiB under way: at least 12 round trips of 40 ms after the first window.
    // Room is made when half of the window is used, so it takes at most twice as long.
    let clip = exchange(&run.summary(), 5, 0).clone();
    let time = |key: &str| clip[key].as_u64().unwrap();
    let took = time("total_ns") - time("first_byte_ns");
    assert!((12 * 40_000_000..26 * 40_000_000).contains(&took), "{took}");
}

#[test]
fn contradictions_are_found_before_anything_runs() {
    let network = r#"
        node = { a = {}, b = {} }
        link = [{ between = ["a", "b"] }]
    "#;
    for (traffic, wanted) in [
        (r#"http2 = {}"#, "`http2` means nothing to HTTP/1.1"),
        (
            r#"version = "2", keep_alive = false, http2 = { push = "off" }"#,
            "`http2` and `keep_alive = false` exclude each other",
        ),
        (
            r#"version = "2", http2 = { window = "10 B" }"#,
            "`window` is 10 B, but must be from",
        ),
        (
            r#"version = "2", http2 = { at_once = 0 }"#,
            "`at_once` is 0, but must be from 1",
        ),
    ] {
        let entry =
            format!("traffic = [{{ app = \"http\", from = \"a\", to = \"b\", {traffic} }}]");
        let run = run_text(&format!("{network}\n{entry}"), &["--no-diagrams"]);
        assert_eq!(run.code(), 2, "{traffic}");
        assert!(run.stderr().contains(wanted), "{traffic}: {}", run.stderr());
    }
}
