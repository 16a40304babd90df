//! What the path delivers: rounds, the largest rate of ten, whether that is all, and bunched ACKs.

use super::{AckEvent, window::volume};
use crate::{
    osi::transport::tcp::native::{minmax::Best, rate::RateSample},
    units::{SimTime, Span},
};

#[derive(Debug, Clone, Copy)]
pub(super) struct Bandwidth {
    filter: Best,
    rounds: u64,
    next_delivered: u64,
    pub(super) round_start: bool,
    full_bw: u64,
    full_count: u32,
    extra: Best,
    extra_since: SimTime,
    extra_delivered: u64,
    /// Until this is delivered, samples count as bounded by the application.
    limited_until: u64,
}

impl Bandwidth {
    pub(super) fn new() -> Self {
        Self {
            filter: Best::largest(),
            rounds: 0,
            next_delivered: 0,
            round_start: false,
            full_bw: 0,
            full_count: 0,
            extra: Best::largest(),
            extra_since: SimTime::ZERO,
            extra_delivered: 0,
            limited_until: 0,
        }
    }

    /// Bytes/s.
    pub(super) fn max(&self) -> u64 {
        self.filter.get().unwrap_or(0)
    }

    /// Three round trips brought less than a quarter more.
    pub(super) fn is_full(&self) -> bool {
        self.full_count >= 3
    }

    /// What more to have in flight for ACKs that come bunched: at most 100 ms at the rate.
    pub(super) fn extra(&self) -> u64 {
        let most = volume(self.max(), Span::from_millis(100));
        let measured = self.extra.get().unwrap_or(0).min(most);
        if self.is_full() { measured } else { 0 }
    }

    pub(super) fn restart(&mut self, now: SimTime) {
        (self.extra_since, self.extra_delivered) = (now, 0);
    }

    /// A new round begins here.
    pub(super) fn begin_round(&mut self, delivered_total: u64) {
        self.next_delivered = delivered_total;
    }

    /// What is in flight now is bounded by ProbeRTT.
    pub(super) fn limit(&mut self, until: u64) {
        self.limited_until = until;
    }

    /// Startup may have to be judged anew.
    pub(super) fn forget_baseline(&mut self) {
        self.full_bw = 0;
        if !self.is_full() {
            self.full_count = 0;
        }
    }

    /// Takes an ACK in. Answers whether a round trip begins.
    pub(super) fn update(&mut self, ack: &AckEvent, cwnd: u64) -> bool {
        self.round_start = false;
        if let Some(rs) = &ack.rate {
            self.update_rate(ack, rs);
            self.update_extra(ack, cwnd);
            self.check_full(rs);
        }
        self.round_start
    }

    fn update_rate(&mut self, ack: &AckEvent, rs: &RateSample) {
        if rs.prior_delivered >= self.next_delivered {
            self.begin_round(ack.delivered_total);
            self.rounds += 1;
            self.round_start = true;
        }
        if !self.is_limited(rs) || rs.rate() >= self.max() {
            self.filter.update(BW_ROUNDS, self.rounds, rs.rate());
        }
    }

    fn is_limited(&self, rs: &RateSample) -> bool {
        rs.app_limited || rs.prior_delivered < self.limited_until
    }

    fn check_full(&mut self, rs: &RateSample) {
        if self.is_full() || !self.round_start || self.is_limited(rs) {
            return;
        }
        if u128::from(self.max()) * 4 >= u128::from(self.full_bw) * 5 {
            (self.full_bw, self.full_count) = (self.max(), 0);
        } else {
            self.full_count += 1;
        }
    }

    fn update_extra(&mut self, ack: &AckEvent, cwnd: u64) {
        let mut expected = volume(self.max(), ack.now.since(self.extra_since));
        if self.extra_delivered <= expected {
            self.restart(ack.now);
            expected = 0;
        }
        self.extra_delivered = self.extra_delivered.saturating_add(ack.delivered);
        let extra = (self.extra_delivered - expected).min(cwnd);
        self.extra.update(BW_ROUNDS, self.rounds, extra);
    }
}

/// How many round trips the maxima are of.
const BW_ROUNDS: u64 = 10;
