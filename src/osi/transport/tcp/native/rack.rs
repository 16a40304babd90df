//! RACK: a segment is lost when one that left later was delivered, and the reordering window has
//! passed since (RFC 8985, section 6).
//!
//! The window is zero until reordering was seen, once three segments were delivered out of order;
//! then it is a quarter of the shortest round trip, more after each DSACK, at most an eighth of
//! Linux's scaled SRTT, which is the SRTT.

use super::scoreboard::{Sent, Verdict};
use crate::units::{SimTime, Span};

#[derive(Debug)]
pub(super) struct Rack {
    /// Of the delivered segments, the one that left last: when, and its end.
    sent_at: SimTime,
    end: u64,
    rtt: Span,
    /// It changed since losses were looked for.
    pub(super) advanced: bool,
    /// The end of the highest byte delivered.
    highest: u64,
    pub(super) reordering_seen: bool,
    /// The window in quarters of the shortest round trip.
    steps: u8,
    /// Recoveries after which the window is one quarter again.
    persist: u8,
    /// A DSACK widens the window at most once a round trip: not before this much is delivered.
    widened_at: u64,
}

impl Default for Rack {
    fn default() -> Self {
        Self {
            sent_at: SimTime::ZERO,
            end: 0,
            rtt: Span::ZERO,
            advanced: false,
            highest: 0,
            reordering_seen: false,
            steps: 1,
            persist: 0,
            widened_at: 0,
        }
    }
}

impl Rack {
    /// A segment was delivered; `highest` is what was delivered before this ACK.
    pub(super) fn deliver(
        &mut self,
        now: SimTime,
        segment: &Sent,
        highest: u64,
        min_rtt: Option<Span>,
    ) {
        if !segment.ever_again && segment.start < highest {
            self.reordering_seen = true;
        }
        self.highest = self.highest.max(segment.end);
        let rtt = now.since(segment.stamp.sent_at);
        // So early it is the original that was delivered, not the retransmission (step 2).
        if segment.ever_again && min_rtt.is_some_and(|least| rtt < least) {
            return;
        }
        self.advanced = true;
        self.rtt = rtt;
        if (segment.stamp.sent_at, segment.end) > (self.sent_at, self.end) {
            (self.sent_at, self.end) = (segment.stamp.sent_at, segment.end);
        }
    }

    pub(super) const fn highest(&self) -> u64 {
        self.highest
    }

    /// How long to wait for what may only be out of order. `hurry` is set in recovery and after
    /// three segments that were delivered out of order (step 4).
    pub(super) fn window(&self, hurry: bool, min_rtt: Option<Span>, srtt: Option<Span>) -> Span {
        if hurry && !self.reordering_seen {
            return Span::ZERO;
        }
        let quarter = min_rtt.unwrap_or(Span::ZERO).as_nanos() / 4;
        let wide = Span::from_nanos(quarter).times(self.steps.into());
        wide.min(srtt.unwrap_or(wide))
    }

    /// Whether `segment` is lost at `now`; notes in `wait` how long the last one has left.
    pub(super) fn judge(
        &self,
        now: SimTime,
        window: Span,
        segment: &Sent,
        wait: &mut Span,
    ) -> Verdict {
        if (segment.stamp.sent_at, segment.end) >= (self.sent_at, self.end) {
            return Verdict::TooLate;
        }
        let left = (segment.stamp.sent_at + self.rtt + window).since(now);
        if left == Span::ZERO {
            return Verdict::Lost;
        }
        *wait = (*wait).max(left);
        Verdict::Wait
    }

    /// True if `segment` is older than a round trip: a time-out takes it for lost.
    pub(super) fn is_old(&self, now: SimTime, segment: &Sent) -> bool {
        segment.stamp.sent_at + self.rtt <= now
    }

    /// A DSACK shows that a retransmission was for nothing: wait longer next time (section 6.2,
    /// step 4).
    pub(super) fn widen(&mut self, prior_delivered: u64, delivered: u64) {
        if prior_delivered >= self.widened_at {
            self.steps = self.steps.saturating_add(1);
            self.widened_at = delivered;
            self.persist = 16;
        }
    }

    /// A recovery is over.
    pub(super) const fn recovered(&mut self) {
        self.persist = self.persist.saturating_sub(1);
        if self.persist == 0 {
            self.steps = 1;
        }
    }
}
