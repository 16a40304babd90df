//! Where the frames are kept that are under way: those of many wires in one list.
//!
//! Most wires carry one frame or none at a time, and a network has many wires: with a list for each,
//! every frame would stand in memory that nobody has touched for long. Here it stands where the frame
//! stood that left last. Which frames are on one wire, and in which order they arrive, its
//! [`Flight`](super::Flight) knows. Contract: a frame keeps its berth until [`Airspace::leave`]: one that
//! is passed on from wire to wire is never moved. Whoever uses a berth after that has a bug, and panics.

use std::ops::{Index, IndexMut};

use crate::{units::SimTime, wire::Frame};

/// The frames under way on the wires of one part of a network.
#[derive(Debug)]
pub struct Airspace {
    places: Vec<Place>,
    /// The first berth that is free, or [`Berth::NOWHERE`].
    free: Berth,
}

/// The number of the place where a frame stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Berth(u32);

/// The place of one frame, in one cache line.
#[derive(Debug)]
#[repr(align(64))]
struct Place {
    arrives: SimTime,
    /// `None` while the place is free.
    frame: Option<Frame>,
    /// The next of the same wire, or the next that is free; or [`Berth::NOWHERE`].
    next: Berth,
}

impl Berth {
    /// The number of no berth.
    pub(super) const NOWHERE: Self = Self(u32::MAX);

    const fn index(self) -> usize {
        self.0 as usize
    }
}

impl Default for Airspace {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            free: Berth::NOWHERE,
        }
    }
}

impl Airspace {
    /// Takes a frame in and gives its berth. It is on no wire until it [joins](super::Flight::join) one.
    #[inline(always)]
    pub fn enter(&mut self, frame: Frame) -> Berth {
        let berth = self.free;
        match self.places.get_mut(berth.index()) {
            Some(place) => {
                self.free = place.next;
                place.frame = Some(frame);
                berth
            }
            None => self.grow(frame),
        }
    }

    #[cold]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "four thousand million frames do not fit into memory"
    )]
    fn grow(&mut self, frame: Frame) -> Berth {
        self.places.push(Place {
            arrives: SimTime::ZERO,
            frame: Some(frame),
            next: Berth::NOWHERE,
        });
        Berth(self.places.len() as u32 - 1)
    }

    /// The frame of a berth; `None` for [`Berth::NOWHERE`].
    #[inline(always)]
    pub(super) fn get(&self, berth: Berth) -> Option<&Frame> {
        self.places.get(berth.index())?.frame.as_ref()
    }

    /// Gives the frame of a berth back, which is free from now on.
    ///
    /// # Panics
    /// If no frame stands there.
    #[inline(always)]
    pub fn leave(&mut self, berth: Berth) -> Frame {
        let place = &mut self.places[berth.index()];
        let frame = place.frame.take().expect(NOBODY);
        place.next = self.free;
        self.free = berth;
        frame
    }

    /// When the frame of a berth arrives; [`SimTime::MAX`] for [`Berth::NOWHERE`].
    #[inline(always)]
    pub(super) fn arrives(&self, berth: Berth) -> SimTime {
        let place = self.places.get(berth.index());
        place.map_or(SimTime::MAX, |place| place.arrives)
    }

    /// Lets the frame of a berth set out, to arrive at a time, with nobody behind it.
    #[inline(always)]
    pub(super) fn set_out(&mut self, berth: Berth, arrives: SimTime) {
        if let Some(place) = self.places.get_mut(berth.index()) {
            (place.arrives, place.next) = (arrives, Berth::NOWHERE);
        }
    }

    #[inline(always)]
    pub(super) fn next(&self, berth: Berth) -> Berth {
        let place = self.places.get(berth.index());
        place.map_or(Berth::NOWHERE, |place| place.next)
    }

    #[inline(always)]
    pub(super) fn set_next(&mut self, berth: Berth, next: Berth) {
        if let Some(place) = self.places.get_mut(berth.index()) {
            place.next = next;
        }
    }
}

/// The frame of a berth.
impl Index<Berth> for Airspace {
    type Output = Frame;

    #[inline(always)]
    fn index(&self, berth: Berth) -> &Frame {
        self.get(berth).expect(NOBODY)
    }
}

impl IndexMut<Berth> for Airspace {
    #[inline(always)]
    fn index_mut(&mut self, berth: Berth) -> &mut Frame {
        let frame = &mut self.places[berth.index()].frame;
        frame.as_mut().expect(NOBODY)
    }
}

const NOBODY: &str = "a frame stands in a berth that is in use";
