//! What has come and was not read: in order, and in islands behind gaps (RFC 9293, section 3.10.7.4).
//!
//! All of it lies in one ring, where it belongs; the islands are a sorted list. The list is also
//! what the SACK blocks tell, the island that changed last first (RFC 2018, section 4).

use std::collections::VecDeque;

use super::memory;

#[derive(Debug)]
pub(super) struct Reassembly {
    bytes: VecDeque<u8>,
    /// The position of the first unread byte.
    read: u64,
    /// RCV.NXT: behind the last byte in order.
    next: u64,
    islands: Vec<Island>,
    changes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Island {
    start: u64,
    end: u64,
    /// When it changed, counted in changes.
    changed: u64,
}

impl Reassembly {
    pub(super) const fn new() -> Self {
        Self {
            bytes: VecDeque::new(),
            read: 0,
            next: 0,
            islands: Vec::new(),
            changes: 0,
        }
    }

    /// The first byte will be at `start`.
    pub(super) const fn begin(&mut self, start: u64) {
        (self.read, self.next) = (start, start);
    }

    /// RCV.NXT, as far as data goes.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    /// The position of the first unread byte.
    pub(super) const fn read_to(&self) -> u64 {
        self.read
    }

    /// Bytes that may be read.
    #[allow(clippy::cast_possible_truncation, reason = "they are all in memory")]
    pub(super) const fn ready(&self) -> usize {
        (self.next - self.read) as usize
    }

    pub(super) const fn has_gaps(&self) -> bool {
        !self.islands.is_empty()
    }

    /// False if the range would be one island too many: the list takes at most about as much
    /// memory as the bytes do, however small the pieces are that a peer sends.
    pub(super) fn has_room(&self, start: u64, end: u64) -> bool {
        if self.islands.len() < FEW || start == self.next {
            return true;
        }
        let most = end.saturating_sub(self.read) / LEAST_SPACING;
        let touches = |island: &Island| island.start <= end && start <= island.end;
        (self.islands.len() as u64) < most || self.islands.iter().any(touches)
    }

    /// Takes `data` that begins at `start`; it overlaps no byte before RCV.NXT. True if it moved
    /// RCV.NXT.
    pub(super) fn insert(&mut self, start: u64, data: &[u8]) -> bool {
        memory::fill(&mut self.bytes);
        if start == self.next && self.islands.is_empty() {
            self.bytes.extend(data);
            self.next += data.len() as u64;
            return true;
        }
        self.place(start, data);
        let end = start + data.len() as u64;
        self.join(start, end);
        self.take_first_island()
    }

    #[allow(clippy::cast_possible_truncation, reason = "a window is below 1 GiB")]
    fn place(&mut self, start: u64, data: &[u8]) {
        let from = (start - self.read) as usize;
        let to = from + data.len();
        if self.bytes.len() < to {
            self.bytes.resize(to, 0);
        }
        let (first, second) = self.bytes.as_mut_slices();
        let cut = first.len().clamp(from, to) - from;
        let (head, tail) = data.split_at(cut);
        if !head.is_empty() {
            first[from..from + cut].copy_from_slice(head);
        }
        if !tail.is_empty() {
            let at = from + cut - first.len();
            second[at..at + tail.len()].copy_from_slice(tail);
        }
    }

    /// Joins the range with all islands that it touches.
    fn join(&mut self, start: u64, end: u64) {
        self.changes += 1;
        let from = self.islands.partition_point(|island| island.end < start);
        let to = self.islands.partition_point(|island| island.start <= end);
        let touched = &self.islands[from..to];
        let island = Island {
            start: touched.first().map_or(start, |i| i.start.min(start)),
            end: touched.last().map_or(end, |i| i.end.max(end)),
            changed: self.changes,
        };
        self.islands.splice(from..to, [island]);
    }

    fn take_first_island(&mut self) -> bool {
        match self.islands.first() {
            Some(first) if first.start <= self.next => {
                self.next = first.end;
                self.islands.remove(0);
                if self.islands.is_empty() && self.islands.capacity() > FEW {
                    self.islands = Vec::new();
                }
                true
            }
            _ => false,
        }
    }

    /// True if every byte of the range has come.
    pub(super) fn holds(&self, start: u64, end: u64) -> bool {
        let inside = |island: &Island| island.start <= start && end <= island.end;
        end <= self.next || self.islands.iter().any(inside)
    }

    /// True if an island ends at `position`.
    pub(super) fn has_island_to(&self, position: u64) -> bool {
        self.islands
            .last()
            .is_some_and(|island| island.end == position)
    }

    /// The island around `position`.
    pub(super) fn island_around(&self, position: u64) -> Option<(u64, u64)> {
        let mut islands = self.islands.iter();
        let around = islands.find(|i| i.start <= position && position < i.end)?;
        Some((around.start, around.end))
    }

    /// The islands, the one that changed last first.
    pub(super) fn each_recent(&self, most: usize, mut tell: impl FnMut(u64, u64)) {
        let mut before = u64::MAX;
        for _ in 0..most {
            let older = self.islands.iter().filter(|island| island.changed < before);
            let Some(island) = older.max_by_key(|island| island.changed) else {
                return;
            };
            before = island.changed;
            tell(island.start, island.end);
        }
    }

    /// Copies bytes in order to `out`.
    pub(super) fn read(&mut self, out: &mut [u8]) -> usize {
        let count = out.len().min(self.ready());
        let (first, second) = self.bytes.as_slices();
        let cut = first.len().min(count);
        out[..cut].copy_from_slice(&first[..cut]);
        out[cut..count].copy_from_slice(&second[..count - cut]);
        self.bytes.drain(..count);
        self.read += count as u64;
        memory::release(&mut self.bytes);
        count
    }
}

/// Islands that memory is kept for when there are none.
const FEW: usize = 8;

/// Islands lie at least so far apart on average, if there are more than a few \[bytes\].
const LEAST_SPACING: u64 = 64;

#[cfg(test)]
mod audit;

#[cfg(test)]
mod tests {
    use super::*;

    fn new(start: u64) -> Reassembly {
        let mut reassembly = Reassembly::new();
        reassembly.begin(start);
        reassembly
    }

    fn recent(reassembly: &Reassembly) -> Vec<(u64, u64)> {
        let mut all = vec![];
        reassembly.each_recent(3, |start, end| all.push((start, end)));
        all
    }

    #[test]
    fn islands_join_and_the_last_changed_is_told_first() {
        let mut r = new(100);
        assert!(!r.insert(110, &[1; 10]));
        assert!(!r.insert(130, &[3; 10]));
        assert!(!r.insert(150, &[5; 10]));
        assert_eq!(recent(&r), [(150, 160), (130, 140), (110, 120)]);
        assert!(!r.insert(120, &[2; 10]));
        assert_eq!(recent(&r), [(110, 140), (150, 160)]);
        assert!(r.holds(111, 139) && !r.holds(139, 141));
        assert!(r.insert(100, &[0; 10]));
        assert_eq!((r.next(), r.ready()), (140, 40));
        assert!(r.insert(140, &[4; 10]));
        assert_eq!((r.next(), r.has_gaps()), (160, false));
        let mut out = [9; 60];
        assert_eq!(r.read(&mut out), 60);
        assert!(out.iter().zip(0..).all(|(byte, i)| *byte == i / 10));
    }

    #[test]
    fn any_order_of_pieces_gives_the_same_bytes() {
        // 40 pieces of 7 bytes, taken in steps of 13 (prime to 40), read now and then.
        let byte = |i: u64| (i % 251).to_le_bytes()[0];
        let mut r = new(1_000);
        let mut all = vec![];
        for round in 0..20_u64 {
            let base = 1_000 + round * 280;
            for i in 0..40 {
                let start = base + (i * 13 % 40) * 7;
                let data: Vec<u8> = (start..start + 7).map(byte).collect();
                if start >= r.next() {
                    r.insert(start, &data);
                }
                let mut out = [0; 20];
                let count = r.read(&mut out);
                all.extend_from_slice(&out[..count]);
            }
        }
        let mut out = vec![0; 6_000];
        let count = r.read(&mut out);
        all.extend_from_slice(&out[..count]);
        assert!(all.iter().copied().eq((1_000..6_600).map(byte)));
    }
}
