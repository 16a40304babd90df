//! The congestion window of the window-based algorithms: what RFC 5681 says of it.
//!
//! Shared by Reno, NewReno, CUBIC, DCTCP and Vegas, which differ in when and by how much.
//! Contract: the window is at least one segment and the threshold at least two, always.

use super::{AckEvent, IdleEvent, LossEvent};

/// A window, its threshold, and what they were before the last reduction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) mss: u64,
    pub(super) cwnd: u64,
    pub(super) ssthresh: u64,
    /// Acknowledged toward the next segment of additive increase \[bytes\].
    credit: u64,
    before: Option<Before>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Before {
    cwnd: u64,
    ssthresh: u64,
}

impl Window {
    /// The initial window, and no threshold yet.
    pub(super) fn new(mss: u64) -> Self {
        let mss = mss.max(1);
        Self {
            mss,
            cwnd: initial_window(mss),
            ssthresh: u64::MAX,
            credit: 0,
            before: None,
        }
    }

    pub(super) fn in_slow_start(&self) -> bool {
        self.cwnd < self.ssthresh
    }

    /// How much of what `ack` delivers counts for growth.
    pub(super) fn growth(&self, ack: &AckEvent) -> u64 {
        ack.growth(self.cwnd, self.ssthresh)
    }

    /// The largest segment changed. Before anything was sent the initial window follows.
    pub(super) fn set_mss(&mut self, mss: u64) {
        let untouched = self.cwnd == initial_window(self.mss);
        self.mss = mss.max(1);
        self.cwnd = match untouched {
            true => initial_window(self.mss),
            false => self.cwnd.max(self.mss),
        };
        self.ssthresh = self.ssthresh.max(2 * self.mss);
    }

    /// Slow start: the window grows by what was acknowledged, up to the threshold. Answers what
    /// is left over for congestion avoidance.
    pub(super) fn slow_start(&mut self, acked: u64) -> u64 {
        let step = acked.min(self.ssthresh.saturating_sub(self.cwnd));
        self.cwnd = self.cwnd.saturating_add(step);
        acked - step
    }

    /// Additive increase: one segment for each `per` bytes acknowledged (RFC 3465, 2.1).
    pub(super) fn increase(&mut self, acked: u64, per: u64) {
        let per = per.max(1);
        if self.credit >= per {
            // Saved while the window was larger: one segment, not many at once.
            self.credit = 0;
            self.grow(self.mss);
        }
        self.credit = self.credit.saturating_add(acked);
        let segments = self.credit / per;
        self.credit -= segments * per;
        self.grow(segments.saturating_mul(self.mss));
    }

    /// Adds `bytes`.
    pub(super) fn grow(&mut self, bytes: u64) {
        self.cwnd = self.cwnd.saturating_add(bytes);
    }

    /// What a reduction counts from: the flight, but not more than the window (RFC 5681,
    /// equation 4; the window alone would have grown unused).
    pub(super) fn used(&self, loss: &LossEvent) -> u64 {
        self.cwnd.min(loss.flight_size)
    }

    /// Recovery begins: threshold and window are `to`.
    pub(super) fn reduce(&mut self, to: u64) {
        self.remember();
        self.ssthresh = to.max(2 * self.mss);
        self.cwnd = self.ssthresh;
        self.credit = 0;
    }

    /// The timer ran out: the threshold is `to`, unless recovery has set it already, and the
    /// window the loss window of one segment beyond what is still in flight.
    pub(super) fn collapse(&mut self, to: u64, loss: &LossEvent) {
        if !loss.reduced {
            self.remember();
            self.ssthresh = to.max(2 * self.mss);
        }
        self.cwnd = self.cwnd.min(loss.in_flight).saturating_add(self.mss);
        self.credit = 0;
    }

    /// The reduction was for nothing.
    pub(super) fn undo(&mut self) {
        if let Some(before) = self.before.take() {
            self.cwnd = self.cwnd.max(before.cwnd);
            self.ssthresh = self.ssthresh.max(before.ssthresh);
        }
    }

    /// Silence: the window halves for each timeout that passed, down to the initial window
    /// (RFC 5681, 4.1, in the milder form of RFC 2861 that Linux has), and the threshold
    /// remembers three quarters of it.
    pub(super) fn restart(&mut self, idle: &IdleEvent) {
        let least = initial_window(self.mss).min(self.cwnd);
        let three_quarters = self.cwnd / 4 * 3;
        if self.ssthresh < three_quarters {
            self.ssthresh = three_quarters;
        }
        let timeouts = idle.idle.as_nanos() / idle.rto.as_nanos().max(1);
        let halved = self.cwnd >> timeouts.min(63);
        self.cwnd = halved.max(least);
        self.credit = 0;
    }

    /// Keeps the values for an undo, the oldest of several in a row.
    fn remember(&mut self) {
        let old = self.before.map_or(0, |b| b.cwnd);
        if self.cwnd >= old {
            self.before = Some(Before {
                cwnd: self.cwnd,
                ssthresh: self.ssthresh,
            });
        }
    }

    /// Recovery is over for good: nothing to undo.
    pub(super) fn settle(&mut self) {
        self.before = None;
    }
}

/// RFC 6928: ten segments, or 14 600 bytes if that is less, but two segments at least.
pub(super) fn initial_window(mss: u64) -> u64 {
    (10 * mss).min(14_600.max(2 * mss))
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};
    use crate::units::{SimTime, Span};

    #[test]
    fn the_initial_window_is_that_of_rfc_6928() {
        // 10 x 1460 = 14 600; 10 x 536 = 5360; jumbo 2 x 8960 = 17 920; in between 14 600.
        assert_eq!(initial_window(1460), 14_600);
        assert_eq!(initial_window(536), 5360);
        assert_eq!(initial_window(8960), 17_920);
        assert_eq!(initial_window(4000), 14_600);
    }

    #[test]
    fn slow_start_stops_at_the_threshold_and_hands_the_rest_on() {
        let mut w = Window::new(1000);
        w.ssthresh = 12_000;
        assert_eq!(w.slow_start(5000), 3000);
        assert_eq!(w.cwnd, 12_000);
    }

    fn timeout(in_flight: u64) -> LossEvent {
        LossEvent {
            in_flight,
            ..sample::loss(20_000)
        }
    }

    #[test]
    fn a_timeout_in_recovery_leaves_the_threshold() {
        // 40 segments, a loss: 20. The timer runs out with 3 segments in flight: a window of 4.
        let mut w = Window::new(1000);
        w.cwnd = 40_000;
        w.reduce(20_000);
        w.collapse(
            10_000,
            &LossEvent {
                reduced: true,
                ..timeout(3000)
            },
        );
        assert_eq!((w.cwnd, w.ssthresh), (4000, 20_000));
    }

    #[test]
    fn an_undo_gives_back_what_the_first_of_several_reductions_took() {
        let mut w = Window::new(1000);
        w.cwnd = 40_000;
        w.reduce(20_000);
        w.collapse(10_000, &timeout(0));
        assert_eq!((w.cwnd, w.ssthresh), (1000, 10_000));
        w.undo();
        assert_eq!((w.cwnd, w.ssthresh), (40_000, u64::MAX));
        w.undo();
        assert_eq!(w.cwnd, 40_000);
    }

    #[test]
    fn silence_halves_the_window_for_each_timeout_down_to_the_initial_one() {
        // 80 000 after two timeouts: 20 000; after four: the initial 10 000, not 5000.
        for (ms, cwnd) in [(500, 20_000), (900, 10_000)] {
            let mut w = Window::new(1000);
            w.cwnd = 80_000;
            w.ssthresh = 40_000;
            w.restart(&IdleEvent {
                now: SimTime::ZERO,
                idle: Span::from_millis(ms),
                rto: Span::from_millis(220),
            });
            assert_eq!((w.cwnd, w.ssthresh), (cwnd, 60_000));
        }
    }
}
