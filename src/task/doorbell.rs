//! How a host tells the engine that it has something to do outside its turn.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use crate::{ids::NodeId, osi::transport::Mutex};

/// The bell that all hosts of one part of a simulation ring.
///
/// A host rings when its ready queue or its stack gets work while it had none: a task was
/// spawned, or a task of another host woke one here. The engine takes the list after each turn
/// and gives those hosts a turn at the same instant, in the order of ringing.
#[derive(Debug, Clone, Default)]
pub struct Doorbell(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    has_rung: AtomicBool,
    rung: Mutex<Vec<Ring>>,
    /// Shared by all bells of a simulation.
    rings: Arc<AtomicU64>,
}

/// Somebody rang.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ring {
    /// The how-manieth ring of the simulation this was.
    pub number: u64,
    /// Who.
    pub host: NodeId,
}

impl Doorbell {
    /// A bell that nobody has rung.
    pub fn new() -> Self {
        Self::default()
    }

    /// A bell for another part of the same simulation. Until the parts run side by side, the
    /// numbers of their rings tell who was first.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self(Arc::new(Inner {
            rings: Arc::clone(&self.0.rings),
            ..Inner::default()
        }))
    }

    /// Notes that `host` has work.
    pub fn ring(&self, host: NodeId) {
        let number = self.0.rings.fetch_add(1, Ordering::Relaxed);
        self.0.rung.lock().push(Ring { number, host });
        self.0.has_rung.store(true, Ordering::Relaxed);
    }

    /// True if somebody has rung since the last [`Doorbell::take`].
    pub fn has_rung(&self) -> bool {
        self.0.has_rung.load(Ordering::Relaxed)
    }

    /// Moves everybody who rang to the end of `rung`. The same host may stand there twice.
    pub fn take(&self, rung: &mut Vec<Ring>) {
        self.0.has_rung.store(false, Ordering::Relaxed);
        rung.append(&mut self.0.rung.lock());
    }
}
