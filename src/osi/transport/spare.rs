//! Buffers for packets and payloads that wait in a stack.
//!
//! There is one pool for each thread, shared by all stacks that it drives: a host at rest holds no
//! buffer. Whoever takes a buffer away from here for good gives another one in exchange.

use std::cell::RefCell;

use crate::wire::FramePool;

thread_local! {
    static POOL: RefCell<FramePool> = RefCell::default();
}

/// An empty buffer.
pub(super) fn take() -> Vec<u8> {
    with(FramePool::take)
}

/// Gives a buffer back.
pub(super) fn give(buffer: Vec<u8>) {
    with(|pool| pool.give(buffer));
}

/// Lends the whole pool.
pub(super) fn with<R>(lend: impl FnOnce(&mut FramePool) -> R) -> R {
    POOL.with_borrow_mut(lend)
}
