//! One direction of the cable between the house and the device: the house's own, in real time.

use netsim::{
    ids::{Direction, LinkId, WireId},
    osi::physical::{Flight, Pipe},
    rng::RootSeed,
    topology::LinkProfile,
    units::SimTime,
    wire::{Frame, FramePool},
};

/// A pipe, and what is under way in it.
pub(crate) struct Wire {
    pipe: Pipe,
    flight: Flight,
}

impl Wire {
    pub(crate) fn new(profile: &LinkProfile, direction: Direction) -> Self {
        let wire = WireId {
            link: LinkId(0),
            direction,
        };
        Self {
            pipe: Pipe::new(profile.clone(), RootSeed(1), "tap", wire),
            flight: Flight::default(),
        }
    }

    /// Takes a frame. ARP comes through whatever the weather: the cases are about TCP.
    pub(crate) fn put(&mut self, now: SimTime, frame: Frame, pool: &mut FramePool) {
        if frame.bytes[12..14] == [8, 6] {
            return self.flight.put(now, frame);
        }
        let Ok(passage) = self.pipe.admit(now, &frame.bytes) else {
            return pool.give(frame.bytes);
        };
        let flight = &mut self.flight;
        self.pipe
            .launch(passage, frame, pool, |at, frame| flight.put(at, frame));
    }

    /// A frame that has arrived, unless noise spoiled it.
    pub(crate) fn take(&mut self, now: SimTime) -> Option<Frame> {
        loop {
            let arrival = self.flight.take_arrived(now)?;
            if arrival.intact {
                return Some(arrival.frame);
            }
        }
    }

    pub(crate) fn next_arrival(&self) -> Option<SimTime> {
        self.flight.next_arrival()
    }
}
