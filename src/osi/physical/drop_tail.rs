//! A drop-tail queue as bookkeeping: who still waits, and is there room for one more?
//!
//! The frames themselves are already on their way (their departure is known); this only remembers
//! when each waiting frame starts to be sent.

use std::collections::VecDeque;

use crate::{topology::QueueLimit, units::SimTime};

/// The frames that wait for the line, oldest first. The frame being sent is not among them.
#[derive(Debug, Default)]
pub(super) struct DropTail {
    waiting: VecDeque<(SimTime, usize)>,
    bytes: u64,
}

impl DropTail {
    /// Forgets the frames whose sending has begun by `now`.
    pub(super) fn advance(&mut self, now: SimTime) {
        while let Some(&(starts, len)) = self.waiting.front() {
            if starts > now {
                break;
            }
            self.waiting.pop_front();
            self.bytes -= len as u64;
        }
    }

    /// Is there room for a frame of `len` bytes that has to wait?
    pub(super) fn has_room(&self, limit: QueueLimit, len: usize) -> bool {
        match limit {
            QueueLimit::Bytes(size) => self.bytes + len as u64 <= size.bytes(),
            QueueLimit::Packets(most) => self.waiting.len() < most as usize,
        }
    }

    /// Lets a frame of `len` bytes wait until `starts`.
    pub(super) fn push(&mut self, starts: SimTime, len: usize) {
        self.waiting.push_back((starts, len));
        self.bytes += len as u64;
    }

    /// Frames waiting.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Bytes waiting.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::ByteSize;

    #[test]
    fn a_byte_limit_counts_the_newcomer_and_a_packet_limit_those_before_it() {
        let mut q = DropTail::default();
        q.push(SimTime::from_nanos(10), 600);
        let bytes = |n| QueueLimit::Bytes(ByteSize::new(n));
        assert!(q.has_room(bytes(1000), 400));
        assert!(!q.has_room(bytes(1000), 401));
        assert!(q.has_room(QueueLimit::Packets(2), 1));
        assert!(!q.has_room(QueueLimit::Packets(1), 1));
    }

    #[test]
    fn a_frame_stops_waiting_when_its_sending_begins() {
        let mut q = DropTail::default();
        q.push(SimTime::from_nanos(10), 600);
        q.push(SimTime::from_nanos(20), 700);
        q.advance(SimTime::from_nanos(10));
        assert_eq!((q.len(), q.bytes()), (1, 700));
    }
}
