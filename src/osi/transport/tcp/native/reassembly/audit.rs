//! The books of the reassembly, checked by counting again.

use super::Reassembly;

/// What is held in memory.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Held {
    /// Bytes, the gaps between them included.
    pub(in super::super) bytes: usize,
    pub(in super::super) islands: usize,
    /// All that is allocated \[bytes\].
    pub(in super::super) memory: usize,
}

impl Reassembly {
    /// Fails if the islands are not in order, apart from each other and behind RCV.NXT, or if the
    /// ring does not end with the last of them.
    pub(in super::super) fn audit(&self) {
        assert!(self.islands.iter().all(|i| i.start < i.end));
        let pairs = self.islands.windows(2);
        assert!(pairs.into_iter().all(|p| p[0].end < p[1].start), "joined");
        assert!(self.islands.first().is_none_or(|i| i.start > self.next));
        let end = self.islands.last().map_or(self.next, |i| i.end);
        let held = u64::try_from(self.bytes.len()).unwrap();
        assert_eq!(held, end - self.read, "bytes in the ring");
    }

    pub(in super::super) fn held(&self) -> Held {
        Held {
            bytes: self.bytes.len(),
            islands: self.islands.len(),
            memory: self.bytes.capacity() + self.islands.capacity() * size_of::<super::Island>(),
        }
    }
}
