//! What the model means for pacing rate and window (draft, 5.6).

use super::{AckEvent, Bbr, PERCENT, State, initial_window};
use crate::units::Span;

impl Bbr {
    /// InitPacingRate: the initial window over the first round trip, or over 1 ms.
    pub(super) fn init_pacing_rate(&mut self, rtt: Option<Span>) {
        self.has_seen_rtt = rtt.is_some();
        let over = rtt.unwrap_or(Span::from_millis(1));
        let nominal = rate(initial_window(self.mss), over);
        self.pacing_rate = scaled(nominal, State::Startup.pacing_gain());
    }

    /// The handshake measured nothing: the first sample sets the rate.
    pub(super) fn late_pacing_rate(&mut self, srtt: Option<Span>) {
        if !self.has_seen_rtt && srtt.is_some() {
            self.init_pacing_rate(srtt);
        }
    }

    /// SetPacingRateWithGain: 1 % below, and never down before the pipe was full.
    pub(super) fn set_pacing_rate(&mut self, gain: u64) {
        let rate = scaled(scaled(self.bw, gain), PERCENT - PACING_MARGIN);
        if rate > 0 && (self.full.reached || rate > self.pacing_rate) {
            self.pacing_rate = rate;
        }
    }

    /// C.send_quantum: 1 ms at the pacing rate, at most 64 KiB, at least two segments.
    fn send_quantum(&self) -> u64 {
        (self.pacing_rate / 1000).min(64 << 10).max(2 * self.mss)
    }

    /// BBR.MinPipeCwnd: four segments.
    pub(super) fn min_pipe_cwnd(&self) -> u64 {
        4 * self.mss
    }

    pub(super) fn bdp(&self) -> u64 {
        self.bdp_multiple(self.bw, PERCENT)
    }

    /// BDPMultiple.
    pub(super) fn bdp_multiple(&self, bw: u64, gain: u64) -> u64 {
        match self.min_rtt.get() {
            Some(rtt) => scaled(volume(bw, rtt), gain),
            None => initial_window(self.mss),
        }
    }

    /// QuantizationBudget.
    fn quantization_budget(&self, cap: u64) -> u64 {
        let cap = cap.max(3 * self.send_quantum()).max(self.min_pipe_cwnd());
        match self.state {
            State::Up => cap.saturating_add(2 * self.mss),
            _ => cap,
        }
    }

    /// Inflight(bw, gain).
    pub(super) fn inflight(&self, bw: u64, gain: u64) -> u64 {
        self.quantization_budget(self.bdp_multiple(bw, gain))
    }

    /// UpdateMaxInflight.
    fn max_inflight(&self) -> u64 {
        let cap = self.bdp_multiple(self.bw, self.state.cwnd_gain());
        self.quantization_budget(cap.saturating_add(self.extra.get()))
    }

    /// SetCwnd (5.6.4.6).
    pub(super) fn set_cwnd(&mut self, ack: &AckEvent) {
        let most = self.max_inflight();
        let grown = self.cwnd.saturating_add(ack.delivered);
        if self.full.reached {
            self.cwnd = grown.min(most);
        } else if self.cwnd < most || ack.delivered_total < initial_window(self.mss) {
            self.cwnd = grown;
        }
        self.cwnd = self.cwnd.max(self.min_pipe_cwnd());
        if self.state == State::ProbeRtt {
            self.cwnd = self.cwnd.min(self.probe_rtt_cwnd());
        }
        self.cwnd = self.cwnd.min(self.model_cap());
    }

    /// BoundCwndForModel (5.6.4.7).
    fn model_cap(&self) -> u64 {
        let cap = match self.state {
            State::Cruise | State::ProbeRtt => self.inflight_with_headroom(),
            State::Down | State::Refill | State::Up => self.inflight_longterm,
            State::Startup | State::Drain => u64::MAX,
        };
        cap.min(self.inflight_shortterm).max(self.min_pipe_cwnd())
    }

    /// SaveCwnd.
    pub(super) fn save_cwnd(&mut self) {
        let unmodulated = !self.in_recovery && self.state != State::ProbeRtt;
        let least = if unmodulated { 0 } else { self.prior_cwnd };
        self.prior_cwnd = self.cwnd.max(least);
    }

    /// RestoreCwnd.
    pub(super) fn restore_cwnd(&mut self) {
        self.cwnd = self.cwnd.max(self.prior_cwnd);
    }
}

/// What `rate` bytes/s bring in `time`.
pub(super) fn volume(rate: u64, time: Span) -> u64 {
    let product = u128::from(rate) * u128::from(time.as_nanos()) / NS_PER_S;
    u64::try_from(product).unwrap_or(u64::MAX)
}

/// `percent` of `value`.
pub(super) fn scaled(value: u64, percent: u64) -> u64 {
    let product = u128::from(value) * u128::from(percent) / u128::from(PERCENT);
    u64::try_from(product).unwrap_or(u64::MAX)
}

fn rate(bytes: u64, over: Span) -> u64 {
    let rate = u128::from(bytes) * NS_PER_S / u128::from(over.as_nanos().max(1));
    u64::try_from(rate).unwrap_or(u64::MAX)
}

const NS_PER_S: u128 = 1_000_000_000;
/// BBR.PacingMarginPercent.
const PACING_MARGIN: u64 = 1;
