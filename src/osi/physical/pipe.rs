//! The sending end of one wire: queue, serialisation, propagation, faults.
//!
//! Use: [`Pipe::admit`] decides a frame's fate and [`Pipe::launch`] sends it off, into the
//! [`Flight`](super::Flight) of the same wire at the other end.

use std::sync::Arc;

use super::{
    drop_tail::DropTail,
    faults::Faults,
    managed::{Managed, Turn},
    noise::strike,
};
use crate::{
    ids::WireId,
    rng::RootSeed,
    topology::LinkProfile,
    trace::{DropReason, Fate, WireCounters},
    units::{SimTime, Span},
    wire::{Frame, FramePool, HEADER_LEN, MIN_FRAME_LEN, WIRE_OVERHEAD},
};

/// The sending end of a wire at work.
///
/// The fields stand in the order of their use: the ordinary frame touches the line alone.
#[derive(Debug)]
#[repr(C)]
pub struct Pipe {
    line: Line,
    faults: Option<Box<Faults>>,
    profile: Arc<LinkProfile>,
    /// Made when a frame first has to wait, dies or is duplicated: most wires are calm.
    trouble: Option<Box<Trouble>>,
}

/// What an ordinary frame has nothing to do with.
#[derive(Debug, Default)]
struct Trouble {
    queue: DropTail,
    /// In place of the drop-tail queue.
    managed: Option<Box<Managed>>,
    /// Without what the line counts.
    counters: WireCounters,
}

impl Trouble {
    fn with_queue(managed: Box<Managed>) -> Box<Self> {
        Box::new(Self {
            managed: Some(managed),
            ..Self::default()
        })
    }
}

/// What an ordinary frame needs to know of a wire, and what it leaves behind.
#[derive(Debug)]
struct Line {
    free_at: SimTime,
    /// How long a frame of `last_len` bytes takes to send: most are as long as the one before.
    last_span: Span,
    last_len: u32,
    /// The longest frame that the link carries.
    longest: u32,
    latency: Span,
    is_faultless: bool,
    is_managed: bool,
    sent_frames: u64,
    sent_bytes: u64,
    busy: Span,
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

/// What a queue did in its turn.
#[derive(Debug)]
pub enum Served {
    /// It let a frame go.
    Leaves {
        /// The frame, perhaps marked.
        frame: Frame,
        /// Its way.
        passage: Passage,
        /// When it was offered.
        queued: SimTime,
        /// This queue has marked it.
        marked: bool,
    },
    /// It threw a frame out.
    Dropped(Frame, DropReason),
}

impl Passage {
    /// How many frames go on their way to the other end: none if it is lost before, two if it is
    /// duplicated.
    #[inline]
    pub fn travellers(&self) -> u64 {
        let lost = matches!(
            self.fate,
            Fate::Lost(_, DropReason::RandomLoss | DropReason::LinkDown)
        );
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
        let faults = Faults::new(&profile, seed, name, wire);
        let stream = || seed.stream(&["link", name, &wire.direction.to_string(), "queue"]);
        let managed = Managed::new(&profile, stream);
        Self {
            line: Line::new(&profile, faults.is_none(), managed.is_some()),
            faults,
            profile,
            trouble: managed.map(Trouble::with_queue),
        }
    }

    /// True if the frames wait here until their turn: then they come by [`Pipe::offer`] and leave by
    /// [`Pipe::serve`], and [`Pipe::admit`] is not for them.
    #[inline]
    pub const fn is_managed(&self) -> bool {
        self.line.is_managed
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
    // Always: the answer stays in registers.
    #[inline(always)]
    pub fn admit(&mut self, now: SimTime, bytes: &[u8]) -> Result<Passage, DropReason> {
        let (line, len) = (&mut self.line, bytes.len());
        line.sent_frames += 1;
        line.sent_bytes += len as u64;
        let departs = if line.free_at <= now && len <= line.longest as usize {
            now
        } else {
            self.queue_up(now, len)?
        };
        self.pass(departs, bytes)
    }

    /// The way of a frame whose first bit leaves at `departs`. Never an error: it has the shape that
    /// [`Pipe::admit`] answers with, so that the answer stays in registers.
    #[inline(always)]
    fn pass(&mut self, departs: SimTime, bytes: &[u8]) -> Result<Passage, DropReason> {
        let leaves = self.line.send(departs, bytes.len(), &self.profile);
        // The line knows, so that nobody has to look further.
        if !self.line.is_faultless
            && let Some(faults) = &mut self.faults
        {
            return Ok(faults.decide(&self.profile, departs, leaves, bytes));
        }
        Ok(Passage {
            departs,
            fate: Fate::Arrives(leaves + self.line.latency),
            duplicated: false,
        })
    }

    /// Lets a frame wait for its turn. [`Pipe::serve`] has to follow.
    ///
    /// # Errors
    /// The frame, and why it may not even wait.
    pub fn offer(&mut self, now: SimTime, frame: Frame) -> Result<(), (DropReason, Frame)> {
        let (len, free_at) = (frame.bytes.len(), self.line.free_at);
        self.line.sent_frames += 1;
        self.line.sent_bytes += len as u64;
        let too_big = len > self.line.longest as usize;
        let Trouble {
            managed,
            counters: c,
            ..
        } = self.trouble();
        let taken = match managed {
            Some(queue) if !too_big => queue.put(now, frame, free_at),
            _ => Err((DropReason::TooBig, frame)),
        };
        if let (Ok(()), Some(queue)) = (&taken, managed)
            && free_at > now
        {
            c.queue_peak_frames = c.queue_peak_frames.max(queue.frames());
            c.queue_peak_bytes = c.queue_peak_bytes.max(queue.bytes());
        }
        taken.inspect_err(|(why, _)| c.drops.add(*why))
    }

    /// What the queue does next, if there is anything for it to do at `now`. To be called until it
    /// says no more; a frame that leaves goes by [`Pipe::launch`] before the next call.
    pub fn serve(&mut self, now: SimTime) -> Option<Served> {
        let free = self.line.free_at <= now;
        let Trouble {
            managed, counters, ..
        } = self.trouble.as_deref_mut()?;
        let queue = managed.as_deref_mut()?;
        let thrown_out = queue.take_victim();
        let thrown_out = thrown_out.map(|w| Turn::Dropped(w, DropReason::QueueFull));
        match thrown_out.or_else(|| free.then(|| queue.take(now))?)? {
            Turn::Dropped(waiting, why) => {
                counters.drops.add(why);
                Some(Served::Dropped(waiting.frame, why))
            }
            Turn::Leaves(waiting) => {
                counters.marked_frames += u64::from(waiting.marked);
                let peak = &mut counters.queue_peak_delay;
                *peak = (*peak).max(now - waiting.since);
                let passage = self.pass(now, &waiting.frame.bytes).ok()?;
                Some(Served::Leaves {
                    frame: waiting.frame,
                    passage,
                    queued: waiting.since,
                    marked: waiting.marked,
                })
            }
        }
    }

    /// When [`Pipe::serve`] has to be called again; `None` if nobody waits.
    pub fn serves_at(&self) -> Option<SimTime> {
        let queue = self.trouble.as_ref()?.managed.as_ref()?;
        (queue.frames() > 0).then_some(self.line.free_at)
    }

    /// Finds a frame that cannot go at once its place in the queue; when its sending starts.
    fn queue_up(&mut self, now: SimTime, len: usize) -> Result<SimTime, DropReason> {
        self.find_place(now, len)
            .inspect_err(|why| self.trouble().counters.drops.add(*why))
    }

    fn find_place(&mut self, now: SimTime, len: usize) -> Result<SimTime, DropReason> {
        if len > self.line.longest as usize {
            return Err(DropReason::TooBig);
        }
        let (free_at, limit) = (self.line.free_at, self.profile.queue);
        let Trouble {
            queue, counters: c, ..
        } = self.trouble();
        queue.advance(now);
        if !queue.has_room(limit, len) {
            return Err(DropReason::QueueFull);
        }
        queue.push(free_at, len);
        c.queue_peak_frames = c.queue_peak_frames.max(queue.len() as u64);
        c.queue_peak_bytes = c.queue_peak_bytes.max(queue.bytes());
        c.queue_peak_delay = c.queue_peak_delay.max(free_at - now);
        Ok(free_at)
    }

    fn trouble(&mut self) -> &mut Trouble {
        self.trouble.get_or_insert_default()
    }

    /// True if an admitted frame arrives as it is, once, when its passage says: then
    /// [`Pipe::launch`] would do nothing else.
    #[inline]
    pub const fn carries_as_it_is(&self, frame: &Frame) -> bool {
        self.line.is_faultless && frame.noisy_fcs.is_none()
    }

    /// Sends an admitted frame on its way: `put` takes what arrives at the other end, and when.
    pub fn launch(
        &mut self,
        passage: Passage,
        mut frame: Frame,
        pool: &mut FramePool,
        mut put: impl FnMut(SimTime, Frame),
    ) {
        let arrives = match passage.fate {
            Fate::Lost(_, why @ (DropReason::RandomLoss | DropReason::LinkDown)) => {
                self.trouble().counters.drops.add(why);
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
            self.trouble().counters.duplicated_frames += 1;
            put(arrives, pool.copy(&frame));
        }
        put(arrives, frame);
    }

    /// What this end has counted so far. What arrived is counted at the other end.
    pub fn counters(&self) -> WireCounters {
        let trouble = self.trouble.as_ref();
        let waiting = trouble.and_then(|t| t.managed.as_ref());
        let counters = trouble.map_or_else(WireCounters::default, |t| t.counters.clone());
        WireCounters {
            sent_frames: self.line.sent_frames,
            sent_bytes: self.line.sent_bytes,
            busy: self.line.busy,
            in_flight_frames: waiting.map_or(0, |queue| queue.frames()),
            ..counters
        }
    }
}

impl Line {
    fn new(profile: &LinkProfile, is_faultless: bool, is_managed: bool) -> Self {
        let longest = MIN_FRAME_LEN.max(usize::from(profile.mtu) + HEADER_LEN);
        Self {
            free_at: SimTime::ZERO,
            last_span: Span::ZERO,
            last_len: u32::MAX,
            longest: u32::try_from(longest).unwrap_or(u32::MAX),
            latency: profile.latency,
            is_faultless,
            is_managed,
            sent_frames: 0,
            sent_bytes: 0,
            busy: Span::ZERO,
        }
    }

    /// Sends a frame of `len` bytes from `departs` on; when its last bit has left. Where the profile is,
    /// is looked up only for a frame that is not as long as the one before.
    #[inline]
    fn send(&mut self, departs: SimTime, len: usize, profile: &Arc<LinkProfile>) -> SimTime {
        if self.last_len as usize != len {
            let on_wire = (len + WIRE_OVERHEAD) as u64;
            self.last_span = profile.rate.time_for_bytes(on_wire);
            self.last_len = u32::try_from(len).unwrap_or(u32::MAX);
        }
        self.free_at = departs + self.last_span;
        self.busy = self.busy + self.last_span;
        self.free_at
    }
}

#[cfg(test)]
mod tests;
