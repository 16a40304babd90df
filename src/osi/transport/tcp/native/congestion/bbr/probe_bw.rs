//! ProbeBW: DOWN, CRUISE, REFILL, UP (draft, 5.3.3).

use super::{AckEvent, Bbr, PERCENT, Sample, State, control::scaled};
use crate::units::{SimTime, Span};

/// What the cycle keeps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cycle {
    phase: AckPhase,
    /// BBR.cycle_stamp.
    started: SimTime,
    /// BBR.bw_probe_wait.
    wait: Span,
    pub(super) rounds_since_up: u64,
    pub(super) is_probe_sample: bool,
    pub(super) prev_too_high: bool,
    prev_precautionary: bool,
    up_rounds: u32,
    up_acked: u64,
    /// BBR.probe_up_acked_per_inc.
    acked_per_inc: u64,
    pub(super) drain_start_round: u64,
}

/// BBR.ack_phase: what the ACKs that come now are about (2.14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AckPhase {
    Init,
    Refilling,
    Starting,
    Feedback,
    Stopping,
}

impl Default for Cycle {
    fn default() -> Self {
        Self {
            phase: AckPhase::Init,
            started: SimTime::ZERO,
            wait: Span::ZERO,
            rounds_since_up: 0,
            is_probe_sample: false,
            prev_too_high: false,
            prev_precautionary: false,
            up_rounds: 0,
            up_acked: 0,
            acked_per_inc: u64::MAX,
            drain_start_round: 0,
        }
    }
}

impl Cycle {
    /// ACKs of probing come to their end.
    pub(super) fn stop(&mut self) {
        self.phase = AckPhase::Stopping;
    }
}

impl Bbr {
    /// StartProbeBW_DOWN.
    pub(super) fn start_down(&mut self, now: SimTime, delivered_total: u64) {
        self.signals.reset();
        self.cycle.acked_per_inc = u64::MAX;
        self.pick_probe_wait();
        self.cycle.started = now;
        self.cycle.phase = AckPhase::Stopping;
        self.rounds.begin(delivered_total);
        self.state = State::Down;
    }

    /// PickProbeWait: 2 to 3 s, and 0 or 1 of the round trips are already over.
    fn pick_probe_wait(&mut self) {
        self.cycle.rounds_since_up = self.random.below(2);
        let second = Span::from_secs(1).as_nanos();
        self.cycle.wait = Span::from_secs(2) + Span::from_nanos(self.random.below(second));
    }

    /// StartProbeBW_CRUISE.
    pub(super) fn start_cruise(&mut self) {
        self.state = State::Cruise;
    }

    /// StartProbeBW_REFILL.
    pub(super) fn start_refill(&mut self, delivered_total: u64) {
        self.reset_short_term_model();
        self.cycle.up_rounds = 0;
        self.cycle.up_acked = 0;
        self.cycle.prev_precautionary = false;
        self.cycle.phase = AckPhase::Refilling;
        self.rounds.begin(delivered_total);
        self.state = State::Refill;
    }

    /// StartProbeBW_UP.
    fn start_up(&mut self, ack: &AckEvent, rs: &Sample) {
        self.cycle.phase = AckPhase::Starting;
        self.rounds.begin(ack.delivered_total);
        self.full.reset(rs.rate);
        self.state = State::Up;
        self.raise_slope();
    }

    /// UpdateProbeBWCyclePhase.
    pub(super) fn update_probe_bw_cycle(&mut self, ack: &AckEvent, rs: &Sample) {
        if !self.full.reached || self.adapt_long_term_model(ack, rs) {
            return;
        }
        match self.state {
            State::Down if self.is_time_to_probe(ack.now) => self.start_refill(ack.delivered_total),
            State::Down if self.is_time_to_cruise(ack) => self.start_cruise(),
            State::Cruise if self.is_time_to_probe(ack.now) => {
                self.start_refill(ack.delivered_total);
            }
            State::Refill if self.rounds.start => {
                self.cycle.is_probe_sample = true;
                self.start_up(ack, rs);
            }
            State::Up => self.check_up(ack, rs),
            _ => (),
        }
    }

    fn check_up(&mut self, ack: &AckEvent, rs: &Sample) {
        if self.is_time_to_go_down(ack, rs) {
            self.cycle.prev_too_high = false;
            self.start_down(ack.now, ack.delivered_total);
        }
    }

    /// IsTimeToProbeBW: 2 to 3 s passed, or as many round trips as Reno would need (at most 63).
    fn is_time_to_probe(&self, now: SimTime) -> bool {
        let reno_rounds = self.target_inflight() / self.mss;
        now > self.cycle.started + self.cycle.wait
            || self.cycle.rounds_since_up >= reno_rounds.min(63)
    }

    /// TargetInflight.
    pub(super) fn target_inflight(&self) -> u64 {
        self.bdp().min(self.cwnd)
    }

    /// IsTimeToCruise.
    fn is_time_to_cruise(&self, ack: &AckEvent) -> bool {
        ack.in_flight <= self.inflight_with_headroom()
            && ack.in_flight <= self.inflight(self.max_bw.get(), PERCENT)
    }

    /// IsTimeToGoDown.
    fn is_time_to_go_down(&mut self, ack: &AckEvent, rs: &Sample) -> bool {
        if self.cycle.prev_too_high && ack.in_flight >= self.inflight_longterm {
            self.cycle.prev_precautionary = true;
            return true;
        }
        if ack.window_limited && self.cwnd >= self.inflight_longterm {
            // The bound and not the path is what limits the rate.
            self.full.reset(rs.rate);
            return false;
        }
        self.full.now
    }

    /// InflightWithHeadroom: 15 % is left to others.
    pub(super) fn inflight_with_headroom(&self) -> u64 {
        if self.inflight_longterm == u64::MAX {
            return u64::MAX;
        }
        let headroom = scaled(self.inflight_longterm, HEADROOM).max(self.mss);
        let rest = self.inflight_longterm.saturating_sub(headroom);
        rest.max(self.min_pipe_cwnd())
    }

    /// RaiseInflightLongtermSlope: by 1, 2, 4, .. segments a round trip.
    fn raise_slope(&mut self) {
        let growth = 1 << self.cycle.up_rounds;
        self.cycle.up_rounds = (self.cycle.up_rounds + 1).min(30);
        self.cycle.acked_per_inc = (self.cwnd / growth).max(self.mss);
    }

    /// ProbeInflightLongtermUpward.
    fn probe_upward(&mut self, ack: &AckEvent) {
        if !ack.window_limited || self.cwnd < self.inflight_longterm {
            return;
        }
        self.cycle.up_acked = self.cycle.up_acked.saturating_add(ack.delivered);
        let steps = self.cycle.up_acked / self.cycle.acked_per_inc;
        self.cycle.up_acked -= steps * self.cycle.acked_per_inc;
        let more = steps.saturating_mul(self.mss);
        self.inflight_longterm = self.inflight_longterm.saturating_add(more);
        if self.rounds.start {
            self.raise_slope();
        }
    }

    /// AdaptLongTermModel. Answers whether it changed the state.
    fn adapt_long_term_model(&mut self, ack: &AckEvent, rs: &Sample) -> bool {
        if self.rounds.start && self.follow_feedback(ack, rs) {
            return true;
        }
        if rs.is_inflight_too_high() || self.inflight_longterm == u64::MAX {
            return false;
        }
        self.inflight_longterm = self.inflight_longterm.max(rs.tx_in_flight);
        if self.state == State::Up {
            self.probe_upward(ack);
        }
        false
    }

    /// A round trip after probing began its ACKs come, and one after it ended they end.
    fn follow_feedback(&mut self, ack: &AckEvent, rs: &Sample) -> bool {
        match self.cycle.phase {
            AckPhase::Starting => self.cycle.phase = AckPhase::Feedback,
            AckPhase::Stopping => return self.end_feedback(ack, rs),
            _ => (),
        }
        false
    }

    fn end_feedback(&mut self, ack: &AckEvent, rs: &Sample) -> bool {
        self.cycle.is_probe_sample = false;
        self.cycle.phase = AckPhase::Init;
        if !self.state.is_probe_bw() {
            return false;
        }
        if !rs.app_limited {
            self.max_bw.advance();
        }
        // The short probe went well: probe again at once, and this time for longer.
        let again = self.cycle.prev_precautionary && !self.cycle.prev_too_high;
        if again {
            self.start_refill(ack.delivered_total);
        }
        again
    }
}

/// BBR.Headroom in percent.
const HEADROOM: u64 = 15;
