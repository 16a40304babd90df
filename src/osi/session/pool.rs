//! Connections that are kept for the next exchange.
//!
//! Contract: a pool holds what its owner puts in and gives it out again, the newest first, so that
//! old ones have time to be closed by the other side. It neither dials nor closes; what it drops is
//! closed by being dropped. Bounded in number. Not here: a limit on the connections in use.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Idle connections to one server.
#[derive(Debug)]
pub struct Pool<T> {
    idle: Mutex<Vec<T>>,
    most: usize,
}

impl<T> Pool<T> {
    /// An empty pool with room for `most` connections.
    pub const fn new(most: usize) -> Self {
        Self {
            idle: Mutex::new(Vec::new()),
            most,
        }
    }

    /// Takes the newest connection that is `free`. Those that are not `open` any more are dropped on
    /// the way.
    pub fn take(&self, open: impl Fn(&T) -> bool, free: impl Fn(&T) -> bool) -> Option<T> {
        let mut idle = self.lock();
        idle.retain(open);
        let place = idle.iter().rposition(free)?;
        Some(idle.remove(place))
    }

    /// Keeps a connection; if there is no room, the oldest is dropped.
    pub fn put(&self, connection: T) {
        let mut idle = self.lock();
        idle.push(connection);
        if idle.len() > self.most {
            idle.remove(0);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_free_connection_is_used_again() {
        let pool = Pool::new(8);
        for number in 1..=4 {
            pool.put(number);
        }
        // 4 is busy, 1 has been closed.
        assert_eq!(pool.take(|n| *n != 1, |n| *n != 4), Some(3));
        assert_eq!(pool.take(|_| true, |_| true), Some(4));
        assert_eq!(pool.take(|_| true, |_| true), Some(2));
        assert_eq!(pool.take(|_| true, |_| true), None);
    }

    #[test]
    fn a_full_pool_drops_the_oldest() {
        let pool = Pool::new(2);
        (1..=3).for_each(|number| pool.put(number));
        let all: Vec<i32> = std::iter::from_fn(|| pool.take(|_| true, |_| true)).collect();
        assert_eq!(all, [3, 2]);
    }
}
