//! DNS messages on a TCP stream, each with its length in front (RFC 1035, section 4.2.2; RFC 7766).
//!
//! A stream counts as such if its first bytes are a whole message with the right length. A message
//! shows in the segment that holds its end; its fields only if all of it is there.

use std::ops::Range;

use super::{
    dns::dns,
    tree::{Field, Layer},
};

/// A message, or the part of one that the last bytes hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it stands in the bytes that were fed last.
    range: Range<usize>,
    /// What the message says, if it ends here but began before.
    summary: Option<String>,
    whole: bool,
}

/// Follows the messages of one direction.
#[derive(Debug, Default)]
pub(super) struct Messages {
    kept: Vec<u8>,
    lost: bool,
}

impl Messages {
    /// True if `bytes` are exactly one question or answer.
    pub(super) fn starts_here(bytes: &[u8]) -> bool {
        let Some((head, message)) = bytes.split_first_chunk::<LENGTH>() else {
            return false;
        };
        // One question, as everyone has it, and no more than one.
        usize::from(u16::from_be_bytes(*head)) == message.len()
            && message.get(4..6) == Some(&[0, 1])
            && dns(message, 0).is_some()
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
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut at = 0;
        while at < bytes.len() && !self.lost {
            let before = self.kept.len();
            self.kept.extend_from_slice(&bytes[at..]);
            let Some(end) = self.end() else {
                pieces.push(Piece::part(at..bytes.len(), None));
                break;
            };
            let range = at..at + end - before;
            pieces.push(match before {
                0 => Piece {
                    range: range.clone(),
                    summary: None,
                    whole: true,
                },
                _ => {
                    let message = dns(&self.kept[LENGTH..end], 0);
                    Piece::part(range.clone(), message.map(|layer| layer.summary))
                }
            });
            at = range.end;
            self.kept.clear();
        }
        pieces
    }

    /// Where the first message in `kept` ends, if it is all there.
    fn end(&self) -> Option<usize> {
        let head = self.kept.first_chunk::<LENGTH>()?;
        let end = LENGTH + usize::from(u16::from_be_bytes(*head));
        (end <= self.kept.len()).then_some(end)
    }
}

impl Piece {
    const fn part(range: Range<usize>, summary: Option<String>) -> Self {
        Self {
            range,
            summary,
            whole: false,
        }
    }
}

/// The layers of `pieces` of `payload`, which stands at `start` in the frame, and the places of what
/// is none.
pub(super) fn layers(
    payload: &[u8],
    start: usize,
    pieces: &[Piece],
) -> (Vec<Layer>, Vec<Range<usize>>) {
    let (mut layers, mut foreign) = (Vec::new(), Vec::new());
    for piece in pieces {
        let place = start + piece.range.start..start + piece.range.end;
        let layer = match &piece.summary {
            Some(summary) => Some(super::dns::part(summary.clone(), place.clone())),
            None if piece.whole => with_length(payload, start, piece),
            None => Some(super::dns::part(
                "part of a DNS message".to_owned(),
                place.clone(),
            )),
        };
        match layer {
            Some(layer) => layers.push(layer),
            None => foreign.push(place),
        }
    }
    (layers, foreign)
}

fn with_length(payload: &[u8], start: usize, piece: &Piece) -> Option<Layer> {
    let Range { start: from, end } = piece.range;
    let message = payload.get(from + LENGTH..end)?;
    let mut layer = dns(message, start + from + LENGTH)?;
    layer.range.start = start + from;
    let length = Field {
        name: "length",
        label: "Length",
        value: message.len().to_string(),
        range: start + from..start + from + LENGTH,
    };
    layer.fields.insert(0, length);
    Some(layer)
}

/// The length in front of a message.
const LENGTH: usize = 2;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A question for A of "bob", with its length of 21 bytes.
    const QUESTION: &[u8] = b"\x00\x15\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\
        \x03bob\x00\x00\x01\x00\x01";

    #[test]
    fn a_message_in_one_piece_shows_its_fields_and_one_in_two_its_line() {
        assert!(Messages::starts_here(QUESTION));
        let mut messages = Messages::default();
        let (whole, _) = layers(QUESTION, 100, &messages.feed(QUESTION));
        assert_eq!(whole[0].summary, "Standard query 0x1234 A bob");
        assert_eq!(whole[0].range, 100..123);
        assert_eq!(whole[0].fields[0].value, "21");
        let (first, second) = QUESTION.split_at(1);
        let (part, _) = layers(first, 0, &messages.feed(first));
        assert_eq!(part[0].summary, "part of a DNS message");
        let (rest, _) = layers(second, 0, &messages.feed(second));
        assert_eq!(rest[0].summary, "Standard query 0x1234 A bob");
        assert_eq!(messages.kept.len(), 0);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..8),
        ) {
            let mut messages = Messages::default();
            for piece in pieces {
                let read = messages.feed(&piece);
                let (known, foreign) = layers(&piece, 7, &read);
                let ends = known.iter().map(|l| l.range.end).chain(foreign.iter().map(|r| r.end));
                prop_assert!(ends.max().unwrap_or(0) <= 7 + piece.len());
            }
        }
    }

    #[test]
    fn other_streams_do_not_look_like_it() {
        for bytes in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            b"",
            b"\0",
            b"\0\0",
            &QUESTION[..22],
        ] {
            assert!(!Messages::starts_here(bytes));
        }
    }
}
