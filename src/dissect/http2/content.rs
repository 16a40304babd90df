//! What whole frames of HTTP/2 hold: header fields, reasons, settings, messages of gRPC.
//!
//! Bounded: a header block of more than [`MAX_BLOCK`] bytes ends the reading of header fields, the newest
//! [`MAX_STREAMS`] streams are known by their requests.

use std::{collections::BTreeMap, ops::Range};

use super::{Head, names};
use crate::dissect::{
    grpc::{Message, Messages},
    hpack::{Decoder, HeaderField},
};

/// The longest header block that is read \[bytes\].
const MAX_BLOCK: usize = 128 << 10;
/// How many streams are known.
const MAX_STREAMS: usize = 256;

/// What both directions of a connection know.
#[derive(Debug, Default)]
pub(in crate::dissect) struct Session {
    /// True once the client has begun.
    pub(in crate::dissect) begun: bool,
    /// The paths of calls of gRPC, by their streams.
    calls: BTreeMap<u32, String>,
}

impl Session {
    /// Notes a request.
    fn open(&mut self, stream: u32, fields: &[HeaderField]) {
        let is_call =
            find(fields, "content-type").is_some_and(|v| v.starts_with("application/grpc"));
        if let (true, Some(path)) = (is_call, find(fields, ":path")) {
            self.calls.insert(stream, path.to_owned());
        }
        if self.calls.len() > MAX_STREAMS {
            self.calls.pop_first();
        }
    }

    /// True if the body of this frame is needed to read on.
    pub(super) fn wants(&self, head: Head) -> bool {
        head.kind != DATA || self.calls.contains_key(&head.stream)
    }
}

/// The first value of the field `name`.
fn find<'a>(fields: &'a [HeaderField], name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(n, _)| n == name);
    found.map(|(_, value)| value.as_str())
}

/// What a frame tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Told {
    /// In few words, behind its name.
    pub(super) words: String,
    pub(super) details: Vec<Detail>,
    /// Messages that end in it.
    pub(super) messages: Vec<Message>,
    /// Where the bytes of the messages begin in its body.
    pub(super) data: usize,
}

/// A field of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Detail {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) value: String,
    /// Where it stands in the frame's body.
    pub(super) range: Range<usize>,
}

fn detail(name: &'static str, label: &'static str, value: String, range: Range<usize>) -> Detail {
    Detail {
        name,
        label,
        value,
        range,
    }
}

/// Reads the whole frames of one direction.
#[derive(Debug)]
pub(super) struct Reader {
    of_client: bool,
    hpack: Decoder,
    /// A header block whose end has not come, and where it belongs.
    block: Vec<u8>,
    place: Option<Place>,
    messages: BTreeMap<u32, Messages>,
}

/// What a header block belongs to.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The stream that it opens or goes on with.
    stream: u32,
    promised: bool,
}

impl Reader {
    /// A reader for the client's direction or the server's.
    pub(super) fn new(of_client: bool) -> Self {
        Self {
            of_client,
            hpack: Decoder::default(),
            block: Vec::new(),
            place: None,
            messages: BTreeMap::new(),
        }
    }

    /// How many bytes it keeps.
    pub(super) fn held(&self) -> usize {
        let messages: usize = self.messages.values().map(Messages::held).sum();
        self.hpack.held() + self.block.capacity() + messages
    }

    /// What a frame tells whose body is `body`; `None` if that was not kept.
    pub(super) fn read(&mut self, head: Head, body: Option<&[u8]>, session: &mut Session) -> Told {
        let carries_fields = matches!(head.kind, HEADERS | PUSH_PROMISE | CONTINUATION);
        let Some(body) = body else {
            if carries_fields {
                self.hpack.lose();
            }
            return Told::default();
        };
        if carries_fields {
            return self.fields(head, body, session).unwrap_or_default();
        }
        match head.kind {
            DATA => self.data(head, body, session),
            RST_STREAM => reason(body, 0),
            SETTINGS => settings(body),
            GOAWAY => goaway(body),
            WINDOW_UPDATE => window(body),
            _ => None,
        }
        .unwrap_or_default()
    }

    /// A part of a header block, or the whole.
    fn fields(&mut self, head: Head, body: &[u8], session: &mut Session) -> Option<Told> {
        let mut range = unpadded(head, body)?;
        let mut told = Told::default();
        match head.kind {
            HEADERS => {
                range.start += if head.flags & PRIORITY_FLAG != 0 {
                    5
                } else {
                    0
                };
                self.begin(head.stream, false);
            }
            PUSH_PROMISE => {
                let stream = number(body.get(range.start..)?)? & 0x7fff_ffff;
                let place = range.start..range.start + 4;
                told.words = format!(" stream {stream}");
                told.details.push(detail(
                    "push_promise.promised_stream_id",
                    "Promised stream",
                    stream.to_string(),
                    place,
                ));
                range.start += 4;
                self.begin(stream, true);
            }
            _ => {}
        }
        self.block.extend(body.get(range.clone())?);
        if self.block.len() > MAX_BLOCK {
            self.hpack.lose();
            self.block = Vec::new();
        }
        if head.flags & END_HEADERS != 0 {
            let block = std::mem::take(&mut self.block);
            let (place, fields) = (self.place.take()?, self.hpack.decode(&block)?);
            if place.promised || self.of_client {
                session.open(place.stream, &fields);
            }
            told.words += &line(&fields);
            told.details.extend(fields.into_iter().map(|(name, value)| {
                detail(
                    "header",
                    "Header",
                    format!("{name}: {value}"),
                    range.clone(),
                )
            }));
        }
        Some(told)
    }

    fn begin(&mut self, stream: u32, promised: bool) {
        self.block.clear();
        self.place = Some(Place { stream, promised });
    }

    /// The messages of a call.
    fn data(&mut self, head: Head, body: &[u8], session: &Session) -> Option<Told> {
        let path = session.calls.get(&head.stream)?;
        let range = unpadded(head, body)?;
        let messages = self.messages.entry(head.stream).or_default();
        let found = messages.feed(body.get(range.clone())?, path, self.of_client);
        if head.ends_stream() || messages.held() == 0 {
            self.messages.remove(&head.stream);
        }
        if self.messages.len() > MAX_STREAMS {
            self.messages.pop_first();
        }
        Some(Told {
            messages: found,
            data: range.start,
            ..Told::default()
        })
    }
}

/// Where the content stands in a body that may be padded (section 6.1).
fn unpadded(head: Head, body: &[u8]) -> Option<Range<usize>> {
    if head.flags & PADDED == 0 {
        return Some(0..body.len());
    }
    let padding = usize::from(*body.first()?);
    let end = body.len().checked_sub(padding).filter(|end| *end >= 1)?;
    Some(1..end)
}

/// A request by its method and path, a response by its status, trailers by the status of gRPC.
fn line(fields: &[HeaderField]) -> String {
    let words = [":method", ":path", ":status"].map(|name| find(fields, name));
    let mut text: String = words
        .iter()
        .flatten()
        .map(|word| format!(" {word}"))
        .collect();
    if let Some(code) = find(fields, "grpc-status") {
        text += &format!(" grpc-status {code}");
    }
    text
}

/// The first four bytes as a number.
fn number(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().copied().map(u32::from_be_bytes)
}

/// The reason at `at`.
fn reason(body: &[u8], at: usize) -> Option<Told> {
    let name = names::error(number(body.get(at..)?)?);
    Some(Told {
        words: format!(" {name}"),
        details: vec![detail("error", "Error", name.to_owned(), at..at + 4)],
        ..Told::default()
    })
}

fn goaway(body: &[u8]) -> Option<Told> {
    let last = number(body)? & 0x7fff_ffff;
    let mut told = reason(body, 4)?;
    // A server that goes says first that it will, with the highest number there is (section 6.8).
    told.words += &match last {
        0x7fff_ffff => ", streams may still come".to_owned(),
        _ => format!(", last stream {last}"),
    };
    let last = detail(
        "goaway.last_stream_id",
        "Last stream",
        last.to_string(),
        0..4,
    );
    told.details.insert(0, last);
    Some(told)
}

fn window(body: &[u8]) -> Option<Told> {
    let more = number(body)? & 0x7fff_ffff;
    let name = "window_update.window_size_increment";
    Some(Told {
        words: format!(" +{more}"),
        details: vec![detail(name, "Increment", more.to_string(), 0..4)],
        ..Told::default()
    })
}

fn settings(body: &[u8]) -> Option<Told> {
    let each = (0..body.len() / 6).filter_map(|i| {
        let entry = body.get(6 * i..6 * i + 6)?;
        let name = names::setting(u16::from_be_bytes([entry[0], entry[1]]));
        let value = number(&entry[2..])?.to_string();
        Some(detail("settings", name, value, 6 * i..6 * i + 6))
    });
    Some(Told {
        details: each.take(100).collect(),
        ..Told::default()
    })
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const PRIORITY_FLAG: u8 = 0x20;
