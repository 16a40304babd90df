//! Buffers that follow what a connection needs, up to the limits of the file, as on Linux.
//!
//! The receiver offers twice what its program has read in a round trip, and more while that grows
//! (dynamic right-sizing, `tcp_rcv_space_adjust`). The sender keeps room for twice the congestion
//! window (`tcp_sndbuf_expand`), so that one window is ready while another is under way.

use super::{congestion::CongestionControl, machine::Native, segment::Segment};
use crate::units::{SimTime, Span};

#[derive(Debug)]
pub(super) struct Tuning {
    /// The receive buffer now, and the most it may become \[bytes\].
    pub(super) limit: u64,
    most: u64,
    /// What the program read in the round trip before.
    space: u64,
    /// The round trip at hand: since when, and what was read by then.
    since: SimTime,
    read: u64,
    /// The smoothed round trip as the receiver sees it.
    rtt: Option<Span>,
    /// The echo that a round trip was last measured by: what comes later with the same one waited
    /// at the sender.
    echo: Option<u32>,
}

impl Tuning {
    pub(super) fn new(most: u64) -> Self {
        let limit = most.min(FIRST);
        Self {
            limit,
            most,
            space: limit.min(FIRST_SPACE),
            since: SimTime::ZERO,
            read: 0,
            rtt: None,
            echo: None,
        }
    }

    /// The peer's data begin at the position `first`: nothing is read yet.
    pub(super) const fn begin(&mut self, now: SimTime, first: u64) {
        (self.since, self.read) = (now, first);
    }

    pub(super) const fn most(&self) -> u64 {
        self.most
    }

    fn measured(&mut self, rtt: Span) {
        let smoothed = self.rtt.map_or(rtt, |old| {
            Span::from_nanos((7 * old.as_nanos() + rtt.as_nanos()) / 8)
        });
        self.rtt = Some(smoothed);
    }

    /// The program has read up to the position `read` by `now`.
    fn adjust(&mut self, now: SimTime, read: u64, mss: u64) {
        let Some(rtt) = self.rtt else {
            return;
        };
        if now.since(self.since) < rtt {
            return;
        }
        let copied = read - self.read;
        (self.since, self.read) = (now, read);
        if copied <= self.space {
            return;
        }
        let wanted = 2 * copied + 16 * mss;
        let growth = u128::from(wanted) * u128::from(copied - self.space);
        let growth = u64::try_from(growth / u128::from(self.space.max(1))).unwrap_or(u64::MAX);
        self.space = copied;
        let wanted = wanted.saturating_add(growth.saturating_mul(2));
        self.limit = self.limit.max(wanted.min(self.most));
    }
}

impl Native {
    /// Data came: looks at the round trip and at what was read since.
    pub(super) fn tune_receiver(&mut self, segment: &Segment<'_>) {
        if self.tuning.limit >= self.tuning.most {
            return;
        }
        if let Some(stamps) = segment
            .options
            .timestamps
            .filter(|_| self.agreed.timestamps)
        {
            let ms = self.stamp().wrapping_sub(stamps.echo);
            let fresh = self.tuning.echo.replace(stamps.echo) != Some(stamps.echo);
            if fresh && ms < 1 << 20 {
                self.tuning.measured(Span::from_millis(ms.max(1).into()));
            }
        } else if let Some(srtt) = self.rtt.srtt() {
            self.tuning.rtt = Some(srtt);
        }
        let mss = u64::from(self.tx.mtu.saturating_sub(40));
        self.tuning.adjust(self.now, self.rx.data.read_to(), mss);
    }

    /// The congestion window may have grown.
    pub(super) fn tune_sender(&mut self) {
        let Some(control) = &self.control else {
            return;
        };
        let wanted = 2 * control.window().min(self.tx.largest_window);
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let limit = wanted.max(FIRST_SEND).min(self.tx.most_buffer);
        if limit > self.tx.buffer.limit() {
            self.tx.buffer.set_limit(limit);
        }
    }
}

/// The first receive window (Linux: half of `tcp_rmem[1]`, 128 KiB).
const FIRST: u64 = 64 << 10;

/// What counts as read in the round trip before the first: ten segments, the first window of a
/// sender. With the whole receive window nothing that it lets through would ever make it grow.
const FIRST_SPACE: u64 = 10 * 1460;

/// The first send buffer \[bytes\].
pub(super) const FIRST_SEND: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_counts_from_the_first_byte() {
        // Positions begin with the peer's sequence number, not with 0: 1000 bytes change nothing.
        let first = 1 << 32;
        let mut tuning = Tuning::new(6 << 20);
        tuning.begin(SimTime::ZERO, first);
        tuning.measured(Span::from_millis(10));
        tuning.adjust(SimTime::ZERO + Span::from_millis(10), first + 1000, 1460);
        assert_eq!(tuning.limit, 65_536);
    }

    #[test]
    fn a_window_that_is_used_up_each_round_trip_grows() {
        // The sender can send no more than the window lets through: that must be enough.
        let mut tuning = Tuning::new(6 << 20);
        tuning.measured(Span::from_millis(10));
        let at = SimTime::ZERO + Span::from_millis(10);
        tuning.adjust(at, tuning.limit, 1460);
        assert!(tuning.limit > 2 * 65_536);
    }

    #[test]
    fn the_buffer_follows_twice_what_is_read_in_a_round_trip() {
        // 64 KiB at first; 100,000 bytes are read in 10 ms: 2 x 100,000 + 16 x 1460 = 223,360, and
        // twice as much again for each part by which 100,000 exceeds the first 14,600 (5.85).
        let mut tuning = Tuning::new(6 << 20);
        assert_eq!(tuning.limit, 65_536);
        tuning.measured(Span::from_millis(10));
        let at = |ms| SimTime::ZERO + Span::from_millis(ms);
        tuning.adjust(at(9), 100_000, 1460);
        assert_eq!(tuning.limit, 65_536, "before a round trip has passed");
        tuning.adjust(at(10), 100_000, 1460);
        assert_eq!(tuning.limit, 223_360 + 2 * (223_360 * 85_400 / 14_600));
        // Less does not shrink it, and there is an end.
        let before = tuning.limit;
        tuning.adjust(at(20), 110_000, 1460);
        assert_eq!(tuning.limit, before);
        tuning.adjust(at(30), 9_000_000, 1460);
        assert_eq!(tuning.limit, 6 << 20);
    }
}
