//! When to acknowledge: every second full segment at once, everything at once at the start of a
//! transfer, the rest a little later (RFC 1122, section 4.2.3.2; RFC 5681, section 4.2).
//!
//! As on Linux, up to 16 segments are acknowledged at once when a transfer begins, so that the
//! sender's window opens quickly; not once this side answers what it receives, because then the
//! ACK can ride on the answer.

use crate::units::{SimTime, Span};

#[derive(Debug)]
pub(super) struct DelayedAck {
    /// How long an ACK may wait; `None`: not at all.
    delay: Option<Span>,
    /// An ACK is due now.
    pub(super) due: bool,
    deadline: Option<SimTime>,
    /// Segments that are still acknowledged at once.
    quick: u8,
    /// The largest segment received: a full one.
    full: u64,
    /// RCV.NXT as it was last told.
    told: u64,
    received_at: Option<SimTime>,
    /// This side answers what it receives.
    interactive: bool,
}

impl DelayedAck {
    pub(super) const fn new(delay: Option<Span>) -> Self {
        Self {
            delay,
            due: false,
            deadline: None,
            quick: 0,
            full: LEAST_FULL,
            told: 0,
            received_at: None,
            interactive: false,
        }
    }

    /// The peer's data begin at `next`.
    pub(super) const fn begin(&mut self, next: u64) {
        self.told = next;
    }

    /// `len` bytes came in order at `now`; RCV.NXT is `next` and the window `window`.
    pub(super) fn received(&mut self, now: SimTime, len: u64, next: u64, window: u64) {
        self.full = self.full.max(len);
        let gap = self.received_at.map(|at| now.since(at));
        if gap.is_none_or(|gap| gap > LULL) {
            let most = window / (2 * self.full);
            self.quick = u8::try_from(most.clamp(2, MOST_QUICK)).unwrap_or(2);
        }
        self.received_at = Some(now);
        let Some(delay) = self.delay else {
            self.due = true;
            return;
        };
        let quick = self.quick > 0 && !self.interactive;
        if quick || next - self.told > self.full {
            self.due = true;
        } else if self.deadline.is_none() {
            self.deadline = Some(now + delay);
        }
    }

    /// Something came that is answered at once: out of order, or not to be expected.
    pub(super) const fn demand(&mut self) {
        self.due = true;
    }

    /// Something left that acknowledges all before `next`.
    pub(super) const fn sent(&mut self, next: u64) {
        (self.due, self.deadline) = (false, None);
        self.told = next;
        self.quick = self.quick.saturating_sub(1);
    }

    /// Data left: soon after data came, it is an answer.
    pub(super) fn data_sent(&mut self, now: SimTime) {
        let soon = |at: SimTime| now.since(at) < self.delay.unwrap_or(Span::ZERO);
        if self.received_at.is_some_and(soon) {
            self.interactive = true;
        }
    }

    /// Makes the ACK due if its time has come.
    pub(super) fn expire(&mut self, now: SimTime) {
        if self.deadline.is_some_and(|at| at <= now) {
            self.deadline = None;
            self.due = true;
            // Nothing came that it could have ridden on.
            self.interactive = false;
        }
    }

    pub(super) const fn deadline(&self) -> Option<SimTime> {
        self.deadline
    }
}

/// As many segments are acknowledged at once at most when a transfer begins.
const MOST_QUICK: u64 = 16;

/// A transfer begins anew after a lull of this length: the least retransmission time-out.
const LULL: Span = Span::from_millis(200);

/// No host sends smaller segments as full ones (RFC 9293, section 3.7.1).
const LEAST_FULL: u64 = 536;
