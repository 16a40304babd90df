//! What losses mean for the model (draft, 5.5.10 and 5.5.11).

use super::{
    AckEvent, Bbr, LostSegment, PERCENT, Sample, State, control::scaled, sample::LOSS_THRESH,
};

/// The delivery of the last round trip, and whether it had losses.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signals {
    pub(super) is_loss_in_round: bool,
    pub(super) loss_round_start: bool,
    loss_round_delivered: u64,
    bw_latest: u64,
    pub(super) inflight_latest: u64,
    /// Places in the stream with losses in this round trip, and where the last one ends.
    ranges: u32,
    range_end: u64,
}

impl Signals {
    /// ResetCongestionSignals.
    pub(super) fn reset(&mut self) {
        self.is_loss_in_round = false;
        (self.bw_latest, self.inflight_latest) = (0, 0);
    }

    /// How many places in the stream had losses in the round trip that is over.
    pub(super) fn take_ranges(&mut self) -> u32 {
        std::mem::take(&mut self.ranges)
    }

    fn note_range(&mut self, lost: &LostSegment) {
        if self.ranges == 0 || lost.position != self.range_end {
            self.ranges = self.ranges.saturating_add(1);
        }
        self.range_end = lost.position.saturating_add(lost.bytes);
    }
}

/// What to go back to if there was no loss.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Undo {
    pub(super) state: Option<State>,
    bw_shortterm: u64,
    inflight_shortterm: u64,
    inflight_longterm: u64,
}

impl Bbr {
    /// UpdateLatestDeliverySignals.
    pub(super) fn update_latest_delivery_signals(&mut self, ack: &AckEvent, rs: &Sample) {
        let s = &mut self.signals;
        s.bw_latest = s.bw_latest.max(rs.rate);
        s.inflight_latest = s.inflight_latest.max(rs.delivered);
        s.loss_round_start = rs.is_valid && rs.prior_delivered >= s.loss_round_delivered;
        if s.loss_round_start {
            s.loss_round_delivered = ack.delivered_total;
        }
    }

    /// AdvanceLatestDeliverySignals.
    pub(super) fn advance_latest_delivery_signals(&mut self, rs: &Sample) {
        if self.signals.loss_round_start {
            self.signals.bw_latest = rs.rate;
            self.signals.inflight_latest = rs.delivered;
        }
    }

    /// UpdateCongestionSignals, with UpdateMaxBw.
    pub(super) fn update_congestion_signals(&mut self, ack: &AckEvent, rs: &Sample) {
        if self.rounds.update(ack.delivered_total, rs) {
            self.cycle.rounds_since_up += 1;
        }
        self.max_bw.update(rs);
        if self.signals.loss_round_start {
            self.adapt_lower_bounds();
            self.signals.is_loss_in_round = false;
        }
    }

    /// AdaptLowerBoundsFromCongestion: once a round trip, down by at most 30 %.
    fn adapt_lower_bounds(&mut self) {
        if self.state.is_probing() || !self.signals.is_loss_in_round {
            return;
        }
        if self.bw_shortterm == u64::MAX {
            self.bw_shortterm = self.max_bw.get();
        }
        if self.inflight_shortterm == u64::MAX {
            self.inflight_shortterm = self.cwnd;
        }
        let (bw, inflight) = (self.signals.bw_latest, self.signals.inflight_latest);
        self.bw_shortterm = bw.max(scaled(self.bw_shortterm, BETA));
        self.inflight_shortterm = inflight.max(scaled(self.inflight_shortterm, BETA));
    }

    /// ResetShortTermModel.
    pub(super) fn reset_short_term_model(&mut self) {
        self.bw_shortterm = u64::MAX;
        self.inflight_shortterm = u64::MAX;
    }

    /// NoteLoss.
    pub(super) fn note_loss(&mut self, delivered_total: u64) {
        if !self.signals.is_loss_in_round {
            self.signals.loss_round_delivered = delivered_total;
            self.save_state_upon_loss();
        }
        self.signals.is_loss_in_round = true;
    }

    /// HandleLostPacket.
    pub(super) fn handle_lost_segment(&mut self, lost: &LostSegment) {
        self.note_loss(lost.delivered_total);
        self.signals.note_range(lost);
        if !self.cycle.is_probe_sample {
            return;
        }
        let rs = Sample {
            is_valid: true,
            rate: 0,
            delivered: 0,
            prior_delivered: lost.delivered_before,
            lost: lost.lost_total.saturating_sub(lost.lost_before),
            tx_in_flight: lost.tx_in_flight,
            app_limited: lost.app_limited,
        };
        if rs.is_inflight_too_high() {
            self.handle_inflight_too_high(lost, &rs);
        }
    }

    /// HandleInflightTooHigh.
    fn handle_inflight_too_high(&mut self, lost: &LostSegment, rs: &Sample) {
        self.cycle.prev_too_high = true;
        self.cycle.is_probe_sample = false;
        if !rs.app_limited {
            let least = scaled(self.target_inflight(), BETA);
            self.inflight_longterm = inflight_at_loss(lost.bytes, rs).max(least);
        }
        if self.state == State::Up {
            self.undo.state = Some(State::Up);
            self.start_down(lost.now, lost.delivered_total);
        }
    }

    /// SaveStateUponLoss.
    pub(super) fn save_state_upon_loss(&mut self) {
        self.save_cwnd();
        self.undo = Undo {
            state: None,
            bw_shortterm: self.bw_shortterm,
            inflight_shortterm: self.inflight_shortterm,
            inflight_longterm: self.inflight_longterm,
        };
    }

    /// HandleSpuriousLossDetection.
    pub(super) fn handle_spurious_loss(&mut self) {
        self.in_recovery = false;
        self.restore_cwnd();
        self.signals.is_loss_in_round = false;
        self.full.reset(0);
        self.bw_shortterm = self.bw_shortterm.max(self.undo.bw_shortterm);
        self.inflight_shortterm = self.inflight_shortterm.max(self.undo.inflight_shortterm);
        self.inflight_longterm = self.inflight_longterm.max(self.undo.inflight_longterm);
        match self.undo.state.take() {
            Some(State::Startup) if self.state != State::Startup => self.back_to_startup(),
            Some(State::Up) if !matches!(self.state, State::Up | State::ProbeRtt) => {
                self.start_refill(self.rounds.delivered);
            }
            _ => (),
        }
    }

    fn back_to_startup(&mut self) {
        self.full.reached = false;
        if self.state != State::ProbeRtt {
            self.state = State::Startup;
        }
    }
}

/// InflightAtLoss: the flight at which losses crossed the threshold, within the lost segment.
fn inflight_at_loss(size: u64, rs: &Sample) -> u64 {
    let inflight_prev = rs.tx_in_flight.saturating_sub(size);
    let lost_prev = rs.lost.saturating_sub(size);
    let allowed = scaled(inflight_prev, LOSS_THRESH).saturating_sub(lost_prev);
    let prefix = u128::from(allowed) * u128::from(PERCENT) / u128::from(PERCENT - LOSS_THRESH);
    inflight_prev.saturating_add(u64::try_from(prefix).unwrap_or(u64::MAX))
}

/// BBR.Beta in percent.
const BETA: u64 = 70;
