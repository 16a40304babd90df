//! Async programs in virtual time: executor, clock, timers, and the `Host` they run on.
