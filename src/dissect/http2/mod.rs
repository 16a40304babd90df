//! Floor 7: the frames of HTTP/2 (RFC 9113, section 4) with the numbers of their streams.
//!
//! A frame shows in the segment that holds its end, with its header fields (HPACK), reasons and settings;
//! of DATA frames the messages of gRPC are read, other content is only counted. The header of a frame
//! with such messages is floor 5, since it says to which of several dialogues they belong. Bounded: a
//! frame that is longer than [`MAX_FRAME`], or bytes that are missing, end the reading.

mod content;
mod names;

pub(super) use content::Session;

use std::ops::Range;

use self::content::{Reader, Told};
use super::{
    build::{Fields, Kind, bytes as count, set},
    grpc,
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
    /// Its end is not here yet; its header may be.
    Part(Option<Head>),
    /// A whole frame, and what it tells.
    Whole(Head, Told),
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

    /// "DATA[3]", "SETTINGS".
    fn name_and_stream(self) -> String {
        match self.stream {
            0 => self.name().to_owned(),
            stream => format!("{}[{stream}]", self.name()),
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
#[derive(Debug)]
pub(super) struct Frames {
    /// The frame whose end has not come, if its header is here.
    head: Option<Head>,
    /// The first bytes of that header, or of its body where that is read.
    kept: Vec<u8>,
    /// How many bytes of the body are still to come.
    left: usize,
    /// Whether the body is kept.
    keeps: bool,
    /// The magic, as far as it has come.
    magic: usize,
    of_client: bool,
    lost: bool,
    reader: Reader,
}

impl Frames {
    /// A reader for the client's direction, which begins with the magic, or for the server's.
    pub(super) fn new(of_client: bool) -> Self {
        Self {
            head: None,
            kept: Vec::new(),
            left: 0,
            keeps: false,
            magic: 0,
            of_client,
            lost: false,
            reader: Reader::new(of_client),
        }
    }

    /// True if `bytes` begin like those of a client.
    pub(super) fn starts_here(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// How many bytes it keeps.
    pub(super) fn held(&self) -> usize {
        self.kept.capacity() + self.reader.held()
    }

    /// Bytes are missing: the thread is lost.
    pub(super) fn lose(&mut self) {
        self.lost = true;
        self.kept = Vec::new();
        self.reader = Reader::new(self.of_client);
    }

    /// The next `bytes` of the stream.
    pub(super) fn feed(&mut self, bytes: &[u8], session: &mut Session) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let (size, kind) = self.next(&bytes[at..], session);
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
    fn next(&mut self, rest: &[u8], session: &mut Session) -> (usize, Kept) {
        if self.lost {
            return (rest.len(), Kept::Foreign);
        }
        if self.of_client && self.magic < MAGIC.len() {
            let size = rest.len().min(MAGIC.len() - self.magic);
            self.magic += size;
            let whole = self.magic == MAGIC.len();
            return (size, if whole { Kept::Magic } else { Kept::Part(None) });
        }
        let mut taken = 0;
        let head = match self.head {
            Some(head) => head,
            None => {
                taken = rest.len().min(HEAD - self.kept.len());
                self.kept.extend(&rest[..taken]);
                let Some(head) = self.kept.first_chunk().copied().map(Head::read) else {
                    return (taken, Kept::Part(None));
                };
                if head.length > MAX_FRAME {
                    self.lose();
                    return (rest.len(), Kept::Foreign);
                }
                self.begin(head, session);
                head
            }
        };
        let size = self.left.min(rest.len() - taken);
        if self.keeps {
            self.kept.extend(&rest[taken..taken + size]);
        }
        self.left -= size;
        if self.left > 0 {
            return (taken + size, Kept::Part(Some(head)));
        }
        self.head = None;
        let body = std::mem::take(&mut self.kept);
        let body = self.keeps.then_some(body.as_slice());
        let told = self.reader.read(head, body, session);
        (taken + size, Kept::Whole(head, told))
    }

    /// The header of a frame has come.
    fn begin(&mut self, head: Head, session: &Session) {
        self.head = Some(head);
        self.left = head.length;
        self.keeps = head.length <= MAX_BODY && session.wants(head);
        self.kept.clear();
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
            Kept::Part(head) => layers.push(plain(part(*head), place)),
            Kept::Whole(head, told) => layers.extend(whole(*head, told, place)),
        }
    }
    (layers, foreign)
}

/// "DATA[3], a part".
fn part(head: Option<Head>) -> String {
    let name = head.map_or_else(|| "frame".to_owned(), Head::name_and_stream);
    format!("{name}, a part")
}

fn plain(summary: String, place: Range<usize>) -> Layer {
    let fields = Fields::at(place.start);
    HTTP2.layer(summary, place, fields)
}

/// The layers of a whole frame, whose end is that of `place`: its own, and those of its messages.
fn whole(head: Head, told: &Told, place: Range<usize>) -> Vec<Layer> {
    // What began in an earlier segment has its front there.
    let body = place.end.cast_signed() - head.length.cast_signed();
    let within = |range: Range<isize>| {
        let at = |n: isize| usize::try_from(body + n).unwrap_or(0);
        at(range.start).clamp(place.start, place.end)..at(range.end).clamp(place.start, place.end)
    };
    let data = told.data.cast_signed();
    let messages = told.messages.iter().flat_map(|message| {
        grpc::layers(message, &|range| {
            within(data + range.start..data + range.end)
        })
    });
    let messages: Vec<Layer> = messages.collect();
    let mut own = place.clone();
    let mut kind = HTTP2;
    if let Some(first) = messages.first() {
        own.end = first.range.start;
        kind.osi = OsiLayer::Session;
    }
    let mut fields = Fields::at(place.start);
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
    for detail in &told.details {
        let range = detail.range.start.cast_signed()..detail.range.end.cast_signed();
        let range = within(range);
        let range = range.start - place.start..range.end - place.start;
        fields.add(detail.name, detail.label, range, &detail.value);
    }
    let mut layers = vec![kind.layer(summary(head, &told.words), own, fields)];
    layers.extend(messages);
    layers
}

/// "HEADERS[3] GET /", "DATA[3] 4096 bytes, end", "SETTINGS ack", "RST_STREAM[5] CANCEL".
fn summary(head: Head, words: &str) -> String {
    let mut text = head.name_and_stream();
    if head.kind == 0 {
        text += &format!(" {}", count(head.length));
    }
    text += words;
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
/// The longest body that is read \[bytes\].
const MAX_BODY: usize = 128 << 10;

#[cfg(test)]
mod tests;
