//! What the program has written and the peer has not acknowledged.
//!
//! The buffer grows as it is used, up to its limit. One that has run empty gives its memory back.

use std::collections::VecDeque;

use super::memory;

#[derive(Debug)]
pub(super) struct SendBuffer {
    bytes: VecDeque<u8>,
    /// The position of the first byte.
    start: u64,
    limit: usize,
}

impl SendBuffer {
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            bytes: VecDeque::new(),
            start: 0,
            limit,
        }
    }

    /// The first byte will be at `start`.
    pub(super) const fn begin(&mut self, start: u64) {
        self.start = start;
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Memory held \[bytes\].
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    pub(super) const fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// The position behind the last byte.
    pub(super) fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// Takes as much of `data` as there is room for.
    pub(super) fn write(&mut self, data: &[u8]) -> usize {
        let room = self.limit.saturating_sub(self.bytes.len());
        let taken = &data[..data.len().min(room)];
        if !taken.is_empty() {
            memory::fill(&mut self.bytes);
            self.bytes.extend(taken);
        }
        taken.len()
    }

    /// The `len` bytes from `position` on, in up to two pieces.
    pub(super) fn slices(&self, position: u64, len: usize) -> (&[u8], &[u8]) {
        let from = usize::try_from(position.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let from = from.min(self.bytes.len());
        let to = (from + len).min(self.bytes.len());
        let (first, second) = self.bytes.as_slices();
        match from.checked_sub(first.len()) {
            Some(from) => (&second[from..to - first.len()], &[]),
            None if to <= first.len() => (&first[from..to], &[]),
            None => (&first[from..], &second[..to - first.len()]),
        }
    }

    /// Forgets what is before `position`.
    pub(super) fn forget_to(&mut self, position: u64) {
        let count = usize::try_from(position.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let count = count.min(self.bytes.len());
        self.bytes.drain(..count);
        self.start += count as u64;
        memory::release(&mut self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_by_position_across_the_seam_of_the_ring() {
        let mut buffer = SendBuffer::new(600);
        buffer.begin(1_000);
        let mut written = 0_u64;
        let mut forgotten = 1_000;
        for _ in 0..50 {
            let data: Vec<u8> = (0..100).map(|i| (written + i).to_le_bytes()[0]).collect();
            written += buffer.write(&data) as u64;
            let len = usize::try_from(1_000 + written - forgotten).unwrap();
            let (first, second) = buffer.slices(forgotten, len);
            let expected = (forgotten - 1_000..written).map(|i| i.to_le_bytes()[0]);
            assert!(first.iter().chain(second).copied().eq(expected));
            forgotten += 70;
            buffer.forget_to(forgotten);
            assert_eq!(buffer.end(), 1_000 + written);
        }
    }

    #[test]
    fn it_takes_no_more_than_its_limit_and_frees_what_it_needs_no_more() {
        let mut buffer = SendBuffer::new(10_000);
        assert_eq!(buffer.write(&[1; 20_000]), 10_000);
        assert_eq!(buffer.write(&[1]), 0);
        buffer.forget_to(10_000);
        assert_eq!((buffer.len(), buffer.bytes.capacity()), (0, 0));
    }
}
