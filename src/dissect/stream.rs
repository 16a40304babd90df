//! The bytes of TCP streams in their order, and the messages in them.
//!
//! Bounded: at most [`MAX_EARLY`] bytes of a direction wait for an earlier segment; when there are
//! more, or when the receiver acknowledged bytes that were never seen, the gap is skipped.

use std::collections::BTreeMap;

use super::{
    http::Asked,
    http2,
    smtp::Dialogue,
    speech::{Pieces, Speech, Talk},
    tls::{Secrets, Session},
};

/// How a segment's payload stands to what came before.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Turn {
    /// These are the next bytes (the first `seen` were there already).
    Next { seen: usize, pieces: Pieces },
    /// All of it was seen before.
    Old,
    /// Something is missing before it.
    Early,
}

/// A segment's part of a stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    /// The number of its first byte.
    pub(super) start: u64,
    /// Its bytes.
    pub(super) payload: &'a [u8],
    /// How many bytes behind them the capture left out.
    pub(super) missing: u64,
    /// What the other side has acknowledged so far.
    pub(super) acked: u64,
}

/// Both directions of a connection.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    directions: [Direction; 2],
    asked: Asked,
    session: Session,
    smtp: Dialogue,
    http2: http2::Session,
}

impl Exchange {
    /// Tells where the first byte of a direction stands: behind its SYN.
    pub(super) fn begin(&mut self, side: usize, next: u64) {
        self.directions[side].next = Some(next);
    }

    /// The next segment of `side`.
    pub(super) fn take(&mut self, side: usize, part: &Part<'_>, secrets: &Secrets) -> Turn {
        let mut talk = Talk {
            asked: &mut self.asked,
            session: &mut self.session,
            http2: &mut self.http2,
            smtp: &mut self.smtp,
            secrets,
        };
        self.directions[side].take(part, &mut talk)
    }

    /// What this side's stream speaks.
    pub(super) const fn speech(&self, side: usize) -> &Speech {
        &self.directions[side].speech
    }

    /// How many bytes are kept.
    pub(super) fn held(&self) -> usize {
        self.directions.iter().map(Direction::held).sum()
    }

    /// Keeps nothing any more.
    pub(super) fn forget(&mut self) {
        for direction in &mut self.directions {
            direction.early.clear();
            direction.early_bytes = 0;
            direction.speech.skip(u64::MAX);
        }
    }
}

#[derive(Debug, Default)]
struct Direction {
    /// The number of the next byte in order.
    next: Option<u64>,
    /// What came before its turn, by its first byte's number.
    early: BTreeMap<u64, Vec<u8>>,
    early_bytes: usize,
    speech: Speech,
}

impl Direction {
    fn held(&self) -> usize {
        self.early_bytes + self.speech.held()
    }

    fn take(&mut self, part: &Part<'_>, talk: &mut Talk<'_>) -> Turn {
        let next = *self.next.get_or_insert(part.start);
        if part.start > next {
            return self.keep(part, talk);
        }
        let seen = usize::try_from(next - part.start).unwrap_or(usize::MAX);
        let Some(fresh) = part.payload.get(seen..).filter(|f| !f.is_empty()) else {
            return Turn::Old;
        };
        let pieces = self.speech.feed(fresh, talk);
        self.next = Some(next + fresh.len() as u64 + part.missing);
        if part.missing > 0 {
            self.speech.skip(part.missing);
        }
        self.use_early(talk);
        Turn::Next { seen, pieces }
    }

    fn keep(&mut self, part: &Part<'_>, talk: &mut Talk<'_>) -> Turn {
        let (start, payload) = (part.start, part.payload);
        if self.early_bytes + payload.len() <= MAX_EARLY && !self.early.contains_key(&start) {
            self.early_bytes += payload.len();
            self.early.insert(start, payload.to_vec());
            if self.next.is_some_and(|next| next >= part.acked) {
                return Turn::Early;
            }
        }
        // What lies between was never seen and will not come.
        if let Some(&first) = self.early.keys().next() {
            self.speech
                .skip(first - self.next.unwrap_or(first).min(first));
            self.next = Some(first);
            self.use_early(talk);
        }
        Turn::Early
    }

    /// Feeds what waited and is now in order.
    fn use_early(&mut self, talk: &mut Talk<'_>) {
        while let (Some(next), Some(entry)) = (self.next, self.early.first_entry()) {
            if *entry.key() > next {
                return;
            }
            let (start, bytes) = entry.remove_entry();
            self.early_bytes -= bytes.len();
            let seen = usize::try_from(next - start).unwrap_or(usize::MAX);
            if let Some(fresh) = bytes.get(seen..).filter(|f| !f.is_empty()) {
                self.speech.feed(fresh, talk);
                self.next = Some(next + fresh.len() as u64);
            }
        }
    }
}

/// How many bytes of one direction may wait for an earlier segment.
pub(super) const MAX_EARLY: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::{super::http::Piece, *};

    fn part(start: u64, payload: &[u8], acked: u64) -> Part<'_> {
        Part {
            start,
            payload,
            missing: 0,
            acked,
        }
    }

    fn take(exchange: &mut Exchange, part: &Part<'_>) -> Turn {
        exchange.take(0, part, &Secrets::default())
    }

    const TEXT: &[u8] = b"POST / HTTP/1.1\r\ncontent-length: 6\r\n\r\nabcdef";

    #[test]
    fn a_segment_before_its_turn_is_used_when_the_gap_is_filled() {
        let mut exchange = Exchange::default();
        exchange.begin(0, 1);
        // The body's second half (from byte 41, numbered from 1) comes before its first.
        let half = TEXT.len() - 3;
        assert_eq!(
            take(&mut exchange, &part(half as u64 + 1, &TEXT[half..], 0)),
            Turn::Early
        );
        assert!(matches!(
            take(&mut exchange, &part(1, &TEXT[..half], 0)),
            Turn::Next { seen: 0, .. }
        ));
        assert_eq!(exchange.held(), 0);
        // So the next message starts behind the body.
        let Turn::Next {
            pieces: Pieces::Http(pieces),
            ..
        } = take(&mut exchange, &part(TEXT.len() as u64 + 1, TEXT, 0))
        else {
            panic!("the next bytes are not next");
        };
        assert!(matches!(pieces[0], Piece::Head { first: true, .. }));
    }

    #[test]
    fn bytes_seen_before_are_old_and_an_overlap_counts_only_once() {
        let mut exchange = Exchange::default();
        exchange.begin(0, 1);
        take(&mut exchange, &part(1, &TEXT[..20], 0));
        assert_eq!(take(&mut exchange, &part(1, &TEXT[..20], 0)), Turn::Old);
        assert!(matches!(
            take(&mut exchange, &part(11, &TEXT[10..], 0)),
            Turn::Next { seen: 10, .. }
        ));
    }

    #[test]
    fn a_gap_that_was_acknowledged_is_skipped() {
        let mut exchange = Exchange::default();
        exchange.begin(0, 1);
        take(
            &mut exchange,
            &part(1, b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\n", 0),
        );
        // Body bytes 39 to 41 never come, but the other side acknowledged them.
        assert_eq!(take(&mut exchange, &part(42, b"def", 42)), Turn::Early);
        let Turn::Next {
            pieces: Pieces::Http(pieces),
            ..
        } = take(&mut exchange, &part(45, b"ghi", 42))
        else {
            panic!("the stream did not go on behind the gap");
        };
        assert_eq!(
            pieces,
            [Piece::Body {
                range: 0..3,
                last: true
            }]
        );
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut exchange = Exchange::default();
        exchange.begin(0, 0);
        for i in 0..3000 {
            take(&mut exchange, &part(10_000 + i * 2000, &[0; 1000], 0));
            assert!(exchange.held() <= MAX_EARLY);
        }
    }
}
