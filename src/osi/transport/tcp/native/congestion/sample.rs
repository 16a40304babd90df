//! Events for tests: plain ones, to be changed where it matters.

use super::{AckEvent, LossCause, LossEvent, Recovery};
use crate::units::{SimTime, Span};

pub(super) const fn at(ms: u64) -> SimTime {
    SimTime::from_nanos(ms * 1_000_000)
}

/// An ACK of `bytes` outside of recovery, by a sender that uses its window.
pub(super) fn ack(bytes: u64) -> AckEvent {
    AckEvent {
        now: SimTime::ZERO,
        mss: 1000,
        delivered: bytes,
        acked: bytes,
        lost: 0,
        ce_marked: 0,
        prior_in_flight: bytes,
        in_flight: 0,
        delivered_total: bytes,
        lost_total: 0,
        acked_to: bytes,
        sent_to: bytes,
        rtt: None,
        srtt: Some(Span::from_millis(100)),
        min_rtt: Some(Span::from_millis(100)),
        rate: None,
        recovery: Recovery::Open,
        window_limited: true,
        max_in_flight: bytes,
    }
}

/// A loss with `flight_size` outstanding.
pub(super) fn loss(flight_size: u64) -> LossEvent {
    LossEvent {
        now: SimTime::ZERO,
        cause: LossCause::Rack,
        mss: 1000,
        flight_size,
        in_flight: flight_size,
        lost_total: 0,
        delivered_total: 0,
        sent_to: flight_size,
        reduced: false,
    }
}

/// A timeout with `flight_size` outstanding, of which nothing is in flight any more.
pub(super) fn timeout(flight_size: u64) -> LossEvent {
    LossEvent {
        cause: LossCause::Timeout,
        in_flight: 0,
        ..loss(flight_size)
    }
}
