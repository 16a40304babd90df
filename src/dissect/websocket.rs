//! Floor 7: the frames of WebSocket (RFC 6455, section 5), behind an upgrade that 101 has granted.
//!
//! A frame shows in the segment that holds its end, its payload unmasked. Bounded: the first
//! [`MAX_KEPT`] bytes of a payload are kept; a frame that no peer would take, or bytes that are
//! missing, end the reading. Not here: extensions (permessage-deflate).

use std::ops::Range;

use super::{
    build::{Fields, Kind, bytes as count, set},
    data::preview,
    tree::Layer,
};
use crate::wire::OsiLayer;

const WEBSOCKET: Kind = Kind {
    osi: OsiLayer::Application,
    protocol: "websocket",
    title: "WebSocket",
};

/// A frame, or the part of one that the last bytes hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// Where it stands in the bytes that were fed last.
    range: Range<usize>,
    kind: Kept,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kept {
    /// Its end is not here yet.
    Part,
    /// A whole frame: its header, and the first bytes of its payload, unmasked.
    Whole(Head, Vec<u8>),
    /// Not a frame.
    Foreign,
}

/// The header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    first: u8,
    mask: Option<[u8; 4]>,
    /// Of the payload.
    length: u64,
    /// Of the header itself.
    size: usize,
}

impl Head {
    /// The header that `bytes` begin with; `None` if it is not whole.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (&first, &second) = (bytes.first()?, bytes.get(1)?);
        let (length, at) = match second & 0x7f {
            126 => {
                let word = bytes.get(2..4)?.try_into().ok()?;
                (u64::from(u16::from_be_bytes(word)), 4)
            }
            127 => (u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?), 10),
            short => (u64::from(short), 2),
        };
        if second & 0x80 == 0 {
            return Some(Self {
                first,
                mask: None,
                length,
                size: at,
            });
        }
        let mask = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(Self {
            first,
            mask: Some(mask),
            length,
            size: at + 4,
        })
    }

    const fn opcode(self) -> u8 {
        self.first & 15
    }

    const fn fin(self) -> bool {
        self.first & 0x80 != 0
    }

    /// True if it could be one: a known opcode, no reserved bits, a size that somebody would take.
    const fn is_believable(self) -> bool {
        let known = matches!(self.opcode(), 0..=2 | 8..=10);
        known && self.first & 0x70 == 0 && self.length <= MAX_FRAME
    }

    /// The names of section 5.2, as Wireshark prints them.
    const fn name(self) -> &'static str {
        match self.opcode() {
            0 => "Continuation",
            1 => "Text",
            2 => "Binary",
            8 => "Connection Close",
            9 => "Ping",
            10 => "Pong",
            _ => "Unknown",
        }
    }
}

/// Follows the frames of one direction.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// The bytes of a header whose end has not come.
    header: Vec<u8>,
    /// The frame whose payload is coming.
    open: Option<Open>,
    lost: bool,
}

#[derive(Debug)]
struct Open {
    head: Head,
    /// How many bytes of payload have come.
    came: u64,
    kept: Vec<u8>,
}

impl Frames {
    /// How many bytes it keeps.
    pub(super) fn held(&self) -> usize {
        let kept = self.open.as_ref().map_or(0, |open| open.kept.capacity());
        self.header.capacity() + kept
    }

    /// Bytes are missing: the thread is lost.
    pub(super) fn lose(&mut self) {
        *self = Self {
            lost: true,
            ..Self::default()
        };
    }

    /// The next `bytes` of the stream, the first of which is called `offset`.
    pub(super) fn feed(&mut self, bytes: &[u8], offset: usize) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let (size, kind) = self.next(&bytes[at..]);
            let end = at + size.clamp(1, bytes.len() - at);
            frames.push(Frame {
                range: offset + at..offset + end,
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
        let (mut open, taken) = match self.open.take() {
            Some(open) => (open, 0),
            None => match self.begin(rest) {
                Ok(begun) => begun,
                Err(kind) => return (rest.len(), kind),
            },
        };
        let left = usize::try_from(open.head.length - open.came).unwrap_or(usize::MAX);
        let body = &rest[taken..][..left.min(rest.len() - taken)];
        open.take(body);
        if body.len() < left {
            self.open = Some(open);
            return (rest.len(), Kept::Part);
        }
        (taken + body.len(), Kept::Whole(open.head, open.kept))
    }

    /// Reads a header, and how many bytes of `rest` that takes; or what `rest` is instead.
    fn begin(&mut self, rest: &[u8]) -> Result<(Open, usize), Kept> {
        let before = self.header.len();
        let more = rest.len().min(MAX_HEADER - before);
        self.header.extend(&rest[..more]);
        let Some(head) = Head::read(&self.header) else {
            return Err(Kept::Part);
        };
        self.header.clear();
        if !head.is_believable() {
            self.lose();
            return Err(Kept::Foreign);
        }
        let open = Open {
            head,
            came: 0,
            kept: Vec::new(),
        };
        Ok((open, head.size.saturating_sub(before)))
    }
}

impl Open {
    /// Some bytes of payload.
    fn take(&mut self, body: &[u8]) {
        let room = MAX_KEPT.saturating_sub(self.kept.len());
        // What is kept has no gaps, so its length tells which byte of the mask is next.
        for &byte in &body[..room.min(body.len())] {
            let key = self.head.mask.map_or(0, |mask| mask[self.kept.len() % 4]);
            self.kept.push(byte ^ key);
        }
        self.came += body.len() as u64;
    }
}

/// The layers that `frames` of a payload make, which stands at `start` in the frame, and the places
/// in the frame of what is no WebSocket.
pub(super) fn layers(start: usize, frames: &[Frame]) -> (Vec<Layer>, Vec<Range<usize>>) {
    let (mut layers, mut foreign) = (Vec::new(), Vec::new());
    for frame in frames {
        let place = start + frame.range.start..start + frame.range.end;
        match &frame.kind {
            Kept::Foreign => foreign.push(place),
            Kept::Part => {
                let fields = Fields::at(place.start);
                layers.push(WEBSOCKET.layer("WebSocket frame, a part".to_owned(), place, fields));
            }
            Kept::Whole(head, payload) => layers.push(whole(*head, payload, place)),
        }
    }
    (layers, foreign)
}

/// A segment that came out of its turn, of a stream that speaks WebSocket.
pub(super) fn out_of_turn(payload: &[u8], start: usize, why: &str) -> Layer {
    let summary = format!("WebSocket, {} ({why})", count(payload.len()));
    WEBSOCKET.layer(summary, start..start + payload.len(), Fields::at(start))
}

fn whole(head: Head, payload: &[u8], place: Range<usize>) -> Layer {
    let mut fields = Fields::at(place.start);
    let length = usize::try_from(head.length).unwrap_or(usize::MAX);
    // A frame that began in an earlier segment has its header there.
    let is_all_here = place.len() == head.size.saturating_add(length);
    let body = if is_all_here {
        add_header(&mut fields, head);
        head.size..place.len()
    } else {
        0..place.len()
    };
    if !payload.is_empty() {
        let shown = preview(payload);
        fields.add("payload", "Payload, unmasked", body.clone(), shown);
    }
    if let (8, Some((code, reason))) = (head.opcode(), payload.split_first_chunk()) {
        let code = u16::from_be_bytes(*code);
        fields.add(
            "payload.close.status_code",
            "Status code",
            body.clone(),
            code,
        );
        if !reason.is_empty() {
            let reason = String::from_utf8_lossy(reason);
            fields.add("payload.close.reason", "Reason", body, reason);
        }
    }
    WEBSOCKET.layer(summary(head, payload), place, fields)
}

fn add_header(fields: &mut Fields, head: Head) {
    let mask_at = head.size - if head.mask.is_some() { 4 } else { 0 };
    fields
        .add("fin", "FIN", 0..1, set(head.fin()))
        .add(
            "opcode",
            "Opcode",
            0..1,
            format!("{} ({})", head.opcode(), head.name()),
        )
        .add("mask", "Masked", 1..2, set(head.mask.is_some()))
        .add("payload_length", "Payload length", 1..mask_at, head.length);
    if let Some([a, b, c, d]) = head.mask {
        let key = format!("0x{a:02x}{b:02x}{c:02x}{d:02x}");
        fields.add("masking_key", "Masking key", mask_at..head.size, key);
    }
}

/// `WebSocket Text [FIN] [MASKED] "hello"`, `WebSocket Connection Close [FIN] 1000 "done"`.
fn summary(head: Head, payload: &[u8]) -> String {
    let mut text = format!("WebSocket {}", head.name());
    if head.fin() {
        text += " [FIN]";
    }
    if head.mask.is_some() {
        text += " [MASKED]";
    }
    if let (8, Some((code, reason))) = (head.opcode(), payload.split_first_chunk()) {
        text += &format!(" {}", u16::from_be_bytes(*code));
        if !reason.is_empty() {
            text += &format!(" {}", quoted(reason));
        }
        return text;
    }
    let is_text = matches!(head.opcode(), 0 | 1)
        && !payload.is_empty()
        && std::str::from_utf8(&payload[..payload.len().min(MAX_QUOTED)])
            .is_ok_and(|text| text.chars().all(|c| !c.is_control() || c == '\n'));
    if is_text {
        return text + " " + &quoted(payload);
    }
    match head.length {
        0 => text,
        1 => text + " 1 byte",
        n => text + &format!(" {n} bytes"),
    }
}

/// The beginning of a text, in quotes.
fn quoted(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let mut short: String = text.chars().take(MAX_QUOTED).collect();
    if text.chars().nth(MAX_QUOTED).is_some() {
        short.push('…');
    }
    format!("\"{}\"", short.replace('\n', " "))
}

/// The longest header: two bytes, eight of length, four of mask.
const MAX_HEADER: usize = 14;
/// How many bytes of a payload are kept.
const MAX_KEPT: usize = 1 << 10;
/// A longer payload is not believed.
const MAX_FRAME: u64 = 1 << 30;
/// How many characters of a text stand in a line.
const MAX_QUOTED: usize = 24;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(first: u8, mask: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
        let bit = if mask.is_some() { 0x80 } else { 0 };
        let length = u8::try_from(payload.len()).unwrap();
        let mut bytes = vec![first, bit | length];
        let key = mask.unwrap_or_default();
        bytes.extend(mask.iter().flatten());
        bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(p, k)| p ^ k));
        bytes
    }

    /// What the frames say that end, fed in pieces of `step`.
    fn told(bytes: &[u8], step: usize) -> Vec<String> {
        let mut frames = Frames::default();
        let pieces = bytes.chunks(step);
        let all = pieces.flat_map(|piece| layers(0, &frames.feed(piece, 0)).0);
        let ended = all.map(|l| l.summary).filter(|s| !s.ends_with("a part"));
        ended.collect()
    }

    #[test]
    fn the_examples_of_the_rfc_say_what_they_are() {
        // RFC 6455, section 5.7.
        let masked = [
            0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
        ];
        assert_eq!(
            told(&masked, 100),
            ["WebSocket Text [FIN] [MASKED] \"Hello\""]
        );
        let fragments = [0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f];
        let wanted = [
            "WebSocket Text \"Hel\"",
            "WebSocket Continuation [FIN] \"lo\"",
        ];
        assert_eq!(told(&fragments, 100), wanted);
        let (layers, _) = layers(10, &Frames::default().feed(&masked, 0));
        let value = |name| layers[0].value(name).unwrap();
        assert_eq!(value("opcode"), "1 (Text)");
        assert_eq!(value("masking_key"), "0x37fa213d");
        assert_eq!(value("payload"), "Hello");
        assert_eq!(layers[0].range, 10..21);
    }

    #[test]
    fn frames_say_the_same_however_segments_cut_them() {
        let long = [vec![0x82, 126, 1, 44], vec![0; 300]].concat();
        let stream = [
            frame(0x81, Some([1, 2, 3, 4]), b"hello"),
            long,
            frame(0x89, None, &[0; 8]),
            frame(0x8a, Some([9, 8, 7, 6]), &[]),
            frame(0x88, None, b"\x03\xe8done"),
        ]
        .concat();
        let wanted = [
            "WebSocket Text [FIN] [MASKED] \"hello\"",
            "WebSocket Binary [FIN] 300 bytes",
            "WebSocket Ping [FIN] 8 bytes",
            "WebSocket Pong [FIN] [MASKED]",
            "WebSocket Connection Close [FIN] 1000 \"done\"",
        ];
        for step in [1, 2, 3, 7, 100, 1000] {
            assert_eq!(told(&stream, step), wanted, "in pieces of {step}");
        }
    }

    #[test]
    fn what_is_no_frame_ends_the_reading() {
        let mut frames = Frames::default();
        let (known, foreign) = layers(5, &frames.feed(b"not a frame", 0));
        assert!(known.is_empty());
        assert_eq!((foreign.len(), &foreign[0]), (1, &(5..16)));
        assert!(layers(0, &frames.feed(&[0x81, 0], 0)).0.is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            step in 1_usize..40,
        ) {
            let mut frames = Frames::default();
            for piece in bytes.chunks(step) {
                let (known, foreign) = layers(54, &frames.feed(piece, 0));
                let places = known.iter().map(|l| l.range.clone()).chain(foreign);
                prop_assert!(places.into_iter().all(|r| r.start <= r.end && r.end <= 54 + step));
            }
        }
    }
}
