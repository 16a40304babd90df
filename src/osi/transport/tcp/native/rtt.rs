//! Round-trip times and the retransmission timeout (RFC 6298), with Linux's care for variance.
//!
//! What Linux adds to the RFC, and this too: the floor is put under the variance term and not
//! under the whole timeout ([`Floor::Variance`]); a round trip that falls feeds the variance with
//! an eighth of the gain, so that a draining queue does not raise the timeout; and the variance
//! that counts is the largest of the last round trip, from which it decays by a quarter a round
//! trip. With [`Floor::Whole`] the RFC's plain equations hold (2.2 to 2.4).
//!
//! Samples must obey Karn's rule: none of a retransmitted segment, unless timestamps tell.

use super::minmax::Best;
use crate::{
    osi::transport::{RtoFloor, TcpConfig},
    units::{SimTime, Span},
};

/// Where the least retransmission timeout is enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Floor {
    /// Linux: the timeout is the smoothed round trip plus at least this. Default 200 ms.
    Variance(Span),
    /// RFC 6298 (2.4): the timeout is at least this. The RFC says 1 s.
    Whole(Span),
}

impl Floor {
    /// What the file says.
    pub(super) const fn of(config: &TcpConfig) -> Self {
        match config.rto_floor {
            RtoFloor::Linux => Self::Variance(config.min_rto),
            RtoFloor::Rfc6298 => Self::Whole(config.min_rto),
        }
    }

    /// How long the peer's ACK of a single segment may wait: Linux takes its least time-out for
    /// that, RFC 8985 (section 7.2) 200 ms.
    pub(super) const fn longest_ack_delay(self) -> Span {
        match self {
            Self::Variance(least) => least,
            Self::Whole(_) => Span::from_millis(200),
        }
    }
}

impl Default for Floor {
    fn default() -> Self {
        Self::Variance(Span::from_millis(200))
    }
}

/// Timeout before the first sample (RFC 6298, 2.1).
pub(super) const INITIAL_RTO: Span = Span::from_secs(1);
/// Timeout for data if the SYN had to be retransmitted and nothing was measured (RFC 6298, 5.7).
pub(super) const FALLBACK_RTO: Span = Span::from_secs(3);
/// The most that backing off reaches: 120 s as Linux (RFC 6298, 2.5: at least 60 s).
pub(super) const MAX_RTO: Span = Span::from_secs(120);
/// How long the shortest round trip is remembered (Linux: tcp_min_rtt_wlen).
pub(super) const MIN_RTT_WINDOW: Span = Span::from_secs(300);

/// The estimator of one connection.
#[derive(Debug, Clone)]
pub(super) struct RttEstimator {
    floor: Floor,
    /// Nanoseconds; none before the first sample.
    srtt: Option<u64>,
    /// Four mean deviations \[ns\], following each sample.
    deviation: u64,
    /// The largest `deviation` of this round trip, at least the floor \[ns\].
    deviation_max: u64,
    /// What is added to `srtt` \[ns\].
    variance: u64,
    /// The round trip over which `deviation_max` is taken ends with the ACK of this position.
    round_end: u64,
    shortest: Best,
    latest: Option<Span>,
    initial: Span,
    backoff: u32,
}

impl RttEstimator {
    /// No samples yet.
    pub(super) fn new(floor: Floor) -> Self {
        Self {
            floor,
            srtt: None,
            deviation: 0,
            deviation_max: 0,
            variance: 0,
            round_end: 0,
            shortest: Best::smallest(),
            latest: None,
            initial: INITIAL_RTO,
            backoff: 0,
        }
    }

    /// The smoothed round trip; none before the first sample.
    pub(super) fn srtt(&self) -> Option<Span> {
        self.srtt.map(Span::from_nanos)
    }

    /// The mean deviation, RTTVAR in the RFC's scale: a quarter of what the timeout adds.
    pub(super) fn rttvar(&self) -> Span {
        Span::from_nanos(self.variance / 4)
    }

    /// The latest sample.
    pub(super) fn latest(&self) -> Option<Span> {
        self.latest
    }

    /// The shortest round trip of the last five minutes.
    pub(super) fn min_rtt(&self) -> Option<Span> {
        self.shortest.get().map(Span::from_nanos)
    }

    /// The retransmission timeout, backed off.
    pub(super) fn rto(&self) -> Span {
        let doubled = self.base_rto().times(1 << self.backoff.min(16));
        doubled.min(MAX_RTO)
    }

    /// The retransmission timeout without backing off.
    pub(super) fn base_rto(&self) -> Span {
        let Some(srtt) = self.srtt else {
            return self.initial;
        };
        let sum = Span::from_nanos(srtt.saturating_add(self.variance));
        match self.floor {
            Floor::Variance(_) => sum.min(MAX_RTO),
            Floor::Whole(least) => sum.max(least).min(MAX_RTO),
        }
    }

    /// A round trip was measured. `acked_to` and `sent_to` are the positions of SND.UNA and
    /// SND.NXT in the stream. Ends backing off.
    pub(super) fn on_sample(&mut self, now: SimTime, rtt: Span, acked_to: u64, sent_to: u64) {
        let sample = rtt.as_nanos().clamp(1, LONGEST);
        self.latest = Some(Span::from_nanos(sample));
        self.shortest
            .update(MIN_RTT_WINDOW.as_nanos(), now.as_nanos(), sample);
        match self.srtt {
            None => self.first(sample, sent_to),
            Some(srtt) => self.next(srtt, sample, acked_to, sent_to),
        }
        self.backoff = 0;
    }

    /// The timer ran out: the timeout doubles (RFC 6298, 5.5).
    pub(super) fn on_timeout(&mut self) {
        self.backoff = self.backoff.saturating_add(1);
    }

    /// The peer has answered a SYN with one of its own: backing off ends. Data that is
    /// acknowledged does not end it without a sample (Karn; RFC 6298, section 5).
    pub(super) fn on_progress(&mut self) {
        self.backoff = 0;
    }

    /// The SYN was retransmitted and no round trip measured: data starts with 3 s (5.7).
    pub(super) fn fall_back(&mut self) {
        self.initial = FALLBACK_RTO;
        self.backoff = 0;
    }

    fn least(&self) -> u64 {
        match self.floor {
            Floor::Variance(least) => least.as_nanos(),
            Floor::Whole(_) => CLOCK_GRANULARITY,
        }
    }

    /// SRTT is the sample and RTTVAR half of it (2.2); four of these are twice the sample.
    fn first(&mut self, sample: u64, sent_to: u64) {
        self.srtt = Some(sample);
        self.deviation = sample.saturating_mul(2);
        self.variance = self.deviation.max(self.least());
        self.deviation_max = self.variance;
        self.round_end = sent_to;
    }

    /// RTTVAR before SRTT, with gains of a quarter and an eighth (2.3).
    fn next(&mut self, srtt: u64, sample: u64, acked_to: u64, sent_to: u64) {
        self.deviate(srtt, sample);
        self.srtt = Some(srtt - srtt / 8 + sample / 8);
        match self.floor {
            Floor::Whole(_) => self.variance = self.deviation.max(CLOCK_GRANULARITY),
            Floor::Variance(_) => self.hold_largest(acked_to, sent_to),
        }
    }

    fn deviate(&mut self, srtt: u64, sample: u64) {
        let error = srtt.abs_diff(sample);
        let mean = self.deviation / 4;
        let falls = sample < srtt && matches!(self.floor, Floor::Variance(_));
        self.deviation = match error.checked_sub(mean) {
            Some(more) if falls => self.deviation + more / 8,
            Some(more) => self.deviation.saturating_add(more),
            None => self.deviation - (mean - error),
        };
    }

    fn hold_largest(&mut self, acked_to: u64, sent_to: u64) {
        self.deviation_max = self.deviation_max.max(self.deviation);
        self.variance = self.variance.max(self.deviation_max);
        if acked_to > self.round_end {
            let excess = self.variance.saturating_sub(self.deviation_max);
            self.variance -= excess / 4;
            self.round_end = sent_to;
            self.deviation_max = self.least();
        }
    }
}

/// Samples count as at most this \[ns\] (13 days), so that no sum overflows.
const LONGEST: u64 = 1 << 50;

/// The G of RFC 6298: the simulated clock ticks in nanoseconds, Linux's in milliseconds.
const CLOCK_GRANULARITY: u64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Span = Span::from_millis;

    fn feed(estimator: &mut RttEstimator, samples: &[u64]) {
        for (i, ms) in samples.iter().enumerate() {
            // Each sample is a round trip of its own.
            let (acked, sent) = (10 * i as u64 + 1, 10 * i as u64 + 10);
            let now = SimTime::ZERO + MS(100 * i as u64);
            estimator.on_sample(now, MS(*ms), acked, sent);
        }
    }

    #[test]
    fn the_rfc_form_follows_the_equations() {
        // First 100 ms: SRTT 100, RTTVAR 50, RTO 100 + 4 x 50 = 300 ms.
        // Then 180 ms: RTTVAR = 3/4 x 50 + 1/4 x 80 = 57.5; SRTT = 7/8 x 100 + 1/8 x 180 = 110;
        // RTO = 110 + 230 = 340 ms.
        let mut e = RttEstimator::new(Floor::Whole(MS(1)));
        assert_eq!(e.rto(), INITIAL_RTO);
        feed(&mut e, &[100]);
        assert_eq!(
            (e.srtt(), e.rttvar(), e.rto()),
            (Some(MS(100)), MS(50), MS(300))
        );
        let mut e = RttEstimator::new(Floor::Whole(MS(1)));
        feed(&mut e, &[100, 180]);
        assert_eq!(e.srtt(), Some(MS(110)));
        assert_eq!(e.rttvar(), Span::from_micros(57_500));
        assert_eq!(e.rto(), MS(340));
    }

    #[test]
    fn the_rfc_floor_is_under_the_whole_and_linuxs_under_the_variance() {
        // A steady 40 ms: the RFC's form gives 1 s, Linux's 40 + 200 ms.
        let steady = [40; 60];
        let mut rfc = RttEstimator::new(Floor::Whole(Span::from_secs(1)));
        feed(&mut rfc, &steady);
        assert_eq!(rfc.rto(), Span::from_secs(1));
        let mut linux = RttEstimator::new(Floor::default());
        feed(&mut linux, &steady);
        let off = linux.rto().as_nanos().abs_diff(240_000_000);
        assert!(off < 1_000, "{}", linux.rto());
    }

    #[test]
    fn a_falling_round_trip_does_not_raise_linuxs_timeout() {
        // 500 ms steady, then 100 ms: in the RFC's form the error of 400 ms raises the variance
        // term by about 400 ms; here it rises by an eighth of that, while SRTT falls by 50 ms.
        let samples: Vec<u64> = [500; 60].into_iter().chain([100]).collect();
        let (before, after) = ([500; 60].to_vec(), samples);
        let rto = |floor, samples: &[u64]| {
            let mut e = RttEstimator::new(floor);
            feed(&mut e, samples);
            e.rto()
        };
        let linux = Floor::default();
        assert!(rto(linux, &after) < rto(linux, &before));
        let rfc = Floor::Whole(MS(1));
        assert!(rto(rfc, &after) > rto(rfc, &before) + MS(300));
    }

    #[test]
    fn each_timeout_doubles_up_to_two_minutes() {
        let mut e = RttEstimator::new(Floor::default());
        for n in 1..=5 {
            e.on_timeout();
            assert_eq!(e.rto(), Span::from_secs(1 << n));
        }
        (0..100).for_each(|_| e.on_timeout());
        assert_eq!(e.rto(), MAX_RTO);
        e.on_progress();
        assert_eq!(e.rto(), INITIAL_RTO);
        e.fall_back();
        assert_eq!(e.rto(), FALLBACK_RTO);
    }

    #[test]
    fn the_shortest_round_trip_is_kept_for_five_minutes() {
        let mut e = RttEstimator::new(Floor::default());
        e.on_sample(SimTime::ZERO, MS(20), 0, 0);
        e.on_sample(SimTime::ZERO + Span::from_secs(200), MS(50), 0, 0);
        assert_eq!(e.min_rtt(), Some(MS(20)));
        e.on_sample(SimTime::ZERO + Span::from_secs(301), MS(60), 0, 0);
        assert_eq!(e.min_rtt(), Some(MS(50)));
    }

    #[test]
    fn extreme_samples_do_not_overflow() {
        let mut e = RttEstimator::new(Floor::default());
        for rtt in [Span::MAX, Span::ZERO, Span::MAX, Span::MAX] {
            e.on_sample(SimTime::ZERO, rtt, 1, 2);
        }
        assert_eq!(e.rto(), MAX_RTO);
    }
}
