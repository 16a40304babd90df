//! One direction of a link: queue, serialisation, propagation, faults.
//!
//! Use: [`Pipe::admit`] decides a frame's fate, [`Pipe::launch`] sends it off, and
//! [`Pipe::take_arrived`] hands it out when [`Pipe::next_arrival`] has come.
//!
//! Frames stand in one list ordered by arrival. Without reordering faults each new frame arrives
//! last, so both ends of the list are the only places touched.

use std::collections::VecDeque;

use super::{
    delay,
    drop_tail::DropTail,
    noise::{flipped_bits, strike},
};
use crate::{
    ids::WireId,
    rng::{RootSeed, Stream},
    topology::LinkProfile,
    trace::{DropReason, Fate, WireCounters},
    units::SimTime,
    wire::{Frame, FramePool, HEADER_LEN, MIN_FRAME_LEN, WIRE_OVERHEAD},
};

/// A direction of a link at work.
#[derive(Debug)]
pub struct Pipe {
    profile: LinkProfile,
    faults: Faults,
    line_free_at: SimTime,
    queue: DropTail,
    last_arrival: SimTime,
    in_flight: VecDeque<(SimTime, Frame)>,
    counters: WireCounters,
}

/// One random stream per kind of fault, so that switching one on does not shift the others.
#[derive(Debug)]
struct Faults {
    loss: Stream,
    jitter: Stream,
    duplicate: Stream,
    reorder: Stream,
    noise: Stream,
}

/// A frame's decided way through a pipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// When its first bit leaves the queue.
    pub departs: SimTime,
    /// What becomes of it.
    pub fate: Fate,
    /// A second copy of it arrives, at the same time.
    pub duplicated: bool,
    flipped: Vec<usize>,
}

/// A frame at the far end.
#[derive(Debug)]
pub struct Arrival {
    /// The frame, noise included.
    pub frame: Frame,
    /// Whether the receiver's FCS check passes.
    pub intact: bool,
}

impl Pipe {
    /// An empty pipe for `wire` of a link called `name`.
    pub fn new(profile: LinkProfile, seed: RootSeed, name: &str, wire: WireId) -> Self {
        let direction = wire.direction.to_string();
        let stream = |purpose| seed.stream(&["link", name, &direction, purpose]);
        Self {
            profile,
            faults: Faults {
                loss: stream("loss"),
                jitter: stream("jitter"),
                duplicate: stream("duplicate"),
                reorder: stream("reorder"),
                noise: stream("noise"),
            },
            line_free_at: SimTime::ZERO,
            queue: DropTail::default(),
            last_arrival: SimTime::ZERO,
            in_flight: VecDeque::new(),
            counters: WireCounters::default(),
        }
    }

    /// The largest IP packet that fits.
    pub const fn mtu(&self) -> usize {
        self.profile.mtu as usize
    }

    /// Decides the fate of a frame that the port hands over at `now`.
    ///
    /// # Errors
    /// The reason if the frame does not even reach the wire: too big, or queue full.
    pub fn admit(&mut self, now: SimTime, bytes: &[u8]) -> Result<Passage, DropReason> {
        self.counters.sent_frames += 1;
        self.counters.sent_bytes += bytes.len() as u64;
        let departs = self.take_place(now, bytes.len()).inspect_err(|why| {
            self.counters.drops.add(*why);
        })?;
        let on_wire = (bytes.len() + WIRE_OVERHEAD) as u64;
        let sending = self.profile.rate.time_for_bytes(on_wire);
        self.line_free_at = departs + sending;
        self.counters.busy = self.counters.busy + sending;
        Ok(self.travel(departs, bytes))
    }

    /// Finds the frame its place in the queue; when its sending starts.
    fn take_place(&mut self, now: SimTime, len: usize) -> Result<SimTime, DropReason> {
        if len > MIN_FRAME_LEN.max(self.mtu() + HEADER_LEN) {
            return Err(DropReason::TooBig);
        }
        if self.line_free_at <= now {
            return Ok(now);
        }
        self.queue.advance(now);
        if !self.queue.has_room(self.profile.queue, len) {
            return Err(DropReason::QueueFull);
        }
        self.queue.push(self.line_free_at, len);
        let c = &mut self.counters;
        c.queue_peak_frames = c.queue_peak_frames.max(self.queue.len() as u64);
        c.queue_peak_bytes = c.queue_peak_bytes.max(self.queue.bytes());
        c.queue_peak_delay = c.queue_peak_delay.max(self.line_free_at - now);
        Ok(self.line_free_at)
    }

    /// Propagation and faults of a frame whose last bit leaves when the line is free again.
    fn travel(&mut self, departs: SimTime, bytes: &[u8]) -> Passage {
        let arrives = self.arrival();
        let lost = self.faults.loss.happens(self.profile.loss);
        let flipped = if lost || self.profile.bit_error.is_zero() {
            Vec::new()
        } else {
            flipped_bits(self.profile.bit_error, bytes.len(), &mut self.faults.noise)
        };
        let fate = if lost {
            Fate::Lost(arrives, DropReason::RandomLoss)
        } else if is_noticed(&flipped, bytes) {
            Fate::Lost(arrives, DropReason::BitError)
        } else {
            Fate::Arrives(arrives)
        };
        let duplicated = self.faults.duplicate.happens(self.profile.duplicate);
        Passage {
            departs,
            fate,
            duplicated: duplicated && matches!(fate, Fate::Arrives(_)),
            flipped,
        }
    }

    /// When the frame that was just put on the line arrives.
    fn arrival(&mut self) -> SimTime {
        let arrives = self.line_free_at + delay::draw(&self.profile, &mut self.faults.jitter);
        if self.faults.reorder.happens(self.profile.reorder) {
            return arrives + self.profile.reorder_delay;
        }
        if self.profile.jitter_reorders {
            return arrives;
        }
        self.last_arrival = self.last_arrival.max(arrives);
        self.last_arrival
    }

    /// Sends an admitted frame on its way. True if the next arrival is now another one.
    pub fn launch(&mut self, passage: Passage, mut frame: Frame, pool: &mut FramePool) -> bool {
        let before = self.next_arrival();
        let arrives = match passage.fate {
            Fate::Lost(_, DropReason::RandomLoss) => {
                self.counters.drops.add(DropReason::RandomLoss);
                pool.give(frame.bytes);
                return false;
            }
            Fate::Lost(at, _) | Fate::Arrives(at) => at,
        };
        // A frame whose noise an earlier FCS check missed stays marked, with a fresh FCS.
        if frame.noisy_fcs.is_some() || !passage.flipped.is_empty() {
            frame.noisy_fcs = Some(strike(&passage.flipped, &mut frame.bytes));
        }
        if passage.duplicated {
            self.counters.duplicated_frames += 1;
            let copy = pool.copy(&frame);
            self.put(arrives, copy);
        }
        self.put(arrives, frame);
        self.next_arrival() != before
    }

    /// Puts a frame in its place by arrival, behind those that arrive at the same time.
    fn put(&mut self, arrives: SimTime, frame: Frame) {
        self.counters.in_flight_frames += 1;
        match self.in_flight.back() {
            Some(&(last, _)) if last > arrives => {
                let place = self.in_flight.partition_point(|&(at, _)| at <= arrives);
                self.in_flight.insert(place, (arrives, frame));
            }
            _ => self.in_flight.push_back((arrives, frame)),
        }
    }

    /// When the next frame arrives.
    pub fn next_arrival(&self) -> Option<SimTime> {
        self.in_flight.front().map(|&(at, _)| at)
    }

    /// The next frame if it has arrived by `now`, its FCS checked.
    pub fn take_arrived(&mut self, now: SimTime) -> Option<Arrival> {
        self.next_arrival().filter(|at| *at <= now)?;
        let (_, frame) = self.in_flight.pop_front()?;
        let intact = frame.fcs_is_right();
        let c = &mut self.counters;
        c.in_flight_frames -= 1;
        if intact {
            c.delivered_frames += 1;
            c.delivered_bytes += frame.bytes.len() as u64;
        } else {
            c.drops.add(DropReason::BitError);
        }
        Some(Arrival { frame, intact })
    }

    /// What has been counted so far.
    pub const fn counters(&self) -> &WireCounters {
        &self.counters
    }
}

/// Would the receiver's FCS check find these flips? (It misses about one noisy frame in 2^32.)
fn is_noticed(flipped: &[usize], bytes: &[u8]) -> bool {
    if flipped.is_empty() {
        return false;
    }
    let mut noisy = bytes.to_vec();
    let fcs = strike(flipped, &mut noisy);
    fcs != crc32fast::hash(&noisy)
}

#[cfg(test)]
mod tests;
