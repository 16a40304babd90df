//! ProbeRTT: half the flight for 200 ms, to see the path without a queue (draft, 5.3.4).

use super::{AckEvent, Bbr, Sample, State};
use crate::units::{SimTime, Span};

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Probe {
    /// BBR.probe_rtt_done_stamp; none until the flight is small enough.
    done: Option<SimTime>,
    round_done: bool,
    /// Samples of what was sent while this much to that much was delivered are bounded by
    /// ProbeRTT, not by the path.
    limited: (u64, u64),
}

impl Probe {
    /// Marks a sample that ProbeRTT bounded, as MarkConnectionAppLimited would have.
    pub(super) fn mark(&self, mut rs: Sample) -> Sample {
        rs.app_limited |= (self.limited.0..self.limited.1).contains(&rs.prior_delivered);
        rs
    }
}

impl Bbr {
    /// ProbeRTTCwnd.
    pub(super) fn probe_rtt_cwnd(&self) -> u64 {
        let half = self.bdp_multiple(self.bw, State::ProbeRtt.cwnd_gain());
        half.max(self.min_pipe_cwnd())
    }

    /// CheckProbeRTT.
    pub(super) fn check_probe_rtt(&mut self, ack: &AckEvent) {
        if self.state != State::ProbeRtt && self.min_rtt.expired && !self.idle_restart {
            self.enter_probe_rtt(ack.delivered_total);
        }
        if self.state == State::ProbeRtt {
            self.handle_probe_rtt(ack);
        }
        if ack.delivered > 0 {
            self.idle_restart = false;
        }
    }

    fn enter_probe_rtt(&mut self, delivered_total: u64) {
        self.save_cwnd();
        self.state = State::ProbeRtt;
        self.probe.done = None;
        self.probe.limited.0 = delivered_total;
        self.cycle.stop();
        self.rounds.begin(delivered_total);
    }

    /// HandleProbeRTT.
    fn handle_probe_rtt(&mut self, ack: &AckEvent) {
        self.probe.limited.1 = ack.delivered_total.saturating_add(ack.in_flight);
        if self.probe.done.is_none() {
            if ack.in_flight <= self.probe_rtt_cwnd() {
                self.probe.done = Some(ack.now + PROBE_RTT_DURATION);
                self.probe.round_done = false;
                self.rounds.begin(ack.delivered_total);
            }
            return;
        }
        self.probe.round_done |= self.rounds.start;
        if self.probe.round_done {
            self.check_probe_rtt_done(ack.now, ack.delivered_total);
        }
    }

    /// CheckProbeRTTDone and ExitProbeRTT.
    pub(super) fn check_probe_rtt_done(&mut self, now: SimTime, delivered_total: u64) {
        if self.probe.done.is_none_or(|done| now <= done) {
            return;
        }
        self.min_rtt.schedule(now);
        self.restore_cwnd();
        self.reset_short_term_model();
        if self.full.reached {
            self.start_down(now, delivered_total);
            self.start_cruise();
        } else {
            self.state = State::Startup;
        }
    }
}

const PROBE_RTT_DURATION: Span = Span::from_millis(200);
