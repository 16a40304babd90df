//! The frames on their way along one wire, at the receiving end.
//!
//! They are a chain through an [`Airspace`], ordered by arrival. Without reordering faults each new
//! frame arrives last, so both ends of the chain are the only places touched. The sending end is the
//! [`Pipe`](super::Pipe); the two halves share nothing, so that they may live in two threads.

use super::airspace::{Airspace, Berth};
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
    first: Berth,
    last: Berth,
    delivered_frames: u64,
    delivered_bytes: u64,
    noisy_frames: u64,
}

/// A frame at the far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Where the frame still stands, noise included: it has to [leave](Airspace::leave) or to
    /// [go on](Flight::join).
    pub berth: Berth,
    /// Whether the receiver's FCS check passes.
    pub intact: bool,
}

impl Default for Flight {
    fn default() -> Self {
        Self {
            next: SimTime::MAX,
            first: Berth::NOWHERE,
            last: Berth::NOWHERE,
            delivered_frames: 0,
            delivered_bytes: 0,
            noisy_frames: 0,
        }
    }
}

impl Flight {
    /// Puts a frame in its place by arrival, behind those that arrive at the same time.
    #[inline]
    pub fn put(&mut self, air: &mut Airspace, arrives: SimTime, frame: Frame) {
        let berth = air.enter(frame);
        self.join(air, arrives, berth);
    }

    /// [`Flight::put`] for a frame that has a berth and is on no other wire.
    #[inline(always)]
    pub fn join(&mut self, air: &mut Airspace, arrives: SimTime, berth: Berth) {
        air.set_out(berth, arrives);
        if self.first == Berth::NOWHERE {
            (self.next, self.first, self.last) = (arrives, berth, berth);
        } else if air.arrives(self.last) <= arrives {
            air.set_next(self.last, berth);
            self.last = berth;
        } else {
            self.join_before(air, arrives, berth);
        }
    }

    /// Puts a frame before the last one.
    #[cold]
    fn join_before(&mut self, air: &mut Airspace, arrives: SimTime, berth: Berth) {
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
        (self.first != Berth::NOWHERE).then_some(self.next)
    }

    /// The next frame if it has arrived by `now`, its FCS checked.
    #[inline(always)]
    pub fn take_arrived(&mut self, air: &mut Airspace, now: SimTime) -> Option<Arrival> {
        if self.next > now {
            return None;
        }
        let berth = self.first;
        let frame = air.get(berth)?;
        let (len, intact) = (frame.bytes.len() as u64, frame.fcs_is_right());
        self.first = air.next(berth);
        self.next = air.arrives(self.first);
        if intact {
            self.delivered_frames += 1;
            self.delivered_bytes += len;
        } else {
            self.noisy_frames += 1;
        }
        Some(Arrival { berth, intact })
    }

    /// Adds what this end has counted, and what is still under way.
    pub fn count(&self, air: &Airspace, counters: &mut WireCounters) {
        counters.delivered_frames += self.delivered_frames;
        counters.delivered_bytes += self.delivered_bytes;
        counters
            .drops
            .add_many(DropReason::BitError, self.noisy_frames);
        let mut berth = self.first;
        while berth != Berth::NOWHERE {
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
                    let frame = arrival.map(|a| air.leave(a.berth));
                    prop_assert_eq!(frame.map(|f| f.id), Some(id));
                }
            }
            for (flight, expected) in flights.iter_mut().zip(expected) {
                let mut counters = WireCounters::default();
                flight.count(&air, &mut counters);
                prop_assert_eq!(counters.in_flight_frames, expected.len() as u64);
                for (at, id) in expected {
                    let arrival = flight.take_arrived(&mut air, at);
                    let frame = arrival.map(|a| air.leave(a.berth));
                    prop_assert_eq!(frame.map(|f| f.id), Some(id));
                }
                prop_assert!(flight.take_arrived(&mut air, SimTime::MAX).is_none());
            }
        }
    }
}
