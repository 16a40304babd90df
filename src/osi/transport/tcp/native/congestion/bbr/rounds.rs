//! Packet-timed round trips (draft, 5.5.1).
//!
//! A round trip is over when something is delivered that was sent after it began.

use super::Sample;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rounds {
    next_delivered: u64,
    /// Delivered with the last ACK \[bytes\].
    pub(super) delivered: u64,
    /// Whether the ACK at hand begins a round trip.
    pub(super) start: bool,
    pub(super) count: u64,
}

impl Rounds {
    /// UpdateRound. Answers whether one is over.
    pub(super) fn update(&mut self, delivered_total: u64, rs: &Sample) -> bool {
        self.delivered = delivered_total;
        self.start = rs.is_valid && rs.prior_delivered >= self.next_delivered;
        if self.start {
            self.begin(delivered_total);
            self.count += 1;
        }
        self.start
    }

    /// StartRound.
    pub(super) fn begin(&mut self, delivered_total: u64) {
        self.next_delivered = delivered_total;
    }
}
