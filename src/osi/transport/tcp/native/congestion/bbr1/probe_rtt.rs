//! The shortest round trip of 10 s, and ProbeRTT: four segments in flight for 200 ms.

use super::{AckEvent, Bbr1, Mode};
use crate::units::{SimTime, Span};

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ProbeRtt {
    least: Option<Span>,
    stamp: SimTime,
    done: Option<SimTime>,
    round_done: bool,
}

impl ProbeRtt {
    pub(super) fn min_rtt(&self) -> Option<Span> {
        self.least
    }

    pub(super) fn start(&mut self, now: SimTime, rtt: Option<Span>) {
        (self.least, self.stamp) = (rtt, now);
    }

    /// Answers whether the shortest had expired.
    fn update(&mut self, now: SimTime, rtt: Option<Span>) -> bool {
        let expired = now > self.stamp + WINDOW;
        if let Some(rtt) = rtt
            && (expired || self.least.is_none_or(|least| rtt < least))
        {
            (self.least, self.stamp) = (Some(rtt), now);
        }
        expired
    }
}

impl Bbr1 {
    pub(super) fn update_min_rtt(&mut self, ack: &AckEvent) {
        let expired = self.probe.update(ack.now, ack.rtt);
        if expired && !self.idle_restart && self.mode != Mode::ProbeRtt {
            self.save_cwnd();
            self.mode = Mode::ProbeRtt;
            self.probe.done = None;
        }
        if self.mode == Mode::ProbeRtt {
            self.hold(ack);
        }
        if ack.delivered > 0 {
            self.idle_restart = false;
        }
    }

    /// Waits for the flight to fall, then 200 ms and a round trip.
    fn hold(&mut self, ack: &AckEvent) {
        let until = ack.delivered_total.saturating_add(ack.in_flight);
        self.bandwidth.limit(until);
        if self.probe.done.is_none() {
            if ack.in_flight <= self.min_cwnd() {
                self.probe.done = Some(ack.now + DURATION);
                self.probe.round_done = false;
                self.bandwidth.begin_round(ack.delivered_total);
            }
            return;
        }
        self.probe.round_done |= self.bandwidth.round_start;
        if self.probe.round_done {
            self.check_probe_rtt_done(ack.now);
        }
    }

    pub(super) fn check_probe_rtt_done(&mut self, now: SimTime) {
        if self.probe.done.is_none_or(|done| now <= done) {
            return;
        }
        self.probe.stamp = now;
        self.cwnd = self.cwnd.max(self.prior_cwnd);
        if self.bandwidth.is_full() {
            self.enter_probe_bw(now);
        } else {
            self.mode = Mode::Startup;
        }
    }
}

const WINDOW: Span = Span::from_secs(10);
const DURATION: Span = Span::from_millis(200);
