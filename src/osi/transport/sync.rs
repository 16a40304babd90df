//! The locks of the house, without poison: a panic of an earlier holder ends the run by itself.
//!
//! [`Mutex`] is around what belongs to one host: its stack, its tasks, its meters. One thread at a
//! time runs a host, so nobody waits for it; it is there because programs may be handed to another
//! thread. So it spins: it takes one locked instruction where a lock of the system takes two, and
//! each of those makes the processor wait for all that it has just written. What threads really
//! share (the mail between the parts of a world, say) is behind a lock of the system.

use std::sync::{self, PoisonError};

pub use spin::mutex::{SpinMutex as Mutex, SpinMutexGuard as MutexGuard};

/// Takes a lock of the system.
pub(crate) fn lock<T>(shared: &sync::Mutex<T>) -> sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
