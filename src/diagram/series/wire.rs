//! What happened at the queue in front of one wire.

use super::Thinned;
use crate::units::{SimTime, Span};

/// The waiting times and drops of one queue.
#[derive(Debug, Clone, Default)]
pub struct WireTrace {
    /// How long each frame waited \[ns\], from the first one that waited at all.
    pub waits: Thinned,
    /// When frames found the queue full. The value is their running number.
    pub drops: Thinned,
}

impl WireTrace {
    pub(super) fn waited(&mut self, at: SimTime, wait: Span) {
        self.waits.add(at, wait.as_nanos());
    }

    pub(super) fn dropped(&mut self, at: SimTime) {
        self.drops.add(at, self.drops.total() + 1);
    }

    /// The longest wait.
    pub fn longest(&self) -> Span {
        Span::from_nanos(self.waits.max().unwrap_or(0))
    }
}
