//! The tasks of a host, and the queue of those that want to be polled.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Waker},
};

/// Which task: its place, and how many had that place before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TaskId {
    place: u32,
    round: u32,
}

/// What a task is made of.
pub(super) struct Body {
    pub(super) future: Pin<Box<dyn Future<Output = ()> + Send>>,
    pub(super) waker: Waker,
}

impl Body {
    /// True if the task has run to its end.
    pub(super) fn poll(&mut self) -> bool {
        let mut cx = Context::from_waker(&self.waker);
        self.future.as_mut().poll(&mut cx).is_ready()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body")
    }
}

/// The tasks of one host.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    slots: Vec<Slot>,
    free: Vec<u32>,
    ready: VecDeque<TaskId>,
}

#[derive(Debug, Default)]
struct Slot {
    round: u32,
    /// It stands in the queue.
    queued: bool,
    /// It was woken while it was being polled.
    woken: bool,
    /// Its future is to be dropped instead of polled.
    aborted: bool,
    /// Nothing while the task is being polled.
    body: Option<Body>,
}

impl Tasks {
    /// A place for a new task.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "four thousand million tasks do not fit into memory"
    )]
    pub(super) fn reserve(&mut self) -> TaskId {
        let place = self.free.pop().unwrap_or_else(|| {
            // Most hosts have one task or two.
            if self.slots.len() == self.slots.capacity() {
                self.slots.reserve_exact(self.slots.len().max(1));
            }
            self.slots.push(Slot::default());
            self.slots.len() as u32 - 1
        });
        TaskId {
            place,
            round: self.slots[place as usize].round,
        }
    }

    /// Puts a task into its place; one that was woken meanwhile is queued. Gives it back if the
    /// place is gone.
    pub(super) fn put(&mut self, id: TaskId, body: Body) -> Option<Body> {
        let Some(slot) = self.slot(id) else {
            return Some(body);
        };
        slot.body = Some(body);
        if std::mem::take(&mut slot.woken) {
            self.wake(id);
        }
        None
    }

    /// Gives the place of a task that has ended to others.
    pub(super) fn remove(&mut self, id: TaskId) {
        if let Some(slot) = self.slot(id) {
            *slot = Slot {
                round: slot.round.wrapping_add(1),
                ..Slot::default()
            };
            self.free.push(id.place);
        }
    }

    /// Queues a task. False if there is no need to: it is queued, or being polled, or gone.
    pub(super) fn wake(&mut self, id: TaskId) -> bool {
        let Some(slot) = self.slot(id) else {
            return false;
        };
        if slot.body.is_none() {
            slot.woken = true;
            return false;
        }
        if std::mem::replace(&mut slot.queued, true) {
            return false;
        }
        self.ready.push_back(id);
        true
    }

    /// Queues a task to be dropped. As [`Tasks::wake`].
    pub(super) fn abort(&mut self, id: TaskId) -> bool {
        if let Some(slot) = self.slot(id) {
            slot.aborted = true;
        }
        self.wake(id)
    }

    /// Takes the task that was woken first, and whether it was aborted.
    pub(super) fn next(&mut self) -> Option<(TaskId, Body, bool)> {
        loop {
            let id = self.ready.pop_front()?;
            if let Some(slot) = self.slot(id)
                && let Some(body) = slot.body.take()
            {
                slot.queued = false;
                return Some((id, body, slot.aborted));
            }
        }
    }

    /// Takes all tasks, but for one that is being polled.
    pub(super) fn take_all(&mut self) -> Vec<Body> {
        self.ready.clear();
        self.free.clear();
        let slots = self.slots.drain(..);
        slots.filter_map(|slot| slot.body).collect()
    }

    fn slot(&mut self, id: TaskId) -> Option<&mut Slot> {
        let slot = self.slots.get_mut(id.place as usize);
        slot.filter(|slot| slot.round == id.round)
    }
}
