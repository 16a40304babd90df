//! Floor 7: the lines of SMTP (RFC 5321) and the message that DATA brings (RFC 5322).
//!
//! A stream is SMTP if its server greets with 220. Then the client's lines are commands, until a 354
//! makes them lines of a message, up to the line that is only a dot. Inside TLS, and after STARTTLS,
//! it goes on the same way. Bounded: at most [`MAX_LINE`] bytes of an unfinished line are kept.

use std::ops::Range;

use super::{
    build::{Fields, Kind, bytes as count},
    data::preview,
    tree::Layer,
};
use crate::wire::OsiLayer;

const SMTP: Kind = Kind {
    osi: OsiLayer::Application,
    protocol: "smtp",
    title: "Simple Mail Transfer Protocol",
};

const IMF: Kind = Kind {
    osi: OsiLayer::Application,
    protocol: "imf",
    title: "Internet Message Format",
};

/// What both directions of a connection know of each other.
#[derive(Debug, Default)]
pub(super) struct Dialogue {
    /// The server has greeted.
    open: bool,
    /// The client's lines are those of a message.
    in_data: bool,
    /// The client's next lines are credentials.
    in_auth: bool,
}

impl Dialogue {
    /// True once the server has greeted.
    pub(super) const fn is_open(&self) -> bool {
        self.open
    }
}

/// One line, or as much of it as the last bytes hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it stands in the bytes that were fed last.
    range: Range<usize>,
    kind: Said,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    /// A verb and what follows it.
    Command(String, String),
    /// A code, whether more lines of the reply follow, and a text.
    Reply(String, bool, String),
    /// A name and a password, in base64.
    Credentials(String),
    /// A line of the message.
    Message,
    /// The dot that ends it.
    EndOfMessage,
    /// Its end is not here yet.
    Part,
}

/// Follows the lines of one direction.
#[derive(Debug)]
pub(super) struct Lines {
    of_server: bool,
    kept: Vec<u8>,
    lost: bool,
}

impl Lines {
    /// A reader for the server's direction or for the client's.
    pub(super) const fn new(of_server: bool) -> Self {
        Self {
            of_server,
            kept: Vec::new(),
            lost: false,
        }
    }

    /// True if `bytes` are the greeting of a mail server, which says what it speaks.
    pub(super) fn starts_here(bytes: &[u8]) -> bool {
        let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
        let greets = line.starts_with(b"220 ") || line.starts_with(b"220-");
        greets && line.windows(4).any(|word| word == b"SMTP")
    }

    /// How many bytes it keeps.
    pub(super) fn held(&self) -> usize {
        self.kept.capacity()
    }

    /// Bytes are missing: the thread is lost.
    pub(super) fn lose(&mut self) {
        self.kept = Vec::new();
        self.lost = true;
    }

    /// The next bytes of the stream.
    pub(super) fn feed(&mut self, bytes: &[u8], dialogue: &mut Dialogue) -> Vec<Line> {
        dialogue.open = true;
        let mut lines = Vec::new();
        let mut at = 0;
        while at < bytes.len() && !self.lost {
            let rest = &bytes[at..];
            let Some(end) = rest.iter().position(|b| *b == b'\n') else {
                self.keep(rest);
                lines.push(Line {
                    range: at..bytes.len(),
                    kind: Said::Part,
                });
                break;
            };
            self.keep(&rest[..=end]);
            let text = String::from_utf8_lossy(&self.kept).into_owned();
            self.kept.clear();
            lines.push(Line {
                range: at..at + end + 1,
                kind: self.read(text.trim_end_matches(['\r', '\n']), dialogue),
            });
            at += end + 1;
        }
        lines
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = MAX_LINE.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn read(&self, line: &str, dialogue: &mut Dialogue) -> Said {
        if self.of_server {
            return reply(line, dialogue);
        }
        if dialogue.in_data {
            if line == "." {
                dialogue.in_data = false;
                return Said::EndOfMessage;
            }
            return Said::Message;
        }
        if dialogue.in_auth {
            return Said::Credentials(line.to_owned());
        }
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        Said::Command(verb.to_ascii_uppercase(), rest.to_owned())
    }
}

fn reply(line: &str, dialogue: &mut Dialogue) -> Said {
    let (code, rest) = line.split_at_checked(3).unwrap_or((line, ""));
    dialogue.in_data |= code == "354";
    dialogue.in_auth = code == "334";
    let text = rest.get(1..).unwrap_or_default();
    Said::Reply(code.to_owned(), rest.starts_with('-'), text.to_owned())
}

/// The layers of `lines` of `payload`, which stands at `start` in the frame: one for each run of
/// lines of a kind.
pub(super) fn layers(payload: &[u8], start: usize, lines: &[Line]) -> Vec<Layer> {
    let same = |a: &Line, b: &Line| a.is_message() == b.is_message();
    lines
        .chunk_by(same)
        .filter_map(|run| match run.first()?.is_message() {
            true => Some(message(payload, start, run)),
            false => Some(dialogue(start, run)),
        })
        .collect()
}

impl Line {
    fn is_message(&self) -> bool {
        self.kind == Said::Message
    }
}

/// Where a run of lines stands in the bytes that were fed last.
fn span(run: &[Line]) -> Range<usize> {
    let ends = run.first().zip(run.last());
    ends.map_or(0..0, |(first, last)| first.range.start..last.range.end)
}

/// Commands or replies.
fn dialogue(start: usize, run: &[Line]) -> Layer {
    let range = span(run);
    let mut fields = Fields::at(start + range.start);
    let mut summary: Vec<String> = Vec::new();
    let mut continued = false;
    for line in run {
        let place = line.range.start - range.start..line.range.end - range.start;
        let code = place.start..place.end.min(place.start + 3);
        match &line.kind {
            Said::Command(verb, rest) => {
                let verb_place = place.start..place.end.min(place.start + verb.len());
                fields.add("req.command", "Command", verb_place, verb);
                if !rest.is_empty() {
                    fields.add("req.parameter", "Request parameter", place, rest);
                }
                summary.push(format!("{verb} {rest}").trim_end().to_owned());
            }
            Said::Reply(number, more, text) => {
                fields.add("response.code", "Response code", code, number);
                fields.add("rsp.parameter", "Response parameter", place, text);
                match summary.last_mut().filter(|_| continued) {
                    Some(line) => *line += &format!(" | {text}"),
                    None => summary.push(format!("{number} {text}")),
                }
                continued = *more;
            }
            Said::Credentials(text) => {
                fields.add("auth", "Credentials in base64", place, text);
                summary.push(text.clone());
            }
            Said::EndOfMessage => {
                fields.add("eom", "End of the message", place, ".");
                summary.push(". (end of the message)".to_owned());
            }
            Said::Message | Said::Part => summary.push("part of a line".to_owned()),
        }
    }
    SMTP.layer(
        summary.join(", "),
        start + range.start..start + range.end,
        fields,
    )
}

/// Lines of a message, as they stand on the wire: a dot at the start of one is doubled.
fn message(payload: &[u8], start: usize, run: &[Line]) -> Layer {
    let range = span(run);
    let mut fields = Fields::at(start + range.start);
    for line in run.iter().take(MAX_SHOWN) {
        let text = payload.get(line.range.clone()).unwrap_or_default();
        let place = line.range.start - range.start..line.range.end - range.start;
        fields.add("line", "Line", place, preview(text.trim_ascii_end()));
    }
    let subject = run.iter().find_map(|line| {
        let text = payload.get(line.range.clone())?;
        let text = String::from_utf8_lossy(text);
        Some(text.strip_prefix("Subject: ")?.trim_end().to_owned())
    });
    let summary = match subject {
        Some(subject) => format!("message, {}, subject {subject:?}", count(range.len())),
        None => format!("message, {}", count(range.len())),
    };
    IMF.layer(summary, start + range.start..start + range.end, fields)
}

/// RFC 5321, section 4.5.3.1: a line has at most 1000 bytes; some senders do not care.
const MAX_LINE: usize = 4096;
/// How many lines of a message become fields.
const MAX_SHOWN: usize = 100;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn summaries(lines: &mut Lines, dialogue: &mut Dialogue, bytes: &[u8]) -> Vec<String> {
        let read = lines.feed(bytes, dialogue);
        let layers = layers(bytes, 0, &read);
        layers.into_iter().map(|layer| layer.summary).collect()
    }

    #[test]
    fn commands_replies_and_a_message_are_told_apart() {
        let mut talk = Dialogue::default();
        let (mut server, mut client) = (Lines::new(true), Lines::new(false));
        let greeting = b"220 mail ESMTP netsim\r\n";
        assert!(Lines::starts_here(greeting));
        assert_eq!(
            summaries(&mut server, &mut talk, greeting),
            ["220 mail ESMTP netsim"]
        );
        assert_eq!(
            summaries(&mut client, &mut talk, b"ehlo alice\r\n"),
            ["EHLO alice"]
        );
        assert_eq!(
            summaries(&mut server, &mut talk, b"250-mail\r\n250 SIZE 1000\r\n"),
            ["250 mail | SIZE 1000"]
        );
        summaries(&mut server, &mut talk, b"354 go ahead\r\n");
        let message = b"Subject: hi\r\n\r\n..dot\r\n.\r\nQUIT\r\n";
        // 13 + 2 + 7 bytes of message, then the dot and a command.
        assert_eq!(
            summaries(&mut client, &mut talk, message),
            [
                "message, 22 bytes, subject \"hi\"",
                ". (end of the message), QUIT"
            ]
        );
    }

    #[test]
    fn a_line_in_two_segments_is_read_at_its_end() {
        let mut talk = Dialogue::default();
        let mut client = Lines::new(false);
        assert_eq!(summaries(&mut client, &mut talk, b"NO"), ["part of a line"]);
        assert_eq!(summaries(&mut client, &mut talk, b"OP\r\n"), ["NOOP"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..8),
            of_server in any::<bool>(),
            in_data in any::<bool>(),
        ) {
            let mut talk = Dialogue { in_data, ..Dialogue::default() };
            let mut lines = Lines::new(of_server);
            for piece in pieces {
                let read = lines.feed(&piece, &mut talk);
                for layer in layers(&piece, 7, &read) {
                    prop_assert!(layer.range.end <= 7 + piece.len());
                }
            }
        }
    }

    #[test]
    fn web_servers_and_ftp_do_not_greet_like_this() {
        for bytes in [
            &b"HTTP/1.1 200 OK\r\n"[..],
            b"220 ftp ready\r\n",
            b"",
            b"220",
        ] {
            assert!(!Lines::starts_here(bytes));
        }
    }
}
