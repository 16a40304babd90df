//! The timers of one host: who wants to be woken when.
//!
//! Contract: timers fire in the order of their deadlines, and equal deadlines in the order in
//! which they were set. To set, to fire and to cancel take O(log n), and no memory is allocated
//! once there was room for as many timers.

use std::{cmp::Reverse, collections::BinaryHeap, num::NonZeroU64, task::Waker};

use super::tasks::TaskId;
use crate::units::SimTime;

/// Whom a timer wakes.
#[derive(Debug)]
pub(super) enum Target {
    /// A task of the same host.
    Task(TaskId),
    /// Somebody else.
    Other(Waker),
}

/// Which timer: its running number, and its place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TimerKey {
    number: NonZeroU64,
    place: u32,
}

/// Timers by deadline.
#[derive(Debug, Default)]
pub(super) struct Timers {
    /// Every timer that waits, and cancelled ones that did not come first yet.
    heap: BinaryHeap<Reverse<(SimTime, TimerKey)>>,
    /// The targets of those that wait.
    waiting: Vec<Option<(NonZeroU64, Target)>>,
    free: Vec<u32>,
    /// How many timers were ever set.
    set: u64,
}

impl Timers {
    /// The earliest deadline.
    pub(super) fn next_deadline(&self) -> Option<SimTime> {
        self.heap.peek().map(|&Reverse((deadline, _))| deadline)
    }

    /// Takes one timer whose deadline has come.
    pub(super) fn pop_due(&mut self, now: SimTime) -> Option<Target> {
        let &Reverse((deadline, key)) = self.heap.peek()?;
        if deadline > now {
            return None;
        }
        let target = self.take(key);
        self.drop_cancelled();
        target
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "four thousand million timers do not fit into memory"
    )]
    pub(super) fn set(&mut self, deadline: SimTime, target: Target) -> TimerKey {
        let place = self.free.pop().unwrap_or_else(|| {
            // Most hosts have one timer.
            if self.waiting.len() == self.waiting.capacity() {
                self.waiting.reserve_exact(self.waiting.len().max(1));
                self.heap.reserve_exact(self.waiting.len().max(1));
            }
            self.waiting.push(None);
            self.waiting.len() as u32 - 1
        });
        self.set += 1;
        let key = TimerKey {
            number: NonZeroU64::MIN.saturating_add(self.set),
            place,
        };
        self.waiting[place as usize] = Some((key.number, target));
        self.heap.push(Reverse((deadline, key)));
        key
    }

    /// Gives a timer another target; the old one, or nothing if the timer has fired.
    pub(super) fn renew(&mut self, key: TimerKey, target: Target) -> Option<Target> {
        self.is_waiting(key)
            .then(|| self.waiting[key.place as usize].replace((key.number, target)))
            .flatten()
            .map(|(_, old)| old)
    }

    /// Takes a timer away; its target, or nothing if it has fired.
    pub(super) fn cancel(&mut self, key: TimerKey) -> Option<Target> {
        let target = self.take(key);
        self.drop_cancelled();
        if self.heap.len() > 2 * self.waiting.len() - 2 * self.free.len() + FEW {
            self.sweep();
        }
        target
    }

    fn is_waiting(&self, key: TimerKey) -> bool {
        let entry = self.waiting[key.place as usize].as_ref();
        entry.is_some_and(|(number, _)| *number == key.number)
    }

    fn take(&mut self, key: TimerKey) -> Option<Target> {
        if !self.is_waiting(key) {
            return None;
        }
        self.free.push(key.place);
        self.waiting[key.place as usize]
            .take()
            .map(|(_, target)| target)
    }

    /// Leaves a timer that waits at the top.
    fn drop_cancelled(&mut self) {
        while let Some(&Reverse((_, key))) = self.heap.peek()
            && !self.is_waiting(key)
        {
            self.heap.pop();
        }
    }

    /// Forgets all cancelled timers.
    fn sweep(&mut self) {
        let mut heap = std::mem::take(&mut self.heap);
        heap.retain(|&Reverse((_, key))| self.is_waiting(key));
        self.heap = heap;
    }
}

/// Cancelled timers that may wait in the heap besides as many as really wait.
const FEW: usize = 64;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn at(ns: u64) -> SimTime {
        SimTime::from_nanos(ns)
    }

    fn nobody() -> Target {
        Target::Other(Waker::noop().clone())
    }

    #[test]
    fn cancelled_timers_do_not_gather() {
        // One waits for ever, each of the others is cancelled before its time: at most
        // 2 x 1 + 64 stand in the heap.
        let mut timers = Timers::default();
        timers.set(at(1), nobody());
        for deadline in 2..10_000 {
            let key = timers.set(at(deadline), nobody());
            timers.cancel(key);
        }
        assert!(timers.heap.len() <= 67, "{}", timers.heap.len());
        assert_eq!(timers.waiting.len(), 2);
    }

    proptest! {
        /// Whatever is set and cancelled: what is left comes out by deadline, then by age.
        #[test]
        fn timers_fire_by_deadline_and_age(
            steps in prop::collection::vec((0u64..20, prop::option::of(0usize..50)), 0..200),
        ) {
            let mut timers = Timers::default();
            let mut keys = Vec::new();
            let mut wanted = BTreeMap::new();
            for (deadline, cancelled) in steps {
                let key = timers.set(at(deadline), nobody());
                keys.push((deadline, key));
                wanted.insert((deadline, key.number), ());
                if let Some(&(deadline, key)) = cancelled.and_then(|i| keys.get(i)) {
                    let waited = wanted.remove(&(deadline, key.number)).is_some();
                    prop_assert_eq!(timers.cancel(key).is_some(), waited);
                }
                let next = wanted.keys().next().map(|(deadline, _)| at(*deadline));
                prop_assert_eq!(timers.next_deadline(), next);
            }
            for now in 0..20 {
                while wanted.first_key_value().is_some_and(|(key, ())| key.0 <= now) {
                    wanted.pop_first();
                    prop_assert!(timers.pop_due(at(now)).is_some());
                }
                prop_assert!(timers.pop_due(at(now)).is_none());
            }
        }
    }
}
