//! Reno: slow start, additive increase, halving (RFC 5681), counting bytes (RFC 3465).
//!
//! The window grows by what is acknowledged while it is below the threshold, then by one segment
//! for each window acknowledged. A loss or an ECN echo halves it; a timeout leaves one segment.
//! There is no limit L on what one ACK counts for, as in Linux.
//!
//! Not here: fast retransmit and the inflation of the window by duplicate ACKs. The machine
//! finds losses with RACK and SACK and sends in recovery by proportional rate reduction.

use super::{AckEvent, CongestionControl, IdleEvent, LossEvent, Path, window::Window};
use crate::units::SimTime;

/// Reno's state.
#[derive(Debug, Clone)]
pub struct Reno {
    window: Window,
}

impl Reno {
    /// Segments of at most `mss` bytes.
    pub fn new(mss: u64) -> Self {
        Self {
            window: Window::new(mss),
        }
    }
}

impl CongestionControl for Reno {
    fn name(&self) -> &'static str {
        "reno"
    }

    fn window(&self) -> u64 {
        self.window.cwnd
    }

    fn ssthresh(&self) -> u64 {
        self.window.ssthresh
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
        {
            let growth = self.window.growth(ack);
            grow(&mut self.window, growth)
        };
    }

    fn on_loss(&mut self, loss: &LossEvent) {
        self.window.reduce(self.window.used(loss) / 2);
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

/// Slow start, and one segment a window beyond the threshold.
pub(super) fn grow(window: &mut Window, acked: u64) {
    let mut rest = acked;
    if window.in_slow_start() {
        rest = window.slow_start(acked);
    }
    if rest > 0 {
        window.increase(rest, window.cwnd);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::osi::transport::tcp::native::congestion::sample;

    const MSS: u64 = 1000;

    /// Acknowledges one window, segment by segment.
    fn round(reno: &mut Reno) {
        for _ in 0..reno.window() / MSS {
            reno.on_ack(&sample::ack(MSS));
        }
    }

    #[test]
    fn slow_start_doubles_each_round_trip() {
        // 10, 20, 40, 80 segments.
        let mut reno = Reno::new(MSS);
        for expected in [20, 40, 80] {
            round(&mut reno);
            assert_eq!(reno.window(), expected * MSS);
        }
    }

    #[test]
    fn congestion_avoidance_adds_one_segment_each_round_trip() {
        // A loss with 40 segments in flight: 20, then 21, 22, 23.
        let mut reno = Reno::new(MSS);
        round(&mut reno);
        round(&mut reno);
        reno.on_loss(&sample::loss(40 * MSS));
        assert_eq!((reno.window(), reno.ssthresh()), (20 * MSS, 20 * MSS));
        for expected in 21..=23 {
            round(&mut reno);
            assert_eq!(reno.window(), expected * MSS);
        }
    }

    #[test]
    fn a_timeout_leaves_one_segment_and_half_the_flight_as_threshold() {
        let mut reno = Reno::new(MSS);
        round(&mut reno);
        reno.on_timeout(&sample::timeout(20 * MSS));
        assert_eq!((reno.window(), reno.ssthresh()), (MSS, 10 * MSS));
        // 1, 2, 4, 8, then up to the threshold of 10 and on in congestion avoidance.
        for expected in [2, 4, 8, 10, 11] {
            round(&mut reno);
            assert_eq!(reno.window(), expected * MSS);
        }
    }

    #[test]
    fn the_window_stands_still_in_recovery_and_while_it_is_not_used() {
        let mut reno = Reno::new(MSS);
        reno.on_ack(&AckEvent {
            recovery: super::super::Recovery::Fast,
            ..sample::ack(MSS)
        });
        reno.on_ack(&AckEvent {
            window_limited: false,
            ..sample::ack(MSS)
        });
        reno.on_ack(&AckEvent {
            acked: 0,
            ..sample::ack(MSS)
        });
        assert_eq!(reno.window(), 10 * MSS);
    }

    #[test]
    fn a_small_flight_is_halved_to_two_segments_at_least() {
        let mut reno = Reno::new(MSS);
        reno.on_loss(&sample::loss(MSS));
        assert_eq!(reno.window(), 2 * MSS);
    }

    #[test]
    fn an_acknowledgment_of_many_segments_counts_in_full() {
        // RFC 3465 with no limit: one ACK of a window of ten doubles it.
        let mut reno = Reno::new(MSS);
        reno.on_ack(&sample::ack(10 * MSS));
        assert_eq!(reno.window(), 20 * MSS);
    }
}
