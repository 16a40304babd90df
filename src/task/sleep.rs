//! Sleeping in virtual time.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use super::{executor::Executor, timers::TimerKey};
use crate::units::SimTime;

/// Done when virtual time reaches its deadline. See [`Host::sleep`](super::Host::sleep).
pub struct Sleep {
    executor: Arc<Executor>,
    deadline: SimTime,
    timer: Option<TimerKey>,
}

impl Sleep {
    pub(super) fn new(executor: &Arc<Executor>, deadline: SimTime) -> Self {
        Self {
            executor: Arc::clone(executor),
            deadline,
            timer: None,
        }
    }

    /// When it is done.
    pub const fn deadline(&self) -> SimTime {
        self.deadline
    }

    /// From now on it is done at `deadline`.
    pub fn reset(&mut self, deadline: SimTime) {
        self.cancel();
        self.deadline = deadline;
    }

    fn cancel(&mut self) {
        if let Some(timer) = self.timer.take() {
            self.executor.cancel_timer(timer);
        }
    }
}

impl Future for Sleep {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.executor.now() >= self.deadline {
            // A timer that is due has fired before any task is polled.
            self.timer = None;
            return Poll::Ready(());
        }
        let executor = &self.executor;
        let renewed = self.timer.filter(|key| executor.renew_timer(*key, cx));
        let timer = renewed.unwrap_or_else(|| executor.set_timer(self.deadline, cx));
        self.timer = Some(timer);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sleep(until {})", self.deadline)
    }
}
