//! A queue with a discipline other than drop-tail: the frames wait here, and the discipline says
//! who is dropped or marked and who leaves next.
//!
//! A drop-tail queue knows at once when a frame will leave. Here that may depend on what comes
//! later: CoDel drops a frame only if more than a full frame waits behind it when its turn comes,
//! and a fair queue lets newcomers go first. So the owner of the port has to come back when the
//! line is free.
//!
//! Marking sets "congestion experienced" in the IP header (RFC 3168). What cannot be marked is
//! dropped.

use std::collections::VecDeque;

use crate::{
    rng::Stream,
    topology::{Discipline, LinkProfile, QueueLimit},
    trace::DropReason,
    units::SimTime,
    wire::{EtherType, EthernetHeader, Frame, HEADER_LEN, Ipv4Packet},
};

mod codel;
mod fq_codel;
mod red;

use codel::Codel;
use fq_codel::FqCodel;
use red::{Chance, Red};

/// A frame that waits for the line.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) frame: Frame,
    pub(super) since: SimTime,
    /// This queue has marked it.
    pub(super) marked: bool,
}

impl Waiting {
    fn len(&self) -> usize {
        self.frame.bytes.len()
    }

    /// Marks it if `ecn` allows it and its transport understands.
    fn mark(&mut self, ecn: bool) -> bool {
        let marked = ecn && mark(&mut self.frame.bytes);
        self.marked |= marked;
        marked
    }
}

/// Sets "congestion experienced" in the IPv4 packet of a frame. False if there is none, or its
/// transport does not understand.
fn mark(frame: &mut [u8]) -> bool {
    let ip = EthernetHeader::parse(frame).is_some_and(|h| h.ethertype == EtherType::IPV4);
    let packet = ip.then(|| Ipv4Packet::new(&mut frame[HEADER_LEN..]));
    packet.flatten().is_some_and(|mut p| p.mark_congestion())
}

/// Frames in the order of their coming.
#[derive(Debug, Default)]
struct Fifo {
    frames: VecDeque<Waiting>,
    bytes: u64,
}

impl Fifo {
    fn push(&mut self, waiting: Waiting) {
        self.bytes += waiting.len() as u64;
        self.frames.push_back(waiting);
    }

    fn pop(&mut self) -> Option<Waiting> {
        let waiting = self.frames.pop_front()?;
        self.bytes -= waiting.len() as u64;
        Some(waiting)
    }

    /// The length of the queue in the unit of `limit`.
    fn level(&self, limit: QueueLimit) -> u64 {
        limit.measure(self.frames.len() as u64, self.bytes)
    }
}

/// What became of the frame whose turn it was.
#[derive(Debug)]
pub(super) enum Turn {
    Leaves(Waiting),
    Dropped(Waiting, DropReason),
}

/// The waiting frames and their discipline.
#[derive(Debug)]
pub(super) struct Managed {
    limit: QueueLimit,
    ecn: bool,
    rule: Rule,
}

#[derive(Debug)]
enum Rule {
    Threshold(Fifo, QueueLimit),
    Red(Fifo, Red),
    Codel(Fifo, Codel),
    FqCodel(FqCodel),
}

impl Managed {
    /// The queue that `profile` asks for; `None` for drop-tail. `random` is the direction's own.
    pub(super) fn new(profile: &LinkProfile, random: impl FnOnce() -> Stream) -> Option<Box<Self>> {
        let longest = u64::from(profile.mtu) + HEADER_LEN as u64;
        let rule = match profile.discipline {
            Discipline::DropTail => return None,
            Discipline::Threshold(threshold) => Rule::Threshold(Fifo::default(), threshold.above),
            Discipline::Red(red) => {
                let typical = profile.rate.time_for_bytes(longest);
                Rule::Red(Fifo::default(), Red::new(red, typical, random()))
            }
            Discipline::Codel(codel) => Rule::Codel(Fifo::default(), Codel::new(codel, longest)),
            Discipline::FqCodel(fq) => Rule::FqCodel(FqCodel::new(fq, longest, random())),
        };
        Some(Box::new(Self {
            limit: profile.queue,
            ecn: profile.discipline.marks(),
            rule,
        }))
    }

    /// Takes a frame. The line is free, or will be, at `free_at`.
    ///
    /// # Errors
    /// The frame, and why it may not even wait.
    pub(super) fn put(
        &mut self,
        now: SimTime,
        frame: Frame,
        free_at: SimTime,
    ) -> Result<(), (DropReason, Frame)> {
        let waits = free_at > now || self.frames() > 0;
        let mut newcomer = Waiting {
            frame,
            since: now,
            marked: false,
        };
        let fits = match &self.rule {
            // It makes room by itself.
            Rule::FqCodel(_) => true,
            _ => !waits || self.has_room(newcomer.len()),
        };
        if !fits {
            return Err((DropReason::QueueFull, newcomer.frame));
        }
        let ecn = self.ecn;
        let refused = match &mut self.rule {
            Rule::Threshold(queue, above) => {
                let level = queue.level(*above) + above.measure(1, newcomer.len() as u64);
                let long = waits && level > above.amount();
                (long && !newcomer.mark(ecn)).then_some(DropReason::AboveThreshold)
            }
            Rule::Red(queue, red) => {
                let level = queue.level(red.unit());
                let idle = (!waits).then(|| now.since(free_at));
                match red.judge(level, idle) {
                    Chance::Passes => None,
                    Chance::Early => (!newcomer.mark(ecn)).then_some(DropReason::RedEarly),
                    Chance::Beyond => Some(DropReason::RedEarly),
                }
            }
            Rule::Codel(..) | Rule::FqCodel(_) => None,
        };
        if let Some(why) = refused {
            return Err((why, newcomer.frame));
        }
        match &mut self.rule {
            Rule::Threshold(queue, _) | Rule::Red(queue, _) | Rule::Codel(queue, _) => {
                queue.push(newcomer);
            }
            Rule::FqCodel(fq) => {
                fq.push(newcomer);
                while waits && fq.is_over(self.limit) {
                    fq.make_room();
                }
            }
        }
        Ok(())
    }

    /// Decides about the next frame, as the line is free.
    pub(super) fn take(&mut self, now: SimTime) -> Option<Turn> {
        match &mut self.rule {
            Rule::Threshold(queue, _) | Rule::Red(queue, _) => queue.pop().map(Turn::Leaves),
            Rule::Codel(queue, codel) => codel.take(queue, now),
            Rule::FqCodel(fq) => fq.take(now),
        }
    }

    /// A frame that was thrown out to make room for others.
    pub(super) fn take_victim(&mut self) -> Option<Waiting> {
        match &mut self.rule {
            Rule::FqCodel(fq) => fq.victims.pop_front(),
            _ => None,
        }
    }

    /// Frames waiting.
    pub(super) fn frames(&self) -> u64 {
        match &self.rule {
            Rule::Threshold(queue, _) | Rule::Red(queue, _) | Rule::Codel(queue, _) => {
                queue.frames.len() as u64
            }
            Rule::FqCodel(fq) => fq.frames,
        }
    }

    /// Bytes waiting.
    pub(super) const fn bytes(&self) -> u64 {
        match &self.rule {
            Rule::Threshold(queue, _) | Rule::Red(queue, _) | Rule::Codel(queue, _) => queue.bytes,
            Rule::FqCodel(fq) => fq.bytes,
        }
    }

    fn has_room(&self, len: usize) -> bool {
        match self.limit {
            QueueLimit::Bytes(size) => self.bytes() + len as u64 <= size.bytes(),
            QueueLimit::Packets(most) => self.frames() < u64::from(most),
        }
    }
}

#[cfg(test)]
mod tests;
