//! The books of the scoreboard, checked by counting again.

use super::Scoreboard;

impl Scoreboard {
    /// Fails if a sum is not what the segments say, or if there is a hole between them.
    pub(in super::super) fn audit(&self) {
        let sum = |which: fn(&super::Sent) -> bool| -> u64 {
            let found = self.sent.iter().filter(|s| which(s));
            found.map(super::Sent::len).sum()
        };
        assert_eq!(self.sacked, sum(|s| s.sacked), "sacked");
        assert_eq!(self.lost, sum(|s| s.lost), "lost");
        assert_eq!(self.again, sum(|s| s.again), "again");
        let count = self.sent.iter().filter(|s| s.sacked).count();
        assert_eq!(self.sacked_count, count, "segments sacked");
        assert!(self.sent.iter().all(|s| s.start < s.end));
        let pairs = self.sent.iter().zip(self.sent.iter().skip(1));
        assert!(pairs.into_iter().all(|(a, b)| a.end == b.start), "a hole");
        let times = self.order.iter().zip(self.order.iter().skip(1));
        assert!(times.into_iter().all(|(a, b)| a.0 <= b.0), "out of time");
    }

    /// How many segments there are, and how many transmissions in order of time.
    pub(in super::super) fn entries(&self) -> (usize, usize) {
        (self.sent.len(), self.order.len())
    }

    /// All that is allocated \[bytes\].
    pub(in super::super) fn memory(&self) -> usize {
        self.sent.capacity() * size_of::<super::Sent>()
            + self.order.capacity() * size_of::<(crate::units::SimTime, u64)>()
    }

    /// One of the segments.
    pub(in super::super) fn any(&self, drawn: u64) -> Option<(u64, u64)> {
        let count = u64::try_from(self.sent.len()).unwrap();
        let i = usize::try_from(drawn.checked_rem(count)?).unwrap();
        Some((self.sent[i].start, self.sent[i].end))
    }
}
