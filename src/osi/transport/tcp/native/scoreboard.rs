//! What was sent and is not acknowledged, segment by segment: delivered out of order, lost, sent
//! again, and when (RFC 6675 and RFC 8985 keep the same).
//!
//! Not here: when a segment counts as lost (`rack`, `recovery`).

use std::collections::VecDeque;

use super::rate::Stamp;
use crate::units::SimTime;

/// A segment under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub(super) start: u64,
    pub(super) end: u64,
    /// When it left last, and what was delivered by then.
    pub(super) stamp: Stamp,
    /// The peer has it (SACK).
    pub(super) sacked: bool,
    /// Taken for lost.
    pub(super) lost: bool,
    /// A retransmission is under way.
    pub(super) again: bool,
    /// It was retransmitted at least once.
    pub(super) ever_again: bool,
}

impl Sent {
    pub(super) const fn len(&self) -> u64 {
        self.end - self.start
    }
}

#[derive(Debug, Default)]
pub(super) struct Scoreboard {
    sent: VecDeque<Sent>,
    /// Every transmission in order of time; entries whose segment has left again, or needs no
    /// watching any more, are stale.
    order: VecDeque<(SimTime, u64)>,
    sacked: u64,
    lost: u64,
    again: u64,
    sacked_count: usize,
    /// No segment before this position is lost and waits to be sent again.
    hint: u64,
}

impl Scoreboard {
    pub(super) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    pub(super) fn count(&self) -> usize {
        self.sent.len()
    }

    pub(super) fn first(&self) -> Option<&Sent> {
        self.sent.front()
    }

    /// In flight: sent, and neither delivered nor lost \[bytes\].
    pub(super) fn in_flight(&self) -> u64 {
        let (Some(first), Some(last)) = (self.sent.front(), self.sent.back()) else {
            return 0;
        };
        (last.end - first.start + self.again).saturating_sub(self.sacked + self.lost)
    }

    pub(super) const fn sacked_count(&self) -> usize {
        self.sacked_count
    }

    pub(super) const fn lost(&self) -> u64 {
        self.lost
    }

    /// Retransmissions under way \[bytes\].
    pub(super) const fn again(&self) -> u64 {
        self.again
    }

    /// A segment left for the first time.
    pub(super) fn push(&mut self, start: u64, end: u64, stamp: Stamp) {
        self.sent.push_back(Sent {
            start,
            end,
            stamp,
            sacked: false,
            lost: false,
            again: false,
            ever_again: false,
        });
        self.order.push_back((stamp.sent_at, start));
    }

    /// Everything before `position` is acknowledged: gives each segment, or the part of it, to
    /// `each`.
    pub(super) fn acknowledge(&mut self, position: u64, mut each: impl FnMut(&Sent)) {
        while let Some(first) = self.sent.front().copied() {
            if first.start >= position {
                break;
            }
            let part = Sent {
                end: first.end.min(position),
                ..first
            };
            self.uncount(&part);
            each(&part);
            if part.end < first.end {
                self.sent[0].start = position;
                self.sacked_count += usize::from(part.sacked);
                self.watch(first.stamp.sent_at, position);
                break;
            }
            self.sent.pop_front();
        }
        self.tidy();
    }

    fn uncount(&mut self, part: &Sent) {
        if part.sacked {
            self.sacked -= part.len();
            self.sacked_count -= 1;
        }
        if part.lost {
            self.lost -= part.len();
        }
        if part.again {
            self.again -= part.len();
        }
    }

    /// Drops what the order of time needs no more, and memory that nothing needs.
    fn tidy(&mut self) {
        let start = self.sent.front().map_or(u64::MAX, |first| first.start);
        while self.order.front().is_some_and(|(_, s)| *s < start) {
            self.order.pop_front();
        }
        self.shorten_order();
        if self.sent.is_empty() && self.sent.capacity() > KEPT {
            *self = Self::default();
        }
    }

    /// The peer has the bytes from `start` to `end`: gives each segment that it had not before to
    /// `each`. A block that ends inside a segment cuts it, but only while segments are large on
    /// average: a peer that tells of single bytes must not make the sender keep an entry for each.
    pub(super) fn sack(&mut self, start: u64, end: u64, mut each: impl FnMut(&Sent)) {
        let mut i = self.index(start);
        if self.sent.get(i).is_some_and(|s| s.start < start) {
            if self.may_cut() {
                self.split(i, start);
            }
            i += 1;
        }
        while self.sent.get(i).is_some_and(|s| s.start < end) {
            if self.sent[i].end > end {
                if !self.may_cut() {
                    return;
                }
                self.split(i, end);
            }
            if !self.sent[i].sacked {
                self.uncount(&self.sent[i].clone());
                let segment = &mut self.sent[i];
                each(segment);
                (segment.sacked, segment.lost, segment.again) = (true, false, false);
                self.sacked += segment.len();
                self.sacked_count += 1;
            }
            i += 1;
        }
    }

    /// True if one segment more would still leave enough bytes for each.
    fn may_cut(&self) -> bool {
        let (Some(first), Some(last)) = (self.sent.front(), self.sent.back()) else {
            return false;
        };
        let most = (last.end - first.start) / LEAST_PIECE;
        (self.sent.len() as u64) < most
    }

    /// The number of the segment around `position`, or of the first behind it.
    fn index(&self, position: u64) -> usize {
        // Mostly the first is asked for.
        if self.sent.front().is_some_and(|first| position < first.end) {
            return 0;
        }
        self.sent.partition_point(|s| s.end <= position)
    }

    /// Cuts segment `i` in two at `position`, which lies inside.
    pub(super) fn split(&mut self, i: usize, position: u64) {
        let whole = self.sent[i];
        self.sent[i].end = position;
        let second = Sent {
            start: position,
            ..whole
        };
        self.sent.insert(i + 1, second);
        self.sacked_count += usize::from(whole.sacked);
        self.watch(whole.stamp.sent_at, position);
    }

    /// Puts a segment into the order of time that was there under another name.
    fn watch(&mut self, sent_at: SimTime, start: u64) {
        let at = self.order.partition_point(|(at, _)| *at < sent_at);
        self.order.insert(at, (sent_at, start));
    }

    /// Takes segment `i` for lost; a retransmission of it counts as lost too.
    fn lose(&mut self, i: usize) {
        let segment = &mut self.sent[i];
        if std::mem::take(&mut segment.again) {
            self.again -= segment.len();
        }
        if !std::mem::replace(&mut segment.lost, true) {
            self.lost += segment.len();
        }
        self.hint = self.hint.min(segment.start);
    }

    /// Takes for lost what `judge` finds so, in the order in which it left, until `judge` says
    /// that the rest left too late. Gives each to `each`.
    pub(super) fn lose_by_time(
        &mut self,
        mut judge: impl FnMut(&Sent) -> Verdict,
        mut each: impl FnMut(&Sent),
    ) {
        let mut at = 0;
        while let Some(&(sent_at, start)) = self.order.get(at) {
            let i = self.index(start);
            let watched = |s: &&Sent| {
                s.start == start && s.stamp.sent_at == sent_at && !s.sacked && (!s.lost || s.again)
            };
            let Some(segment) = self.sent.get(i).filter(watched) else {
                self.forget(at);
                continue;
            };
            match judge(segment) {
                Verdict::Lost => {
                    each(segment);
                    self.lose(i);
                    self.forget(at);
                }
                Verdict::Wait => at += 1,
                Verdict::TooLate => return,
            }
        }
    }

    /// Removes entry `at` from the order of time: mostly the first.
    fn forget(&mut self, at: usize) {
        if at == 0 {
            self.order.pop_front();
        } else {
            self.order.remove(at);
        }
    }

    /// Takes for lost what `judge` says of all that the peer has not told to have. Gives back how
    /// many bytes were in flight and are not any more.
    pub(super) fn lose_if(&mut self, judge: impl Fn(&Sent) -> bool) -> u64 {
        let before = self.in_flight();
        for i in 0..self.sent.len() {
            if !self.sent[i].sacked && judge(&self.sent[i]) {
                self.lose(i);
            }
        }
        self.hint = self.sent.front().map_or(0, |first| first.start);
        before - self.in_flight()
    }

    /// Takes the first segment for lost, unless it is already, and gives it to `each`.
    pub(super) fn lose_first(&mut self, mut each: impl FnMut(&Sent)) {
        if let Some(first) = self.sent.front().copied().filter(|s| !s.lost && !s.sacked) {
            each(&first);
            self.lose(0);
        }
    }

    /// Forgets what the peer said to have: it may have thrown it away (RFC 2018, section 8).
    pub(super) fn forget_sacks(&mut self) {
        for segment in &mut self.sent {
            segment.sacked = false;
        }
        (self.sacked, self.sacked_count) = (0, 0);
        self.rewatch();
    }

    /// Nothing is lost after all: what counted as lost is in flight again.
    pub(super) fn lose_nothing(&mut self) {
        for segment in &mut self.sent {
            segment.lost = false;
        }
        self.lost = 0;
        self.rewatch();
    }

    /// Builds the order of time anew.
    fn rewatch(&mut self) {
        self.order = self
            .sent
            .iter()
            .map(|s| (s.stamp.sent_at, s.start))
            .collect();
        self.order.make_contiguous().sort_unstable();
    }

    /// The first segment that is lost and not under way again, cut to `most` bytes.
    pub(super) fn next_lost(&mut self, most: u64) -> Option<Sent> {
        let i = self.find_lost()?;
        if self.sent[i].len() > most {
            self.split(i, self.sent[i].start + most);
        }
        Some(self.sent[i])
    }

    /// True if something is lost and not under way again. That is not a matter of counts: a tail
    /// loss probe is under way again without being lost.
    pub(super) fn owes(&mut self) -> bool {
        self.lost > 0 && self.find_lost().is_some()
    }

    fn find_lost(&mut self) -> Option<usize> {
        let from = self.index(self.hint);
        let mut rest = self.sent.iter().skip(from);
        let Some(found) = rest.position(|s| s.lost && !s.again) else {
            self.hint = u64::MAX;
            return None;
        };
        self.hint = self.sent[from + found].start;
        Some(from + found)
    }

    /// The segment at `start` leaves again.
    pub(super) fn sent_again(&mut self, start: u64, stamp: Stamp) {
        let i = self.index(start);
        let Some(segment) = self.sent.get_mut(i).filter(|s| s.start == start) else {
            return;
        };
        segment.stamp = stamp;
        segment.ever_again = true;
        if !std::mem::replace(&mut segment.again, true) {
            self.again += segment.len();
        }
        self.order.push_back((stamp.sent_at, start));
        self.shorten_order();
    }

    /// Without SACK nobody goes through the order of time, and each repeat leaves a stale entry.
    fn shorten_order(&mut self) {
        if self.order.len() > 2 * self.sent.len() + FEW_STALE {
            self.rewatch();
        }
    }

    /// Cuts the last segment so that it has at most `most` bytes, and gives it back.
    pub(super) fn last_cut(&mut self, most: u64) -> Option<Sent> {
        let last = *self.sent.back()?;
        if last.len() > most {
            self.split(self.sent.len() - 1, last.end - most);
        }
        self.sent.back().copied()
    }
}

/// What becomes of a segment by its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is lost.
    Lost,
    /// It may still come.
    Wait,
    /// It left so late that nothing is known of it and those behind it.
    TooLate,
}

/// The order of time is built anew when it has so many more entries than two for each segment.
const FEW_STALE: usize = 16;

/// SACK blocks cut segments down to this size on average \[bytes\]: about what an entry takes.
const LEAST_PIECE: u64 = 128;

/// Segments that an empty scoreboard keeps memory for.
const KEPT: usize = 4;

#[cfg(test)]
mod audit;

#[cfg(test)]
mod tests {
    use super::{super::rate::RateEstimator, *};
    use crate::units::SimTime;

    #[test]
    fn a_lost_segment_is_found_beside_one_that_was_repeated_without_being_lost() {
        // A tail loss probe repeats the last of three; then the first is taken for lost. As many
        // bytes are lost as are out again, but they are not the same.
        let mut board = Scoreboard::default();
        let stamp = RateEstimator::default().on_sent(SimTime::ZERO, 100, 0);
        for start in [0, 100, 200] {
            board.push(start, start + 100, stamp);
        }
        board.sent_again(200, stamp);
        board.lose_if(|segment| segment.start == 0);
        assert_eq!((board.lost(), board.again()), (100, 100));
        assert!(board.owes());
        assert_eq!(board.next_lost(1000).map(|segment| segment.start), Some(0));
    }
}
