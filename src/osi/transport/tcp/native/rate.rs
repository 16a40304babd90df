//! Delivery rate estimation: what each ACK says about how fast the path delivers.
//!
//! Each segment carries a [`Stamp`] of how much was delivered when it left. When it is delivered
//! itself, what was delivered in between, over the time that took, is a sample. Of all segments
//! that one ACK delivers, the one sent last is used. A sample over less than the shortest round
//! trip cannot be and is dropped: it comes of an ACK for the original of what was sent again.
//!
//! Read draft-ietf-ccwg-bbr-06, section 4.1.

use crate::units::{SimTime, Span};

/// One measurement of the delivery rate, made of one ACK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateSample {
    /// Bytes delivered over `interval`.
    pub delivered: u64,
    /// What the bytes took: the longer of the time over which they were sent and the time over
    /// which their ACKs came \[ns\], so that neither bunched sending nor bunched ACKs show too
    /// high a rate. Never zero.
    pub interval: Span,
    /// All bytes delivered on the connection when the newest segment that this ACK delivers was
    /// sent: a round trip has passed once this reaches what was delivered when the round began.
    pub prior_delivered: u64,
    /// Bytes marked lost over the same stretch (since that segment was sent).
    pub lost: u64,
    /// Bytes in flight right after that segment was sent, itself included.
    pub tx_in_flight: u64,
    /// Whether the application, and not the window, bounded what was in flight then: the rate
    /// is then only a lower bound of what the path can do.
    pub app_limited: bool,
}

impl RateSample {
    /// The delivery rate \[bytes/s\], saturating.
    pub fn rate(&self) -> u64 {
        let ns = u128::from(self.interval.as_nanos().max(1));
        let rate = u128::from(self.delivered) * 1_000_000_000 / ns;
        u64::try_from(rate).unwrap_or(u64::MAX)
    }
}

/// What is kept with a segment from the time it leaves (again).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// When it left.
    pub sent_at: SimTime,
    /// Delivered on the connection by then \[bytes\].
    pub delivered: u64,
    /// When the last of that was delivered.
    pub delivered_at: SimTime,
    /// When the segment left with which that stretch of sending began.
    pub first_sent_at: SimTime,
    /// Marked lost on the connection by then \[bytes\].
    pub lost: u64,
    /// In flight with it \[bytes\].
    pub tx_in_flight: u64,
    /// Whether the application bounded the flight then.
    pub app_limited: bool,
}

/// The estimator of one connection.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RateEstimator {
    delivered: u64,
    delivered_at: SimTime,
    first_sent_at: SimTime,
    lost: u64,
    /// Samples are app-limited until this much is delivered \[bytes\]; 0: they are not.
    limited_until: u64,
    /// Of the segments that the ACK at hand delivers, the one sent last.
    newest: Option<Stamp>,
}

impl RateEstimator {
    /// All bytes delivered so far.
    pub(super) fn delivered(&self) -> u64 {
        self.delivered
    }

    /// All bytes marked lost so far.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    /// Whether what is sent now counts as bounded by the application.
    pub(super) fn is_app_limited(&self) -> bool {
        self.limited_until > 0
    }

    /// A segment of `bytes` leaves while `in_flight` (without it) are under way.
    pub(super) fn on_sent(&mut self, now: SimTime, bytes: u64, in_flight: u64) -> Stamp {
        if in_flight == 0 {
            (self.first_sent_at, self.delivered_at) = (now, now);
        }
        Stamp {
            sent_at: now,
            delivered: self.delivered,
            delivered_at: self.delivered_at,
            first_sent_at: self.first_sent_at,
            lost: self.lost,
            tx_in_flight: in_flight.saturating_add(bytes),
            app_limited: self.is_app_limited(),
        }
    }

    /// There was room in the window, but nothing to send: what is in flight now measures the
    /// application, not the path. (`in_flight` as it is then.)
    pub(super) fn on_app_limited(&mut self, in_flight: u64) {
        self.limited_until = self.delivered.saturating_add(in_flight).max(1);
    }

    /// The ACK at hand delivers a segment of `bytes`, cumulatively or by SACK, for the first time.
    pub(super) fn on_delivered(&mut self, now: SimTime, bytes: u64, stamp: &Stamp) {
        self.delivered = self.delivered.saturating_add(bytes);
        self.delivered_at = now;
        if self.newest.is_none_or(|n| stamp.sent_at >= n.sent_at) {
            self.newest = Some(*stamp);
            self.first_sent_at = stamp.sent_at;
        }
    }

    /// A segment of `bytes` is marked lost.
    pub(super) fn on_lost(&mut self, bytes: u64) {
        self.lost = self.lost.saturating_add(bytes);
    }

    /// All segments of the ACK at hand are counted (and its losses): the sample, if it is one.
    pub(super) fn sample(&mut self, min_rtt: Option<Span>) -> Option<RateSample> {
        if self.limited_until > 0 && self.delivered > self.limited_until {
            self.limited_until = 0;
        }
        let newest = self.newest.take()?;
        let sending = newest.sent_at.since(newest.first_sent_at);
        let acking = self.delivered_at.since(newest.delivered_at);
        let interval = sending.max(acking);
        let too_short = min_rtt.is_some_and(|least| interval < least);
        (!too_short && interval > Span::ZERO).then(|| self.of(&newest, interval))
    }

    fn of(&self, newest: &Stamp, interval: Span) -> RateSample {
        RateSample {
            delivered: self.delivered - newest.delivered,
            interval,
            prior_delivered: newest.delivered,
            lost: self.lost - newest.lost,
            tx_in_flight: newest.tx_in_flight,
            app_limited: newest.app_limited,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: u64) -> SimTime {
        SimTime::from_nanos(ms * 1_000_000)
    }

    #[test]
    fn the_rate_is_what_was_delivered_over_the_longer_of_both_intervals() {
        // Ten segments of 1000 bytes leave 1 ms apart; their ACKs come 2 ms apart from 40 ms on.
        // The last: sent over 9 ms, acknowledged over 58 - 0 ms (nothing was delivered before),
        // so 10 000 bytes in 58 ms.
        let mut e = RateEstimator::default();
        let stamps: Vec<_> = (0..10).map(|i| e.on_sent(at(i), 1000, 1000 * i)).collect();
        let mut last = None;
        for (i, stamp) in (0..).zip(&stamps) {
            e.on_delivered(at(40 + 2 * i), 1000, stamp);
            last = e.sample(None);
        }
        let last = last.unwrap();
        assert_eq!(
            (last.delivered, last.interval),
            (10_000, Span::from_millis(58))
        );
        assert_eq!(last.rate(), 10_000 * 1000 / 58);
        // In the next round the ACK clock shows: 2 ms for each 1000 bytes.
        let next = e.on_sent(at(58), 1000, 1000);
        e.on_delivered(at(98), 1000, &next);
        let sample = e.sample(None).unwrap();
        assert_eq!(sample.prior_delivered, 10_000);
        assert_eq!(sample.interval, Span::from_millis(49));
    }

    #[test]
    fn what_takes_less_than_the_shortest_round_trip_is_no_sample() {
        let mut e = RateEstimator::default();
        let stamp = e.on_sent(at(0), 1000, 0);
        e.on_delivered(at(10), 1000, &stamp);
        assert_eq!(e.sample(Some(Span::from_millis(11))), None);
        let stamp = e.on_sent(at(20), 1000, 0);
        e.on_delivered(at(31), 1000, &stamp);
        assert!(e.sample(Some(Span::from_millis(11))).is_some());
        assert_eq!(e.sample(None), None, "one sample an ACK");
    }

    #[test]
    fn samples_are_marked_until_the_limited_flight_is_delivered() {
        let mut e = RateEstimator::default();
        let first = e.on_sent(at(0), 1000, 0);
        e.on_app_limited(1000);
        let second = e.on_sent(at(1), 1000, 1000);
        assert!(!first.app_limited && second.app_limited);
        e.on_delivered(at(10), 1000, &first);
        assert!(!e.sample(None).unwrap().app_limited);
        assert!(e.is_app_limited());
        e.on_delivered(at(11), 1000, &second);
        assert!(e.sample(None).unwrap().app_limited);
        assert!(!e.is_app_limited());
    }

    #[test]
    fn losses_since_the_segment_left_count_with_its_sample() {
        let mut e = RateEstimator::default();
        e.on_lost(500);
        let stamp = e.on_sent(at(0), 1000, 3000);
        e.on_lost(2000);
        e.on_delivered(at(9), 1000, &stamp);
        let sample = e.sample(None).unwrap();
        assert_eq!((sample.lost, sample.tx_in_flight), (2000, 4000));
    }
}
