//! A plain additive increase and multiplicative decrease, until the algorithms are plugged in.
use super::congestion::{AckEvent, CongestionControl, LossEvent, Recovery};
#[derive(Debug)]
pub(super) struct Plain {
    w: u64,
    s: u64,
    mss: u64,
}
impl Plain {
    pub(super) fn new(mss: u64) -> Self {
        Self {
            w: mss * 10,
            s: u64::MAX,
            mss,
        }
    }
}
impl CongestionControl for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }
    fn window(&self) -> u64 {
        self.w
    }
    fn ssthresh(&self) -> u64 {
        self.s
    }
    fn on_ack(&mut self, a: &AckEvent) {
        if matches!(a.recovery, Recovery::Fast | Recovery::Reducing) || !a.window_limited {
            return;
        }
        if self.w < self.s {
            self.w += a.acked;
        } else {
            self.w += self.mss * a.acked / self.w;
        }
    }
    fn on_loss(&mut self, l: &LossEvent) {
        self.s = (self.w / 2).max(2 * l.mss);
        self.w = self.s;
    }
    fn on_timeout(&mut self, l: &LossEvent) {
        self.s = (self.w / 2).max(2 * l.mss);
        self.w = l.mss;
    }
}
