//! Server-Sent Events in chunked bodies (section 9.2 of the HTML standard of the WHATWG).
//!
//! The reader is fed the bytes of the body one by one, each with its place. An event shows in the
//! segment that holds its end. Bounded: of a line the first [`MAX_LINE`] bytes are kept.

use std::ops::Range;

/// Something that the last bytes of a stream say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dissect) struct Said {
    pub(super) what: What,
    /// The lines of it that stand in the bytes that were fed last.
    pub(super) lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Event { id: String, kind: String },
    Comment(String),
    Retry(String),
}

/// A line, without its end, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// Follows an event stream.
#[derive(Debug, Clone, Default)]
pub(super) struct Reader {
    line: Vec<u8>,
    /// Where the line began in the bytes that were fed last.
    line_start: Option<usize>,
    after_cr: bool,
    id: String,
    kind: String,
    has_data: bool,
    lines: Vec<Line>,
}

impl Reader {
    /// How many bytes it keeps.
    pub(super) fn held(&self) -> usize {
        let lines: usize = self.lines.iter().map(|line| line.text.capacity()).sum();
        self.line.capacity() + self.id.capacity() + self.kind.capacity() + lines
    }

    /// New bytes begin: what was kept stands in earlier ones.
    pub(super) fn turn(&mut self) {
        self.line_start = (!self.line.is_empty()).then_some(0);
        self.lines.clear();
    }

    /// The next byte, which stands at `at`.
    pub(super) fn push(&mut self, byte: u8, at: usize) -> Option<Said> {
        let joined = std::mem::take(&mut self.after_cr) && byte == b'\n';
        match byte {
            b'\n' if joined => None,
            b'\r' | b'\n' => {
                self.after_cr = byte == b'\r';
                self.end_line(at)
            }
            byte => {
                self.line_start.get_or_insert(at);
                if self.line.len() < MAX_LINE {
                    self.line.push(byte);
                }
                None
            }
        }
    }

    fn end_line(&mut self, at: usize) -> Option<Said> {
        let bytes = std::mem::take(&mut self.line);
        let start = self.line_start.take().unwrap_or(at);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if text.is_empty() {
            return self.dispatch();
        }
        if self.lines.len() < MAX_LINES {
            let range = start..at.max(start);
            self.lines.push(Line {
                range,
                text: text.clone(),
            });
        }
        let (field, value) = text.split_once(':').unwrap_or((&text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => return Some(self.tell(What::Comment(value.to_owned()))),
            "retry" => return Some(self.tell(What::Retry(value.to_owned()))),
            "id" => value.clone_into(&mut self.id),
            "event" => value.clone_into(&mut self.kind),
            "data" => self.has_data = true,
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Said> {
        let kind = std::mem::take(&mut self.kind);
        let id = self.id.clone();
        let has_data = std::mem::take(&mut self.has_data);
        has_data.then(|| self.tell(What::Event { id, kind }))
    }

    fn tell(&mut self, what: What) -> Said {
        let lines = std::mem::take(&mut self.lines);
        Said { what, lines }
    }
}

impl Said {
    /// `SSE event id=3 (tick)`, `SSE comment`, `SSE retry=500`.
    pub(super) fn summary(&self) -> String {
        match &self.what {
            What::Comment(_) => "SSE comment".to_owned(),
            What::Retry(ms) => format!("SSE retry={ms}"),
            What::Event { id, kind } => {
                let id = match id.as_str() {
                    "" => String::new(),
                    id => format!(" id={id}"),
                };
                let kind = match kind.as_str() {
                    "" => String::new(),
                    kind => format!(" ({kind})"),
                };
                format!("SSE event{id}{kind}")
            }
        }
    }
}

/// How many bytes of a line are kept.
const MAX_LINE: usize = 1 << 10;
/// How many lines of an event have a field.
const MAX_LINES: usize = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(text: &[u8], step: usize) -> Vec<String> {
        let mut reader = Reader::default();
        let mut all = Vec::new();
        for piece in text.chunks(step) {
            reader.turn();
            let told = piece
                .iter()
                .enumerate()
                .filter_map(|(at, &b)| reader.push(b, at));
            all.extend(told.map(|s| s.summary()));
        }
        all
    }

    #[test]
    fn a_stream_says_the_same_however_it_is_cut() {
        let text = b"retry: 500\n\n: hi\n\nevent: tick\nid: 3\ndata: a\ndata: b\n\nid: 4\r\n\r\ndata: c\r\r";
        let wanted = [
            "SSE retry=500",
            "SSE comment",
            "SSE event id=3 (tick)",
            "SSE event id=4",
        ];
        for step in [1, 2, 5, 100] {
            assert_eq!(said(text, step), wanted, "in pieces of {step}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(
            bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b':'), any::<u8>()], 0..200),
            step in 1_usize..40,
        ) {
            said(&bytes, step);
        }
    }
}
