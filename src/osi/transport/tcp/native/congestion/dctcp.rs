//! DCTCP (RFC 8257): a reduction in proportion to how much was marked.
//!
//! The share of bytes that the network marked in each window is averaged with weight 1/16 into
//! alpha; at a mark the window falls by half of alpha. With few marks the cut is small, and the
//! queue stays at the marking threshold. Losses are answered as Reno does, and so is growth.
//!
//! The receiver must echo each mark (RFC 8257, 3.2): [`CongestionControl::wants_accurate_ecn`].
//! Meant for networks whose queues mark at a step threshold; elsewhere it takes more than its
//! share.

use super::{
    AckEvent, CongestionControl, IdleEvent, LossCause, LossEvent, Path, reno, window::Window,
};
use crate::units::SimTime;

/// DCTCP's state.
#[derive(Debug, Clone)]
pub struct Dctcp {
    window: Window,
    /// DCTCP.Alpha in units of 1/[`ONE`].
    alpha: u64,
    /// DCTCP.WindowEnd: the observation window ends when this position is acknowledged.
    round_end: u64,
    delivered: u64,
    marked: u64,
}

impl Dctcp {
    /// Segments of at most `mss` bytes. Alpha begins at 1 (RFC 8257, 4.2).
    pub fn new(mss: u64) -> Self {
        Self {
            window: Window::new(mss),
            alpha: ONE,
            round_end: 0,
            delivered: 0,
            marked: 0,
        }
    }

    /// The averaged share of marked bytes, in millionths.
    pub fn alpha_ppm(&self) -> u64 {
        self.alpha * 1_000_000 / ONE
    }

    /// Alpha = (1 - g) Alpha + g M (RFC 8257, 3.3), once a window.
    fn end_round(&mut self, sent_to: u64) {
        if self.delivered > 0 {
            let share = u128::from(self.marked) * u128::from(ONE) / u128::from(self.delivered);
            let share = u64::try_from(share).unwrap_or(ONE).min(ONE);
            self.alpha = self.alpha - self.alpha / G + share / G;
            if self.alpha < G {
                // What integers cannot let decay further.
                self.alpha = 0;
            }
        }
        (self.delivered, self.marked, self.round_end) = (0, 0, sent_to);
    }

    fn proportional(&self) -> u64 {
        let cut = u128::from(self.window.cwnd) * u128::from(self.alpha) / u128::from(2 * ONE);
        self.window.cwnd - u64::try_from(cut).unwrap_or(0)
    }
}

impl CongestionControl for Dctcp {
    fn name(&self) -> &'static str {
        "dctcp"
    }

    fn window(&self) -> u64 {
        self.window.cwnd
    }

    fn ssthresh(&self) -> u64 {
        self.window.ssthresh
    }

    fn wants_accurate_ecn(&self) -> bool {
        true
    }

    fn on_established(&mut self, _: SimTime, path: &Path) {
        self.window.set_mss(path.mss);
    }

    fn on_mss(&mut self, mss: u64) {
        self.window.set_mss(mss);
    }

    fn on_idle(&mut self, idle: &IdleEvent) {
        self.window.restart(idle);
    }

    fn on_ack(&mut self, ack: &AckEvent) {
        self.delivered = self.delivered.saturating_add(ack.delivered);
        self.marked = self.marked.saturating_add(ack.ce_marked);
        if ack.acked_to >= self.round_end {
            self.end_round(ack.sent_to);
        }
        {
            let growth = self.window.growth(ack);
            reno::grow(&mut self.window, growth)
        };
    }

    fn on_loss(&mut self, loss: &LossEvent) {
        let to = match loss.cause {
            LossCause::EcnEcho => self.proportional(),
            _ => self.window.used(loss) / 2,
        };
        self.window.reduce(to);
    }

    fn on_timeout(&mut self, loss: &LossEvent) {
        self.window.collapse(self.window.used(loss) / 2, loss);
    }

    fn on_recovered(&mut self, _: SimTime) {
        self.window.settle();
    }

    fn on_spurious(&mut self, _: SimTime) {
        self.window.undo();
    }
}

/// The scale of alpha.
const ONE: u64 = 1 << 20;
/// 1/g, the weight of the average (RFC 8257, 4.2: g = 1/16).
const G: u64 = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::osi::transport::tcp::native::congestion::sample;

    const MSS: u64 = 1000;

    /// One window of 100 segments of which `marked` come back marked.
    fn round(dctcp: &mut Dctcp, number: u64, marked: u64) {
        for i in 0..100 {
            dctcp.on_ack(&AckEvent {
                ce_marked: if i < marked { MSS } else { 0 },
                acked_to: (100 * number + i + 1) * MSS,
                sent_to: (100 * number + i + 101) * MSS,
                window_limited: false,
                ..sample::ack(MSS)
            });
        }
    }

    fn ecn(flight: u64) -> LossEvent {
        LossEvent {
            cause: LossCause::EcnEcho,
            ..sample::loss(flight)
        }
    }

    #[test]
    fn alpha_converges_to_the_share_that_is_marked() {
        // From 1 toward 0.2 with weight 1/16: after 100 windows (15/16)^100 = 0.0016 of the
        // distance is left.
        let mut dctcp = Dctcp::new(MSS);
        (0..100).for_each(|n| round(&mut dctcp, n, 20));
        let alpha = dctcp.alpha_ppm();
        assert!((195_000..=206_000).contains(&alpha), "{alpha}");
    }

    #[test]
    fn without_marks_alpha_falls_to_nothing() {
        let mut dctcp = Dctcp::new(MSS);
        (0..400).for_each(|n| round(&mut dctcp, n, 0));
        assert_eq!(dctcp.alpha_ppm(), 0);
    }

    #[test]
    fn a_mark_cuts_by_half_of_alpha() {
        // Alpha 1 at first: half. Alpha 0.2: a tenth.
        let mut dctcp = Dctcp::new(MSS);
        dctcp.window.cwnd = 100 * MSS;
        dctcp.on_loss(&ecn(100 * MSS));
        assert_eq!(dctcp.window(), 50 * MSS);
        let mut dctcp = Dctcp::new(MSS);
        (0..200).for_each(|n| round(&mut dctcp, n, 20));
        dctcp.window.cwnd = 100 * MSS;
        dctcp.on_loss(&ecn(100 * MSS));
        let window = dctcp.window();
        assert!((89_900..=90_300).contains(&window), "{window}");
    }

    #[test]
    fn a_loss_halves_whatever_alpha_is() {
        let mut dctcp = Dctcp::new(MSS);
        (0..400).for_each(|n| round(&mut dctcp, n, 0));
        dctcp.window.cwnd = 100 * MSS;
        dctcp.on_loss(&sample::loss(100 * MSS));
        assert_eq!(dctcp.window(), 50 * MSS);
    }
}
