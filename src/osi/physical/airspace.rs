//! Where the frames are kept that are under way: those of many wires in one list.
//!
//! Most wires carry one frame or none at a time, and a network has many wires: with a list for each,
//! every frame would stand in memory that nobody has touched for long. Here it stands where the frame
//! stood that arrived last. Which frames are on one wire, and in which order they arrive, its
//! [`Flight`](super::Flight) knows.

use crate::{units::SimTime, wire::Frame};

/// The frames under way on the wires of one part of a network.
#[derive(Debug)]
pub struct Airspace {
    berths: Vec<Berth>,
    /// The first berth that is free, or [`NOWHERE`].
    free: u32,
}

/// The place of one frame.
#[derive(Debug)]
struct Berth {
    arrives: SimTime,
    /// `None` while the berth is free.
    frame: Option<Frame>,
    /// The next of the same wire, or the next that is free; or [`NOWHERE`].
    next: u32,
}

/// The number of no berth.
pub(super) const NOWHERE: u32 = u32::MAX;

impl Default for Airspace {
    fn default() -> Self {
        Self {
            berths: Vec::new(),
            free: NOWHERE,
        }
    }
}

impl Airspace {
    /// Takes a frame in and gives the number of its berth, which has no next one.
    #[inline(always)]
    pub(super) fn enter(&mut self, arrives: SimTime, frame: Frame) -> u32 {
        let number = self.free;
        match self.berths.get_mut(number as usize) {
            Some(berth) => {
                self.free = berth.next;
                berth.arrives = arrives;
                berth.frame = Some(frame);
                berth.next = NOWHERE;
                number
            }
            None => self.grow(arrives, frame),
        }
    }

    #[cold]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "four thousand million frames do not fit into memory"
    )]
    fn grow(&mut self, arrives: SimTime, frame: Frame) -> u32 {
        self.berths.push(Berth {
            arrives,
            frame: Some(frame),
            next: NOWHERE,
        });
        self.berths.len() as u32 - 1
    }

    /// Gives the frame of a berth back, and the number of the next one of its wire.
    #[inline(always)]
    pub(super) fn leave(&mut self, number: u32) -> Option<(Frame, u32)> {
        let berth = self.berths.get_mut(number as usize)?;
        let frame = berth.frame.take()?;
        let next = std::mem::replace(&mut berth.next, self.free);
        self.free = number;
        Some((frame, next))
    }

    /// When the frame of a berth arrives; [`SimTime::MAX`] for [`NOWHERE`].
    #[inline(always)]
    pub(super) fn arrives(&self, number: u32) -> SimTime {
        let berth = self.berths.get(number as usize);
        berth.map_or(SimTime::MAX, |berth| berth.arrives)
    }

    pub(super) fn next(&self, number: u32) -> u32 {
        let berth = self.berths.get(number as usize);
        berth.map_or(NOWHERE, |berth| berth.next)
    }

    #[inline(always)]
    pub(super) fn set_next(&mut self, number: u32, next: u32) {
        if let Some(berth) = self.berths.get_mut(number as usize) {
            berth.next = next;
        }
    }
}
