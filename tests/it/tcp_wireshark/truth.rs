//! What happened, as the trace and the captures of both ends say: for each segment whether it is a
//! repeat, and when its bytes came to the other end.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::rows::{Capture, Ends, FIN, Key, RST, Row, SYN};

/// What the trace says a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    New,
    /// Lost data, sent again.
    Again,
    /// A tail loss probe: the last data again, or new data.
    TailProbe,
    WindowProbe,
}

/// A line of the trace about a segment that left.
#[derive(Debug, Clone)]
pub(super) struct Told {
    at: u64,
    pub(super) label: Label,
    /// The phase of recovery, as the trace has it.
    pub(super) recovery: String,
}

#[derive(Default)]
pub(super) struct Truth {
    told: BTreeMap<Key, Vec<Told>>,
    /// All that each direction has sent, in order, and the capture on the sender's card.
    sent: BTreeMap<Ends, (PathBuf, Vec<Row>)>,
    /// When ACKs came of which the sender says that they moved nothing on.
    idle_acks: BTreeSet<(Ends, u64)>,
    pub(super) differences: Vec<String>,
}

impl Truth {
    pub(super) fn read(trace: &Path, captures: &[Capture]) -> Self {
        let (told, idle_acks) = lines(trace);
        let mut truth = Self {
            idle_acks,
            ..Self::default()
        };
        for (ends, told) in told {
            match captures.iter().find(|c| is_of_sender(c, &ends, &told)) {
                Some(capture) => truth.match_up(capture, &ends, &told),
                None => truth.differences.push(format!("{ends:?}: no capture")),
            }
        }
        truth
    }

    /// The trace has a line for each segment that carries something, and for each probe.
    fn match_up(&mut self, capture: &Capture, ends: &Ends, told: &[Told]) {
        let rows: Vec<&Row> = capture.rows.iter().filter(|r| r.ends == *ends).collect();
        let mut highest = None;
        let mut told = told.iter();
        for row in &rows {
            let below = highest.is_some_and(|high| behind(row.seq, high));
            let tells = (row.len > 0 || row.has(FIN) || below) && !row.has(SYN | RST);
            if tells {
                match told.next() {
                    Some(line) if line.at == row.at => {
                        self.told.entry(row.key()).or_default().push(line.clone());
                    }
                    other => {
                        let number = row.number;
                        self.differences
                            .push(format!("{ends:?}: frame {number} at {}: {other:?}", row.at));
                        return;
                    }
                }
            }
            if highest.is_none_or(|high| behind(high, row.end())) {
                highest = Some(row.end());
            }
        }
        if let Some(rest) = told.next() {
            self.differences
                .push(format!("{ends:?}: no frame for {rest:?}"));
        }
        let rows = rows.into_iter().cloned().collect();
        self.sent.insert(ends.clone(), (capture.path.clone(), rows));
    }

    /// What the trace of its sender says of a segment; nothing of smoltcp's. Where a repeat left
    /// within the millisecond of the original, so that only time tells them apart, the receiver's
    /// is taken for the repeat.
    pub(super) fn told(&self, row: &Row) -> Option<&Told> {
        let told = self.told.get(&row.key())?;
        told.iter()
            .find(|told| told.at == row.at)
            .or_else(|| told.last())
    }

    /// True if `capture` is of the card that the direction leaves from.
    pub(super) fn is_sender(&self, capture: &Path, ends: &Ends) -> bool {
        self.sent.get(ends).is_some_and(|(of, _)| of == capture)
    }

    /// True if the sender heard an ACK at `at` that moved nothing on.
    pub(super) fn heard_idle_ack(&self, ends: &Ends, at: u64) -> bool {
        self.idle_acks.contains(&(ends.clone(), at))
    }

    /// True if bytes between `from` and `to` were sent before `at`: then they are lost, or late.
    pub(super) fn were_sent(&self, ends: &Ends, from: u32, to: u32, at: u64) -> bool {
        let rows = self.sent.get(ends).map(|(_, rows)| rows);
        rows.is_none_or(|rows| {
            let inside = |r: &Row| behind(r.seq, to) && behind(from, r.end()) && r.at < at;
            rows.iter().any(inside)
        })
    }
}

/// True if `a` lies before `b`.
pub(super) const fn behind(a: u32, b: u32) -> bool {
    a.wrapping_sub(b).cast_signed() < 0
}

/// The capture on the sender's card sees the first segment when the trace does.
fn is_of_sender(capture: &Capture, ends: &Ends, told: &[Told]) -> bool {
    let first = told.first().map(|told| told.at);
    let mut rows = capture.rows.iter().filter(|r| r.ends == *ends);
    rows.any(|r| Some(r.at) == first)
}

/// For each direction what left, and when an ACK came that moved nothing on.
#[allow(clippy::type_complexity, reason = "two answers of one reading")]
fn lines(trace: &Path) -> (BTreeMap<Ends, Vec<Told>>, BTreeSet<(Ends, u64)>) {
    let text = std::fs::read_to_string(trace).unwrap();
    let (mut told, mut idle) = (BTreeMap::<Ends, Vec<Told>>::new(), BTreeSet::new());
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let (at, ends) = (
            line["at_ns"].as_u64().unwrap(),
            (word("local"), word("remote")),
        );
        let label = match word("cause").as_str() {
            "data sent" => Label::New,
            "data sent again" => Label::Again,
            "tail loss probe" => Label::TailProbe,
            "window probe" => Label::WindowProbe,
            cause => {
                if cause != "ACK" && cause != "new state" {
                    idle.insert((ends, at));
                }
                continue;
            }
        };
        let recovery = word("recovery");
        let line = Told {
            at,
            label,
            recovery,
        };
        told.entry(ends).or_default().push(line);
    }
    (told, idle)
}
