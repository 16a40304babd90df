//! Counters of wires and nodes: what a run adds up, whether or not anybody listens to its records.
//!
//! Conservation, per wire and in all: `sent + duplicated = delivered + dropped + in flight`.

use std::ops::AddAssign;

use super::DropReason;
use crate::units::Span;

/// How many frames died of each cause. Only causes that struck take room, and what lost no frame takes
/// hardly any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DropCounts(Option<Box<Counts>>);

type Counts = Vec<(DropReason, u64)>;

impl DropCounts {
    /// Counts one more.
    pub fn add(&mut self, why: DropReason) {
        self.add_many(why, 1);
    }

    /// Counts `count` more.
    pub fn add_many(&mut self, why: DropReason, count: u64) {
        if count == 0 {
            return;
        }
        let counts = self.0.get_or_insert_default();
        match counts.binary_search_by_key(&why.index(), |(w, _)| w.index()) {
            Ok(place) => counts[place].1 += count,
            Err(place) => counts.insert(place, (why, count)),
        }
    }

    /// How many died of `why`.
    pub fn of(&self, why: DropReason) -> u64 {
        let found = self.iter().find(|&(w, _)| w == why);
        found.map_or(0, |(_, count)| count)
    }

    /// How many died in all.
    pub fn total(&self) -> u64 {
        self.iter().map(|(_, count)| count).sum()
    }

    /// The causes that struck at least once, in the order of [`DropReason::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (DropReason, u64)> + '_ {
        self.0.iter().flat_map(|counts| counts.iter().copied())
    }
}

impl AddAssign<&Self> for DropCounts {
    fn add_assign(&mut self, other: &Self) {
        for (why, count) in other.iter() {
            self.add_many(why, count);
        }
    }
}

/// What one direction of a link did. Bytes are those of Ethernet frames from the destination
/// address to the end of the padding, as captures show them: no FCS, no preamble.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WireCounters {
    /// Frames handed to the port, those included that its queue had no room for.
    pub sent_frames: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Frames that arrived whole at the other end, duplicates included.
    pub delivered_frames: u64,
    /// Their bytes.
    pub delivered_bytes: u64,
    /// Extra copies that the link made.
    pub duplicated_frames: u64,
    /// Frames that died at the port or on the wire.
    pub drops: DropCounts,
    /// Frames in the queue or on the wire when the run ended.
    pub in_flight_frames: u64,
    /// How long the port was busy sending, preamble, FCS and inter-frame gap included.
    pub busy: Span,
    /// Frames that the queue marked "congestion experienced".
    pub marked_frames: u64,
    /// The most bytes that ever waited in the queue.
    pub queue_peak_bytes: u64,
    /// The most frames that ever waited in the queue.
    pub queue_peak_frames: u64,
    /// The longest that a frame waited in the queue.
    pub queue_peak_delay: Span,
}

/// All that is counted adds up; of what is the most, the most stays.
impl AddAssign<&Self> for WireCounters {
    fn add_assign(&mut self, other: &Self) {
        self.sent_frames += other.sent_frames;
        self.sent_bytes += other.sent_bytes;
        self.delivered_frames += other.delivered_frames;
        self.delivered_bytes += other.delivered_bytes;
        self.duplicated_frames += other.duplicated_frames;
        self.drops += &other.drops;
        self.in_flight_frames += other.in_flight_frames;
        self.busy = self.busy + other.busy;
        self.marked_frames += other.marked_frames;
        self.queue_peak_bytes = self.queue_peak_bytes.max(other.queue_peak_bytes);
        self.queue_peak_frames = self.queue_peak_frames.max(other.queue_peak_frames);
        self.queue_peak_delay = self.queue_peak_delay.max(other.queue_peak_delay);
    }
}

/// What one node did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeCounters {
    /// Frames that came off its wires whole.
    pub received_frames: u64,
    /// Frames that it handed to its ports, forwarded ones included.
    pub sent_frames: u64,
    /// Frames or packets that it passed on for others.
    pub forwarded_frames: u64,
    /// Frames that died inside the node. Those that died at a port's queue or on a wire are
    /// counted by the wire, not here.
    pub drops: DropCounts,
    /// ARP requests that it sent.
    pub arp_requests: u64,
    /// ARP replies that it sent.
    pub arp_replies: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_counted_apart_and_add_up() {
        let mut a = DropCounts::default();
        a.add(DropReason::QueueFull);
        a.add(DropReason::QueueFull);
        let mut b = DropCounts::default();
        b.add(DropReason::RandomLoss);
        a += &b;
        assert_eq!(a.of(DropReason::QueueFull), 2);
        assert_eq!(a.total(), 3);
        let struck: Vec<_> = a.iter().collect();
        let wanted = [(DropReason::RandomLoss, 1), (DropReason::QueueFull, 2)];
        assert_eq!(struck, wanted);
    }
}
