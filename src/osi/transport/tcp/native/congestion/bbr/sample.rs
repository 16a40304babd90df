//! The rate sample of an ACK, with values that change nothing where there is none.

use super::AckEvent;

/// RS of the draft.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) is_valid: bool,
    /// RS.delivery_rate \[bytes/s\].
    pub(super) rate: u64,
    pub(super) delivered: u64,
    pub(super) prior_delivered: u64,
    pub(super) lost: u64,
    pub(super) tx_in_flight: u64,
    pub(super) app_limited: bool,
}

impl Sample {
    pub(super) fn new(ack: &AckEvent) -> Self {
        let Some(rs) = ack.rate else {
            return NOTHING;
        };
        Self {
            is_valid: true,
            rate: rs.rate(),
            delivered: rs.delivered,
            prior_delivered: rs.prior_delivered,
            lost: rs.lost,
            tx_in_flight: rs.tx_in_flight,
            app_limited: rs.app_limited,
        }
    }

    /// IsInflightTooHigh: more than 2 % of the flight was lost.
    pub(super) fn is_inflight_too_high(&self) -> bool {
        u128::from(self.lost) * 100 > u128::from(self.tx_in_flight) * u128::from(LOSS_THRESH)
    }
}

/// BBR.LossThresh in percent.
pub(super) const LOSS_THRESH: u64 = 2;

const NOTHING: Sample = Sample {
    is_valid: false,
    rate: 0,
    delivered: 0,
    prior_delivered: 0,
    lost: 0,
    tx_in_flight: 0,
    app_limited: true,
};
