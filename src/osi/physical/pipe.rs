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
    trace::{DropReason, Fate},
    units::{SimTime, Span},
    wire::{Frame, FramePool, HEADER_LEN, WIRE_OVERHEAD},
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

/// What a pipe has counted. At every moment
/// `sent + duplicated = delivered + dropped on the wire + in flight`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WireCounters {
    /// Frames that went onto the wire.
    pub sent: u64,
    /// Their bytes, without preamble, FCS and gap.
    pub sent_bytes: u64,
    /// Extra copies that duplication made.
    pub duplicated: u64,
    /// Frames that arrived whole.
    pub delivered: u64,
    /// Their bytes.
    pub delivered_bytes: u64,
    /// Frames lost on the wire at random.
    pub random_loss: u64,
    /// Frames that the receiver's FCS check threw away.
    pub bit_error: u64,
    /// Frames that never reached the wire because the queue was full.
    pub queue_full: u64,
    /// Frames that never reached the wire because they exceed the MTU.
    pub too_big: u64,
    /// Frames still on the wire at the end.
    pub in_flight: u64,
    /// How long the line was busy sending, overhead included.
    pub busy: Span,
    /// The most frames that ever waited.
    pub queue_max_frames: u64,
    /// The most bytes that ever waited.
    pub queue_max_bytes: u64,
    /// The longest wait before sending.
    pub queue_max_wait: Span,
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
        if bytes.len() > self.mtu() + HEADER_LEN && bytes.len() > crate::wire::MIN_FRAME_LEN {
            self.counters.too_big += 1;
            return Err(DropReason::TooBig);
        }
        let departs = self.take_place(now, bytes.len())?;
        let sending = self
            .profile
            .rate
            .time_for_bytes((bytes.len() + WIRE_OVERHEAD) as u64);
        self.line_free_at = departs + sending;
        self.counters.sent += 1;
        self.counters.sent_bytes += bytes.len() as u64;
        self.counters.busy = self.counters.busy + sending;
        Ok(self.travel(departs, bytes))
    }

    /// Finds the frame its place in the queue; when its sending starts.
    fn take_place(&mut self, now: SimTime, len: usize) -> Result<SimTime, DropReason> {
        if self.line_free_at <= now {
            return Ok(now);
        }
        self.queue.advance(now);
        if !self.queue.has_room(self.profile.queue, len) {
            self.counters.queue_full += 1;
            return Err(DropReason::QueueFull);
        }
        self.queue.push(self.line_free_at, len);
        let c = &mut self.counters;
        c.queue_max_frames = c.queue_max_frames.max(self.queue.len() as u64);
        c.queue_max_bytes = c.queue_max_bytes.max(self.queue.bytes());
        c.queue_max_wait = c.queue_max_wait.max(self.line_free_at - now);
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
                self.counters.random_loss += 1;
                pool.give(frame.bytes);
                return false;
            }
            Fate::Lost(at, _) | Fate::Arrives(at) => at,
        };
        frame.noisy_fcs = None;
        if !passage.flipped.is_empty() {
            frame.noisy_fcs = Some(strike(&passage.flipped, &mut frame.bytes));
        }
        if passage.duplicated {
            self.counters.duplicated += 1;
            let copy = pool.copy(&frame);
            self.put(arrives, copy);
        }
        self.put(arrives, frame);
        self.next_arrival() != before
    }

    /// Puts a frame in its place by arrival, behind those that arrive at the same time.
    fn put(&mut self, arrives: SimTime, frame: Frame) {
        self.counters.in_flight += 1;
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
        let (_, frame) = self.in_flight.pop_front_if(|(at, _)| *at <= now)?;
        let intact = frame.fcs_is_right();
        let c = &mut self.counters;
        c.in_flight -= 1;
        if intact {
            c.delivered += 1;
            c.delivered_bytes += frame.bytes.len() as u64;
        } else {
            c.bit_error += 1;
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
