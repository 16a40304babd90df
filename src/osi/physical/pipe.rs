//! The sending end of one wire: queue, serialisation, propagation, faults.
//!
//! Use: [`Pipe::admit`] decides a frame's fate and [`Pipe::launch`] sends it off, into the
//! [`Flight`](super::Flight) of the same wire at the other end.

use std::sync::Arc;

use super::{drop_tail::DropTail, faults::Faults, noise::strike};
use crate::{
    ids::WireId,
    rng::RootSeed,
    topology::LinkProfile,
    trace::{DropReason, Fate, WireCounters},
    units::{SimTime, Span},
    wire::{Frame, FramePool, HEADER_LEN, MIN_FRAME_LEN, WIRE_OVERHEAD},
};

/// The sending end of a wire at work.
#[derive(Debug)]
pub struct Pipe {
    profile: Arc<LinkProfile>,
    faults: Option<Box<Faults>>,
    line_free_at: SimTime,
    /// The last frame's length and how long it took to send: most are as long as the one before.
    last_sent: (usize, Span),
    /// The longest frame that the link carries.
    longest: usize,
    queue: DropTail,
    counters: WireCounters,
}

/// A frame's decided way through a pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// When its first bit leaves the queue.
    pub departs: SimTime,
    /// What becomes of it.
    pub fate: Fate,
    /// A second copy of it arrives, at the same time.
    pub duplicated: bool,
}

impl Passage {
    /// How many frames go on their way to the other end: none if it is lost before, two if it is
    /// duplicated.
    #[inline]
    pub fn travellers(&self) -> u64 {
        let lost = matches!(self.fate, Fate::Lost(_, DropReason::RandomLoss));
        u64::from(!lost) + u64::from(self.duplicated)
    }
}

impl Pipe {
    /// An idle pipe for `wire` of a link called `name`.
    pub fn new(
        profile: impl Into<Arc<LinkProfile>>,
        seed: RootSeed,
        name: &str,
        wire: WireId,
    ) -> Self {
        let profile = profile.into();
        Self {
            faults: Faults::new(&profile, seed, name, wire),
            longest: MIN_FRAME_LEN.max(usize::from(profile.mtu) + HEADER_LEN),
            profile,
            line_free_at: SimTime::ZERO,
            last_sent: (usize::MAX, Span::ZERO),
            queue: DropTail::default(),
            counters: WireCounters::default(),
        }
    }

    /// The largest IP packet that fits.
    pub fn mtu(&self) -> usize {
        self.profile.mtu as usize
    }

    /// Decides the fate of a frame that the port hands over at `now`. [`Pipe::launch`] must follow
    /// before the next frame.
    ///
    /// # Errors
    /// The reason if the frame does not even reach the wire: too big, or queue full.
    // Always: the answer stays in registers, and the hop is a tenth faster.
    #[inline(always)]
    pub fn admit(&mut self, now: SimTime, bytes: &[u8]) -> Result<Passage, DropReason> {
        let len = bytes.len();
        self.counters.sent_frames += 1;
        self.counters.sent_bytes += len as u64;
        let departs = if self.line_free_at <= now && len <= self.longest {
            now
        } else {
            self.queue_up(now, len)?
        };
        let sending = self.time_to_send(len);
        let leaves = departs + sending;
        self.line_free_at = leaves;
        self.counters.busy = self.counters.busy + sending;
        match &mut self.faults {
            None => Ok(Passage {
                departs,
                fate: Fate::Arrives(leaves + self.profile.latency),
                duplicated: false,
            }),
            Some(faults) => Ok(faults.decide(&self.profile, departs, leaves, bytes)),
        }
    }

    /// Finds a frame that cannot go at once its place in the queue; when its sending starts.
    fn queue_up(&mut self, now: SimTime, len: usize) -> Result<SimTime, DropReason> {
        self.find_place(now, len)
            .inspect_err(|why| self.counters.drops.add(*why))
    }

    fn find_place(&mut self, now: SimTime, len: usize) -> Result<SimTime, DropReason> {
        if len > self.longest {
            return Err(DropReason::TooBig);
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

    /// How long a frame of `len` bytes keeps the line busy.
    #[inline]
    fn time_to_send(&mut self, len: usize) -> Span {
        if self.last_sent.0 != len {
            let on_wire = (len + WIRE_OVERHEAD) as u64;
            self.last_sent = (len, self.profile.rate.time_for_bytes(on_wire));
        }
        self.last_sent.1
    }

    /// Sends an admitted frame on its way: `put` takes what arrives at the other end, and when.
    #[inline]
    pub fn launch(
        &mut self,
        passage: Passage,
        frame: Frame,
        pool: &mut FramePool,
        mut put: impl FnMut(SimTime, Frame),
    ) {
        let is_noisy = frame.noisy_fcs.is_some();
        match &self.faults {
            None if !is_noisy => put(passage.fate.time(), frame),
            _ => self.launch_with_faults(passage, frame, pool, put),
        }
    }

    #[cold]
    fn launch_with_faults(
        &mut self,
        passage: Passage,
        mut frame: Frame,
        pool: &mut FramePool,
        mut put: impl FnMut(SimTime, Frame),
    ) {
        let arrives = match passage.fate {
            Fate::Lost(_, DropReason::RandomLoss) => {
                self.counters.drops.add(DropReason::RandomLoss);
                return pool.give(frame.bytes);
            }
            Fate::Lost(at, _) | Fate::Arrives(at) => at,
        };
        let flipped = self.faults.as_ref().map_or(&[][..], |f| &f.flipped);
        // A frame whose noise an earlier FCS check missed stays marked, with a fresh FCS.
        if frame.noisy_fcs.is_some() || !flipped.is_empty() {
            frame.noisy_fcs = Some(strike(flipped, &mut frame.bytes));
        }
        if passage.duplicated {
            self.counters.duplicated_frames += 1;
            put(arrives, pool.copy(&frame));
        }
        put(arrives, frame);
    }

    /// What this end has counted so far. What arrived is counted at the other end.
    pub const fn counters(&self) -> &WireCounters {
        &self.counters
    }
}

#[cfg(test)]
mod tests;
