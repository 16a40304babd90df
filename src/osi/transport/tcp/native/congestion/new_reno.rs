//! NewReno (RFC 6582): Reno's window.
//!
//! What NewReno adds to Reno stands in recovery, not in the window: a partial ACK, which moves
//! SND.UNA but not to the recovery point, shows the next loss and does not end recovery, so one
//! window with many losses is halved once. The machine does so for every algorithm (without SACK
//! by partial ACKs, with SACK by RFC 6675 and RACK), as Linux does. `reno` and `newreno` are
//! therefore the same here; both names stand in files, for what the user wants to say.

use super::{AckEvent, CongestionControl, IdleEvent, LossEvent, Path, Reno};
use crate::units::SimTime;

/// NewReno's state.
#[derive(Debug, Clone)]
pub struct NewReno(Reno);

impl NewReno {
    /// Segments of at most `mss` bytes.
    pub fn new(mss: u64) -> Self {
        Self(Reno::new(mss))
    }
}

impl CongestionControl for NewReno {
    fn name(&self) -> &'static str {
        "newreno"
    }

    fn window(&self) -> u64 {
        self.0.window()
    }

    fn ssthresh(&self) -> u64 {
        self.0.ssthresh()
    }

    fn on_established(&mut self, now: SimTime, path: &Path) {
        self.0.on_established(now, path);
    }

    fn on_mss(&mut self, mss: u64) {
        self.0.on_mss(mss);
    }

    fn on_idle(&mut self, idle: &IdleEvent) {
        self.0.on_idle(idle);
    }

    fn on_ack(&mut self, ack: &AckEvent) {
        self.0.on_ack(ack);
    }

    fn on_loss(&mut self, loss: &LossEvent) {
        self.0.on_loss(loss);
    }

    fn on_timeout(&mut self, loss: &LossEvent) {
        self.0.on_timeout(loss);
    }

    fn on_recovered(&mut self, now: SimTime) {
        self.0.on_recovered(now);
    }

    fn on_spurious(&mut self, now: SimTime) {
        self.0.on_spurious(now);
    }
}
