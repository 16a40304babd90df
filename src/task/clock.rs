//! The virtual clock that all hosts of one simulation read.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::units::SimTime;

/// The virtual time of a simulation: the engine sets it, everybody else reads it.
///
/// Clones show the same time.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<Face>);

/// The time in nanoseconds. Aligned: what stands beside it would come from the processor that sets
/// the clock with every event.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Face(AtomicU64);

impl Clock {
    /// A clock that shows zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// The time now.
    pub fn now(&self) -> SimTime {
        SimTime::from_nanos(self.0.0.load(Ordering::Relaxed))
    }

    /// Puts the clock forward to `now`. For the engine alone.
    ///
    /// # Panics
    /// In debug builds, if `now` lies before the time that the clock shows.
    pub fn set(&self, now: SimTime) {
        debug_assert!(self.now() <= now, "the clock runs backward");
        self.0.0.store(now.as_nanos(), Ordering::Relaxed);
    }
}
