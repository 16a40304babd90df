//! HyStart++: leaving slow start before the queue overflows (RFC 9406).
//!
//! A round trip's shortest RTT is compared with the round's before. Once it has risen by an
//! eighth (at least 4 ms, at most 16 ms) slow start becomes conservative: a quarter of the
//! growth. If the RTT falls back below what it was then, the rise was noise and slow start goes
//! on; after five conservative rounds it is over.
//!
//! Linux's own HyStart (Ha and Rhee, 2008) leaves slow start at once and knows a second sign, the
//! length of the train of ACKs; it loses less and is fooled more often.

use crate::units::Span;

/// HyStart++ of one slow start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HyStart {
    phase: Phase,
    /// The round ends when this position is acknowledged.
    round_end: u64,
    last: Option<Span>,
    current: Option<Span>,
    samples: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    SlowStart,
    /// Conservative since the RTT was this, for that many rounds.
    Conservative {
        baseline: Span,
        rounds: u32,
    },
}

/// What an ACK means for slow start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Grow in full.
    Grow,
    /// Grow by a quarter (CSS_GROWTH_DIVISOR = 4).
    GrowLess,
    /// Slow start is over: the threshold is the window.
    Leave,
}

impl HyStart {
    /// A slow start begins.
    pub(super) fn new() -> Self {
        Self {
            phase: Phase::SlowStart,
            round_end: 0,
            last: None,
            current: None,
            samples: 0,
        }
    }

    pub(super) fn is_conservative(&self) -> bool {
        matches!(self.phase, Phase::Conservative { .. })
    }

    /// An ACK came in slow start. Positions as in an `AckEvent`.
    pub(super) fn on_ack(&mut self, rtt: Option<Span>, acked_to: u64, sent_to: u64) -> Verdict {
        if let Some(rtt) = rtt {
            self.current = Some(self.current.map_or(rtt, |c| c.min(rtt)));
            self.samples += 1;
        }
        self.judge();
        if acked_to < self.round_end {
            return self.verdict();
        }
        self.end_round(sent_to)
    }

    fn judge(&mut self) {
        let (Some(current), true) = (self.current, self.samples >= N_RTT_SAMPLE) else {
            return;
        };
        match self.phase {
            Phase::SlowStart if self.rose(current) => {
                self.phase = Phase::Conservative {
                    baseline: current,
                    rounds: 0,
                };
            }
            Phase::Conservative { baseline, .. } if current < baseline => {
                self.phase = Phase::SlowStart;
            }
            _ => (),
        }
    }

    fn rose(&self, current: Span) -> bool {
        let Some(last) = self.last else {
            return false;
        };
        let eighth = Span::from_nanos(last.as_nanos() / MIN_RTT_DIVISOR);
        current >= last + eighth.clamp(MIN_RTT_THRESH, MAX_RTT_THRESH)
    }

    fn end_round(&mut self, sent_to: u64) -> Verdict {
        self.round_end = sent_to;
        self.last = self.current.or(self.last);
        (self.current, self.samples) = (None, 0);
        if let Phase::Conservative { rounds, .. } = &mut self.phase {
            *rounds += 1;
            if *rounds >= CSS_ROUNDS {
                return Verdict::Leave;
            }
        }
        self.verdict()
    }

    fn verdict(&self) -> Verdict {
        match self.phase {
            Phase::SlowStart => Verdict::Grow,
            Phase::Conservative { .. } => Verdict::GrowLess,
        }
    }
}

/// RFC 9406, 4.3.
const MIN_RTT_THRESH: Span = Span::from_millis(4);
const MAX_RTT_THRESH: Span = Span::from_millis(16);
const MIN_RTT_DIVISOR: u64 = 8;
const N_RTT_SAMPLE: u32 = 8;
/// The round in which it began counts.
const CSS_ROUNDS: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    /// One round of `n` ACKs of which each measures `ms`; the verdict of the last, or `Leave`.
    fn round(h: &mut HyStart, start: u64, n: u64, ms: u64) -> Verdict {
        let mut verdict = Verdict::Grow;
        for i in 1..=n {
            verdict = h.on_ack(Some(Span::from_millis(ms)), start + i, start + 2 * n);
            if verdict == Verdict::Leave {
                break;
            }
        }
        verdict
    }

    #[test]
    fn a_steady_round_trip_lets_slow_start_go_on() {
        let mut h = HyStart::new();
        for start in [0, 10, 30, 70] {
            assert_eq!(round(&mut h, start, 20, 40), Verdict::Grow);
        }
    }

    #[test]
    fn a_rise_by_an_eighth_makes_growth_conservative() {
        // An eighth of 80 ms is 10 ms: 89 is below 80 + 10, 90 is not.
        let mut h = HyStart::new();
        round(&mut h, 0, 10, 80);
        assert_eq!(round(&mut h, 20, 10, 89), Verdict::Grow);
        let mut h = HyStart::new();
        round(&mut h, 0, 10, 80);
        assert_eq!(round(&mut h, 20, 10, 90), Verdict::GrowLess);
        assert!(h.is_conservative());
    }

    #[test]
    fn eight_samples_are_needed() {
        let mut h = HyStart::new();
        round(&mut h, 0, 10, 80);
        assert_eq!(round(&mut h, 20, 7, 200), Verdict::Grow);
    }

    #[test]
    fn a_rise_that_passes_brings_slow_start_back() {
        let mut h = HyStart::new();
        round(&mut h, 0, 10, 80);
        round(&mut h, 20, 10, 95);
        assert_eq!(round(&mut h, 40, 10, 85), Verdict::Grow);
    }

    #[test]
    fn five_conservative_rounds_end_slow_start() {
        let mut h = HyStart::new();
        round(&mut h, 0, 10, 80);
        let mut rounds = 0;
        let mut start = 20;
        while round(&mut h, start, 10, 95) != Verdict::Leave {
            rounds += 1;
            start += 20;
            assert!(rounds < 10);
        }
        // The one in which it began and four more; the end of the last is seen in the sixth.
        assert_eq!(rounds, 5);
    }

    #[test]
    fn thresholds_are_bounded_by_four_and_sixteen_milliseconds() {
        // An eighth of 8 ms is 1 ms, but 4 are asked for; of 400 ms 50, but 16 suffice.
        for (base, below, enough) in [(8, 11, 12), (400, 415, 416)] {
            let mut h = HyStart::new();
            round(&mut h, 0, 10, base);
            assert_eq!(round(&mut h, 20, 10, below), Verdict::Grow);
            let mut h = HyStart::new();
            round(&mut h, 0, 10, base);
            assert_eq!(round(&mut h, 20, 10, enough), Verdict::GrowLess);
        }
    }
}
