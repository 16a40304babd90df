//! Records and messages by themselves; tests/it/https.rs compares the whole with Wireshark.

use proptest::prelude::*;

use super::{records::Content, *};
use crate::dissect::{http::Asked, speech::Talk};

/// A record of this type, of "TLS 1.2", as every record since says.
fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind, 3, 3], length.as_slice(), body].concat()
}

/// A handshake message.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

/// A ClientHello: version 3.3, 32 random bytes, no session, one suite, no compression, and the
/// extensions server_name ("bob") and ALPN ("h2").
fn client_hello() -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0x13, 0x01, 1, 0]);
    let name = [0, 0, 0, 8, 0, 6, 0, 0, 3, b'b', b'o', b'b'];
    let alpn = [0, 16, 0, 5, 0, 3, 2, b'h', b'2'];
    body.extend([0, u8::try_from(name.len() + alpn.len()).unwrap()]);
    body.extend(name);
    body.extend(alpn);
    message(1, &body)
}

/// The records of `bytes`, fed in pieces of `step`.
fn read(bytes: &[u8], step: usize) -> Vec<Record> {
    let (mut asked, mut session) = (Asked::default(), Session::default());
    let secrets = Secrets::default();
    let mut records = Records::default();
    let mut talk = Talk {
        asked: &mut asked,
        session: &mut session,
        smtp: &mut crate::dissect::smtp::Dialogue::default(),
        http2: &mut crate::dissect::http2::Session::default(),
        secrets: &secrets,
    };
    let pieces = bytes.chunks(step);
    pieces
        .flat_map(|piece| records.feed(piece, &mut talk))
        .collect()
}

/// What the records say that ended.
fn told(records: &[Record]) -> Vec<String> {
    let whole = records.iter().filter(|r| r.content != Content::Part);
    whole.map(summary).collect()
}

#[test]
fn a_hello_says_whom_it_wants_and_what_it_speaks() {
    let records = read(&record(22, &client_hello()), usize::MAX);
    assert_eq!(told(&records), ["ClientHello SNI=bob ALPN=h2"]);
    let (layers, foreign) = layers(100, 54, &records);
    assert!(foreign.is_empty());
    assert_eq!(
        layers[0].value("handshake.ciphersuites"),
        Some("TLS_AES_128_GCM_SHA256")
    );
    // A message header of 4, then 34, 7, 2, 12 and 9 bytes.
    assert_eq!(layers[0].value("record.length"), Some("68"));
    assert_eq!(layers[0].range, 54..54 + 5 + 68);
}

#[test]
fn records_and_messages_say_the_same_however_segments_cut_them() {
    // Two messages in one record, one message in two records, an alert.
    let [first, second] = [message(14, &[]), message(4, &[0, 0, 0, 60])];
    let hello = client_hello();
    let (front, back) = hello.split_at(20);
    let stream = [
        record(22, front),
        record(22, back),
        record(22, &[first, second].concat()),
        record(20, &[1]),
        record(21, &[2, 40]),
    ]
    .concat();
    let whole = told(&read(&stream, usize::MAX));
    let wanted = [
        "handshake message, a part",
        "ClientHello SNI=bob ALPN=h2",
        "ServerHelloDone, NewSessionTicket",
        "ChangeCipherSpec",
        "Alert handshake_failure",
    ];
    assert_eq!(whole, wanted);
    for step in [1, 2, 3, 5, 7, 11, 64] {
        assert_eq!(told(&read(&stream, step)), whole, "in pieces of {step}");
    }
}

#[test]
fn what_nobody_can_open_is_only_counted() {
    let stream = [record(22, &client_hello()), record(23, &[0; 40])].concat();
    let said = told(&read(&stream, usize::MAX));
    assert_eq!(said[1], "encrypted data, 45 bytes");
}

#[test]
fn what_is_no_record_ends_the_reading() {
    let stream = [record(21, &[1, 0]), b"GET / HTTP/1.1\r\n".to_vec()].concat();
    assert_eq!(
        told(&read(&stream, usize::MAX)),
        ["Alert close_notify", "no TLS"]
    );
    // 2^14 + 2049 bytes are one more than a record may have.
    let too_long = [23, 3, 3, 0x48, 0x01, 0, 0];
    assert_eq!(told(&read(&too_long, usize::MAX)), ["no TLS"]);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..300),
        kind in 20_u8..24,
        step in 1_usize..50,
    ) {
        read(&bytes, step);
        let body = bytes.clone();
        bytes.splice(0..0, record(kind, &body));
        read(&bytes, step);
        let hello = message(1 + kind % 2, &body);
        read(&record(22, &hello), step);
    }
}
