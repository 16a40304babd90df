//! One direction of the cable between the house and the device: the house's own, in real time.

use netsim::{
    ids::{Direction, LinkId, WireId},
    osi::physical::{Airspace, Flight, Pipe},
    rng::RootSeed,
    topology::LinkProfile,
    units::SimTime,
    wire::{Frame, FramePool},
};

/// What a cable does to single IP packets, which are counted from 0 and come at a certain time.
pub(crate) type Mischief = fn(usize, SimTime, &mut Frame) -> Verdict;

/// Whether a packet goes on.
#[derive(PartialEq, Eq)]
pub(crate) enum Verdict {
    Passes,
    Dies,
}

/// A pipe, and what is under way in it.
pub(crate) struct Wire {
    pipe: Pipe,
    air: Airspace,
    flight: Flight,
    mischief: Mischief,
    packets: usize,
}

impl Wire {
    pub(crate) fn new(profile: &LinkProfile, direction: Direction, mischief: Mischief) -> Self {
        let wire = WireId {
            link: LinkId(0),
            direction,
        };
        Self {
            pipe: Pipe::new(profile.clone(), RootSeed(seed()), "tap", wire),
            air: Airspace::default(),
            flight: Flight::default(),
            mischief,
            packets: 0,
        }
    }

    /// Takes a frame. ARP comes through whatever the weather: the cases are about TCP.
    pub(crate) fn put(&mut self, now: SimTime, mut frame: Frame, pool: &mut FramePool) {
        if frame.bytes[12..14] == [8, 6] {
            return self.flight.put(&mut self.air, now, frame);
        }
        self.packets += 1;
        if (self.mischief)(self.packets - 1, now, &mut frame) == Verdict::Dies {
            return pool.give(frame.bytes);
        }
        let Ok(passage) = self.pipe.admit(now, &frame.bytes) else {
            return pool.give(frame.bytes);
        };
        let (air, flight) = (&mut self.air, &mut self.flight);
        self.pipe
            .launch(passage, frame, pool, |at, frame| flight.put(air, at, frame));
    }

    /// A frame that has arrived, unless noise spoiled it.
    pub(crate) fn take(&mut self, now: SimTime) -> Option<Frame> {
        loop {
            let arrival = self.flight.take_arrived(&mut self.air, now)?;
            let frame = self.air.leave(arrival.berth);
            if arrival.intact {
                return Some(frame);
            }
        }
    }

    pub(crate) fn next_arrival(&self) -> Option<SimTime> {
        self.flight.next_arrival()
    }
}

/// The seed of loss, reordering and the rest: 1, or what `KERNEL_PEER_SEED` says.
fn seed() -> u64 {
    let given = std::env::var("KERNEL_PEER_SEED");
    given.map_or(1, |seed| {
        seed.parse().expect("KERNEL_PEER_SEED is a number")
    })
}
