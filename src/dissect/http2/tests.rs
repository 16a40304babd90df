//! Frames, however segments cut them.

use proptest::prelude::*;

use super::*;

fn frame(kind: u8, flags: u8, stream: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), body].concat()
}

/// What the frames say that end, fed in pieces of `step`.
fn told(bytes: &[u8], step: usize) -> Vec<String> {
    let (mut frames, mut session) = (Frames::new(true), Session::default());
    let pieces = bytes.chunks(step);
    let all = pieces.flat_map(|piece| layers(0, &frames.feed(piece, &mut session)).0);
    let ended = all.map(|l| l.summary).filter(|s| !s.ends_with("a part"));
    ended.collect()
}

#[test]
fn frames_say_their_stream_however_segments_cut_them() {
    let stream = [
        MAGIC.to_vec(),
        frame(4, 0, 0, &[0; 12]),
        frame(1, 4, 1, &[0x82]),
        frame(1, 5, 3, &[0x82]),
        frame(0, 1, 1, b"hello"),
        frame(4, 1, 0, &[]),
        frame(7, 0, 0, &[0; 8]),
    ]
    .concat();
    let wanted = [
        "Magic",
        "SETTINGS",
        "HEADERS[1] GET",
        "HEADERS[3] GET, end",
        "DATA[1] 5 bytes, end",
        "SETTINGS ack",
        "GOAWAY NO_ERROR, last stream 0",
    ];
    for step in [1, 2, 7, 10, 1000] {
        assert_eq!(told(&stream, step), wanted, "in pieces of {step}");
    }
}

#[test]
fn a_frame_that_is_too_long_ends_the_reading() {
    let mut frames = Frames::new(false);
    let (known, foreign) = layers(10, &frames.feed(&[0xff; 20], &mut Session::default()));
    assert!(known.is_empty());
    assert_eq!((foreign.len(), &foreign[0]), (1, &(10..30)));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        step in 1_usize..40,
    ) {
        let (mut frames, mut session) = (Frames::new(false), Session::default());
        for piece in bytes.chunks(step) {
            layers(54, &frames.feed(piece, &mut session));
        }
    }
}

#[test]
fn reasons_settings_and_windows_are_told() {
    let setting = [0, 4, 0, 0, 0xff, 0xff];
    let stream = [
        MAGIC.to_vec(),
        frame(4, 0, 0, &setting),
        frame(3, 0, 5, &8_u32.to_be_bytes()),
        frame(7, 0, 0, &[&[0x7f, 0xff, 0xff, 0xff][..], &[0; 4]].concat()),
        frame(7, 0, 0, &[0, 0, 0, 7, 0, 0, 0, 11]),
        frame(8, 0, 3, &1000_u32.to_be_bytes()),
    ]
    .concat();
    let wanted = [
        "Magic",
        "SETTINGS",
        "RST_STREAM[5] CANCEL",
        "GOAWAY NO_ERROR, streams may still come",
        "GOAWAY ENHANCE_YOUR_CALM, last stream 7",
        "WINDOW_UPDATE[3] +1000",
    ];
    for step in [1, 7, 1000] {
        assert_eq!(told(&stream, step), wanted, "in pieces of {step}");
    }
    let mut frames = Frames::new(false);
    let found = layers(
        10,
        &frames.feed(&frame(4, 0, 0, &setting), &mut Session::default()),
    )
    .0;
    let last = found[0].fields.last().unwrap();
    assert_eq!(
        (last.label, last.value.as_str()),
        ("INITIAL_WINDOW_SIZE", "65535")
    );
    assert_eq!(last.range, 19..25);
}

#[test]
fn header_fields_go_on_in_continuations_behind_padding_and_priority() {
    // Static entry 3 is `:method: POST`, 4 `:path: /`; padding of two bytes, a priority of five.
    let padded = [&[2][..], &[0; 5], &[0x83], &[0, 0]].concat();
    let stream = [
        MAGIC.to_vec(),
        frame(1, 0x28 | 1, 1, &padded),
        frame(9, 4, 1, &[0x84]),
    ]
    .concat();
    for step in [1, 10, 1000] {
        let wanted = ["Magic", "HEADERS[1], end", "CONTINUATION[1] POST /"];
        assert_eq!(told(&stream, step), wanted, "in pieces of {step}");
    }
}

#[test]
fn a_promise_names_its_stream_and_its_request() {
    let mut frames = Frames::new(false);
    // 0x82 `:method: GET`, 0x85 `:path: /index.html`.
    let promise = frame(5, 4, 1, &[0, 0, 0, 2, 0x82, 0x85]);
    let found = layers(0, &frames.feed(&promise, &mut Session::default())).0;
    assert_eq!(found[0].summary, "PUSH_PROMISE[1] stream 2 GET /index.html");
}

/// The header block of a call: `:path` and `content-type` as literals.
fn call(path: &str) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    [
        vec![0x83, 0x04],
        text(path),
        vec![0x0f, 0x10],
        text("application/grpc"),
    ]
    .concat()
}

#[test]
fn messages_of_a_call_are_read_in_both_directions_and_stand_in_their_places() {
    let mut session = Session::default();
    let request = [
        MAGIC.to_vec(),
        frame(1, 4, 1, &call("/user.UserService/GetUser")),
        frame(0, 1, 1, &[0, 0, 0, 0, 2, 0x08, 7]),
    ]
    .concat();
    let (client, foreign) = layers(54, &Frames::new(true).feed(&request, &mut session));
    assert!(foreign.is_empty());
    let told: Vec<&str> = client.iter().map(|l| l.summary.as_str()).collect();
    let wanted = [
        "Magic",
        "HEADERS[1] POST /user.UserService/GetUser",
        "DATA[1] 7 bytes, end",
        "gRPC GetUserRequest id=7",
        "GetUserRequest, 2 bytes",
    ];
    assert_eq!(told, wanted);
    // The last bytes of the frame: nine of HTTP/2, five of gRPC, two of Protobuf.
    let end = 54 + request.len();
    let ranges: Vec<_> = client[2..].iter().map(|l| l.range.clone()).collect();
    assert_eq!(ranges, [end - 16..end - 7, end - 7..end - 2, end - 2..end]);
    let floors: Vec<_> = client[2..].iter().map(|l| l.osi).collect();
    let wanted = [
        OsiLayer::Session,
        OsiLayer::Application,
        OsiLayer::Presentation,
    ];
    assert_eq!(floors, wanted);
    // The answer is cut within its message.
    let mut server = Frames::new(false);
    let answer = frame(0, 0, 1, &[0, 0, 0, 0, 4, 0x12, 2, b'J', b'o']);
    assert_eq!(
        layers(54, &server.feed(&answer[..12], &mut session))
            .0
            .len(),
        1
    );
    let rest = layers(54, &server.feed(&answer[12..], &mut session)).0;
    assert_eq!(rest[1].summary, "gRPC User name=Jo");
    assert_eq!(
        (rest[1].range.clone(), rest[2].range.clone()),
        (54..56, 56..60)
    );
}
