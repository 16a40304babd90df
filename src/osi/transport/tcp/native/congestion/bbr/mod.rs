//! BBR version 3, as draft-ietf-ccwg-bbr-06 specifies it.
//!
//! BBR sends by a model of the path, not by losses: the most that was delivered in a second
//! (`max_bw`, over the last two probing cycles) and the shortest round trip (`min_rtt`, over
//! 10 s). It paces at that rate and bounds the flight by about twice their product. Startup
//! doubles the rate until it brings no more; Drain empties the queue that made; ProbeBW then
//! cycles through DOWN, CRUISE, REFILL and UP, and ProbeRTT halves the flight every 5 s if no
//! short round trip was seen.
//!
//! Loss bounds the model: more than 2 % lost in a round trip of probing lowers
//! `inflight_longterm`; any loss while not probing lowers the short-term bounds by at most 30 % a
//! round trip, until the next REFILL.
//!
//! By role: [`rounds`] and [`filters`] measure, [`full_pipe`], [`min_rtt`] and [`aggregation`]
//! estimate, [`startup`], [`probe_bw`] and [`probe_rtt`] are the states, [`loss`] answers losses,
//! [`control`] sets rate and window. Names are the draft's.
//!
//! Not here: a response to ECN marks of its own (the draft has none; an echo counts as a loss in
//! its round) and requests for fewer ACKs.

use super::{
    AckEvent, CongestionControl, LossCause, LossEvent, LostSegment, Path, Recovery, SentEvent,
    window::initial_window,
};
use crate::{
    rng::Stream,
    units::{SimTime, Span},
};

mod aggregation;
mod control;
mod filters;
mod full_pipe;
mod loss;
mod min_rtt;
mod probe_bw;
mod probe_rtt;
mod rounds;
mod sample;
mod startup;
mod state;

use aggregation::ExtraAcked;
use filters::MaxBandwidth;
use full_pipe::FullPipe;
use loss::{Signals, Undo};
use min_rtt::MinRtt;
use probe_bw::Cycle;
use probe_rtt::Probe;
use rounds::Rounds;
use sample::Sample;
use state::State;

/// BBR's state. Windows and volumes in bytes, rates in bytes/s; `u64::MAX` is the draft's
/// Infinity.
#[derive(Debug, Clone)]
pub struct Bbr {
    random: Stream,
    mss: u64,
    cwnd: u64,
    pacing_rate: u64,
    /// The smoothed round trip was known when `pacing_rate` was first set.
    has_seen_rtt: bool,
    state: State,
    rounds: Rounds,
    max_bw: MaxBandwidth,
    /// The lesser of `max_bw` and `bw_shortterm`.
    bw: u64,
    bw_shortterm: u64,
    inflight_shortterm: u64,
    inflight_longterm: u64,
    min_rtt: MinRtt,
    extra: ExtraAcked,
    full: FullPipe,
    cycle: Cycle,
    probe: Probe,
    signals: Signals,
    undo: Undo,
    prior_cwnd: u64,
    in_recovery: bool,
    idle_restart: bool,
}

impl Bbr {
    /// Segments of at most `mss` bytes; `random` spreads the times of probing.
    pub fn new(mss: u64, random: Stream) -> Self {
        let mss = mss.max(1);
        let mut bbr = Self {
            random,
            mss,
            cwnd: initial_window(mss),
            pacing_rate: 0,
            has_seen_rtt: false,
            state: State::Startup,
            rounds: Rounds::default(),
            max_bw: MaxBandwidth::default(),
            bw: 0,
            bw_shortterm: u64::MAX,
            inflight_shortterm: u64::MAX,
            inflight_longterm: u64::MAX,
            min_rtt: MinRtt::default(),
            extra: ExtraAcked::new(),
            full: FullPipe::default(),
            cycle: Cycle::default(),
            probe: Probe::default(),
            signals: Signals::default(),
            undo: Undo::default(),
            prior_cwnd: 0,
            in_recovery: false,
            idle_restart: false,
        };
        bbr.init_pacing_rate(None);
        bbr
    }

    /// The estimated bottleneck bandwidth \[bytes/s\].
    pub fn max_bandwidth(&self) -> u64 {
        self.max_bw.get()
    }

    /// The estimated propagation delay, there and back.
    pub fn min_rtt(&self) -> Option<Span> {
        self.min_rtt.get()
    }

    /// UpdateModelAndState of the draft, in its order (5.2.3).
    fn update_model_and_state(&mut self, ack: &AckEvent, rs: &Sample) {
        self.update_latest_delivery_signals(ack, rs);
        self.update_congestion_signals(ack, rs);
        self.extra
            .update(ack, self.bw, self.cwnd, &self.rounds, self.full.reached);
        self.full.check(self.rounds.start, rs);
        self.check_startup_done(ack, rs);
        self.check_drain_done(ack);
        self.update_probe_bw_cycle(ack, rs);
        self.min_rtt.update(ack.now, ack.rtt);
        self.check_probe_rtt(ack);
        self.advance_latest_delivery_signals(rs);
        self.bw = self.max_bw.get().min(self.bw_shortterm);
    }
}

impl CongestionControl for Bbr {
    fn name(&self) -> &'static str {
        "bbr"
    }

    fn window(&self) -> u64 {
        self.cwnd
    }

    fn pacing_rate(&self) -> Option<u64> {
        Some(self.pacing_rate.max(1))
    }

    fn phase(&self) -> &'static str {
        self.state.name()
    }

    fn uses_prr(&self) -> bool {
        false
    }

    fn on_established(&mut self, now: SimTime, path: &Path) {
        self.mss = path.mss.max(1);
        self.cwnd = initial_window(self.mss);
        self.min_rtt.start(now, path.rtt);
        self.extra.restart(now);
        self.init_pacing_rate(path.rtt);
    }

    fn on_mss(&mut self, mss: u64) {
        self.mss = mss.max(1);
        self.cwnd = self.cwnd.max(self.mss);
    }

    /// HandleRestartFromIdle (5.4.1).
    fn on_sent(&mut self, sent: &SentEvent) {
        if sent.in_flight > sent.bytes || !sent.app_limited {
            return;
        }
        self.idle_restart = true;
        self.extra.restart(sent.now);
        if self.state.is_probe_bw() {
            self.set_pacing_rate(PERCENT);
        } else if self.state == State::ProbeRtt {
            self.check_probe_rtt_done(sent.now, sent.delivered_total);
        }
    }

    fn on_ack(&mut self, ack: &AckEvent) {
        self.late_pacing_rate(ack.srtt);
        let rs = self.probe.mark(Sample::new(ack));
        self.update_model_and_state(ack, &rs);
        self.set_pacing_rate(self.state.pacing_gain());
        self.set_cwnd(ack);
    }

    fn on_segment_lost(&mut self, lost: &LostSegment) {
        self.handle_lost_segment(lost);
    }

    /// OnEnterFastRecovery (5.6.4.4). An ECN echo is noted like a loss.
    fn on_loss(&mut self, loss: &LossEvent) {
        if loss.cause == LossCause::EcnEcho {
            self.note_loss(loss.delivered_total);
            return;
        }
        if !self.signals.is_loss_in_round {
            self.save_state_upon_loss();
        }
        self.in_recovery = true;
    }

    /// RestoreCwnd; the model bounds it with the ACK at hand.
    fn on_recovered(&mut self, _: SimTime) {
        self.in_recovery = false;
        self.restore_cwnd();
    }

    /// OnEnterRTO: one segment beyond what is still in flight.
    fn on_timeout(&mut self, loss: &LossEvent) {
        self.save_state_upon_loss();
        self.in_recovery = true;
        self.cwnd = self.cwnd.min(loss.in_flight).saturating_add(self.mss);
    }

    fn on_spurious(&mut self, _: SimTime) {
        self.handle_spurious_loss();
    }
}

/// A gain of 1.
const PERCENT: u64 = 100;
