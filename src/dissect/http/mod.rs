//! Floor 7: HTTP/1.1 (RFC 9110, RFC 9112), read by httparse.
//!
//! Content that is coded is a layer of floor 6 of its own. Of bodies only event streams are read. Not here:
//! HTTP/2.

mod chunked;
mod coding;
mod events;
mod message;

pub(super) use message::{Asked, Parser, Piece, starts_message};

use std::ops::Range;

use super::{
    build::{Fields, Kind, bytes as count},
    data::preview,
    tree::Layer,
};
use crate::wire::OsiLayer;

const HTTP: Kind = Kind {
    osi: OsiLayer::Application,
    protocol: "http",
    title: "Hypertext Transfer Protocol",
};

/// The layers that `pieces` of `payload` make; `payload` stands at `start` in the frame. A message
/// that starts here makes one layer with its body; other pieces make one each. Foreign pieces
/// make none: their ranges in the frame come back beside.
pub(super) fn layers(
    payload: &[u8],
    start: usize,
    pieces: &[Piece],
) -> (Vec<Layer>, Vec<Range<usize>>) {
    let (mut layers, mut foreign) = (Vec::new(), Vec::new());
    let mut rest = pieces;
    while let Some((piece, after)) = rest.split_first() {
        rest = after;
        match piece {
            Piece::Head { range, first: true } => {
                let body = match rest.first() {
                    Some(Piece::Body { range, .. }) => {
                        rest = &rest[1..];
                        Some(range.clone())
                    }
                    _ => None,
                };
                let coded = body
                    .clone()
                    .and_then(|body| coded(payload, start, range, body));
                let body = body.filter(|_| coded.is_none());
                layers.push(message(payload, start, range.clone(), body));
                layers.extend(coded);
            }
            Piece::Head { range, .. } => layers.push(more(payload, start, range, "headers", "")),
            Piece::Body { range, last } => {
                let end = if *last { ", end" } else { "" };
                layers.push(more(payload, start, range, "body", end));
            }
            Piece::Events { range, said, .. } => layers.push(event_stream(start, range, said)),
            Piece::Foreign(range) => foreign.push(start + range.start..start + range.end),
        }
    }
    (layers, foreign)
}

const SSE: Kind = Kind {
    osi: OsiLayer::Application,
    protocol: "sse",
    title: "Server-Sent Events",
};

/// A part of an event stream: what it says in one line, and its lines as fields.
fn event_stream(start: usize, range: &Range<usize>, said: &[events::Said]) -> Layer {
    let mut fields = Fields::at(start);
    for line in said.iter().flat_map(|said| &said.lines) {
        let (field, value) = line.text.split_once(':').unwrap_or((&line.text, ""));
        let (name, label) = match field {
            "" => ("comment", "Comment"),
            "id" => ("id", "Last event ID"),
            "event" => ("event", "Event type"),
            "data" => ("data", "Data"),
            "retry" => ("retry", "Reconnection time"),
            _ => ("field", "Unknown field"),
        };
        fields.add(
            name,
            label,
            line.range.clone(),
            text(value.trim_start().as_bytes()),
        );
    }
    let told: Vec<String> = said.iter().map(events::Said::summary).collect();
    let summary = match told.as_slice() {
        [] => "SSE, a part".to_owned(),
        told => told.join(", "),
    };
    SSE.layer(summary, start + range.start..start + range.end, fields)
}

/// Content behind a head that says in which coding it is.
fn coded(payload: &[u8], start: usize, head: &Range<usize>, body: Range<usize>) -> Option<Layer> {
    let header = |name| header_value(payload, head.clone(), name);
    let coding = header("content-encoding")?.to_ascii_lowercase();
    // Chunks would have to be taken apart first.
    let whole = header("content-length")?.parse().ok()?;
    coding::layer(payload, start, body, (&coding, whole))
}

/// The value of a header, by its name in lower case.
fn header_value(payload: &[u8], head: Range<usize>, name: &str) -> Option<String> {
    let lines = Lines {
        bytes: payload,
        rest: head,
    };
    let mut values = lines.skip(1).filter_map(|line| {
        let line = &payload[line];
        let colon = line.iter().position(|&b| b == b':')?;
        let is_it = text(&line[..colon]).eq_ignore_ascii_case(name);
        is_it.then(|| text(&line[colon + 1..]).trim().to_owned())
    });
    values.next()
}

/// A segment that came out of its turn, of a stream that speaks HTTP.
pub(super) fn out_of_turn(payload: &[u8], start: usize, why: &str) -> Layer {
    if starts_message(payload) {
        let end = payload.windows(4).position(|w| w == b"\r\n\r\n");
        let end = end.map_or(payload.len(), |p| p + 4);
        let body = (end < payload.len()).then_some(end..payload.len());
        return message(payload, start, 0..end, body);
    }
    let mut fields = Fields::at(start);
    fields.add("file_data", "Data", 0..payload.len(), preview(payload));
    let summary = format!("HTTP, {} ({why})", count(payload.len()));
    HTTP.layer(summary, start..start + payload.len(), fields)
}

/// A message from its start.
fn message(payload: &[u8], start: usize, head: Range<usize>, body: Option<Range<usize>>) -> Layer {
    let mut fields = Fields::at(start);
    let mut lines = Lines {
        bytes: payload,
        rest: head.clone(),
    };
    let line = lines.next().unwrap_or_else(|| head.clone());
    let is_response = payload[head.clone()].starts_with(b"HTTP/");
    add_start_line(&mut fields, payload, &line, is_response);
    for line in lines {
        add_header(&mut fields, payload, &line, is_response);
    }
    let end = body.as_ref().map_or(head.end, |b| b.end);
    if let Some(range) = body {
        let content = preview(&payload[range.clone()]);
        fields.add("file_data", "Body", range, content);
    }
    HTTP.layer(
        text(&payload[line]),
        start + head.start..start + end,
        fields,
    )
}

/// A later part of a message.
fn more(payload: &[u8], start: usize, range: &Range<usize>, what: &str, end: &str) -> Layer {
    let content = &payload[range.clone()];
    let mut fields = Fields::at(start);
    fields.add("file_data", "Body", range.clone(), preview(content));
    let summary = format!("HTTP {what}, {} (continued{end})", count(content.len()));
    HTTP.layer(summary, start + range.start..start + range.end, fields)
}

/// Method, target and version; or version, status and phrase.
fn add_start_line(fields: &mut Fields, payload: &[u8], line: &Range<usize>, is_response: bool) {
    let first = word_end(payload, line.start, line.end);
    let (a, b) = (first, (first + 1).min(line.end));
    let second = match is_response {
        true => word_end(payload, b, line.end),
        // The version is the last word; a target has no blanks, but who knows.
        false => payload[b..line.end]
            .iter()
            .rposition(|&c| c == b' ')
            .map_or(line.end, |p| b + p),
    };
    let ranges = [
        line.start..a,
        b..second,
        (second + 1).min(line.end)..line.end,
    ];
    let names = match is_response {
        true => [
            ("response.version", "Version"),
            ("response.code", "Status code"),
            ("response.phrase", "Reason phrase"),
        ],
        false => [
            ("request.method", "Method"),
            ("request.uri", "Request target"),
            ("request.version", "Version"),
        ],
    };
    for ((name, label), range) in names.into_iter().zip(ranges) {
        let value = text(&payload[range.clone()]);
        fields.add(name, label, range, value);
    }
}

fn word_end(bytes: &[u8], from: usize, to: usize) -> usize {
    let found = bytes[from..to].iter().position(|&b| b == b' ');
    found.map_or(to, |p| from + p)
}

/// One header line: under a name of its own if it is a usual one, else as a whole line.
fn add_header(fields: &mut Fields, payload: &[u8], line: &Range<usize>, is_response: bool) {
    let bytes = &payload[line.clone()];
    let Some(colon) = bytes.iter().position(|&b| b == b':') else {
        return;
    };
    let name = text(&bytes[..colon]).to_ascii_lowercase();
    let known = KNOWN_HEADERS.iter().find(|k| k.0 == name);
    let (field, label, value) = match known {
        Some((_, field, label)) => (*field, *label, text(&bytes[colon + 1..])),
        None if is_response => ("response.line", "Header", text(bytes)),
        None => ("request.line", "Header", text(bytes)),
    };
    fields.add(field, label, line.clone(), value.trim());
}

/// Bytes as text, what is not UTF-8 replaced, controls escaped.
fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars()
        .flat_map(|c| match c.is_control() {
            true => c.escape_default().collect::<Vec<_>>(),
            false => vec![c],
        })
        .collect()
}

/// The whole lines of a head, without their ends and without the empty one.
struct Lines<'a> {
    bytes: &'a [u8],
    rest: Range<usize>,
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;
    fn next(&mut self) -> Option<Range<usize>> {
        let rest = &self.bytes[self.rest.clone()];
        let end = rest
            .windows(2)
            .position(|w| w == b"\r\n")
            .filter(|&e| e > 0)?;
        let start = self.rest.start;
        self.rest.start += end + 2;
        Some(start..start + end)
    }
}

/// Header, Wireshark's name for it, label.
const KNOWN_HEADERS: [(&str, &str, &str); 15] = [
    ("host", "host", "Host"),
    ("user-agent", "user_agent", "User-Agent"),
    ("accept", "accept", "Accept"),
    ("accept-encoding", "accept_encoding", "Accept-Encoding"),
    ("content-encoding", "content_encoding", "Content-Encoding"),
    ("connection", "connection", "Connection"),
    ("content-type", "content_type", "Content-Type"),
    ("content-length", "content_length_header", "Content-Length"),
    (
        "transfer-encoding",
        "transfer_encoding",
        "Transfer-Encoding",
    ),
    ("server", "server", "Server"),
    ("date", "date", "Date"),
    ("location", "location", "Location"),
    ("cache-control", "cache_control", "Cache-Control"),
    ("cookie", "cookie", "Cookie"),
    ("set-cookie", "set_cookie", "Set-Cookie"),
];
