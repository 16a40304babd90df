//! Floor 7: the frames of HTTP/3 on the streams of a connection (RFC 9114, section 7.2), with the
//! numbers of their streams and their header fields.
//!
//! A frame shows in the packet that holds its end, and of a long DATA frame every part. Bounded: header
//! sections above [`MOST_KEPT`] are passed over, as much of a direction waits for earlier bytes, and
//! [`MOST_STREAMS`] streams are followed.

use std::{collections::BTreeMap, ops::Range};

use super::{
    cursor::Cursor,
    qpack::{self, HeaderField},
};
use crate::dissect::build::bytes as count;

/// Something on a stream, or the part of it that the last bytes hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it stands in the bytes that were fed last.
    pub(super) range: Range<usize>,
    /// "HEADERS[0] GET /logo", "DATA[0] 20480 bytes".
    pub(super) summary: String,
    pub(super) headers: Vec<HeaderField>,
}

/// All streams of a connection, both directions.
#[derive(Debug, Default)]
pub(super) struct Streams(BTreeMap<(u64, bool), Stream>);

impl Streams {
    /// The next bytes of a direction of stream `id`, which begin at `offset`; bytes before their turn
    /// wait.
    pub(super) fn take(
        &mut self,
        id: u64,
        of_client: bool,
        offset: u64,
        data: &[u8],
    ) -> Vec<Piece> {
        let key = (id, of_client);
        if !self.0.contains_key(&key) {
            if self.0.len() >= MOST_STREAMS {
                return Vec::new();
            }
            self.0.insert(key, Stream::new(id));
        }
        let stream = self.0.get_mut(&key);
        stream.map_or_else(Vec::new, |stream| stream.take(offset, data))
    }
}

/// One direction of a stream.
#[derive(Debug)]
struct Stream {
    id: u64,
    next: u64,
    early: BTreeMap<u64, Vec<u8>>,
    early_bytes: usize,
    /// What a stream that goes one way is for, once that is known.
    purpose: Option<u64>,
    /// The beginning of a frame whose end has not come.
    kept: Vec<u8>,
    /// How much of a frame's body is still to come that nobody keeps.
    left: u64,
    lost: bool,
}

impl Stream {
    fn new(id: u64) -> Self {
        Self {
            id,
            next: 0,
            early: BTreeMap::new(),
            early_bytes: 0,
            purpose: None,
            kept: Vec::new(),
            left: 0,
            lost: false,
        }
    }

    fn take(&mut self, offset: u64, data: &[u8]) -> Vec<Piece> {
        if offset > self.next {
            if self.early_bytes + data.len() <= MOST_KEPT {
                self.early_bytes += data.len();
                self.early.insert(offset, data.to_vec());
            } else {
                self.lost = true;
            }
            return vec![self.piece(0..data.len(), "before its turn".to_owned())];
        }
        let seen = usize::try_from(self.next - offset).unwrap_or(usize::MAX);
        let Some(fresh) = data.get(seen..).filter(|f| !f.is_empty()) else {
            return Vec::new();
        };
        let mut pieces = self.feed(fresh);
        for piece in &mut pieces {
            piece.range = piece.range.start + seen..piece.range.end + seen;
        }
        while let Some(entry) = self.early.first_entry().filter(|e| *e.key() <= self.next) {
            let (start, bytes) = entry.remove_entry();
            self.early_bytes -= bytes.len();
            let seen = usize::try_from(self.next - start).unwrap_or(usize::MAX);
            if let Some(fresh) = bytes.get(seen..) {
                self.feed(fresh);
            }
        }
        pieces
    }

    /// The next `bytes` of the stream.
    fn feed(&mut self, bytes: &[u8]) -> Vec<Piece> {
        self.next += bytes.len() as u64;
        let mut pieces = Vec::new();
        let mut at = 0;
        while at < bytes.len() && !self.lost {
            let (size, told) = self.step(&bytes[at..]);
            let end = at + size.clamp(1, bytes.len() - at);
            if let Some((summary, headers)) = told {
                let mut piece = self.piece(at..end, summary);
                piece.headers = headers;
                pieces.push(piece);
            }
            at = end;
        }
        pieces
    }

    fn piece(&self, range: Range<usize>, summary: String) -> Piece {
        let summary = match summary.split_once(' ') {
            _ if summary == "before its turn" => format!("STREAM[{}], {summary}", self.id),
            Some((name, rest)) => format!("{name}[{}] {rest}", self.id),
            None => format!("{summary}[{}]", self.id),
        };
        Piece {
            range,
            summary,
            headers: Vec::new(),
        }
    }

    /// What `rest` begins with: how many bytes that takes, and what it says.
    fn step(&mut self, rest: &[u8]) -> (usize, Option<(String, Vec<HeaderField>)>) {
        let told = |text: String| Some((text, Vec::new()));
        if self.left > 0 {
            let part = rest
                .len()
                .min(usize::try_from(self.left).unwrap_or(usize::MAX));
            self.left -= part as u64;
            let which = if self.left > 0 {
                "a part"
            } else {
                "the last part"
            };
            return (part, told(format!("DATA {}, {which}", count(part))));
        }
        // A stream that goes one way begins with its purpose (section 6.2).
        if self.id & 2 != 0 && self.purpose.is_none() {
            let mut cursor = Cursor::new(rest);
            self.purpose = cursor.varint();
            self.lost = self.purpose.is_none();
            let text = purpose(self.purpose);
            return (cursor.at(), told(text.to_owned()));
        }
        if !matches!(self.purpose, None | Some(0 | 1)) {
            return (rest.len(), told("QPACK".to_owned()));
        }
        let before = self.kept.len();
        let room = MOST_KEPT.saturating_sub(before).min(rest.len());
        self.kept.extend(&rest[..room]);
        let mut cursor = Cursor::new(&self.kept);
        let head = (cursor.varint(), cursor.varint(), cursor.at());
        let (Some(kind), Some(length), head) = head else {
            self.lost = room < rest.len();
            return (rest.len(), None);
        };
        if kind == 0 {
            let here = (self.kept.len() - head) as u64;
            let body = here.min(length);
            self.left = length - body;
            self.kept.clear();
            let size = head - before.min(head) + usize::try_from(body).unwrap_or(0);
            return (size, told(data(length, body)));
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if let Some(body) = cursor.take(length) {
            let told = frame(kind, body);
            let size = cursor.at() - before.min(cursor.at());
            self.kept.clear();
            return (size, Some(told));
        }
        self.lost = length > MOST_KEPT;
        (rest.len(), None)
    }
}

fn data(length: u64, here: u64) -> String {
    if length == here {
        format!(
            "DATA {}",
            count(usize::try_from(length).unwrap_or(usize::MAX))
        )
    } else {
        format!("DATA {length} bytes, the first {here}")
    }
}

/// The names of section 11.2.1, and what matters of the frame.
fn frame(kind: u64, body: &[u8]) -> (String, Vec<HeaderField>) {
    let name = match kind {
        1 => match qpack::read(body) {
            Some(headers) => return (headline(&headers), headers),
            None => "HEADERS",
        },
        3 => "CANCEL_PUSH",
        4 => "SETTINGS",
        5 => "PUSH_PROMISE",
        7 => "GOAWAY",
        13 => "MAX_PUSH_ID",
        _ => "frame of an unknown type",
    };
    (name.to_owned(), Vec::new())
}

/// "HEADERS GET /logo", "HEADERS 200".
fn headline(headers: &[HeaderField]) -> String {
    let value = |name: &str| {
        let found = headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    };
    let words = [":method", ":path", ":status"]
        .into_iter()
        .filter_map(value);
    let words: Vec<&str> = words.collect();
    format!("HEADERS {}", words.join(" ")).trim_end().to_owned()
}

const fn purpose(number: Option<u64>) -> &'static str {
    match number {
        Some(0) => "control",
        Some(1) => "push",
        Some(2) => "QPACK-encoder",
        Some(3) => "QPACK-decoder",
        _ => "stream",
    }
}

/// How many bytes of a direction are kept \[bytes\].
const MOST_KEPT: usize = 256 << 10;
/// How many directions of streams are followed in a connection.
const MOST_STREAMS: usize = 4096;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the pieces say, the stream fed in parts of `step`.
    fn told(id: u64, bytes: &[u8], step: usize) -> Vec<String> {
        let mut streams = Streams::default();
        let mut offset = 0;
        let mut all = Vec::new();
        for part in bytes.chunks(step) {
            let pieces = streams.take(id, true, offset, part);
            all.extend(pieces.into_iter().map(|p| p.summary));
            offset += part.len() as u64;
        }
        all
    }

    /// HEADERS with `:method: GET` and `:path: /`, and five bytes of DATA.
    const REQUEST: [u8; 13] = [1, 4, 0, 0, 0xd1, 0xc1, 0, 5, b'h', b'e', b'l', b'l', b'o'];

    #[test]
    fn frames_say_their_stream_and_their_request() {
        assert_eq!(
            told(0, &REQUEST, 100),
            ["HEADERS[0] GET /", "DATA[0] 5 bytes"]
        );
        assert_eq!(
            told(4, &REQUEST, 10),
            [
                "HEADERS[4] GET /",
                "DATA[4] 5 bytes, the first 2",
                "DATA[4] 3 bytes, the last part"
            ]
        );
        for step in 1..8 {
            assert_eq!(
                told(0, &REQUEST, step)[0],
                "HEADERS[0] GET /",
                "in parts of {step}"
            );
        }
        // A control stream with SETTINGS; the encoder's stream.
        assert_eq!(told(2, &[0, 4, 0], 100), ["control[2]", "SETTINGS[2]"]);
        assert_eq!(told(6, &[2], 100), ["QPACK-encoder[6]"]);
    }

    #[test]
    fn bytes_before_their_turn_wait() {
        let mut streams = Streams::default();
        let early = streams.take(0, true, 6, &REQUEST[6..]);
        assert_eq!(early[0].summary, "STREAM[0], before its turn");
        let first = streams.take(0, true, 0, &REQUEST[..6]);
        assert_eq!(first[0].summary, "HEADERS[0] GET /");
        // The DATA frame was read when its turn came; what follows is the next frame.
        let next = streams.take(0, true, REQUEST.len() as u64, &[0, 1, b'x']);
        assert_eq!(next[0].summary, "DATA[0] 1 byte");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            step in 1_usize..40,
            id in 0_u64..8,
        ) {
            told(id, &bytes, step);
        }
    }
}
