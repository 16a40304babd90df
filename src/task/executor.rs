//! The executor of one host: a first-in, first-out queue of tasks that were woken.
//!
//! Contract: tasks run in the order in which they were woken, on the thread that calls
//! [`ReadyQueue::run`], never inside a `wake`. The host is idle when the queue is empty. A panic
//! inside a task comes out of [`ReadyQueue::run`] as it is. [`ReadyQueue::close`] ends every task:
//! a task holds its host, so without that call neither is ever freed.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use async_task::{Runnable, Task};

use super::Doorbell;
use crate::{ids::NodeId, osi::transport::lock, units::SimTime};

/// The tasks of one host that want to be polled.
#[derive(Debug)]
pub(super) struct ReadyQueue {
    host: NodeId,
    doorbell: Doorbell,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    runnable: VecDeque<Runnable>,
    /// The host is polling tasks, or knows already that it should.
    expected: bool,
    /// Polls done at `instant`.
    polls: u64,
    instant: SimTime,
    /// How to reach every task that has not ended, for the end of the run.
    alive: BTreeMap<u64, Waker>,
    spawned: u64,
    closed: bool,
}

impl ReadyQueue {
    pub(super) fn new(host: NodeId, doorbell: Doorbell) -> Self {
        Self {
            host,
            doorbell,
            queue: Mutex::default(),
        }
    }

    /// Starts `future` as a task of this queue.
    pub(super) fn spawn<F>(self: &Arc<Self>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let future = Spawned {
            future: Some(Box::pin(future)),
            queue: Arc::clone(self),
            number: None,
        };
        let queue = Arc::clone(self);
        let (runnable, task) = async_task::spawn(future, move |task| queue.push(task));
        runnable.schedule();
        JoinHandle(Some(task))
    }

    /// Drops the future of every task, and of every task spawned from now on.
    pub(super) fn close(&self, now: SimTime) {
        loop {
            let mut queue = lock(&self.queue);
            queue.closed = true;
            let alive = std::mem::take(&mut queue.alive);
            let done = alive.is_empty() && queue.runnable.is_empty();
            drop(queue);
            alive.into_values().for_each(Waker::wake);
            if done || self.run(now).is_err() {
                return;
            }
        }
    }

    /// Promises to call [`ReadyQueue::run`] soon.
    pub(super) fn attend(&self) {
        lock(&self.queue).expected = true;
    }

    /// Polls woken tasks until none is left.
    pub(super) fn run(&self, now: SimTime) -> Result<(), Livelock> {
        lock(&self.queue).expected = true;
        while let Some(task) = self.next(now)? {
            task.run();
        }
        Ok(())
    }

    /// True if no task wants to be polled.
    pub(super) fn is_empty(&self) -> bool {
        lock(&self.queue).runnable.is_empty()
    }

    fn push(&self, task: Runnable) {
        let mut queue = lock(&self.queue);
        queue.runnable.push_back(task);
        if !std::mem::replace(&mut queue.expected, true) {
            drop(queue);
            self.doorbell.ring(self.host);
        }
    }

    fn next(&self, now: SimTime) -> Result<Option<Runnable>, Livelock> {
        let mut queue = lock(&self.queue);
        if queue.instant != now {
            (queue.instant, queue.polls) = (now, 0);
        }
        queue.polls += 1;
        if queue.polls > MOST_POLLS_PER_INSTANT {
            return Err(Livelock { at: now });
        }
        let task = queue.runnable.pop_front();
        queue.expected = task.is_some();
        Ok(task)
    }
}

/// A task's future, which ends when the queue closes.
struct Spawned<F> {
    future: Option<Pin<Box<F>>>,
    queue: Arc<ReadyQueue>,
    number: Option<u64>,
}

impl<F: Future> Future for Spawned<F> {
    type Output = F::Output;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        if !self.enter(cx) {
            self.future = None;
        }
        match &mut self.future {
            Some(future) => future.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

impl<F> Spawned<F> {
    /// Registers the task at its first poll. False if the queue is closed.
    fn enter(&mut self, cx: &Context<'_>) -> bool {
        if self.number.is_some() && self.future.is_none() {
            return false;
        }
        let mut queue = lock(&self.queue.queue);
        if queue.closed {
            return false;
        }
        if self.number.is_none() {
            let number = queue.spawned;
            queue.spawned += 1;
            queue.alive.insert(number, cx.waker().clone());
            self.number = Some(number);
        }
        true
    }
}

impl<F> Drop for Spawned<F> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            let waker = lock(&self.queue.queue).alive.remove(&number);
            drop(waker);
        }
    }
}

/// The tasks of a host woke each other for ever without time going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the tasks of a host were polled {MOST_POLLS_PER_INSTANT} times at {at}: one of them waits \
     without sleeping; await a sleep or an event instead"
)]
pub struct Livelock {
    /// The instant that does not end.
    pub at: SimTime,
}

/// More polls of one host at one instant than this are an endless loop. A host that moves a
/// gibibyte at one instant in pieces of 1 KiB stays below.
const MOST_POLLS_PER_INSTANT: u64 = 4_000_000;

/// The result of a spawned task, some day. Dropping it lets the task go on by itself.
///
/// # Panics
/// Awaiting it panics if the task panicked, but that panic has already come out of the run.
pub struct JoinHandle<T>(Option<Task<T>>);

impl<T> JoinHandle<T> {
    /// Ends the task at its next await point, without a result.
    pub fn abort(mut self) {
        drop(self.0.take());
    }

    /// True if the task has run to its end.
    pub fn is_finished(&self) -> bool {
        self.0.as_ref().is_none_or(Task::is_finished)
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = T;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match &mut self.0 {
            Some(task) => Pin::new(task).poll(cx),
            None => Poll::Pending,
        }
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.detach();
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinHandle(finished: {})", self.is_finished())
    }
}
