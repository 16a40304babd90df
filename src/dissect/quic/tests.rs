//! Whole datagrams.

use proptest::prelude::*;

use super::*;

/// A client's Initial packet as RFC 9001, appendix A.2 has it begins: version 1, 8 bytes of ID.
fn initial(length: u16, rest: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xc0, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0];
    bytes.extend((0x4000 | length).to_be_bytes());
    bytes.extend(rest);
    bytes
}

#[test]
fn keys_of_initial_packets_are_those_of_the_rfc() {
    // RFC 9001, appendix A.3: the server's Initial packet, in answer to the ID 8394c8f03e515708.
    let text = "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a
                5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df35
                48e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3
                d20398c276456cbc42158407dd074ee";
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let packet: Vec<u8> = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    let id = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];
    let salt = header::salt(1).unwrap();
    let keys = keys::Keys::initial(&salt, &id, false).unwrap();
    let long = Long::read(&packet).unwrap();
    let opened = keys
        .open(&packet[..long.end], long.number_at, None)
        .unwrap();
    // Packet number 1; an ACK of packet 0, and a CRYPTO frame of 90 bytes.
    assert_eq!((opened.number, opened.first), (1, 0xc1));
    let frames = frames::read(&opened.text);
    let names: Vec<String> = frames
        .iter()
        .map(|f| format!("{} {}", f.name, f.detail))
        .collect();
    assert_eq!(names, ["ACK 0", "CRYPTO offset 0, 90 bytes"]);
}

#[test]
fn a_packet_that_cannot_be_opened_is_told_by_its_header() {
    let mut quic = Quic::default();
    let datagram = initial(40, &[0; 40]);
    let layers = quic.layers(&datagram, 42).unwrap();
    assert_eq!(layers.len(), 1);
    assert_eq!(layers[0].summary, "Initial, protected, 58 bytes");
    assert_eq!(layers[0].value("dcid"), Some("0102030405060708"));
    assert_eq!(layers[0].value("version"), Some("1"));
    // Nobody knows a short header that no connection announced.
    assert_eq!(quic.layers(&[0x40, 9, 9, 9, 9, 9, 9, 9, 9, 9], 42), None);
    assert_eq!(quic.layers(b"hello", 42), None);
}

proptest! {
    #[test]
    fn any_datagrams_are_read_without_a_panic(
        datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..120), 1..6),
        length in 0_u16..120,
    ) {
        let mut quic = Quic::default();
        for datagram in &datagrams {
            for bytes in [datagram.clone(), initial(length, datagram)] {
                for layer in quic.layers(&bytes, 42).unwrap_or_default() {
                    prop_assert!(layer.range.start <= layer.range.end);
                    prop_assert!(layer.range.end <= 42 + bytes.len());
                }
            }
        }
    }

    #[test]
    fn any_text_of_a_packet_is_read_without_a_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
        for frame in frames::read(&text) {
            prop_assert!(frame.range.end <= text.len());
        }
        qpack::read(&text);
    }
}
