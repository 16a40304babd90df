//! Captures from anywhere, whole and damaged.

use std::io;

use proptest::prelude::*;

use super::super::{
    CaptureReader, CapturedFrame, Interface, Packet, PacketDirection, PcapngWriter,
};

/// Three frames of 3, 60 and 1500 bytes, the second with a comment.
fn small_capture() -> Vec<u8> {
    let mut writer = PcapngWriter::new(Vec::new()).unwrap();
    writer.add_interface(&Interface::default()).unwrap();
    for (at, len) in [(1, 3), (2, 60), (3, 1500)] {
        let packet = Packet {
            interface: 0,
            at,
            direction: None,
            bytes: &vec![7; len],
            original_len: 1500,
            comment: (len == 60).then_some("ü"),
        };
        writer.packet(&packet).unwrap();
    }
    writer.finish().unwrap()
}

/// All frames, or the frames before the error and the error.
fn read_bytes(bytes: &[u8]) -> (Vec<CapturedFrame>, Option<String>) {
    let mut frames = Vec::new();
    let reader = match CaptureReader::new(bytes) {
        Ok(reader) => reader,
        Err(error) => return (frames, Some(error.to_string())),
    };
    for frame in reader {
        match frame {
            Ok(frame) => frames.push(frame),
            Err(error) => return (frames, Some(error.to_string())),
        }
    }
    (frames, None)
}

#[test]
fn a_cut_capture_gives_its_whole_frames_and_then_says_where_it_was_cut() {
    let whole = small_capture();
    let (frames, error) = read_bytes(&whole);
    assert_eq!((frames.len(), error), (3, None));
    assert_eq!(frames[1].comment.as_deref(), Some("ü"));
    // The last block is 32 + 1500 bytes long.
    let last = whole.len() - 1532;
    for cut in [last + 1, last + 31, whole.len() - 1] {
        let (frames, error) = read_bytes(&whole[..cut]);
        assert_eq!(frames.len(), 2);
        let text =
            format!("the capture ends in the middle of the block that starts at byte {last}");
        assert_eq!(error, Some(text));
    }
    assert_eq!(read_bytes(&whole[..last]).1, None);
}

#[test]
fn what_is_no_capture_is_said_to_be_none() {
    for bytes in [&b""[..], b"x", &[0; 100]] {
        let (_, error) = read_bytes(bytes);
        assert!(error.unwrap().starts_with("not a capture"));
    }
}

#[test]
fn classic_captures_are_read_in_both_byte_orders_and_both_units() {
    // 5 s and 6 units of a microsecond or a nanosecond; one frame of two bytes.
    let units = [
        (0xa1b2_c3d4_u32, 5_000_006_000),
        (0xa1b2_3c4d, 5_000_000_006),
    ];
    for (magic, at) in units {
        for order in [u32::to_be_bytes, u32::to_le_bytes] {
            let version = order(2 << 16 | 4);
            let mut bytes = order(magic).to_vec();
            // Two 16-bit numbers: in the other order they change places.
            bytes.extend(match order(1)[0] {
                0 => version,
                _ => order(4 << 16 | 2),
            });
            bytes.extend([0, 0, 65_535, 1, 5, 6, 2, 2].into_iter().flat_map(order));
            bytes.extend([8, 9]);
            let (frames, error) = read_bytes(&bytes);
            assert_eq!(error, None);
            assert_eq!(
                (frames[0].at, frames[0].bytes.as_slice()),
                (at, &[8, 9][..])
            );
        }
    }
}

/// A big-endian section with times in 1/1024 s: resolution 0x8a is two to the power of minus ten.
#[test]
fn big_endian_pcapng_with_binary_fractions_is_read() {
    let mut bytes = Vec::new();
    let mut block = |kind: u32, body: &[u8]| {
        let len = u32::try_from(body.len() + 12).unwrap().to_be_bytes();
        for part in [&kind.to_be_bytes()[..], &len, body, &len] {
            bytes.extend_from_slice(part);
        }
    };
    let mut header = vec![0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0];
    header.extend([0xff; 8]);
    block(0x0a0d_0d0a, &header);
    block(
        1,
        &[
            0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0x8a, 0, 0, 0, 0, 0, 0, 0,
        ],
    );
    // 1536 / 1024 s = 1.5 s.
    block(
        6,
        &[
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 1, 0, 0, 0, 9, 5, 0, 0, 0,
        ],
    );
    let (frames, error) = read_bytes(&bytes);
    assert_eq!(error, None);
    assert_eq!((frames[0].at, frames[0].original_len), (1_500_000_000, 9));
    assert_eq!(frames[0].bytes, [5]);
}

/// Says that it is endless without holding anything.
struct Endless;

impl io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        buffer.fill(0);
        Ok(buffer.len())
    }
}

#[test]
fn a_block_that_claims_gigabytes_is_refused_within_the_limit() {
    let mut start = small_capture();
    let at = start.len();
    // An enhanced packet block of 2 GiB, and no end of bytes behind it.
    start.extend([6, 0, 0, 0, 0, 0, 0, 0x80]);
    let endless = io::Read::chain(&start[..], Endless);
    let mut reader = CaptureReader::new(endless).unwrap();
    let error = reader.find_map(Result::err).unwrap();
    assert_eq!(
        error.to_string(),
        format!("the block at byte {at} makes no sense: it is longer than 16 MiB")
    );
    assert!(reader.next().is_none());
}

proptest! {
    #[test]
    fn damaged_captures_never_panic(changes in prop::collection::vec((0_usize..1700, any::<u8>()), 1..20), keep in 0_usize..1800) {
        let mut bytes = small_capture();
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        bytes.truncate(keep);
        read_bytes(&bytes);
    }

    #[test]
    fn arbitrary_captures_never_panic(which in 0_usize..3, bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let start: &[u8] = [&[][..], &[0x0a, 0x0d, 0x0d, 0x0a], &[0xd4, 0xc3, 0xb2, 0xa1]][which];
        read_bytes(&[start, &bytes].concat());
    }

    #[test]
    fn what_is_written_is_read_back(frames in prop::collection::vec((any::<u64>(), prop::collection::vec(any::<u8>(), 0..100), prop::option::of("[a-zü ]{0,20}")), 0..20)) {
        let mut writer = PcapngWriter::new(Vec::new()).unwrap();
        writer.add_interface(&Interface::default()).unwrap();
        for (at, bytes, comment) in &frames {
            writer.packet(&Packet {
                interface: 0,
                at: *at,
                direction: Some(PacketDirection::Inbound),
                bytes,
                original_len: 100,
                comment: comment.as_deref(),
            }).unwrap();
        }
        let (read, error) = read_bytes(&writer.finish().unwrap());
        prop_assert_eq!(error, None);
        let read: Vec<_> = read.into_iter().map(|f| (f.at, f.bytes, f.comment)).collect();
        prop_assert_eq!(read, frames);
    }
}
