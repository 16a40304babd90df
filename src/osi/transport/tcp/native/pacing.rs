//! Pacing: when the next segment may leave.
//!
//! The earliest departure time of a segment is that of the one before plus what that one takes at
//! the pacing rate (draft-ietf-ccwg-bbr, 5.6.2). Time that passed unused is not made up for: a
//! sender that was kept back does not burst.
//!
//! Not here: send quanta. Nothing is offloaded in the simulator, so each segment is paced alone.

use crate::units::{SimTime, Span};

/// The pacer of one connection.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pacer {
    next: SimTime,
}

impl Pacer {
    /// When the next segment may leave: `now` or later.
    pub(super) fn ready_at(&self, now: SimTime) -> SimTime {
        self.next.max(now)
    }

    /// A segment of `bytes` left at `now` while the pacing rate was `rate` bytes/s; `None` leaves
    /// no gap.
    pub(super) fn on_sent(&mut self, now: SimTime, bytes: u64, rate: Option<u64>) {
        self.next = self.ready_at(now) + rate.map_or(Span::ZERO, |r| time_for(bytes, r));
    }
}

/// What `bytes` take at `rate` bytes/s, rounded up.
fn time_for(bytes: u64, rate: u64) -> Span {
    let ns = (u128::from(bytes) * NS_PER_S).div_ceil(u128::from(rate.max(1)));
    Span::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
}

/// The rate at which Linux paces a window-based algorithm where pacing is asked for \[bytes/s\]:
/// twice the window a round trip while it is below half the slow start threshold, then 1.2 times.
pub(super) fn window_rate(window: u64, ssthresh: u64, srtt: Span) -> u64 {
    let percent = if window < ssthresh / 2 { 200 } else { 120 };
    let ns = u128::from(srtt.as_nanos().max(1));
    let rate = u128::from(window) * percent * NS_PER_S / (100 * ns);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

const NS_PER_S: u128 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: u64) -> SimTime {
        SimTime::from_nanos(ms * 1_000_000)
    }

    #[test]
    fn segments_leave_one_serialization_apart() {
        // 1500 bytes at 1 500 000 bytes/s take 1 ms.
        let mut pacer = Pacer::default();
        pacer.on_sent(at(5), 1500, Some(1_500_000));
        assert_eq!(pacer.ready_at(at(5)), at(6));
        pacer.on_sent(at(6), 1500, Some(1_500_000));
        assert_eq!(pacer.ready_at(at(6)), at(7));
    }

    #[test]
    fn unused_time_is_not_made_up_for() {
        let mut pacer = Pacer::default();
        pacer.on_sent(at(0), 1500, Some(1_500_000));
        assert_eq!(pacer.ready_at(at(50)), at(50));
        pacer.on_sent(at(50), 1500, Some(1_500_000));
        assert_eq!(pacer.ready_at(at(50)), at(51));
    }

    #[test]
    fn without_a_rate_all_may_leave_at_once() {
        let mut pacer = Pacer::default();
        pacer.on_sent(at(3), 1500, None);
        assert_eq!(pacer.ready_at(at(3)), at(3));
    }

    #[test]
    fn a_window_is_paced_at_twice_its_rate_and_later_at_a_fifth_more() {
        // 100 000 bytes in 100 ms are 1 000 000 bytes/s.
        let srtt = Span::from_millis(100);
        assert_eq!(window_rate(100_000, u64::MAX, srtt), 2_000_000);
        assert_eq!(window_rate(100_000, 150_000, srtt), 1_200_000);
    }
}
