//! Rate and window from the model, and what recovery does to the window.

use super::{AckEvent, Bbr1, Mode, Recovery, UNIT, initial_window, is_repairing};
use crate::units::Span;

impl Bbr1 {
    pub(super) fn init_pacing_rate(&mut self, rtt: Option<Span>) {
        self.has_seen_rtt = rtt.is_some();
        let over = rtt.unwrap_or(Span::from_millis(1)).as_nanos().max(1);
        let rate = u128::from(initial_window(self.mss)) * NS_PER_S / u128::from(over);
        self.pacing_rate = scaled(u64::try_from(rate).unwrap_or(u64::MAX), super::HIGH_GAIN);
    }

    pub(super) fn late_pacing_rate(&mut self, srtt: Option<Span>) {
        if !self.has_seen_rtt && srtt.is_some() {
            self.init_pacing_rate(srtt);
        }
    }

    /// 1 % below, and never down before the pipe was full.
    pub(super) fn set_pacing_rate(&mut self, gain: u64) {
        let rate = scaled(scaled(self.bandwidth.max(), gain), UNIT - MARGIN);
        if rate > 0 && (self.bandwidth.is_full() || rate > self.pacing_rate) {
            self.pacing_rate = rate;
        }
    }

    pub(super) fn min_cwnd(&self) -> u64 {
        4 * self.mss
    }

    /// The flight that `gain` times the bandwidth-delay product means, with room for what hosts
    /// hold back.
    pub(super) fn inflight(&self, gain: u64) -> u64 {
        self.quantized(self.bdp(gain))
    }

    fn bdp(&self, gain: u64) -> u64 {
        match self.min_rtt() {
            Some(rtt) => scaled(volume(self.bandwidth.max(), rtt), gain),
            None => initial_window(self.mss),
        }
    }

    /// Three send quanta of 1 ms, but two segments, at least; an even number of segments; two more
    /// while probing.
    fn quantized(&self, bytes: u64) -> u64 {
        let quantum = (self.pacing_rate / 1000).min(64 << 10).max(2 * self.mss);
        let segments = bytes.saturating_add(3 * quantum).div_ceil(self.mss);
        let even = segments.saturating_add(segments & 1);
        let probing = self.mode == Mode::ProbeBw && self.cycle.is_probing();
        let more = if probing { 2 } else { 0 };
        even.saturating_add(more).saturating_mul(self.mss)
    }

    pub(super) fn set_cwnd(&mut self, ack: &AckEvent) {
        if ack.delivered > 0 && !self.recover(ack) {
            self.approach(ack);
        }
        let most = match self.mode {
            Mode::ProbeRtt => self.min_cwnd(),
            _ => u64::MAX,
        };
        self.cwnd = self.cwnd.min(most).max(self.mss);
    }

    fn approach(&mut self, ack: &AckEvent) {
        let target = self.bdp(self.cwnd_gain());
        let target = self.quantized(target.saturating_add(self.bandwidth.extra()));
        let grown = self.cwnd.saturating_add(ack.delivered);
        if self.bandwidth.is_full() {
            self.cwnd = grown.min(target);
        } else if self.cwnd < target || ack.delivered_total < initial_window(self.mss) {
            self.cwnd = grown;
        }
        self.cwnd = self.cwnd.max(self.min_cwnd());
    }

    /// In the first round trip of recovery as much is sent as is delivered. Answers whether that
    /// is what sets the window.
    fn recover(&mut self, ack: &AckEvent) -> bool {
        let conserved = ack.in_flight.saturating_add(ack.delivered);
        self.cwnd = self.cwnd.saturating_sub(ack.lost).max(self.mss);
        let (before, now) = (self.recovery, ack.recovery);
        if now == Recovery::Fast && before != Recovery::Fast {
            self.packet_conservation = true;
            self.bandwidth.begin_round(ack.delivered_total);
            self.cwnd = conserved;
        } else if is_repairing(before) && !is_repairing(now) {
            self.packet_conservation = false;
            self.cwnd = self.cwnd.max(self.prior_cwnd);
        }
        self.recovery = now;
        if self.packet_conservation {
            self.cwnd = self.cwnd.max(conserved);
        }
        self.packet_conservation
    }
}

/// What `rate` bytes/s bring in `time`.
pub(super) fn volume(rate: u64, time: Span) -> u64 {
    let product = u128::from(rate) * u128::from(time.as_nanos()) / NS_PER_S;
    u64::try_from(product).unwrap_or(u64::MAX)
}

fn scaled(value: u64, thousandths: u64) -> u64 {
    let product = u128::from(value) * u128::from(thousandths) / u128::from(UNIT);
    u64::try_from(product).unwrap_or(u64::MAX)
}

const NS_PER_S: u128 = 1_000_000_000;
/// 1 %.
const MARGIN: u64 = 10;
