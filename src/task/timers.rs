//! The timers of one host: who wants to be woken when.
//!
//! Contract: timers fire in the order of their deadlines, and equal deadlines in the order in
//! which they were set.

use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use super::Host;
use crate::units::SimTime;

/// A deadline and the running number of its timer.
pub(super) type TimerKey = (SimTime, u64);

/// Timers by deadline.
#[derive(Debug, Default)]
pub(super) struct Timers {
    waiting: BTreeMap<TimerKey, Waker>,
    next: u64,
}

impl Timers {
    /// The earliest deadline.
    pub(super) fn next_deadline(&self) -> Option<SimTime> {
        self.waiting.keys().next().map(|key| key.0)
    }

    /// Takes one timer whose deadline has come.
    pub(super) fn pop_due(&mut self, now: SimTime) -> Option<Waker> {
        let entry = self.waiting.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }

    fn set(&mut self, deadline: SimTime, waker: Waker) -> TimerKey {
        let key = (deadline, self.next);
        self.next += 1;
        self.waiting.insert(key, waker);
        key
    }

    fn renew(&mut self, key: TimerKey, waker: &Waker) {
        let slot = self.waiting.entry(key).or_insert_with(|| waker.clone());
        slot.clone_from(waker);
    }

    fn cancel(&mut self, key: TimerKey) -> Option<Waker> {
        self.waiting.remove(&key)
    }
}

/// Done when virtual time reaches its deadline. See [`Host::sleep`].
pub struct Sleep {
    host: Host,
    deadline: SimTime,
    timer: Option<TimerKey>,
}

impl Sleep {
    pub(super) const fn new(host: Host, deadline: SimTime) -> Self {
        Self {
            host,
            deadline,
            timer: None,
        }
    }

    /// When it is done.
    pub const fn deadline(&self) -> SimTime {
        self.deadline
    }
}

impl Future for Sleep {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.host.now() >= self.deadline {
            return Poll::Ready(());
        }
        let mut timers = self.host.timers();
        let key = match self.timer {
            Some(key) => {
                timers.renew(key, cx.waker());
                key
            }
            None => timers.set(self.deadline, cx.waker().clone()),
        };
        drop(timers);
        self.timer = Some(key);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.timer {
            let waker = self.host.timers().cancel(key);
            drop(waker);
        }
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sleep(until {})", self.deadline)
    }
}
