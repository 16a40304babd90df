//! Reads an event stream by the rules of the HTML standard, section 9.2.6.
//!
//! Fed in pieces of any size. Lines end with CR, LF or both; what is not UTF-8 becomes U+FFFD, as
//! the standard has it. A stream that ends in the middle of an event does not yield it.

/// An event, ready for dispatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    /// Its type; "message" if it names none.
    pub(super) kind: String,
    /// Its data: the `data` lines, with LF between.
    pub(super) data: String,
    /// The last id that the stream named, with it or before it; perhaps empty.
    pub(super) id: String,
}

/// What a stream says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Event(Event),
    /// How long to wait before connecting again \[ms\].
    Retry(u64),
    /// A line that begins with a colon, without it.
    Comment(String),
}

/// The state between two pieces.
#[derive(Debug, Default)]
pub(super) struct Parser {
    line: Vec<u8>,
    /// The last byte was CR: an LF behind it belongs to the same line end.
    after_cr: bool,
    /// A line has ended: no byte order mark can come any more.
    begun: bool,
    kind: String,
    data: String,
    id: String,
    /// The id when an event ended last: one that is cut off is asked for again.
    last_id: String,
}

impl Parser {
    /// A parser for a stream that goes on where `id` was the last one.
    pub(super) fn after(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            last_id: id.to_owned(),
            ..Self::default()
        }
    }

    /// The id to name when connecting again.
    pub(super) fn last_id(&self) -> &str {
        &self.last_id
    }

    /// The next `bytes` of the stream.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Item> {
        let mut items = Vec::new();
        for &byte in bytes {
            let joined = std::mem::take(&mut self.after_cr) && byte == b'\n';
            match byte {
                b'\n' if joined => {}
                b'\r' | b'\n' => {
                    self.after_cr = byte == b'\r';
                    items.extend(self.end_line());
                }
                // A line without end is cut: the rest is not kept.
                byte if self.line.len() < MAX_LINE => self.line.push(byte),
                _ => {}
            }
        }
        items
    }

    fn end_line(&mut self) -> Option<Item> {
        let bytes = std::mem::take(&mut self.line);
        let is_first = !std::mem::replace(&mut self.begun, true);
        let text = String::from_utf8_lossy(&bytes);
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) if is_first => rest,
            _ => &text,
        };
        if text.is_empty() {
            return self.dispatch().map(Item::Event);
        }
        let (field, value) = text.split_once(':').unwrap_or((text, ""));
        if field.is_empty() {
            return Some(Item::Comment(value.to_owned()));
        }
        self.field(field, value.strip_prefix(' ').unwrap_or(value))
    }

    fn field(&mut self, field: &str, value: &str) -> Option<Item> {
        match field {
            "event" => value.clone_into(&mut self.kind),
            "data" if self.data.len() < MAX_DATA => {
                self.data += value;
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "retry" if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) => {
                return value.parse().ok().map(Item::Retry);
            }
            // Unknown fields are ignored.
            _ => {}
        }
        None
    }

    /// An empty line ends an event; one without data is none.
    fn dispatch(&mut self) -> Option<Event> {
        let kind = std::mem::take(&mut self.kind);
        let mut data = std::mem::take(&mut self.data);
        self.id.clone_into(&mut self.last_id);
        data.pop()?;
        Some(Event {
            kind: if kind.is_empty() {
                "message".to_owned()
            } else {
                kind
            },
            data,
            id: self.id.clone(),
        })
    }
}

/// A longer line is cut \[bytes\].
const MAX_LINE: usize = 1 << 20;
/// Lines of data beyond this are left out \[bytes\].
const MAX_DATA: usize = 16 << 20;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &[u8]) -> Vec<Item> {
        Parser::default().feed(text)
    }

    fn event(kind: &str, data: &str, id: &str) -> Item {
        Item::Event(Event {
            kind: kind.to_owned(),
            data: data.to_owned(),
            id: id.to_owned(),
        })
    }

    #[test]
    fn the_examples_of_the_standard_mean_what_it_says() {
        // Section 9.2.6: two lines of data make one event; a comment; an id that goes on; an id
        // without value takes it back; one blank behind the colon does not count.
        let one = b"data: YHOO\ndata: +2\ndata: 10\n\n";
        assert_eq!(all(one), [event("message", "YHOO\n+2\n10", "")]);
        let two = b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n";
        assert_eq!(
            all(two),
            [
                Item::Comment(" test stream".to_owned()),
                event("message", "first event", "1"),
                event("message", "second event", ""),
                event("message", " third event", ""),
            ]
        );
        // "data" alone is an event with empty data, twice it is one newline; the last one is not
        // dispatched, since no empty line follows.
        let three = b"data\n\ndata\ndata\n\ndata:";
        assert_eq!(
            all(three),
            [event("message", "", ""), event("message", "\n", "")]
        );
        assert_eq!(all(b"data:test\n\ndata: test\n\n").len(), 2);
    }

    #[test]
    fn lines_end_with_cr_or_lf_or_both_and_a_byte_order_mark_is_skipped() {
        let wanted = [event("tick", "a\nb", "7")];
        for end in ["\r", "\n", "\r\n"] {
            let text = "\u{feff}event: tick\nid: 7\ndata: a\ndata: b\n\n".replace('\n', end);
            assert_eq!(all(text.as_bytes()), wanted, "{end:?}");
        }
    }

    #[test]
    fn retry_takes_digits_alone_and_an_id_no_nul() {
        assert_eq!(all(b"retry: 2500\n"), [Item::Retry(2500)]);
        assert_eq!(all(b"retry: 2s\nretry:\nretry: -1\n"), []);
        assert_eq!(
            all(b"id: 1\nid: 2\0\ndata: x\n\n"),
            [event("message", "x", "1")]
        );
    }

    #[test]
    fn an_event_without_data_is_none_but_its_id_holds() {
        let mut parser = Parser::default();
        assert_eq!(parser.feed(b"event: x\nid: 9\n\n"), []);
        assert_eq!(parser.last_id(), "9");
        assert_eq!(parser.feed(b"data: y\n\n"), [event("message", "y", "9")]);
    }

    #[test]
    fn the_id_of_an_event_that_is_cut_off_does_not_count() {
        let mut parser = Parser::default();
        parser.feed(b"id: 4\ndata: a\n\nid: 5\ndata: b\n");
        assert_eq!(parser.last_id(), "4");
    }

    proptest! {
        #[test]
        fn any_bytes_mean_the_same_however_they_are_cut(
            bytes in prop::collection::vec(prop_oneof![
                Just(b'\r'), Just(b'\n'), Just(b':'), Just(b' '), Just(b'd'), any::<u8>()
            ], 0..300),
            step in 1_usize..20,
        ) {
            let mut parser = Parser::default();
            let pieces: Vec<Item> = bytes.chunks(step).flat_map(|p| parser.feed(p)).collect();
            prop_assert_eq!(pieces, all(&bytes));
        }

        #[test]
        fn what_the_server_writes_is_what_the_client_reads(
            lines in prop::collection::vec("[^\r\n\0]{0,20}", 1..5),
            kind in prop::option::of("[a-z]{1,8}"),
            id in 1_u64..1000,
        ) {
            let data = lines.join("\n");
            let text = super::super::feed::write_event(kind.as_deref(), id, &data);
            let kind = kind.as_deref().unwrap_or("message");
            prop_assert_eq!(all(text.as_bytes()), [event(kind, &data, &id.to_string())]);
        }
    }
}
