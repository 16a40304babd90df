//! Where HTTP/1.1 messages begin and end in a stream of bytes (RFC 9112, section 6).
//!
//! The parser is fed the bytes of one direction in order. It does not keep bodies.

use std::{collections::VecDeque, ops::Range};

use super::{
    chunked::{Chunked, Progress},
    events::{Reader, Said},
};

/// A stretch of the bytes that were fed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dissect) enum Piece {
    /// Start line and headers, or a part of them. `first` if the message starts here.
    Head { range: Range<usize>, first: bool },
    /// A part of a body. `last` if the message ends here.
    Body { range: Range<usize>, last: bool },
    /// A part of a chunked body that is an event stream, and what it says.
    Events {
        range: Range<usize>,
        said: Vec<Said>,
        last: bool,
    },
    /// Not HTTP.
    Foreign(Range<usize>),
}

/// What the responses that are still to come depend on: is it to HEAD or CONNECT? And whether one
/// of them has granted an upgrade to WebSocket.
#[derive(Debug, Clone, Default)]
pub(in crate::dissect) struct Asked(VecDeque<Method>, bool);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Head,
    Connect,
    Other,
}

impl Asked {
    /// True if the connection speaks WebSocket from now on (RFC 6455, section 4.2.2).
    pub(in crate::dissect) const fn has_websocket(&self) -> bool {
        self.1
    }

    fn push(&mut self, method: &str) {
        if self.0.len() < MAX_ASKED {
            self.0.push_back(match method {
                "HEAD" => Method::Head,
                "CONNECT" => Method::Connect,
                _ => Method::Other,
            });
        }
    }
}

/// Follows the messages of one direction.
#[derive(Debug, Clone, Default)]
pub(in crate::dissect) struct Parser {
    state: State,
    speaks_http: bool,
}

#[derive(Debug, Clone, Default)]
enum State {
    /// A message may start here.
    #[default]
    Start,
    /// In a head, whose bytes so far are kept.
    Head(Vec<u8>),
    /// In a body of known length; this much is left.
    Body(u64),
    /// In a chunked body.
    Chunked(Chunked),
    /// The same, and its content is an event stream.
    Events(Chunked, Box<Reader>),
    /// In a body that ends with the connection.
    UntilClose,
    /// Not HTTP, or the thread is lost.
    Foreign,
}

impl Parser {
    /// True once a message started.
    pub(in crate::dissect) const fn speaks_http(&self) -> bool {
        self.speaks_http
    }

    /// How many bytes it keeps.
    pub(in crate::dissect) fn held(&self) -> usize {
        match &self.state {
            State::Head(kept) => kept.capacity(),
            State::Events(_, reader) => reader.held(),
            _ => 0,
        }
    }

    /// The next `bytes` of the stream.
    pub(in crate::dissect) fn feed(&mut self, bytes: &[u8], asked: &mut Asked) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut at = 0;
        if matches!(self.state, State::Foreign) && starts_message(bytes) {
            self.state = State::Start;
        }
        while at < bytes.len() {
            let piece = self.next(bytes, at, asked);
            at = match &piece {
                Piece::Head { range, .. }
                | Piece::Body { range, .. }
                | Piece::Events { range, .. }
                | Piece::Foreign(range) => range.end.max(at),
            };
            pieces.push(piece);
        }
        pieces
    }

    /// `count` bytes will never come.
    pub(in crate::dissect) fn skip(&mut self, count: u64) {
        self.state = match self.state {
            State::Body(left) if count < left => State::Body(left - count),
            State::Body(left) if count == left => State::Start,
            State::UntilClose => State::UntilClose,
            _ => State::Foreign,
        };
    }

    /// The piece that starts at `at`.
    fn next(&mut self, bytes: &[u8], at: usize, asked: &mut Asked) -> Piece {
        let rest = &bytes[at..];
        match &mut self.state {
            State::Start if starts_message(rest) => {
                self.speaks_http = true;
                self.head(Vec::new(), bytes, at, asked)
            }
            State::Head(kept) => {
                let kept = std::mem::take(kept);
                self.head(kept, bytes, at, asked)
            }
            State::Body(left) => {
                let take = usize::try_from(*left).map_or(rest.len(), |l| l.min(rest.len()));
                *left -= take as u64;
                let last = *left == 0;
                if last {
                    self.state = State::Start;
                }
                let range = at..at + take;
                Piece::Body { range, last }
            }
            State::Chunked(chunks) => match chunks.eat(rest) {
                Progress::More => whole_rest(bytes, at),
                Progress::Done(count) => {
                    self.state = State::Start;
                    let range = at..at + count;
                    Piece::Body { range, last: true }
                }
                Progress::Bad(_) => self.give_up(bytes, at),
            },
            State::Events(chunks, reader) => match read_events(chunks, reader, bytes, at) {
                Some(piece) => {
                    if matches!(piece, Piece::Events { last: true, .. }) {
                        self.state = State::Start;
                    }
                    piece
                }
                None => self.give_up(bytes, at),
            },
            State::UntilClose => whole_rest(bytes, at),
            State::Start | State::Foreign => self.give_up(bytes, at),
        }
    }

    fn give_up(&mut self, bytes: &[u8], at: usize) -> Piece {
        self.state = State::Foreign;
        Piece::Foreign(at..bytes.len())
    }

    /// Goes on with a head of which `kept` is already there.
    fn head(&mut self, mut kept: Vec<u8>, bytes: &[u8], at: usize, asked: &mut Asked) -> Piece {
        let before = kept.len();
        let room = MAX_HEAD.saturating_sub(before);
        kept.extend(&bytes[at..][..room.min(bytes.len() - at)]);
        let first = before == 0;
        let Some(end) = head_end(&kept, before) else {
            if kept.len() >= MAX_HEAD {
                return self.give_up(bytes, at);
            }
            self.state = State::Head(kept);
            let range = at..bytes.len();
            return Piece::Head { range, first };
        };
        match body_after(&kept[..end], asked) {
            Some(state) => self.state = state,
            None => return self.give_up(bytes, at),
        }
        let range = at..at + end - before;
        Piece::Head { range, first }
    }
}

/// What the rest of `bytes` says of an event stream; `None` if it is not chunked.
fn read_events(
    chunks: &mut Chunked,
    reader: &mut Reader,
    bytes: &[u8],
    start: usize,
) -> Option<Piece> {
    reader.turn();
    let mut said = Vec::new();
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        let is_content = matches!(chunks, Chunked::Data(_));
        let progress = chunks.eat(&[*byte]);
        if is_content {
            said.extend(reader.push(*byte, at));
        }
        match progress {
            Progress::More => {}
            Progress::Done(_) => {
                return Some(Piece::Events {
                    range: start..at + 1,
                    said,
                    last: true,
                });
            }
            Progress::Bad(_) => return None,
        }
    }
    Some(Piece::Events {
        range: start..bytes.len(),
        said,
        last: false,
    })
}

const fn whole_rest(bytes: &[u8], at: usize) -> Piece {
    Piece::Body {
        range: at..bytes.len(),
        last: false,
    }
}

/// Where the empty line behind the headers ends, looked for from a little before `from`.
fn head_end(head: &[u8], from: usize) -> Option<usize> {
    let start = from.saturating_sub(3);
    let found = head[start..].windows(4).position(|w| w == b"\r\n\r\n")?;
    Some(start + found + 4)
}

/// True if `bytes` begin like a request or a response.
pub(in crate::dissect) fn starts_message(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"HTTP/1.") {
        return true;
    }
    let line = &bytes[..bytes.len().min(MAX_START_LINE)];
    match line.windows(2).position(|w| w == b"\r\n") {
        Some(end) => {
            let mut words = line[..end].split(|&b| b == b' ');
            let method = words.next().unwrap_or_default();
            let versions: &[&[u8]] = &[b"HTTP/1.1", b"HTTP/1.0"];
            !method.is_empty()
                && method.iter().all(|&b| b.is_ascii_graphic())
                && words.next_back().is_some_and(|v| versions.contains(&v))
        }
        None => COMMON_METHODS.iter().any(|m| bytes.starts_with(m)),
    }
}

/// What follows a whole head (RFC 9112, section 6.3). `None` if it is no good head.
fn body_after(head: &[u8], asked: &mut Asked) -> Option<State> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    if !head.starts_with(b"HTTP/") {
        let mut request = httparse::Request::new(&mut headers);
        request.parse(head).ok()?.is_complete().then_some(())?;
        asked.push(request.method?);
        return framing(request.headers).map(|s| s.unwrap_or(State::Start));
    }
    let mut response = httparse::Response::new(&mut headers);
    response.parse(head).ok()?.is_complete().then_some(())?;
    let code = response.code?;
    if code == 101 {
        let to = |h: &&httparse::Header<'_>| h.name.eq_ignore_ascii_case("upgrade");
        let upgrade = response.headers.iter().find(to);
        asked.1 |= upgrade.is_some_and(|h| h.value.eq_ignore_ascii_case(b"websocket"));
        return Some(State::Foreign);
    }
    if code < 200 {
        return Some(State::Start);
    }
    match (asked.0.pop_front(), code) {
        (Some(Method::Connect), 200..300) => Some(State::Foreign),
        (Some(Method::Head), _) | (_, 204 | 304) => Some(State::Start),
        _ => framing(response.headers).map(|state| match state {
            Some(State::Chunked(chunks)) if is_event_stream(response.headers) => {
                State::Events(chunks, Box::default())
            }
            state => state.unwrap_or(State::UntilClose),
        }),
    }
}

/// What the headers say of the body; `Some(None)` if nothing.
fn framing(headers: &[httparse::Header<'_>]) -> Option<Option<State>> {
    let mut length = None;
    for header in headers {
        let value = std::str::from_utf8(header.value).unwrap_or_default().trim();
        if header.name.eq_ignore_ascii_case("transfer-encoding") {
            let last = value.rsplit(',').next().unwrap_or_default().trim();
            if last.eq_ignore_ascii_case("chunked") {
                return Some(Some(State::Chunked(Chunked::new())));
            }
        } else if header.name.eq_ignore_ascii_case("content-length") {
            length = Some(value.parse::<u64>().ok()?);
        }
    }
    Some(length.map(|bytes| match bytes {
        0 => State::Start,
        bytes => State::Body(bytes),
    }))
}

fn is_event_stream(headers: &[httparse::Header<'_>]) -> bool {
    let kind = headers
        .iter()
        .find(|h| h.name.eq_ignore_ascii_case("content-type"));
    kind.is_some_and(|h| {
        h.value
            .to_ascii_lowercase()
            .starts_with(b"text/event-stream")
    })
}

/// A longer head is not followed \[bytes\].
const MAX_HEAD: usize = 64 << 10;
/// A longer start line is not recognised \[bytes\].
const MAX_START_LINE: usize = 8 << 10;
/// A head with more headers is not followed.
const MAX_HEADERS: usize = 128;
/// How many unanswered requests are remembered.
const MAX_ASKED: usize = 1024;
/// By these a request is known whose first line does not end in the segment.
const COMMON_METHODS: [&[u8]; 9] = [
    b"GET /",
    b"POST /",
    b"PUT /",
    b"HEAD /",
    b"DELETE /",
    b"PATCH /",
    b"OPTIONS ",
    b"CONNECT ",
    b"TRACE /",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn body(range: Range<usize>, last: bool) -> Piece {
        Piece::Body { range, last }
    }

    fn head(range: Range<usize>, first: bool) -> Piece {
        Piece::Head { range, first }
    }

    #[test]
    fn a_content_length_says_where_the_next_message_starts() {
        let (one, two) = (
            "POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc",
            "GET / HTTP/1.1\r\n\r\n",
        );
        let both = format!("{one}{two}");
        let pieces = Parser::default().feed(both.as_bytes(), &mut Asked::default());
        let (h, b, end) = (one.len() - 3, one.len(), both.len());
        assert_eq!(
            pieces,
            [head(0..h, true), body(h..b, true), head(b..end, true)]
        );
    }

    #[test]
    fn a_head_in_two_segments_starts_once() {
        let text = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        let mut parser = Parser::default();
        let mut asked = Asked::default();
        // The cut is inside the empty line.
        let cut = text.len() - 3;
        assert_eq!(parser.feed(&text[..cut], &mut asked), [head(0..cut, true)]);
        assert_eq!(
            parser.feed(&text[cut..], &mut asked),
            [head(0..1, false), body(1..3, true)]
        );
    }

    #[test]
    fn the_answer_to_head_has_no_body() {
        let mut asked = Asked::default();
        Parser::default().feed(b"HEAD / HTTP/1.1\r\n\r\n", &mut asked);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n";
        let mut server = Parser::default();
        server.feed(answer, &mut asked);
        let again = server.feed(answer, &mut asked);
        assert_eq!(again, [head(0..answer.len(), true)]);
    }

    #[test]
    fn a_response_without_length_goes_on_until_the_end() {
        let mut parser = Parser::default();
        parser.feed(b"HTTP/1.0 200 OK\r\n\r\n", &mut Asked::default());
        let more = parser.feed(b"anything", &mut Asked::default());
        assert_eq!(more, [body(0..8, false)]);
    }

    #[test]
    fn after_bytes_that_make_no_sense_the_next_start_line_is_found() {
        let mut parser = Parser::default();
        let mut asked = Asked::default();
        assert_eq!(
            parser.feed(b"\x16\x03\x01", &mut asked),
            [Piece::Foreign(0..3)]
        );
        let text = b"GET / HTTP/1.1\r\n\r\n";
        assert_eq!(parser.feed(text, &mut asked), [head(0..text.len(), true)]);
    }
}
