//! HTTP/2 as Wireshark sees it: `topologies/http2.toml`, decrypted by the capture alone.

use std::fs;

use netsim::{capture::CaptureReader, dissect::Dissector};

use crate::support::{assert_clean, count, fields, run_file, topology};

#[test]
fn wireshark_finds_every_stream_and_no_fault() {
    let run = run_file(&topology("http2"), &["--no-diagrams"]).well();
    let browser = run.file("browser.pcapng");
    assert_clean(&browser);
    // Four requests over TLS and two without; a client's streams have odd numbers (RFC 9113,
    // section 5.1.1), and each HEADERS frame of a response is on that of its request.
    let asked = fields(&browser, "http2.headers.method", &["http2.headers.path"]);
    let paths: Vec<&str> = asked.iter().flat_map(|row| row[0].split(',')).collect();
    assert_eq!(
        paths,
        ["/", "/style.css", "/photo", "/script.js", "/", "/form"]
    );
    let answers = fields(&browser, "http2.headers.status", &["http2.headers.status"]);
    let answers: Vec<&str> = answers.iter().flat_map(|row| row[0].split(',')).collect();
    assert_eq!(answers, ["200"; 6]);
    // All requests of an entry leave in one frame, so none waits for another's answer.
    let streams = "http2.headers.method && tcp.dstport == 443";
    let streams = fields(&browser, streams, &["http2.streamid"]);
    assert_eq!(streams.len(), 1);
    assert!(streams[0][0].ends_with("1,3,5,7"), "{streams:?}");
    // The magic begins both connections, the client's GOAWAY (type 7) ends them.
    assert_eq!(count(&browser, "http2.magic"), 2);
    let goodbye = "http2.type == 7 && (tcp.dstport == 443 || tcp.dstport == 80)";
    assert_eq!(count(&browser, goodbye), 2);
    assert_eq!(count(&browser, "http.request"), 4);
}

#[test]
fn http2_asks_for_everything_at_once_and_http1_does_not() {
    let run = run_file(&topology("http2"), &["--no-diagrams"]).well();
    let summary = run.summary();
    let started = |entry: usize| -> Vec<u64> {
        let list = summary["traffic"][entry]["exchanges"].as_array().unwrap();
        list.iter()
            .map(|e| e["started_ns"].as_u64().unwrap())
            .collect()
    };
    let (one, two) = (started(0), started(1));
    assert!(one.windows(2).all(|pair| pair[0] < pair[1]), "{one:?}");
    assert!(two.windows(2).all(|pair| pair[0] == pair[1]), "{two:?}");
    // The script does not wait for the picture, which takes 100 ms of thinking.
    let first_byte = |entry: usize, request: usize| {
        let exchange = &summary["traffic"][entry]["exchanges"][request];
        exchange["started_ns"].as_u64().unwrap() + exchange["first_byte_ns"].as_u64().unwrap()
    };
    assert!(first_byte(0, 3) > first_byte(0, 2));
    assert!(first_byte(1, 3) < first_byte(1, 2));
}

#[test]
fn our_dissector_finds_the_frames_that_wireshark_finds() {
    let run = run_file(&topology("http2"), &["--no-diagrams"]).well();
    let browser = run.file("browser.pcapng");
    let mut dissector = Dissector::new();
    dissector.add_tls_secrets(&fs::read_to_string(run.file("tls-keys.log")).unwrap());
    let mut reader = CaptureReader::new(fs::File::open(&browser).unwrap()).unwrap();
    let names = ["DATA", "HEADERS", "SETTINGS", "GOAWAY", "WINDOW_UPDATE"];
    let mut ours = [0; 5];
    while let Some(frame) = reader.next_frame().unwrap() {
        let tree = dissector.dissect(&frame.bytes);
        let frames = tree.layers.iter().filter(|l| l.protocol == "http2");
        for layer in frames.filter(|l| !l.summary.ends_with("a part")) {
            let name = layer.summary.split(['[', ' ']).next().unwrap();
            if let Some(known) = names.iter().position(|n| *n == name) {
                ours[known] += 1;
            }
        }
    }
    // Wireshark lists the types of all frames that end in a segment; theirs are numbers.
    let types = fields(&browser, "http2.type", &["http2.type"]);
    let types: Vec<&str> = types.iter().flat_map(|row| row[0].split(',')).collect();
    let theirs = ["0", "1", "4", "7", "8"].map(|n| types.iter().filter(|t| **t == n).count());
    assert_eq!(ours, theirs);
}
