//! Delivery rate estimation: what each ACK says about how fast the path delivers.
//!
//! Read draft-ietf-ccwg-bbr, section 4.1 (before it, draft-cheng-iccrg-delivery-rate-estimation).

use crate::units::Span;

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
