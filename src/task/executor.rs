//! The executor of one host: a first-in, first-out queue of tasks that were woken.
//!
//! Contract: tasks run in the order in which they were woken, on the thread that calls
//! [`Executor::run`], never inside a `wake`. The host is idle when the queue is empty. A panic
//! inside a task comes out of [`Executor::run`] as it is. [`Executor::close`] ends every task: a
//! task holds its host, so without that call neither is ever freed.
//!
//! Tasks, queue and timers sit behind one lock, which is taken once for each poll: a sleeper
//! that wakes up costs no other.

use std::{
    fmt,
    future::Future,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    task::{Context, Wake, Waker},
};

use super::{
    Clock, Doorbell,
    join::{Join, JoinHandle, Joined},
    tasks::{Body, TaskId, Tasks},
    timers::{Target, TimerKey, Timers},
};
use crate::{
    ids::NodeId,
    osi::transport::{Mutex, MutexGuard},
    units::SimTime,
};

/// The tasks of one host, and how it calls for a turn.
///
/// What every turn needs comes first.
#[repr(C)]
pub(super) struct Executor {
    /// The host is having its turn, or has rung for one.
    attended: AtomicBool,
    /// Some handle gave the stack something to do since the last look.
    stack_has_work: AtomicBool,
    /// Some program has told the trace something.
    has_news: AtomicBool,
    /// Some task wants to be polled.
    has_ready: AtomicBool,
    /// The earliest timer \[ns\], or [`NEVER`].
    next_timer: AtomicU64,
    foreground: AtomicU32,
    host: NodeId,
    clock: Clock,
    doorbell: Doorbell,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    tasks: Tasks,
    timers: Timers,
    /// The task that is being polled, and where its waker is.
    running: Option<(TaskId, NonZeroUsize)>,
    /// Polls done at `instant`.
    polls: u32,
    instant: SimTime,
    closed: bool,
}

impl Executor {
    pub(super) fn new(host: NodeId, doorbell: Doorbell, clock: Clock) -> Self {
        Self {
            host,
            doorbell,
            clock,
            attended: AtomicBool::new(false),
            stack_has_work: AtomicBool::new(false),
            has_news: AtomicBool::new(false),
            has_ready: AtomicBool::new(false),
            next_timer: AtomicU64::new(NEVER),
            foreground: AtomicU32::new(0),
            state: Mutex::default(),
        }
    }

    /// The time of the simulation.
    pub(super) fn now(&self) -> SimTime {
        self.clock.now()
    }

    /// Starts `future` as a task; `counted` goes when its future does.
    pub(super) fn spawn<F>(
        self: &Arc<Self>,
        future: F,
        counted: Option<Foreground>,
    ) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let join = Arc::new(Join::default());
        let future = Box::pin(Joined::new(future, Arc::clone(&join), counted));
        let id = self.state.lock().tasks.reserve();
        let task = Arc::new(TaskWaker {
            executor: Arc::clone(self),
            id,
        });
        let waker = Waker::from(Arc::clone(&task));
        self.begin(id, Body { future, waker });
        JoinHandle::new(task, join)
    }

    /// Queues a new task, or drops it if the executor is closed.
    fn begin(&self, id: TaskId, body: Body) {
        let mut state = self.state.lock();
        let done = state.closed;
        let ended = state.put_back(id, body, done);
        if ended.is_none() && state.tasks.wake(id) {
            self.call_for_poll(state);
        } else {
            drop(state);
        }
    }

    /// Drops the future of every task, and of every task spawned from now on.
    pub(super) fn close(&self) {
        loop {
            let mut state = self.state.lock();
            state.closed = true;
            let bodies = state.tasks.take_all();
            drop(state);
            if bodies.is_empty() {
                return;
            }
        }
    }

    /// Promises to call [`Executor::run`] soon: until it has run, nothing rings.
    pub(super) fn attend(&self) {
        self.attended.store(true, Ordering::Relaxed);
    }

    /// A program has told the trace something.
    pub(super) fn note_news(&self) {
        self.has_news.store(true, Ordering::Relaxed);
    }

    /// True if a program has told the trace something since the last call.
    pub(super) fn take_news(&self) -> bool {
        take(&self.has_news)
    }

    /// True if no task wants to be polled, no timer is due, no handle has given the stack anything
    /// to do, and there is no news.
    pub(super) fn is_calm(&self, now: SimTime) -> bool {
        !self.has_ready()
            && !self.has_news.load(Ordering::Relaxed)
            && now.as_nanos() < self.next_timer.load(Ordering::Relaxed)
            && !self.stack_has_work.load(Ordering::Relaxed)
    }

    /// Takes the promise of [`Executor::attend`] back, as there is nothing to run.
    pub(super) fn leave(&self) {
        self.attended.store(false, Ordering::Relaxed);
    }

    /// Wakes every task that slept until `now` and polls woken tasks until none is left.
    pub(super) fn run(&self, now: SimTime) -> Result<(), Livelock> {
        if !self.has_ready() && now.as_nanos() < self.next_timer.load(Ordering::Relaxed) {
            self.leave();
            return Ok(());
        }
        self.attend();
        let mut state = self.fire_timers(self.state.lock(), now);
        while let Some((id, mut body, aborted)) = state.next(now)? {
            drop(state);
            let done = aborted || body.poll();
            state = self.state.lock();
            state.running = None;
            if let Some(ended) = state.put_back(id, body, done) {
                drop(state);
                drop(ended);
                state = self.state.lock();
            }
        }
        self.note_timers(&state);
        self.has_ready.store(false, Ordering::Relaxed);
        self.leave();
        Ok(())
    }

    /// True if some task wants to be polled.
    pub(super) fn has_ready(&self) -> bool {
        self.has_ready.load(Ordering::Relaxed)
    }

    /// The earliest deadline of a timer.
    pub(super) fn next_timer(&self) -> Option<SimTime> {
        let next = self.next_timer.load(Ordering::Relaxed);
        (next != NEVER).then(|| SimTime::from_nanos(next))
    }

    /// True if a handle gave the stack something to do since the last call.
    pub(super) fn take_stack_work(&self) -> bool {
        take(&self.stack_has_work)
    }

    /// How many foreground tasks have not ended.
    pub(super) fn foreground(&self) -> u32 {
        self.foreground.load(Ordering::Relaxed)
    }

    /// Wakes the task of `cx` at `deadline`.
    pub(super) fn set_timer(&self, deadline: SimTime, cx: &Context<'_>) -> TimerKey {
        let mut state = self.state.lock();
        let target = state.target(cx);
        let key = state.timers.set(deadline, target);
        self.note_timers(&state);
        key
    }

    /// Lets a timer wake the task of `cx` in place of another. False if it has fired.
    pub(super) fn renew_timer(&self, key: TimerKey, cx: &Context<'_>) -> bool {
        let mut state = self.state.lock();
        let target = state.target(cx);
        let old = state.timers.renew(key, target);
        drop(state);
        old.is_some()
    }

    /// Takes a timer away, unless it has fired.
    pub(super) fn cancel_timer(&self, key: TimerKey) {
        let mut state = self.state.lock();
        let target = state.timers.cancel(key);
        self.note_timers(&state);
        drop(state);
        drop(target);
    }

    /// Ends a task at its next turn.
    pub(super) fn abort(&self, id: TaskId) {
        let mut state = self.state.lock();
        if state.tasks.abort(id) {
            self.call_for_poll(state);
        }
    }

    fn wake_task(&self, id: TaskId) {
        let mut state = self.state.lock();
        if state.tasks.wake(id) {
            self.call_for_poll(state);
        }
    }

    /// Wakes what slept until `now`, earliest first.
    fn fire_timers<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        now: SimTime,
    ) -> MutexGuard<'a, State> {
        while let Some(target) = state.timers.pop_due(now) {
            match target {
                Target::Task(id) => {
                    state.tasks.wake(id);
                }
                Target::Other(waker) => {
                    drop(state);
                    waker.wake();
                    state = self.state.lock();
                }
            }
        }
        state
    }

    fn note_timers(&self, state: &State) {
        let next = state.timers.next_deadline();
        let next = next.map_or(NEVER, SimTime::as_nanos);
        self.next_timer.store(next, Ordering::Relaxed);
    }

    /// A task has come to the queue.
    fn call_for_poll(&self, state: MutexGuard<'_, State>) {
        self.has_ready.store(true, Ordering::Relaxed);
        drop(state);
        self.ring();
    }

    fn ring(&self) {
        if !self.attended.load(Ordering::Relaxed) {
            self.attend();
            self.doorbell.ring(self.host);
        }
    }
}

/// Looks at a flag and lowers it. One thread at a time runs a host, so no locked instruction is
/// needed.
fn take(flag: &AtomicBool) -> bool {
    let raised = flag.load(Ordering::Relaxed);
    if raised {
        flag.store(false, Ordering::Relaxed);
    }
    raised
}

/// What the stack wakes when a handle gives it something to do.
impl Wake for Executor {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.stack_has_work.store(true, Ordering::Relaxed);
        self.ring();
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Executor({:?})", self.host)
    }
}

impl State {
    /// The next task to poll, and whether it was aborted.
    fn next(&mut self, now: SimTime) -> Result<Option<(TaskId, Body, bool)>, Livelock> {
        if self.instant != now {
            (self.instant, self.polls) = (now, 0);
        }
        self.polls += 1;
        if self.polls > MOST_POLLS_PER_INSTANT {
            return Err(Livelock { at: now });
        }
        let next = self.tasks.next();
        self.running = next
            .as_ref()
            .and_then(|(id, body, _)| Some((*id, place_of(&body.waker)?)));
        Ok(next)
    }

    /// Puts a task back that was polled. One that is done is to be dropped without the lock.
    fn put_back(&mut self, id: TaskId, body: Body, done: bool) -> Option<Body> {
        if done {
            self.tasks.remove(id);
            return Some(body);
        }
        self.tasks.put(id, body)
    }

    /// Whom a timer of `cx` wakes. The task that is being polled needs no waker.
    fn target(&self, cx: &Context<'_>) -> Target {
        match self.running {
            Some((id, waker)) if place_of(cx.waker()) == Some(waker) => Target::Task(id),
            _ => Target::Other(cx.waker().clone()),
        }
    }
}

/// Where what a waker wakes lies in memory.
fn place_of(waker: &Waker) -> Option<NonZeroUsize> {
    NonZeroUsize::new(waker.data().addr())
}

/// Wakes one task.
pub(super) struct TaskWaker {
    executor: Arc<Executor>,
    id: TaskId,
}

impl TaskWaker {
    /// Ends the task at its next turn.
    pub(super) fn abort(&self) {
        self.executor.abort(self.id);
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.executor.wake_task(self.id);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.executor.wake_task(self.id);
    }
}

/// Counts one foreground task for as long as it lives.
pub(super) struct Foreground(Arc<Executor>);

impl Foreground {
    pub(super) fn enter(executor: &Arc<Executor>) -> Self {
        executor.foreground.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(executor))
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        self.0.foreground.fetch_sub(1, Ordering::Relaxed);
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
const MOST_POLLS_PER_INSTANT: u32 = 4_000_000;

/// No timer is set.
const NEVER: u64 = u64::MAX;
