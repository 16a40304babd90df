//! What a run shares with the threads around it: how far it is, and whether to stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::units::SimTime;

/// Progress out, stop request in. The run looks at it every few hundred events; nothing in it
/// reaches a result except where the run ends when it is told to stop.
#[derive(Debug, Default)]
pub struct RunControl {
    stop: AtomicBool,
    now: AtomicU64,
    frames: AtomicU64,
}

impl RunControl {
    /// Asks the run to end in order as soon as it can.
    pub fn request_stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// True if somebody asked the run to end.
    pub fn stop_requested(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// How far the run is in virtual time.
    pub fn now(&self) -> SimTime {
        SimTime::from_nanos(self.now.load(Ordering::Relaxed))
    }

    /// Frames that have come off wires so far.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    pub(super) fn report(&self, now: SimTime, frames: u64) {
        self.now.store(now.as_nanos(), Ordering::Relaxed);
        self.frames.store(frames, Ordering::Relaxed);
    }
}
