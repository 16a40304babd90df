//! BBR.extra_acked: how much more is acknowledged at once than the rate explains (draft, 5.5.9).

use super::{AckEvent, Rounds, control::volume};
use crate::{osi::transport::tcp::native::minmax::Best, units::SimTime};

#[derive(Debug, Clone, Copy)]
pub(super) struct ExtraAcked {
    since: SimTime,
    delivered: u64,
    filter: Best,
}

impl ExtraAcked {
    pub(super) fn new() -> Self {
        Self {
            since: SimTime::ZERO,
            delivered: 0,
            filter: Best::largest(),
        }
    }

    /// The windowed maximum \[bytes\].
    pub(super) fn get(&self) -> u64 {
        self.filter.get().unwrap_or(0)
    }

    pub(super) fn restart(&mut self, now: SimTime) {
        self.since = now;
    }

    /// UpdateACKAggregation.
    pub(super) fn update(
        &mut self,
        ack: &AckEvent,
        bw: u64,
        cwnd: u64,
        rounds: &Rounds,
        full: bool,
    ) {
        let mut expected = volume(bw, ack.now.since(self.since));
        if self.delivered <= expected {
            (self.delivered, self.since, expected) = (0, ack.now, 0);
        }
        self.delivered = self.delivered.saturating_add(ack.delivered);
        let extra = (self.delivered - expected).min(cwnd);
        // In Startup the rate is not known yet: remember one round trip.
        let window = if full { FILTER_ROUNDS } else { 1 };
        self.filter.update(window, rounds.count, extra);
    }
}

/// BBR.ExtraAckedFilterLen, in round trips.
const FILTER_ROUNDS: u64 = 10;
