//! Waiting for a task's result.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use pin_project_lite::pin_project;

use super::executor::{Foreground, TaskWaker};
use crate::osi::transport::Mutex;

/// Waits for a task's result; dropping it leaves the task running.
///
/// A task that ends without a result (it was aborted, or the run is over) is waited for in vain.
pub struct JoinHandle<T> {
    task: Arc<TaskWaker>,
    join: Arc<Join<T>>,
}

impl<T> JoinHandle<T> {
    pub(super) const fn new(task: Arc<TaskWaker>, join: Arc<Join<T>>) -> Self {
        Self { task, join }
    }

    /// Ends the task at its next await point, without a result.
    pub fn abort(self) {
        self.task.abort();
    }

    /// True if the task has run to its end.
    pub fn is_finished(&self) -> bool {
        self.join.0.lock().done
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = T;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut state = self.join.0.lock();
        match state.output.take() {
            Some(output) => Poll::Ready(output),
            None => {
                state.waiting = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinHandle(finished: {})", self.is_finished())
    }
}

/// Where a task puts its result.
pub(super) struct Join<T>(Mutex<State<T>>);

struct State<T> {
    output: Option<T>,
    done: bool,
    waiting: Option<Waker>,
}

impl<T> Join<T> {
    fn finish(&self, output: T) {
        let mut state = self.0.lock();
        state.output = Some(output);
        state.done = true;
        let waiting = state.waiting.take();
        drop(state);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}

impl<T> Default for Join<T> {
    fn default() -> Self {
        Self(Mutex::new(State {
            output: None,
            done: false,
            waiting: None,
        }))
    }
}

pin_project! {
    /// A future that puts its result into a [`Join`]. It holds the future itself: an async block
    /// around it would hold it twice.
    pub(super) struct Joined<F: Future> {
        #[pin]
        future: Option<F>,
        join: Arc<Join<F::Output>>,
        counted: Option<Foreground>,
    }
}

impl<F: Future> Joined<F> {
    pub(super) const fn new(
        future: F,
        join: Arc<Join<F::Output>>,
        counted: Option<Foreground>,
    ) -> Self {
        Self {
            future: Some(future),
            join,
            counted,
        }
    }
}

impl<F: Future> Future for Joined<F> {
    type Output = ();
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Ready(());
        };
        let Poll::Ready(output) = future.poll(cx) else {
            return Poll::Pending;
        };
        // The future goes first, as at the end of any block.
        this.future.set(None);
        *this.counted = None;
        this.join.finish(output);
        Poll::Ready(())
    }
}
