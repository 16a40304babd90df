//! Several tasks that wait for the same thing.

use std::task::{Context, Waker};

/// Wakers in the order in which they came, each task once.
///
/// Mostly it is one task, and the same each time: its waker is kept after it was woken, so that it
/// need not be cloned again.
#[derive(Debug, Default)]
pub(super) struct Wakers {
    first: Option<Waker>,
    /// The first one waits.
    waits: bool,
    /// Those who came while the first one waited. In a box: mostly there are none.
    others: Option<Box<Others>>,
}

type Others = Vec<Waker>;

impl Wakers {
    /// The task of `cx` wants to be woken too.
    pub(super) fn register(&mut self, cx: &Context<'_>) {
        let is_known = |waker: &Waker| waker.will_wake(cx.waker());
        let is_first = self.first.as_ref().is_some_and(is_known);
        if !self.waits {
            self.waits = true;
            if !is_first {
                self.first = Some(cx.waker().clone());
            }
        } else if !is_first && !self.others.iter().flat_map(|o| o.iter()).any(is_known) {
            self.others.get_or_insert_default().push(cx.waker().clone());
        }
    }

    /// True if somebody waits.
    pub(super) const fn are_waiting(&self) -> bool {
        self.waits
    }

    /// Wakes all of them, once.
    pub(super) fn wake(&mut self) {
        if !std::mem::take(&mut self.waits) {
            return;
        }
        if let Some(first) = &self.first {
            first.wake_by_ref();
        }
        if let Some(others) = &mut self.others {
            others.drain(..).for_each(Waker::wake);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex},
        task::Wake,
    };

    use super::*;

    /// A task that notes its number when it is woken.
    struct Task(u8, Arc<Mutex<Vec<u8>>>);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.1.lock().unwrap().push(self.0);
        }
    }

    #[test]
    fn each_task_is_woken_once_in_the_order_of_coming() {
        let woken = Arc::new(Mutex::new(Vec::new()));
        let tasks = [0, 1, 2].map(|i| Waker::from(Arc::new(Task(i, Arc::clone(&woken)))));
        let mut wakers = Wakers::default();
        // The second round begins with another task than the first.
        for round in [&[0, 1, 0, 1, 2][..], &[2, 0, 2], &[2]] {
            for &task in round {
                wakers.register(&Context::from_waker(&tasks[task]));
            }
            assert!(wakers.are_waiting());
            wakers.wake();
            wakers.wake();
        }
        assert_eq!(*woken.lock().unwrap(), [0, 1, 2, 2, 0, 2]);
    }
}
