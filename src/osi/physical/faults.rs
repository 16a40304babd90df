//! What may go wrong on one wire: jitter, loss, duplicates, reordering, bit errors, outage.

use super::{
    delay,
    noise::{flip_bits, strike},
    pipe::Passage,
};
use crate::{
    ids::WireId,
    rng::{RootSeed, Stream},
    topology::LinkProfile,
    trace::{DropReason, Fate},
    units::SimTime,
};

/// One random stream per kind of fault, so that switching one on does not shift the others.
#[derive(Debug)]
pub(super) struct Faults {
    loss: Stream,
    jitter: Stream,
    duplicate: Stream,
    reorder: Stream,
    noise: Stream,
    last_arrival: SimTime,
    /// The numbers of the bits that noise flips in the frame decided on last. Ascending.
    pub(super) flipped: Vec<usize>,
}

impl Faults {
    /// The faults of `wire` of a link called `name`; `None` if nothing can go wrong on it.
    pub(super) fn new(
        profile: &LinkProfile,
        seed: RootSeed,
        name: &str,
        wire: WireId,
    ) -> Option<Box<Self>> {
        if profile.is_faultless() {
            return None;
        }
        let direction = wire.direction.to_string();
        let stream = |purpose| seed.stream(&["link", name, &direction, purpose]);
        Some(Box::new(Self {
            loss: stream("loss"),
            jitter: stream("jitter"),
            duplicate: stream("duplicate"),
            reorder: stream("reorder"),
            noise: stream("noise"),
            last_arrival: SimTime::ZERO,
            flipped: Vec::new(),
        }))
    }

    /// Decides the way of a frame whose first bit goes at `departs` and whose last at `leaves`.
    pub(super) fn decide(
        &mut self,
        profile: &LinkProfile,
        departs: SimTime,
        leaves: SimTime,
        bytes: &[u8],
    ) -> Passage {
        let arrives = self.arrival(profile, leaves);
        let lost = self.loss.happens(profile.loss);
        let is_down = profile.down.is_some_and(|down| down.hits(departs, leaves));
        self.flipped.clear();
        if !lost && !profile.bit_error.is_zero() {
            flip_bits(
                profile.bit_error,
                bytes.len(),
                &mut self.noise,
                &mut self.flipped,
            );
        }
        let fate = if is_down {
            Fate::Lost(arrives, DropReason::LinkDown)
        } else if lost {
            Fate::Lost(arrives, DropReason::RandomLoss)
        } else if is_noticed(&self.flipped, bytes) {
            Fate::Lost(arrives, DropReason::BitError)
        } else {
            Fate::Arrives(arrives)
        };
        let duplicated = self.duplicate.happens(profile.duplicate);
        Passage {
            departs,
            fate,
            duplicated: duplicated && matches!(fate, Fate::Arrives(_)),
        }
    }

    /// When a frame whose last bit goes at `leaves` arrives.
    fn arrival(&mut self, profile: &LinkProfile, leaves: SimTime) -> SimTime {
        let arrives = leaves + delay::draw(profile, &mut self.jitter);
        if self.reorder.happens(profile.reorder) {
            return arrives + profile.reorder_delay;
        }
        if profile.jitter_reorders {
            return arrives;
        }
        self.last_arrival = self.last_arrival.max(arrives);
        self.last_arrival
    }
}

/// Would the receiver's FCS check find these flips? (It misses about one noisy frame in 2^32.)
fn is_noticed(flipped: &[usize], bytes: &[u8]) -> bool {
    if flipped.is_empty() {
        return false;
    }
    let mut noisy = bytes.to_vec();
    let fcs = strike(flipped, &mut noisy);
    fcs != crc32fast::hash(&noisy)
}
