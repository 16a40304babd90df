//! The frames on their way along one wire, at the receiving end.
//!
//! They stand in one list ordered by arrival. Without reordering faults each new frame arrives
//! last, so both ends of the list are the only places touched. The sending end is the
//! [`Pipe`](super::Pipe); the two halves share nothing, so that they may live in two threads.

use std::collections::VecDeque;

use crate::{
    trace::{DropReason, WireCounters},
    units::SimTime,
    wire::Frame,
};

/// What is under way on one wire.
#[derive(Debug, Default)]
pub struct Flight {
    frames: VecDeque<(SimTime, Frame)>,
    delivered_frames: u64,
    delivered_bytes: u64,
    noisy_frames: u64,
}

/// A frame at the far end.
#[derive(Debug)]
pub struct Arrival {
    /// The frame, noise included.
    pub frame: Frame,
    /// Whether the receiver's FCS check passes.
    pub intact: bool,
}

impl Flight {
    /// Puts a frame in its place by arrival, behind those that arrive at the same time.
    #[inline(always)]
    pub fn put(&mut self, arrives: SimTime, frame: Frame) {
        match self.frames.back() {
            Some(&(last, _)) if last > arrives => self.put_before(arrives, frame),
            _ => {
                // On most wires there is one frame at a time, so the list starts with room for one.
                if self.frames.len() == self.frames.capacity() {
                    self.frames.reserve_exact(self.frames.len().max(1));
                }
                self.frames.push_back((arrives, frame));
            }
        }
    }

    #[cold]
    fn put_before(&mut self, arrives: SimTime, frame: Frame) {
        let place = self.frames.partition_point(|&(at, _)| at <= arrives);
        self.frames.insert(place, (arrives, frame));
    }

    /// When the next frame arrives.
    #[inline]
    pub fn next_arrival(&self) -> Option<SimTime> {
        self.frames.front().map(|&(at, _)| at)
    }

    /// The next frame if it has arrived by `now`, its FCS checked.
    #[inline]
    pub fn take_arrived(&mut self, now: SimTime) -> Option<Arrival> {
        if self.next_arrival()? > now {
            return None;
        }
        let (_, frame) = self.frames.pop_front()?;
        let intact = frame.fcs_is_right();
        if intact {
            self.delivered_frames += 1;
            self.delivered_bytes += frame.bytes.len() as u64;
        } else {
            self.noisy_frames += 1;
        }
        Some(Arrival { frame, intact })
    }

    /// Adds what this end has counted.
    pub fn count(&self, counters: &mut WireCounters) {
        counters.delivered_frames += self.delivered_frames;
        counters.delivered_bytes += self.delivered_bytes;
        counters.in_flight_frames += self.frames.len() as u64;
        counters
            .drops
            .add_many(DropReason::BitError, self.noisy_frames);
    }
}
