//! Where the threads of a run meet, some hundred thousand times a second.
//!
//! A waiting thread looks again and again for a while ([`Patience`]), because the others are usually
//! less than a microsecond away, and then goes to sleep: where other work wants the cores too, those
//! who are still to come need its core to get here. `std::sync::Barrier` puts it to sleep at once,
//! which costs more than a whole round.

use std::{
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use super::patience::Patience;
use crate::osi::transport::lock;

/// A meeting point for a fixed number of threads.
#[derive(Debug)]
pub(super) struct Barrier {
    threads: usize,
    waiting: Line<AtomicUsize>,
    meetings: Line<AtomicUsize>,
    broken: AtomicBool,
    bed: Bed,
}

/// Keeps what it holds on cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Line<T>(T);

/// Another thread panicked: there will be no more meetings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

/// Breaks the barrier if its thread panics.
#[derive(Debug)]
pub(super) struct Guard<'a>(&'a Barrier);

impl Barrier {
    pub(super) fn new(threads: usize) -> Self {
        Self {
            threads,
            waiting: Line::default(),
            meetings: Line::default(),
            broken: AtomicBool::new(false),
            bed: Bed::default(),
        }
    }

    /// Waits until every thread is here. What each wrote before, all see after.
    pub(super) fn meet(&self, patience: &mut Patience) -> Result<(), Broken> {
        let meeting = self.meetings.0.load(Ordering::Relaxed);
        if self.waiting.0.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.waiting.0.store(0, Ordering::Relaxed);
            let next = meeting.wrapping_add(1);
            self.meetings.0.store(next, Ordering::SeqCst);
            self.bed.wake();
            return Ok(());
        }
        if !patience.look(|| !self.waits(meeting)) {
            self.bed.sleep_while(|| self.waits(meeting));
        }
        if self.meetings.0.load(Ordering::Acquire) == meeting {
            return Err(Broken);
        }
        Ok(())
    }

    /// True while `meeting` lacks somebody who may still come.
    fn waits(&self, meeting: usize) -> bool {
        self.meetings.0.load(Ordering::SeqCst) == meeting && !self.broken.load(Ordering::SeqCst)
    }

    /// For as long as the guard lives, a panic of this thread frees the others.
    pub(super) const fn break_on_panic(&self) -> Guard<'_> {
        Guard(self)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.broken.store(true, Ordering::SeqCst);
            self.0.bed.wake();
        }
    }
}

/// Where those sleep who have looked long enough.
#[derive(Debug, Default)]
struct Bed {
    sleepers: AtomicUsize,
    door: Mutex<()>,
    bell: Condvar,
}

impl Bed {
    /// Sleeps for as long as `waits` says so.
    fn sleep_while(&self, waits: impl Fn() -> bool) {
        // Whoever ends the wait does so before looking for sleepers: one of the two is seen.
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        let door = self.bell.wait_while(lock(&self.door), |()| waits());
        drop(door.unwrap_or_else(PoisonError::into_inner));
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
    }

    /// Lets everybody look again; costs one look of its own if nobody sleeps.
    fn wake(&self) {
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            drop(lock(&self.door));
            self.bell.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_leaves_before_everybody_has_come() {
        let (barrier, came) = (Barrier::new(3), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let mut patience = Patience::of(3);
                    for meeting in 1..=100 {
                        came.fetch_add(1, Ordering::Relaxed);
                        barrier.meet(&mut patience).unwrap();
                        assert!(came.load(Ordering::Relaxed) >= 3 * meeting);
                    }
                });
            }
        });
        assert_eq!(came.into_inner(), 300);
    }

    #[test]
    fn a_panic_frees_those_who_wait() {
        let barrier = Barrier::new(2);
        thread::scope(|scope| {
            let waits = scope.spawn(|| barrier.meet(&mut Patience::of(2)));
            let panics = scope.spawn(|| {
                let _guard = barrier.break_on_panic();
                std::panic::resume_unwind(Box::new("on purpose"));
            });
            assert!(panics.join().is_err());
            assert_eq!(waits.join().unwrap(), Err(Broken));
        });
    }
}
