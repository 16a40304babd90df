//! What happened at the queue in front of one wire.

use super::Thinned;
use crate::units::{SimTime, Span};

/// The waiting times and drops of one queue.
#[derive(Debug, Clone, Default)]
pub struct WireTrace {
    /// How long each frame waited \[ns\], from the first one that waited at all.
    pub waits: Thinned,
    /// When frames found the queue full, or its discipline dropped them. The value is their running
    /// number.
    pub drops: Thinned,
    /// When frames came that the queue marked. The value is their running number.
    pub marks: Thinned,
}

impl WireTrace {
    pub(super) fn waited(&mut self, at: SimTime, wait: Span) {
        self.waits.add(at, wait.as_nanos());
    }

    pub(super) fn marked(&mut self, at: SimTime) {
        self.marks.add(at, self.marks.total() + 1);
    }

    pub(super) fn dropped(&mut self, at: SimTime) {
        self.drops.add(at, self.drops.total() + 1);
    }

    /// The longest wait.
    pub fn longest(&self) -> Span {
        Span::from_nanos(self.waits.max().unwrap_or(0))
    }
}
