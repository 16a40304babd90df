//! BBR version 1, by the rules of Linux's `tcp_bbr`.
//!
//! The model is that of version 3 (see [`super::Bbr`]), but losses do not enter it: the flow sends
//! at the largest rate that the last ten round trips delivered, whatever was lost on the way.
//! Only in the first round trip of recovery does it send no more than is delivered. So it keeps
//! its rate under random loss of any extent below a fifth, and fills shallow queues with losses.
//! The cycle of gains is 5/4, 3/4 and six times 1, a shortest round trip each; ProbeRTT comes
//! every 10 s with four segments in flight.
//!
//! Read Cardwell, Cheng, Gunn, Yeganeh and Jacobson, "BBR: Congestion-Based Congestion Control"
//! (2016), and draft-cardwell-iccrg-bbr-congestion-control-00.
//!
//! Not here: the detection of token-bucket policers (more than a fifth lost over many round
//! trips).

use super::{
    AckEvent, CongestionControl, LossCause, LossEvent, Path, Recovery, SentEvent,
    window::initial_window,
};
use crate::{
    rng::Stream,
    units::{SimTime, Span},
};

mod bandwidth;
mod cycle;
mod probe_rtt;
mod window;

use bandwidth::Bandwidth;
use cycle::Cycle;
use probe_rtt::ProbeRtt;

/// BBR version 1's state. Windows in bytes, rates in bytes/s.
#[derive(Debug, Clone)]
pub struct Bbr1 {
    random: Stream,
    mss: u64,
    cwnd: u64,
    prior_cwnd: u64,
    pacing_rate: u64,
    has_seen_rtt: bool,
    mode: Mode,
    bandwidth: Bandwidth,
    cycle: Cycle,
    probe: ProbeRtt,
    /// What the state was with the last ACK.
    recovery: Recovery,
    packet_conservation: bool,
    idle_restart: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Startup,
    Drain,
    ProbeBw,
    ProbeRtt,
}

impl Bbr1 {
    /// Segments of at most `mss` bytes; `random` picks where the cycle begins.
    pub fn new(mss: u64, random: Stream) -> Self {
        let mss = mss.max(1);
        let mut bbr = Self {
            random,
            mss,
            cwnd: initial_window(mss),
            prior_cwnd: 0,
            pacing_rate: 0,
            has_seen_rtt: false,
            mode: Mode::Startup,
            bandwidth: Bandwidth::new(),
            cycle: Cycle::default(),
            probe: ProbeRtt::default(),
            recovery: Recovery::Open,
            packet_conservation: false,
            idle_restart: false,
        };
        bbr.init_pacing_rate(None);
        bbr
    }

    /// The estimated bottleneck bandwidth \[bytes/s\].
    pub fn max_bandwidth(&self) -> u64 {
        self.bandwidth.max()
    }

    /// The estimated propagation delay, there and back.
    pub fn min_rtt(&self) -> Option<Span> {
        self.probe.min_rtt()
    }

    fn pacing_gain(&self) -> u64 {
        match self.mode {
            Mode::Startup => HIGH_GAIN,
            Mode::Drain => DRAIN_GAIN,
            Mode::ProbeBw => self.cycle.gain(),
            Mode::ProbeRtt => UNIT,
        }
    }

    fn cwnd_gain(&self) -> u64 {
        match self.mode {
            Mode::Startup | Mode::Drain => HIGH_GAIN,
            Mode::ProbeBw => 2 * UNIT,
            Mode::ProbeRtt => UNIT,
        }
    }

    fn check_drain(&mut self, ack: &AckEvent) {
        if self.mode == Mode::Startup && self.bandwidth.is_full() {
            self.mode = Mode::Drain;
        }
        if self.mode == Mode::Drain && ack.in_flight <= self.inflight(UNIT) {
            self.enter_probe_bw(ack.now);
        }
    }

    fn enter_probe_bw(&mut self, now: SimTime) {
        self.mode = Mode::ProbeBw;
        self.cycle = Cycle::begin(now, &mut self.random);
    }

    fn save_cwnd(&mut self) {
        let good = !is_repairing(self.recovery) && self.mode != Mode::ProbeRtt;
        let least = if good { 0 } else { self.prior_cwnd };
        self.prior_cwnd = self.cwnd.max(least);
    }
}

impl CongestionControl for Bbr1 {
    fn name(&self) -> &'static str {
        "bbr1"
    }

    fn window(&self) -> u64 {
        self.cwnd
    }

    fn pacing_rate(&self) -> Option<u64> {
        Some(self.pacing_rate.max(1))
    }

    fn phase(&self) -> &'static str {
        match self.mode {
            Mode::Startup => "Startup",
            Mode::Drain => "Drain",
            Mode::ProbeBw => self.cycle.name(),
            Mode::ProbeRtt => "ProbeRTT",
        }
    }

    fn uses_prr(&self) -> bool {
        false
    }

    fn on_established(&mut self, now: SimTime, path: &Path) {
        self.mss = path.mss.max(1);
        self.cwnd = initial_window(self.mss);
        self.probe.start(now, path.rtt);
        self.init_pacing_rate(path.rtt);
    }

    fn on_mss(&mut self, mss: u64) {
        self.mss = mss.max(1);
        self.cwnd = self.cwnd.max(self.mss);
    }

    fn on_sent(&mut self, sent: &SentEvent) {
        if sent.in_flight > sent.bytes || !sent.app_limited {
            return;
        }
        self.idle_restart = true;
        self.bandwidth.restart(sent.now);
        match self.mode {
            Mode::ProbeBw => self.set_pacing_rate(UNIT),
            Mode::ProbeRtt => self.check_probe_rtt_done(sent.now),
            Mode::Startup | Mode::Drain => (),
        }
    }

    fn on_ack(&mut self, ack: &AckEvent) {
        self.late_pacing_rate(ack.srtt);
        if self.bandwidth.update(ack, self.cwnd) {
            self.packet_conservation = false;
        }
        self.update_cycle(ack);
        self.check_drain(ack);
        self.update_min_rtt(ack);
        self.set_pacing_rate(self.pacing_gain());
        self.set_cwnd(ack);
    }

    /// Linux keeps the window for later and decides with the ACK. An ECN echo means nothing.
    fn on_loss(&mut self, loss: &LossEvent) {
        if loss.cause != LossCause::EcnEcho {
            self.save_cwnd();
        }
    }

    fn on_timeout(&mut self, loss: &LossEvent) {
        self.save_cwnd();
        self.recovery = Recovery::Timeout;
        self.bandwidth.forget_baseline();
        self.cwnd = self.cwnd.min(loss.in_flight).saturating_add(self.mss);
    }

    fn on_spurious(&mut self, _: SimTime) {
        self.bandwidth.forget_baseline();
        self.cwnd = self.cwnd.max(self.prior_cwnd);
    }
}

fn is_repairing(recovery: Recovery) -> bool {
    matches!(recovery, Recovery::Fast | Recovery::Timeout)
}

/// Gains are in thousandths.
const UNIT: u64 = 1000;
/// 2 / ln 2: the least that doubles the rate each round trip, as the first BBR had it.
const HIGH_GAIN: u64 = 2886;
const DRAIN_GAIN: u64 = 347;
