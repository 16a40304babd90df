//! HTTP over TCP segments.

use proptest::prelude::*;

use super::talk::{Client, Head, Server, Talk, above, frame, tcp};

/// Where a payload stands: behind 14 of Ethernet, 20 of IP, 20 of TCP.
const AT: usize = 54;

#[test]
fn a_request_shows_its_line_and_headers_at_their_bytes() {
    let request = b"GET /a?b=c HTTP/1.1\r\nhost: bob\r\nx-own: 1\r\n\r\n";
    let tree = Talk::established().data(Client, 1, 1, request);
    let http = tree.layer("http").unwrap();
    assert_eq!(http.summary, "GET /a?b=c HTTP/1.1");
    assert_eq!(http.range, AT..AT + request.len());
    let fields: Vec<_> = http
        .fields
        .iter()
        .map(|f| {
            (
                f.name,
                f.value.as_str(),
                f.range.start - AT..f.range.end - AT,
            )
        })
        .collect();
    // The line is 3 + 1 + 6 + 1 + 8 = 19 bytes; the headers stand at 21 to 30 and 32 to 40.
    assert_eq!(
        fields,
        [
            ("request.method", "GET", 0..3),
            ("request.uri", "/a?b=c", 4..10),
            ("request.version", "HTTP/1.1", 11..19),
            ("host", "bob", 21..30),
            ("request.line", "x-own: 1", 32..40),
        ]
    );
    assert_eq!(tree.highest().unwrap().protocol, "http");
}

#[test]
fn a_response_over_three_segments_goes_on_as_body() {
    let mut talk = Talk::established();
    talk.data(Client, 1, 1, b"GET / HTTP/1.1\r\n\r\n");
    let head = b"HTTP/1.1 404 Not Found\r\ncontent-length: 25\r\n\r\n";
    let first = [&head[..], &[b'a'; 10]].concat();
    let tree = talk.data(Server, 1, 19, &first);
    let http = tree.layer("http").unwrap();
    assert_eq!(http.summary, "HTTP/1.1 404 Not Found");
    assert_eq!(http.value("response.code"), Some("404"));
    assert_eq!(http.value("response.phrase"), Some("Not Found"));
    assert_eq!(http.value("file_data"), Some("aaaaaaaaaa"));
    let mut seq = 1 + u32::try_from(first.len()).unwrap();
    let tree = talk.data(Server, seq, 19, &[b'b'; 10]);
    let text = "http HTTP body, 10 bytes (continued)";
    assert_eq!(above(&tree), [(text.to_owned(), AT..AT + 10)]);
    seq += 10;
    // The last 5 bytes, and behind them the next message.
    let rest = b"cccccHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let tree = talk.data(Server, seq, 19, rest);
    assert_eq!(
        above(&tree),
        [
            (
                "http HTTP body, 5 bytes (continued, end)".to_owned(),
                AT..AT + 5
            ),
            ("http HTTP/1.1 200 OK".to_owned(), AT + 5..AT + rest.len()),
        ]
    );
}

#[test]
fn a_lost_segment_is_named_when_it_comes_again() {
    let mut talk = Talk::established();
    let request = b"GET / HTTP/1.1\r\n\r\n";
    talk.data(Client, 1, 1, request);
    let again = talk.data(Client, 1, 1, request);
    assert_eq!(tcp(&again, "analysis"), Some("retransmission"));
    assert_eq!(again.layer("http").unwrap().summary, "GET / HTTP/1.1");
    // A body's second part before its first.
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n";
    talk.data(Server, 1, 19, head);
    let seq = 1 + u32::try_from(head.len()).unwrap();
    let early = talk.data(Server, seq + 10, 19, &[b'b'; 10]);
    assert_eq!(above(&early)[0].0, "http HTTP, 10 bytes (out of order)");
    let filled = talk.data(Server, seq, 19, &[b'a'; 10]);
    assert_eq!(above(&filled)[0].0, "http HTTP body, 10 bytes (continued)");
    // The message is over: the next one starts.
    let next = talk.data(Server, seq + 20, 19, head);
    assert_eq!(above(&next)[0].0, "http HTTP/1.1 200 OK");
}

#[test]
fn a_frame_cut_by_a_snap_length_keeps_its_length_and_its_stream() {
    let mut talk = Talk::established();
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";
    talk.data(Server, 1, 1, head);
    let seq = 1 + u32::try_from(head.len()).unwrap();
    let segment = Head {
        flags: "A",
        seq,
        ack: 1,
        window: 500,
        ..Head::default()
    };
    // 60 of 100 bytes are cut off.
    let mut cut = frame(Server, &segment, &[b'a'; 100]);
    cut.truncate(AT + 40);
    let tree = talk.dissector.dissect(&cut);
    assert_eq!(tcp(&tree, "len"), Some("100"));
    assert_eq!(
        tcp(&tree, "checksum.status"),
        Some("not verified (cut short)")
    );
    assert_eq!(above(&tree)[0].0, "http HTTP body, 40 bytes (continued)");
    let next = talk.data(Server, seq + 100, 1, head);
    assert_eq!(tcp(&next, "analysis"), None);
    assert_eq!(above(&next)[0].0, "http HTTP/1.1 200 OK");
}

#[test]
fn bytes_of_no_known_protocol_are_data() {
    let tree = Talk::established().data(Client, 1, 1, b"\x16\x02\x01\x00");
    assert_eq!(above(&tree), [("data 4 bytes".to_owned(), AT..AT + 4)]);
    assert_eq!(tree.layer("data").unwrap().value("data"), Some("16020100"));
}

/// Three requests: with a body of known length, with a chunked one, with none.
const STREAM: &[u8] = b"POST /1 HTTP/1.1\r\ncontent-length: 9\r\n\r\n012345678\
    POST /2 HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\
    GET /3 HTTP/1.1\r\n\r\n";

proptest! {
    /// However the stream is cut into segments, all bytes are HTTP and three messages start.
    #[test]
    fn messages_start_where_they_start_however_the_stream_is_cut(cuts in prop::collection::btree_set(1..STREAM.len(), 0..12)) {
        let mut talk = Talk::established();
        let (mut starts, mut from, mut covered) = (0, 0, 0);
        for to in cuts.into_iter().chain([STREAM.len()]) {
            let seq = 1 + u32::try_from(from).unwrap();
            let tree = talk.data(Client, seq, 1, &STREAM[from..to]);
            for layer in &tree.layers[3..] {
                // A start line in two segments may not be known as one yet.
                prop_assert!(layer.protocol == "http" || layer.protocol == "data");
                covered += layer.range.len();
                starts += usize::from(layer.value("request.method").is_some());
            }
            from = to;
        }
        prop_assert_eq!(covered, STREAM.len());
        prop_assert!(starts <= 3);
    }

    #[test]
    fn any_bytes_in_any_order_never_panic(segments in prop::collection::vec((any::<bool>(), 0_u32..300, prop::collection::vec(prop::sample::select(b"GETHP/1. \r\n:0a\xff".to_vec()), 0..40)), 0..30)) {
        let mut talk = Talk::established();
        for (from_client, seq, bytes) in segments {
            let from = if from_client { Client } else { Server };
            let tree = talk.data(from, seq, 1, &bytes);
            for layer in &tree.layers {
                prop_assert!(layer.range.end <= AT + bytes.len());
            }
        }
    }
}
