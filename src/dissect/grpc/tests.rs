//! Messages, however frames cut them.

use proptest::prelude::*;

use super::*;

const GET: &str = "/user.UserService/GetUser";

fn message(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[0], &length[..], body].concat()
}

fn told(bytes: &[u8], step: usize, path: &str, of_client: bool) -> Vec<String> {
    let mut messages = Messages::default();
    let pieces = bytes.chunks(step);
    let all = pieces.flat_map(|piece| messages.feed(piece, path, of_client));
    all.map(|m| m.summary()).collect()
}

#[test]
fn messages_are_named_however_frames_cut_them() {
    let jane = [&[0x08, 7, 0x12, 4][..], b"Jane", &[0x1a, 3], b"j@x"].concat();
    let stream = [message(&jane), message(&[]), message(&[0x08, 9])].concat();
    for step in [1, 3, 6, 100] {
        let wanted = ["User id=7 name=Jane ...", "User", "User id=9"];
        assert_eq!(
            told(&stream, step, GET, false),
            wanted,
            "in pieces of {step}"
        );
        let wanted = ["message 1=7 2=Jane ...", "message", "message 1=9"];
        assert_eq!(told(&stream, step, "/cat.Cats/Feed", false), wanted);
    }
    assert_eq!(
        told(&message(&[0x08, 1]), 9, GET, true),
        ["GetUserRequest id=1"]
    );
}

#[test]
fn a_message_that_is_compressed_wrong_or_too_long_is_passed_over() {
    let mut packed = message(&[1, 2, 3]);
    packed[0] = 1;
    assert_eq!(
        told(&packed, 9, GET, true),
        ["GetUserRequest, 3 bytes (compressed)"]
    );
    assert_eq!(
        told(&message(&[0x0b]), 9, GET, true),
        ["GetUserRequest, 1 byte (not read)"]
    );
    let long = [message(&vec![0; MAX_MESSAGE + 1]), message(&[0x08, 1])].concat();
    assert_eq!(told(&long, 1000, GET, true), ["GetUserRequest id=1"]);
}

#[test]
fn prefix_and_protobuf_stand_where_their_bytes_do() {
    let mut messages = Messages::default();
    let found = messages.feed(&message(&[0x08, 1]), GET, true);
    // The bytes stand from 100 on.
    let place = |r: Range<isize>| (100 + r.start).cast_unsigned()..(100 + r.end).cast_unsigned();
    let [call, record] = layers(&found[0], &place);
    assert_eq!(
        (call.range.clone(), record.range.clone()),
        (100..105, 105..107)
    );
    assert_eq!(call.summary, "gRPC GetUserRequest id=1");
    assert_eq!(
        (record.fields[0].label, &record.fields[0].value[..]),
        ("id", "1")
    );
    assert_eq!(record.fields[0].range, 105..107);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic_and_in_bounds(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        step in 1_usize..40,
    ) {
        let mut messages = Messages::default();
        for piece in bytes.chunks(step) {
            for message in messages.feed(piece, GET, false) {
                let at = |n: isize| usize::try_from(n).unwrap_or(0).min(piece.len());
                let clamp = |r: Range<isize>| at(r.start)..at(r.end);
                layers(&message, &clamp);
            }
            prop_assert!(messages.kept.len() <= MAX_MESSAGE + PREFIX);
        }
    }
}
