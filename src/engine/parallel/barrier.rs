//! Where the threads of a run meet, some hundred thousand times a second.
//!
//! A waiting thread looks again and again for a while, because the others are usually less than a
//! microsecond away, and then lets others have its core. `std::sync::Barrier` puts it to sleep,
//! which costs more than a whole round.

use std::{
    hint,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

/// A meeting point for a fixed number of threads.
#[derive(Debug)]
pub(super) struct Barrier {
    threads: usize,
    waiting: Line<AtomicUsize>,
    meetings: Line<AtomicUsize>,
    broken: AtomicBool,
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
        }
    }

    /// Waits until every thread is here. What each wrote before, all see after.
    pub(super) fn meet(&self) -> Result<(), Broken> {
        let meetings = self.meetings.0.load(Ordering::Relaxed);
        if self.waiting.0.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.waiting.0.store(0, Ordering::Relaxed);
            self.meetings
                .0
                .store(meetings.wrapping_add(1), Ordering::Release);
            return Ok(());
        }
        let mut looks = 0;
        while self.meetings.0.load(Ordering::Acquire) == meetings {
            if self.broken.load(Ordering::Relaxed) {
                return Err(Broken);
            }
            looks += 1;
            if looks < LOOKS {
                hint::spin_loop();
            } else {
                thread::yield_now();
            }
        }
        Ok(())
    }

    /// For as long as the guard lives, a panic of this thread frees the others.
    pub(super) const fn break_on_panic(&self) -> Guard<'_> {
        Guard(self)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.broken.store(true, Ordering::Relaxed);
        }
    }
}

/// How often a thread looks before it lets others have its core: some ten microseconds.
const LOOKS: u32 = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_leaves_before_everybody_has_come() {
        let (barrier, came) = (Barrier::new(3), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for meeting in 1..=100 {
                        came.fetch_add(1, Ordering::Relaxed);
                        barrier.meet().unwrap();
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
            let waits = scope.spawn(|| barrier.meet());
            let panics = scope.spawn(|| {
                let _guard = barrier.break_on_panic();
                std::panic::resume_unwind(Box::new("on purpose"));
            });
            assert!(panics.join().is_err());
            assert_eq!(waits.join().unwrap(), Err(Broken));
        });
    }
}
