//! A link: the decision about a frame, its way into the line, and its arrival.

use netsim::{
    ids::{FrameId, NodeId, WireId},
    osi::physical::{Airspace, Flight, Pipe},
    rng::RootSeed,
    topology::LinkProfile,
    units::{SimTime, Span},
    wire::{Frame, FramePool},
};

use crate::counted;

const OPERATIONS: u64 = 20_000;

/// One frame after the other, each on its way alone.
pub(crate) fn idle() -> u64 {
    frames(LinkProfile::default(), 0, Span::from_millis(1))
}

/// 1066 bytes on the wire take 8528 ns at 1 Gbit/s: one comes as one leaves.
pub(crate) fn queued() -> u64 {
    frames(LinkProfile::default(), 50, Span::from_nanos(8_528))
}

pub(crate) fn faulty() -> u64 {
    let profile = LinkProfile {
        loss: "1%".parse().unwrap(),
        jitter: Span::from_micros(5),
        duplicate: "1%".parse().unwrap(),
        ..LinkProfile::default()
    };
    frames(profile, 0, Span::from_millis(1))
}

/// A frame every `interval`, after a burst of `ahead`; all that have arrived by then are taken out.
fn frames(profile: LinkProfile, ahead: usize, interval: Span) -> u64 {
    let mut link = Link {
        pipe: Pipe::new(profile, RootSeed(1), "link", WireId::from_index(0)),
        air: Airspace::default(),
        flight: Flight::default(),
        pool: FramePool::default(),
        now: SimTime::ZERO,
    };
    (0..ahead).for_each(|_| link.send());
    let round = |link: &mut Link| {
        link.send();
        link.now += interval;
        link.receive();
    };
    (0..1000).for_each(|_| round(&mut link));
    counted(|| (0..OPERATIONS).for_each(|_| round(&mut link)));
    OPERATIONS
}

struct Link {
    pipe: Pipe,
    air: Airspace,
    flight: Flight,
    pool: FramePool,
    now: SimTime,
}

impl Link {
    fn send(&mut self) {
        let mut bytes = self.pool.take();
        bytes.resize(1042, 0);
        let id = FrameId {
            origin: NodeId(0),
            number: 0,
        };
        let frame = Frame::new(id, bytes);
        let passage = self.pipe.admit(self.now, &frame.bytes).unwrap();
        let (pool, air, flight) = (&mut self.pool, &mut self.air, &mut self.flight);
        self.pipe
            .launch(passage, frame, pool, |at, frame| flight.put(air, at, frame));
    }

    fn receive(&mut self) {
        while let Some(arrival) = self.flight.take_arrived(&mut self.air, self.now) {
            self.pool.give(self.air.leave(arrival.berth).bytes);
        }
    }
}
