//! Vegas (Brakmo and Peterson, 1995): growing until a few segments wait in the queue.
//!
//! Once a round trip the window that the shortest RTT ever seen would need is compared with the
//! one in use: the difference is what waits in the bottleneck's queue. Below alpha = 2 segments
//! the window grows by one, above beta = 4 it shrinks by one; in slow start, more than gamma = 1
//! ends it. These are Linux's values, and so is doubling in each round trip of slow start and not
//! in every other. A round trip with two samples or fewer is Reno's, since delayed ACKs
//! could be all that it saw.
//!
//! Losses are answered as Reno does. Beside loss-based flows Vegas gets little.

use super::{
    AckEvent, CongestionControl, IdleEvent, LossEvent, Path, Recovery, reno, window::Window,
};
use crate::units::{SimTime, Span};

/// Vegas's state.
#[derive(Debug, Clone)]
pub struct Vegas {
    window: Window,
    /// The shortest round trip ever seen.
    base: Option<Span>,
    /// The shortest of this round trip, and how many samples it is of.
    least: Option<Span>,
    samples: u32,
    round_end: u64,
}

impl Vegas {
    /// Segments of at most `mss` bytes.
    pub fn new(mss: u64) -> Self {
        Self {
            window: Window::new(mss),
            base: None,
            least: None,
            samples: 0,
            round_end: 0,
        }
    }

    fn sample(&mut self, rtt: Span) {
        self.base = Some(self.base.map_or(rtt, |b| b.min(rtt)));
        self.least = Some(self.least.map_or(rtt, |l| l.min(rtt)));
        self.samples += 1;
    }

    fn end_round(&mut self, ack: &AckEvent) {
        match (self.base, self.least) {
            (Some(base), Some(least)) if self.samples > 2 && self.window.growth(ack) > 0 => {
                self.adjust(base, least, self.window.growth(ack));
            }
            _ => {
                let growth = self.window.growth(ack);
                reno::grow(&mut self.window, growth)
            }
        }
        self.start_round(ack.sent_to);
    }

    fn start_round(&mut self, sent_to: u64) {
        (self.least, self.samples, self.round_end) = (None, 0, sent_to);
    }

    /// Compares in bytes: queued = cwnd (rtt - base) / rtt is what the base RTT does not explain.
    fn adjust(&mut self, base: Span, rtt: Span, acked: u64) {
        let w = &mut self.window;
        let fair = scaled(w.cwnd, base, rtt);
        let queued = scaled(w.cwnd, rtt.saturating_sub(base), base);
        if w.in_slow_start() {
            if queued <= GAMMA * w.mss {
                w.slow_start(acked);
                return;
            }
            w.cwnd = w.cwnd.min(fair.saturating_add(w.mss));
            w.ssthresh = w.ssthresh.min(w.cwnd);
        } else if queued > BETA * w.mss {
            w.cwnd = w.cwnd.saturating_sub(w.mss);
            w.ssthresh = w.ssthresh.min(w.cwnd);
        } else if queued < ALPHA * w.mss {
            w.cwnd = w.cwnd.saturating_add(w.mss);
        }
        w.cwnd = w.cwnd.max(2 * w.mss);
        w.ssthresh = w.ssthresh.max(2 * w.mss);
    }
}

impl CongestionControl for Vegas {
    fn name(&self) -> &'static str {
        "vegas"
    }

    fn window(&self) -> u64 {
        self.window.cwnd
    }

    fn ssthresh(&self) -> u64 {
        self.window.ssthresh
    }

    fn on_established(&mut self, _: SimTime, path: &Path) {
        self.window.set_mss(path.mss);
        self.base = path.rtt;
    }

    fn on_mss(&mut self, mss: u64) {
        self.window.set_mss(mss);
    }

    fn on_idle(&mut self, idle: &IdleEvent) {
        self.window.restart(idle);
        (self.least, self.samples) = (None, 0);
    }

    fn on_ack(&mut self, ack: &AckEvent) {
        if let Some(rtt) = ack.rtt {
            self.sample(rtt.max(Span::from_nanos(1)));
        }
        if ack.recovery != Recovery::Open {
            // Linux stops Vegas outside of the open state; Reno repairs.
            {
                let growth = self.window.growth(ack);
                reno::grow(&mut self.window, growth)
            };
            self.start_round(ack.sent_to);
        } else if ack.acked_to >= self.round_end {
            self.end_round(ack);
        } else if self.window.in_slow_start() {
            self.window.slow_start(self.window.growth(ack));
        }
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

/// `bytes` times `a` over `b`.
fn scaled(bytes: u64, a: Span, b: Span) -> u64 {
    let product = u128::from(bytes) * u128::from(a.as_nanos());
    u64::try_from(product / u128::from(b.as_nanos().max(1))).unwrap_or(u64::MAX)
}

/// Segments that should wait at least, at most, and at the end of slow start.
const ALPHA: u64 = 2;
const BETA: u64 = 4;
const GAMMA: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::osi::transport::tcp::native::congestion::sample;

    const MSS: u64 = 1000;

    /// A round trip of ACKs that each measure `us` microseconds.
    fn round(vegas: &mut Vegas, number: u64, us: u64) {
        for i in 1..=10 {
            vegas.on_ack(&AckEvent {
                rtt: Some(Span::from_micros(us)),
                acked_to: 10 * number + i,
                sent_to: 10 * number + i + 10,
                ..sample::ack(MSS)
            });
        }
    }

    fn in_avoidance(segments: u64) -> Vegas {
        let mut vegas = Vegas::new(MSS);
        vegas.base = Some(Span::from_millis(100));
        vegas.window.cwnd = segments * MSS;
        vegas.window.ssthresh = segments * MSS / 2;
        vegas
    }

    #[test]
    fn the_window_moves_by_a_segment_toward_two_to_four_queued() {
        // 50 segments, base 100 ms: 1 queued is 102 ms, 3 are 106 ms, 5 are 110 ms.
        for (us, expected) in [(102_000, 51), (106_000, 50), (110_000, 49)] {
            let mut vegas = in_avoidance(50);
            round(&mut vegas, 0, us);
            // The first ACK closes the round before it, with too few samples: Reno's share of
            // one segment in fifty. The next round's first ACK closes this one.
            let before = vegas.window();
            assert_eq!(before, 50 * MSS);
            vegas.on_ack(&AckEvent {
                acked_to: 11,
                sent_to: 20,
                ..sample::ack(MSS)
            });
            assert_eq!(vegas.window(), expected * MSS, "{us}");
        }
    }

    #[test]
    fn slow_start_ends_when_more_than_a_segment_waits() {
        // 40 segments, base 100 ms, 105 ms: 2 queued. Down to 40 x 100/105 + 1 = 39.1.
        let mut vegas = Vegas::new(MSS);
        vegas.base = Some(Span::from_millis(100));
        vegas.window.cwnd = 40 * MSS;
        vegas.adjust(Span::from_millis(100), Span::from_millis(105), MSS);
        assert_eq!(vegas.window(), 39_095);
        assert!(!vegas.window.in_slow_start());
    }
}
