//! The frames on their way along one wire, at the receiving end.
//!
//! They are a chain through an [`Airspace`], ordered by arrival. Without reordering faults each new
//! frame arrives last, so both ends of the chain are the only places touched. The sending end is the
//! [`Pipe`](super::Pipe); the two halves share nothing, so that they may live in two threads.

use super::airspace::{Airspace, NOWHERE};
use crate::{
    trace::{DropReason, WireCounters},
    units::SimTime,
    wire::Frame,
};

/// What is under way on one wire. All of it is in one [`Airspace`], which every call is given.
#[derive(Debug)]
pub struct Flight {
    /// When the first frame arrives; [`SimTime::MAX`] if there is none.
    next: SimTime,
    /// The berths of the first and the last frame.
    first: u32,
    last: u32,
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

impl Default for Flight {
    fn default() -> Self {
        Self {
            next: SimTime::MAX,
            first: NOWHERE,
            last: NOWHERE,
            delivered_frames: 0,
            delivered_bytes: 0,
            noisy_frames: 0,
        }
    }
}

impl Flight {
    /// Puts a frame in its place by arrival, behind those that arrive at the same time.
    #[inline(always)]
    pub fn put(&mut self, air: &mut Airspace, arrives: SimTime, frame: Frame) {
        let berth = air.enter(arrives, frame);
        if self.first == NOWHERE {
            (self.next, self.first, self.last) = (arrives, berth, berth);
        } else if air.arrives(self.last) <= arrives {
            air.set_next(self.last, berth);
            self.last = berth;
        } else {
            self.put_before(air, arrives, berth);
        }
    }

    /// Puts a frame before the last one.
    #[cold]
    fn put_before(&mut self, air: &mut Airspace, arrives: SimTime, berth: u32) {
        if arrives < self.next {
            air.set_next(berth, self.first);
            (self.next, self.first) = (arrives, berth);
            return;
        }
        let mut before = self.first;
        while air.arrives(air.next(before)) <= arrives {
            before = air.next(before);
        }
        air.set_next(berth, air.next(before));
        air.set_next(before, berth);
    }

    /// When the next frame arrives.
    #[inline]
    pub fn next_arrival(&self) -> Option<SimTime> {
        (self.first != NOWHERE).then_some(self.next)
    }

    /// The next frame if it has arrived by `now`, its FCS checked.
    #[inline]
    pub fn take_arrived(&mut self, air: &mut Airspace, now: SimTime) -> Option<Arrival> {
        if self.next > now {
            return None;
        }
        let (frame, next) = air.leave(self.first)?;
        (self.first, self.next) = (next, air.arrives(next));
        let intact = frame.fcs_is_right();
        if intact {
            self.delivered_frames += 1;
            self.delivered_bytes += frame.bytes.len() as u64;
        } else {
            self.noisy_frames += 1;
        }
        Some(Arrival { frame, intact })
    }

    /// Adds what this end has counted, and what is still under way.
    pub fn count(&self, air: &Airspace, counters: &mut WireCounters) {
        counters.delivered_frames += self.delivered_frames;
        counters.delivered_bytes += self.delivered_bytes;
        counters
            .drops
            .add_many(DropReason::BitError, self.noisy_frames);
        let mut berth = self.first;
        while berth != NOWHERE {
            counters.in_flight_frames += 1;
            berth = air.next(berth);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ids::{FrameId, NodeId};

    proptest! {
        /// Frames come off each wire by arrival, and those of one time as they were put; none is lost,
        /// whatever the other wire of the same airspace does. A stable sort says the same.
        #[test]
        fn frames_arrive_in_the_order_of_a_stable_sort(
            sent in prop::collection::vec((any::<bool>(), 0u64..20, any::<bool>()), 0..60),
        ) {
            let mut air = Airspace::default();
            let mut flights = [Flight::default(), Flight::default()];
            let mut expected = [Vec::new(), Vec::new()];
            for (number, &(wire, at, take)) in (0u32..).zip(&sent) {
                let wire = usize::from(wire);
                let id = FrameId { origin: NodeId(0), number };
                let at = SimTime::from_nanos(at);
                flights[wire].put(&mut air, at, Frame::new(id, vec![0; 60]));
                expected[wire].push((at, id));
                expected[wire].sort_by_key(|&(at, _)| at);
                if take {
                    let (at, id) = expected[wire].remove(0);
                    prop_assert_eq!(flights[wire].next_arrival(), Some(at));
                    let arrival = flights[wire].take_arrived(&mut air, at);
                    prop_assert_eq!(arrival.map(|a| a.frame.id), Some(id));
                }
            }
            for (flight, expected) in flights.iter_mut().zip(expected) {
                let mut counters = WireCounters::default();
                flight.count(&air, &mut counters);
                prop_assert_eq!(counters.in_flight_frames, expected.len() as u64);
                for (at, id) in expected {
                    let arrival = flight.take_arrived(&mut air, at);
                    prop_assert_eq!(arrival.map(|a| a.frame.id), Some(id));
                }
                prop_assert!(flight.take_arrived(&mut air, SimTime::MAX).is_none());
            }
        }
    }
}
