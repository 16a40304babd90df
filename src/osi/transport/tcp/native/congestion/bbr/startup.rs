//! Startup and Drain (draft, 5.3.1 and 5.3.2).

use super::{AckEvent, Bbr, PERCENT, Recovery, Sample, State};

impl Bbr {
    /// CheckStartupDone.
    pub(super) fn check_startup_done(&mut self, ack: &AckEvent, rs: &Sample) {
        self.check_startup_high_loss(ack, rs);
        if self.state == State::Startup && self.full.reached {
            self.state = State::Drain;
            self.cycle.drain_start_round = self.rounds.count;
        }
    }

    /// CheckStartupHighLoss: a whole round trip of fast recovery with more than 2 % lost, in six
    /// places at least (5.3.1.3).
    fn check_startup_high_loss(&mut self, ack: &AckEvent, rs: &Sample) {
        if self.full.reached || !self.signals.loss_round_start {
            return;
        }
        let ranges = self.signals.take_ranges();
        let sustained = ack.recovery == Recovery::Fast && ranges >= FULL_LOSS_COUNT;
        if sustained && rs.is_inflight_too_high() {
            self.undo.state = Some(State::Startup);
            self.full.reached = true;
            self.inflight_longterm = self.bdp().max(self.signals.inflight_latest);
        }
    }

    /// CheckDrainDone: the flight fits the path, or three round trips did not make it fit.
    pub(super) fn check_drain_done(&mut self, ack: &AckEvent) {
        if self.state != State::Drain {
            return;
        }
        let drained = ack.in_flight <= self.inflight(self.bw, PERCENT);
        if drained || self.rounds.count > self.cycle.drain_start_round + 3 {
            self.start_down(ack.now, ack.delivered_total);
        }
    }
}

/// BBRStartupFullLossCnt.
const FULL_LOSS_COUNT: u32 = 6;
