//! Floor 7: the frames of HTTP/2 (RFC 9113, section 4) with the numbers of their streams.
//!
//! A frame shows in the segment that holds its end. Bounded: a frame that is longer than
//! [`MAX_FRAME`], or bytes that are missing, end the reading. Not here: header fields (HPACK, RFC
//! 7541), so a HEADERS frame says its stream and its size alone.

use std::ops::Range;

use super::{
    build::{Fields, Kind, bytes as count, set},
    tree::Layer,
};
use crate::wire::OsiLayer;

const HTTP2: Kind = Kind {
    osi: OsiLayer::Application,
    protocol: "http2",
    title: "Hypertext Transfer Protocol 2",
};

/// What a client says first (section 3.4).
const MAGIC: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A frame, or the part of one that the last bytes hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// Where it stands in the bytes that were fed last.
    range: Range<usize>,
    kind: Kept,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kept {
    /// The client's first words.
    Magic,
    /// Its end is not here yet.
    Part,
    /// A whole frame.
    Whole(Head),
    /// Not a frame.
    Foreign,
}

/// The header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    length: usize,
    kind: u8,
    flags: u8,
    stream: u32,
}

impl Head {
    fn read(bytes: [u8; HEAD]) -> Self {
        let word = |at: usize| {
            u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        Self {
            length: (word(0) >> 8) as usize,
            kind: bytes[3],
            flags: bytes[4],
            // The first bit is reserved.
            stream: word(5) & 0x7fff_ffff,
        }
    }

    /// The names of section 6.
    const fn name(self) -> &'static str {
        match self.kind {
            0 => "DATA",
            1 => "HEADERS",
            2 => "PRIORITY",
            3 => "RST_STREAM",
            4 => "SETTINGS",
            5 => "PUSH_PROMISE",
            6 => "PING",
            7 => "GOAWAY",
            8 => "WINDOW_UPDATE",
            9 => "CONTINUATION",
            _ => "frame of an unknown type",
        }
    }

    /// True if `bit` means that nothing more comes on this stream, and is set.
    const fn ends_stream(self) -> bool {
        matches!(self.kind, 0 | 1) && self.flags & 1 != 0
    }

    /// True for the answer to SETTINGS or PING.
    const fn acknowledges(self) -> bool {
        matches!(self.kind, 4 | 6) && self.flags & 1 != 0
    }
}

/// Follows the frames of one direction.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// The first bytes of a frame (at most its header) whose end has not come.
    kept: Vec<u8>,
    /// How many bytes of the frame in `kept` are still to come behind its header.
    left: usize,
    /// The magic, as far as it has come.
    magic: usize,
    of_client: bool,
    lost: bool,
}

impl Frames {
    /// A reader for the client's direction, which begins with the magic, or for the server's.
    pub(super) fn new(of_client: bool) -> Self {
        Self {
            of_client,
            ..Self::default()
        }
    }

    /// True if `bytes` begin like those of a client.
    pub(super) fn starts_here(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// How many bytes it keeps.
    pub(super) fn held(&self) -> usize {
        self.kept.capacity()
    }

    /// Bytes are missing: the thread is lost.
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }

    /// The next `bytes` of the stream.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let (size, kind) = self.next(&bytes[at..]);
            let end = at + size.clamp(1, bytes.len() - at);
            frames.push(Frame {
                range: at..end,
                kind,
            });
            at = end;
        }
        frames
    }

    /// What `rest` begins with, and how many bytes that takes.
    fn next(&mut self, rest: &[u8]) -> (usize, Kept) {
        if self.lost {
            return (rest.len(), Kept::Foreign);
        }
        if self.of_client && self.magic < MAGIC.len() {
            let size = rest.len().min(MAGIC.len() - self.magic);
            self.magic += size;
            let whole = self.magic == MAGIC.len();
            return (size, if whole { Kept::Magic } else { Kept::Part });
        }
        let mut taken = 0;
        if self.kept.len() < HEAD {
            taken = rest.len().min(HEAD - self.kept.len());
            self.kept.extend(&rest[..taken]);
            let Some(head) = self.kept.first_chunk().copied().map(Head::read) else {
                return (taken, Kept::Part);
            };
            if head.length > MAX_FRAME {
                self.lost = true;
                return (rest.len(), Kept::Foreign);
            }
            self.left = head.length;
        }
        let body = self.left.min(rest.len() - taken);
        self.left -= body;
        if self.left > 0 {
            return (taken + body, Kept::Part);
        }
        let head = self.kept.first_chunk().copied().map(Head::read);
        self.kept.clear();
        (taken + body, head.map_or(Kept::Foreign, Kept::Whole))
    }
}

/// The layers that `frames` of a payload make, which stands at `start` in the frame, and the places
/// in the frame of what is no HTTP/2.
pub(super) fn layers(start: usize, frames: &[Frame]) -> (Vec<Layer>, Vec<Range<usize>>) {
    let (mut layers, mut foreign) = (Vec::new(), Vec::new());
    for frame in frames {
        let place = start + frame.range.start..start + frame.range.end;
        match &frame.kind {
            Kept::Foreign => foreign.push(place),
            Kept::Magic => layers.push(plain("Magic".to_owned(), place)),
            Kept::Part => layers.push(plain("HTTP/2 frame, a part".to_owned(), place)),
            Kept::Whole(head) => layers.push(whole(*head, place)),
        }
    }
    (layers, foreign)
}

fn plain(summary: String, place: Range<usize>) -> Layer {
    let fields = Fields::at(place.start);
    HTTP2.layer(summary, place, fields)
}

fn whole(head: Head, place: Range<usize>) -> Layer {
    let mut fields = Fields::at(place.start);
    // A frame that began in an earlier segment has its header there.
    if place.len() == HEAD + head.length {
        fields
            .add("length", "Length", 0..3, head.length)
            .add("type", "Type", 3..4, head.name())
            .add("flags", "Flags", 4..5, format!("{:#04x}", head.flags))
            .add(
                "flags.end_stream",
                "Ends the stream",
                4..5,
                set(head.ends_stream()),
            )
            .add("streamid", "Stream", 5..9, head.stream);
    }
    HTTP2.layer(summary(head), place, fields)
}

/// "HEADERS[3]", "DATA[3] 4096 bytes, end", "SETTINGS ack".
fn summary(head: Head) -> String {
    let mut text = head.name().to_owned();
    if head.stream > 0 {
        text += &format!("[{}]", head.stream);
    }
    if head.kind == 0 {
        text += &format!(" {}", count(head.length));
    }
    if head.acknowledges() {
        text += " ack";
    }
    if head.ends_stream() {
        text += ", end";
    }
    text
}

/// The size of a frame's header.
const HEAD: usize = 9;
/// The longest frame that a receiver can ask for is 2^24 - 1 bytes; nobody does.
const MAX_FRAME: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(kind: u8, flags: u8, stream: u32, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags], &stream.to_be_bytes(), body].concat()
    }

    /// What the frames say that end, fed in pieces of `step`.
    fn told(bytes: &[u8], step: usize) -> Vec<String> {
        let mut frames = Frames::new(true);
        let pieces = bytes.chunks(step);
        let all = pieces.flat_map(|piece| layers(0, &frames.feed(piece)).0);
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
            "HEADERS[1]",
            "HEADERS[3], end",
            "DATA[1] 5 bytes, end",
            "SETTINGS ack",
            "GOAWAY",
        ];
        for step in [1, 2, 7, 10, 1000] {
            assert_eq!(told(&stream, step), wanted, "in pieces of {step}");
        }
    }

    #[test]
    fn a_frame_that_is_too_long_ends_the_reading() {
        let mut frames = Frames::new(false);
        let (known, foreign) = layers(10, &frames.feed(&[0xff; 20]));
        assert!(known.is_empty());
        assert_eq!((foreign.len(), &foreign[0]), (1, &(10..30)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            step in 1_usize..40,
        ) {
            let mut frames = Frames::new(false);
            for piece in bytes.chunks(step) {
                layers(54, &frames.feed(piece));
            }
        }
    }
}
