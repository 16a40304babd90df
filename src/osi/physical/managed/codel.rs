//! Controlled delay (RFC 8289): a queue that does not empty for an interval gives way.
//!
//! The decision about a frame is made when its turn comes, from how long it waited and from whether
//! more than a full frame waits behind it. The first frame that has waited longer than the target,
//! an interval after all others began to, is dropped; while that does not help, further ones
//! follow after the interval over the square root of their number.
//!
//! Where a frame is marked instead, it leaves, and the next of the row is due as after a drop.

use super::{Fifo, Turn};
use crate::{
    topology,
    trace::DropReason,
    units::{SimTime, Span},
};

/// The state of one queue.
#[derive(Debug)]
pub(super) struct Codel {
    settings: topology::Codel,
    /// A queue of no more than this behind a frame is no standing queue \[bytes\].
    longest: u64,
    /// When the wait will have been above the target for an interval; none while it is below.
    first_above: Option<SimTime>,
    /// In the row of drops.
    dropping: bool,
    /// When the next of the row is due, and how many there were.
    next: SimTime,
    count: u32,
    last_count: u32,
    /// The last frame was dropped: the next one tells whether the row goes on.
    unsettled: bool,
}

impl Codel {
    pub(super) fn new(settings: topology::Codel, longest: u64) -> Self {
        Self {
            settings,
            longest,
            first_above: None,
            dropping: false,
            next: SimTime::ZERO,
            count: 0,
            last_count: 0,
            unsettled: false,
        }
    }

    /// Decides about the first frame of `queue`.
    pub(super) fn take(&mut self, queue: &mut Fifo, now: SimTime) -> Option<Turn> {
        let Some(mut head) = queue.pop() else {
            self.rest();
            return None;
        };
        if !self.strikes(now, now.since(head.since), queue.bytes) {
            return Some(Turn::Leaves(head));
        }
        if !head.mark(self.settings.ecn) {
            return Some(Turn::Dropped(head, DropReason::Codel));
        }
        self.settle();
        Some(Turn::Leaves(head))
    }

    /// The queue is empty.
    fn rest(&mut self) {
        self.first_above = None;
        self.dropping = false;
        self.unsettled = false;
    }

    /// Whether a frame that has waited for `wait` has to go, with `behind` bytes behind it.
    fn strikes(&mut self, now: SimTime, wait: Span, behind: u64) -> bool {
        if !self.stands(now, wait, behind) {
            self.dropping = false;
            self.unsettled = false;
            return false;
        }
        if !self.dropping {
            self.enter(now);
            return true;
        }
        if self.unsettled {
            self.settle();
        }
        let due = now >= self.next;
        if due {
            self.count += 1;
            self.unsettled = true;
        }
        due
    }

    /// Has the wait been above the target for an interval?
    fn stands(&mut self, now: SimTime, wait: Span, behind: u64) -> bool {
        if wait < self.settings.target || behind <= self.longest {
            self.first_above = None;
            return false;
        }
        let since = now + self.settings.interval;
        now >= *self.first_above.get_or_insert(since)
    }

    /// A row begins. If the last one ended not long ago, it begins where that one was.
    fn enter(&mut self, now: SimTime) {
        self.dropping = true;
        let delta = self.count.saturating_sub(self.last_count);
        let recent = now.since(self.next) < self.settings.interval.times(16);
        self.count = if delta > 1 && recent { delta } else { 1 };
        self.last_count = self.count;
        self.next = now + self.gap();
        self.unsettled = false;
    }

    /// The row goes on.
    fn settle(&mut self) {
        if std::mem::take(&mut self.unsettled) {
            self.next += self.gap();
        }
    }

    /// The time between two drops of a row: the interval over the square root of their number.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an interval of days is exact; a quotient of positive numbers is positive"
    )]
    fn gap(&self) -> Span {
        let interval = self.settings.interval.as_nanos() as f64;
        Span::from_nanos(libm::round(interval / libm::sqrt(self.count.into())) as u64)
    }
}
