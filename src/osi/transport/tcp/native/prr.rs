//! Proportional rate reduction: how much to send in recovery (RFC 6937).
//!
//! While more is in flight than the slow start threshold, what is sent is what was delivered,
//! scaled by the threshold over the flight at the start: the window shrinks evenly over one round
//! trip. Below the threshold the flight is built up again: by what is delivered, and one segment
//! more (the slow start reduction bound) if the ACK moves SND.UNA and shows no new loss. So
//! Linux, and RFC 6937's authors since (draft-ietf-tcpm-prr-rfc6937bis).

/// The state of one recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prr {
    /// The flight when recovery began, RecoverFS \[bytes\].
    start: u64,
    ssthresh: u64,
    delivered: u64,
    out: u64,
    allowance: u64,
}

/// What one ACK in recovery tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PrrAck {
    /// Newly delivered, DeliveredData \[bytes\].
    pub delivered: u64,
    /// In flight after the ACK, pipe \[bytes\].
    pub in_flight: u64,
    /// Largest payload of a segment \[bytes\].
    pub mss: u64,
    /// Whether it moves SND.UNA and shows no new loss.
    pub progress: bool,
}

impl Prr {
    /// Recovery begins with `start` bytes allowed (the window, as Linux has it, or the flight)
    /// and heads for `ssthresh`. One segment may leave at once: the first retransmission.
    pub(super) fn new(start: u64, ssthresh: u64, mss: u64) -> Self {
        Self {
            start: start.max(1),
            ssthresh,
            delivered: 0,
            out: 0,
            allowance: mss,
        }
    }

    /// What may still leave before the next ACK \[bytes\].
    #[cfg(test)]
    fn allowance(&self) -> u64 {
        self.allowance
    }

    /// The window that this is \[bytes\]: `in_flight` and the allowance.
    pub(super) fn window(&self, in_flight: u64) -> u64 {
        in_flight.saturating_add(self.allowance)
    }

    /// `bytes` left, new or again.
    pub(super) fn on_sent(&mut self, bytes: u64) {
        self.out = self.out.saturating_add(bytes);
        self.allowance = self.allowance.saturating_sub(bytes);
    }

    /// An ACK came.
    pub(super) fn on_ack(&mut self, ack: &PrrAck) {
        self.delivered = self.delivered.saturating_add(ack.delivered);
        let allowed = if ack.in_flight > self.ssthresh {
            self.proportional()
        } else {
            self.bounded(ack)
        };
        // The first retransmission leaves whatever the sums say.
        let least = if self.out == 0 { ack.mss } else { 0 };
        self.allowance = allowed.max(least);
    }

    fn proportional(&self) -> u64 {
        let share = u128::from(self.delivered) * u128::from(self.ssthresh);
        let share = share.div_ceil(u128::from(self.start));
        let share = u64::try_from(share).unwrap_or(u64::MAX);
        share.saturating_sub(self.out)
    }

    fn bounded(&self, ack: &PrrAck) -> u64 {
        let conserved = self.delivered.saturating_sub(self.out).max(ack.delivered);
        let more = if ack.progress { ack.mss } else { 0 };
        let room = self.ssthresh - ack.in_flight;
        conserved.saturating_add(more).min(room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MSS: u64 = 1000;

    fn ack(delivered: u64, in_flight: u64, progress: bool) -> PrrAck {
        PrrAck {
            delivered,
            in_flight,
            mss: MSS,
            progress,
        }
    }

    #[test]
    fn the_flight_shrinks_evenly_to_the_threshold_in_one_round_trip() {
        // RFC 6937, section 4: 20 segments in flight, one lost, threshold 10. Each of the 19
        // duplicate ACKs delivers one segment; every second one lets one out.
        let mut prr = Prr::new(20 * MSS, 10 * MSS, MSS);
        let mut in_flight = 19 * MSS;
        let mut sent = 0;
        let mut all_sent = Vec::new();
        for _ in 0..19 {
            in_flight -= MSS;
            prr.on_ack(&ack(MSS, in_flight, false));
            let out = prr.allowance() / MSS * MSS;
            prr.on_sent(out);
            in_flight += out;
            sent += out;
            all_sent.push(out / MSS);
        }
        // ceil(19 x 10/20) = 10 would leave; whole segments make it 9 or 10.
        assert!(sent == 9 * MSS || sent == 10 * MSS, "{sent}");
        assert!(in_flight.abs_diff(10 * MSS) <= MSS, "{in_flight}");
        assert!(all_sent.iter().all(|&n| n <= 1), "{all_sent:?}");
    }

    #[test]
    fn below_the_threshold_progress_lets_one_segment_more_out() {
        // Heavy loss: 4 of 20 in flight, threshold 10. An ACK that moves SND.UNA by one segment
        // lets two out; one that does not, or shows new loss, lets one.
        let mut prr = Prr::new(20 * MSS, 10 * MSS, MSS);
        prr.on_sent(MSS);
        prr.on_ack(&ack(MSS, 4 * MSS, true));
        assert_eq!(prr.allowance(), 2 * MSS);
        let mut prr = Prr::new(20 * MSS, 10 * MSS, MSS);
        prr.on_sent(MSS);
        prr.on_ack(&ack(MSS, 4 * MSS, false));
        assert_eq!(prr.allowance(), MSS);
    }

    #[test]
    fn the_flight_is_never_built_above_the_threshold() {
        let mut prr = Prr::new(20 * MSS, 10 * MSS, MSS);
        prr.on_sent(MSS);
        prr.on_ack(&ack(5 * MSS, 9 * MSS, true));
        assert_eq!(prr.allowance(), MSS);
        assert_eq!(prr.window(9 * MSS), 10 * MSS);
    }

    #[test]
    fn the_first_retransmission_leaves_at_once() {
        let mut prr = Prr::new(20 * MSS, 10 * MSS, MSS);
        assert_eq!(prr.allowance(), MSS);
        // Not sent yet, and an ACK that delivers next to nothing: still one segment.
        prr.on_ack(&ack(1, 15 * MSS, false));
        assert_eq!(prr.allowance(), MSS);
    }
}
