//! Frames on their way: sent by their origin, not yet arrived at their destination.

use std::collections::{BTreeMap, VecDeque};

use crate::{
    ids::{FrameId, WireId},
    trace::DropReason,
    units::SimTime,
};

/// A frame of a followed flow, from the card of its origin on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flight {
    /// The number of its flow.
    pub(super) flow: usize,
    /// When it left its origin.
    pub(super) sent: SimTime,
    /// A TCP segment's last sequence number, zero for a datagram; `None` for a segment that only
    /// acknowledges.
    pub(super) value: Option<u64>,
    /// Where and why a copy of it died. It may still arrive, if there was another copy.
    pub(super) death: Option<(WireId, DropReason)>,
}

/// The frames on their way, at most [`Flights::MOST`]: past that the oldest is given up.
#[derive(Debug, Clone, Default)]
pub(super) struct Flights {
    by_frame: BTreeMap<FrameId, Flight>,
    /// In the order of their start; frames that ended are still in it for a while.
    order: VecDeque<FrameId>,
}

impl Flights {
    /// True if `frame` is on its way.
    pub(super) fn contains(&self, frame: FrameId) -> bool {
        self.by_frame.contains_key(&frame)
    }

    /// Notes a start. Returns the flight that was given up to make room, if one was.
    pub(super) fn start(&mut self, frame: FrameId, flight: Flight) -> Option<Flight> {
        self.by_frame.insert(frame, flight);
        self.order.push_back(frame);
        while self
            .order
            .front()
            .is_some_and(|f| !self.by_frame.contains_key(f))
        {
            self.order.pop_front();
        }
        if self.order.len() <= Self::MOST {
            return None;
        }
        self.order
            .pop_front()
            .and_then(|f| self.by_frame.remove(&f))
    }

    /// Notes that a copy of `frame` died.
    pub(super) fn died(&mut self, frame: FrameId, wire: WireId, why: DropReason) {
        if let Some(flight) = self.by_frame.get_mut(&frame) {
            flight.death.get_or_insert((wire, why));
        }
    }

    /// The frame arrived; what was known of it. `None` the second time.
    pub(super) fn end(&mut self, frame: FrameId) -> Option<Flight> {
        self.by_frame.remove(&frame)
    }

    /// All that have not arrived, in the order of their start.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Flight> {
        self.order.iter().filter_map(|f| self.by_frame.get(f))
    }

    const MOST: usize = 131_072;
}
