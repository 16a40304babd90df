//! ProbeBW: 5/4 to find more, 3/4 to empty the queue that made, six times 1.

use super::{AckEvent, Bbr1, Mode, UNIT};
use crate::{rng::Stream, units::SimTime};

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cycle {
    index: usize,
    started: SimTime,
}

impl Cycle {
    /// Anywhere but in the emptying phase, at random.
    pub(super) fn begin(now: SimTime, random: &mut Stream) -> Self {
        let pick = usize::try_from(random.below(7)).unwrap_or(0);
        Self {
            index: if pick == 0 { 0 } else { pick + 1 },
            started: now,
        }
    }

    pub(super) fn gain(&self) -> u64 {
        GAINS[self.index]
    }

    pub(super) fn is_probing(&self) -> bool {
        self.index == 0
    }

    pub(super) fn name(&self) -> &'static str {
        match self.index {
            0 => "ProbeBW (5/4)",
            1 => "ProbeBW (3/4)",
            _ => "ProbeBW (1)",
        }
    }

    fn advance(&mut self, now: SimTime) {
        self.index = (self.index + 1) % GAINS.len();
        self.started = now;
    }
}

impl Bbr1 {
    pub(super) fn update_cycle(&mut self, ack: &AckEvent) {
        if self.mode == Mode::ProbeBw && self.is_phase_over(ack) {
            self.cycle.advance(ack.now);
        }
    }

    /// A phase lasts a shortest round trip; probing goes on until the flight is as large as
    /// meant or something is lost, and emptying is over as soon as the queue is.
    fn is_phase_over(&self, ack: &AckEvent) -> bool {
        let lasted = ack.now.since(self.cycle.started);
        let is_full_length = self.min_rtt().is_some_and(|rtt| lasted > rtt);
        let gain = self.cycle.gain();
        if gain > UNIT {
            let reached = ack.lost > 0 || ack.prior_in_flight >= self.inflight(gain);
            return is_full_length && reached;
        }
        is_full_length || (gain < UNIT && ack.prior_in_flight <= self.inflight(UNIT))
    }
}

const GAINS: [u64; 8] = [1250, 750, 1000, 1000, 1000, 1000, 1000, 1000];
