//! Wireshark's rules, as its manual states them, over what the trace knows of each segment.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    classes::Class,
    rows::{Capture, Ends, FIN, Mark, RST, Row, SYN},
    truth::{Label, Truth, behind},
};

/// What is expected of a capture, and where tshark says something else.
#[derive(Default)]
pub(super) struct Analysis {
    pub(super) classes: BTreeMap<Class, usize>,
    pub(super) differences: Vec<String>,
}

/// One direction of a connection, as far as a capture has shown it.
#[derive(Debug, Default, Clone)]
struct Way {
    /// Behind the highest byte, and when it was seen.
    next: Option<(u32, u64)>,
    /// The last ACK, when it came, and how often it was told again.
    ack: Option<(u32, u64)>,
    again: u32,
    raw_window: u32,
    window: u32,
    /// The last segment was a keep-alive.
    kept_alive: bool,
}

impl Analysis {
    pub(super) fn of(capture: &Capture, truth: &Truth) -> Self {
        let mut analysis = Self::default();
        let mut ways: BTreeMap<Ends, Way> = BTreeMap::new();
        let rtts: BTreeMap<Ends, u64> = capture.first_rtt.iter().cloned().collect();
        for row in &capture.rows {
            let back = (row.ends.1.clone(), row.ends.0.clone());
            if row.has(SYN) && row.flags & 0x10 == 0 && row.marks.contains(&Mark::ReusedPorts) {
                ways.remove(&row.ends);
                ways.remove(&back);
            }
            let rtt = rtts.get(&row.ends).or_else(|| rtts.get(&back)).copied();
            let there = ways.entry(row.ends.clone()).or_default().clone();
            let other = ways.entry(back.clone()).or_default().clone();
            let judge = Judge {
                row,
                there: &there,
                other: &other,
                rtt,
                truth,
                at_sender: truth.is_sender(&capture.path, &row.ends),
                at_receiver: truth.is_sender(&capture.path, &back),
            };
            let (expected, classes) = judge.expected();
            let wrong = classes.iter().filter_map(|class| judge.contradicts(*class));
            let mut wrong: Vec<&str> = wrong.collect();
            if expected != row.marks {
                wrong.push("other marks were expected");
            }
            if !wrong.is_empty() {
                let name = capture.path.file_name().unwrap().display();
                analysis.differences.push(format!(
                    "{name}: {wrong:?}: expected {expected:?} {classes:?}; {row:?}, {:?}",
                    truth.told(row),
                ));
            }
            for class in classes {
                *analysis.classes.entry(class).or_default() += 1;
            }
            if let Some(way) = ways.get_mut(&row.ends) {
                way.note(row, &expected);
            }
        }
        analysis
    }
}

impl Way {
    fn note(&mut self, row: &Row, expected: &BTreeSet<Mark>) {
        match expected.contains(&Mark::DuplicateAck) {
            true => self.again += 1,
            false if self.ack.is_some_and(|(ack, _)| ack != row.ack) => self.again = 0,
            false => {}
        }
        self.ack = Some((row.ack, row.at));
        let moves = |(next, _)| behind(next, row.end());
        if self.next.is_none_or(moves) && !row.has(RST) {
            self.next = Some((row.end(), row.at));
        }
        (self.raw_window, self.window) = (row.raw_window, row.window);
        self.kept_alive = expected.contains(&Mark::KeepAlive);
    }
}

/// A segment in its place.
struct Judge<'a> {
    row: &'a Row,
    there: &'a Way,
    other: &'a Way,
    rtt: Option<u64>,
    truth: &'a Truth,
    /// The capture is of the card of the segment's sender, or of its receiver.
    at_sender: bool,
    at_receiver: bool,
}

impl Judge<'_> {
    fn expected(&self) -> (BTreeSet<Mark>, Vec<Class>) {
        let (mut marks, mut classes) = (BTreeSet::new(), vec![]);
        let mut say = |found: &[(Mark, Class)]| {
            marks.extend(found.iter().map(|f| f.0));
            classes.extend(found.iter().map(|f| f.1));
        };
        say(&self.of_window());
        say(&self.of_ack());
        if let Some((mark, class)) = self.of_data() {
            marks.extend(mark);
            // tshark calls each of these a retransmission as well.
            if matches!(mark, Some(Mark::Fast | Mark::Spurious)) {
                marks.insert(Mark::Retransmission);
            }
            classes.push(class);
        }
        (marks, classes)
    }

    /// What the trace says against a class, if anything.
    fn contradicts(&self, class: Class) -> Option<&'static str> {
        let told = self.truth.told(self.row);
        let label = told.map(|told| told.label);
        let repeat = matches!(label, Some(Label::Again | Label::TailProbe) | None);
        let next = self.there.next.map_or(0, |(next, _)| next);
        let (ends, at) = (&self.row.ends, self.row.at);
        match class {
            Class::New if label == Some(Label::Again) => Some("the trace says: again"),
            Class::FastRetransmission
            | Class::Retransmission
            | Class::RepeatCalledOutOfOrder
            | Class::Spurious
                if !repeat =>
            {
                Some("the trace says: new")
            }
            Class::FastRetransmission if told.is_some_and(|t| t.recovery == "open") => {
                Some("the trace knows of no recovery")
            }
            Class::RepeatSeenFirst | Class::Overtaken | Class::BehindAGap if self.at_sender => {
                Some("nothing is lost or overtaken before the sender's own card")
            }
            Class::Spurious if self.at_sender => Some("what is acknowledged is not sent again"),
            Class::BehindAGap if !self.truth.were_sent(ends, next, self.row.seq, at) => {
                Some("nothing of the gap was sent")
            }
            _ => None,
        }
    }

    /// True for an ACK that came to a sender whose trace has no line for it.
    fn changes_nothing(&self) -> bool {
        let (from, to) = self.row.ends.clone();
        self.at_receiver && !self.truth.heard_idle_ack(&(to, from), self.row.at)
    }

    const fn bare(&self) -> bool {
        !self.row.has(SYN | FIN | RST)
    }

    fn of_window(&self) -> Vec<(Mark, Class)> {
        let (row, mut found) = (self.row, vec![]);
        if row.window == 0 && self.bare() {
            found.push((Mark::ZeroWindow, Class::ZeroWindow));
        }
        let edge = self
            .other
            .ack
            .map(|(ack, _)| ack.wrapping_add(self.other.window));
        if row.len > 0 && self.bare() && edge == Some(row.end()) {
            found.push((Mark::WindowFull, Class::WindowFull));
        }
        found
    }

    fn of_ack(&self) -> Vec<(Mark, Class)> {
        let row = self.row;
        let next = self.there.next.map(|(next, _)| next);
        if row.len > 0 || !self.bare() || next.is_none() {
            return vec![];
        }
        if next == Some(row.seq.wrapping_add(1)) {
            let told = self.truth.told(row).map(|told| told.label);
            return vec![match told {
                Some(Label::WindowProbe) => (Mark::KeepAlive, Class::ProbeCalledKeepAlive),
                // An ACK that the FIN behind it has overtaken looks like one.
                _ => (Mark::KeepAlive, Class::Overtaken),
            }];
        }
        let same = self.there.ack.is_some_and(|(ack, _)| ack == row.ack) && next == Some(row.seq);
        if !same || row.window == 0 {
            return vec![];
        }
        match row.raw_window == self.there.raw_window {
            false => vec![(Mark::WindowUpdate, Class::WindowUpdate)],
            true if self.other.kept_alive => vec![(Mark::KeepAliveAck, Class::AnswerToProbe)],
            true if self.changes_nothing() => vec![(Mark::DuplicateAck, Class::IdleAck)],
            true => vec![(Mark::DuplicateAck, Class::DuplicateAck)],
        }
    }

    fn of_data(&self) -> Option<(Option<Mark>, Class)> {
        let row = self.row;
        let Some((next, _)) = self.there.next else {
            return (row.occupies() > 0).then_some((None, Class::New));
        };
        if behind(next, row.seq) && !row.has(RST | SYN) {
            return Some((Some(Mark::LostSegment), Class::BehindAGap));
        }
        if row.occupies() == 0 {
            return None;
        }
        if row.has(SYN) {
            return Some((Some(Mark::Retransmission), Class::SynAgain));
        }
        let label = self.truth.told(row).map(|told| told.label);
        if behind(row.seq, next) {
            let (mark, class) = self.of_repeat();
            let overtaken = label == Some(Label::New);
            return Some((Some(mark), if overtaken { Class::Overtaken } else { class }));
        }
        let class = match label {
            Some(Label::Again) => Class::RepeatSeenFirst,
            Some(Label::TailProbe) => Class::ProbeWithNewData,
            _ => Class::New,
        };
        Some((None, class))
    }

    /// What a segment below the highest that was seen is called.
    fn of_repeat(&self) -> (Mark, Class) {
        let row = self.row;
        let (next, next_at) = self.there.next.unwrap_or_default();
        let (ack, acked_at) = self.other.ack.unwrap_or((row.seq, 0));
        if row.len > 0 && !behind(ack, row.end()) {
            return (Mark::Spurious, Class::Spurious);
        }
        if self.other.again >= 2 && ack == row.seq && row.at - acked_at < 20_000_000 {
            return (Mark::Fast, Class::FastRetransmission);
        }
        let soon = row.at - next_at < self.rtt.unwrap_or(3_000_000);
        match soon && next != row.end() {
            true => (Mark::OutOfOrder, Class::RepeatCalledOutOfOrder),
            false => (Mark::Retransmission, Class::Retransmission),
        }
    }
}
