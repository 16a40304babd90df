//! Memory of byte queues: taken when the first byte comes, given back when the last one goes, so
//! that a connection at rest holds none, and one at work asks nobody for any.
//!
//! What goes back to the thread's pool is of the size of a few packets; more is freed.

use std::collections::VecDeque;

use crate::osi::transport::spare;

/// Makes `queue` ready to take bytes.
pub(super) fn fill(queue: &mut VecDeque<u8>) {
    if queue.capacity() == 0 {
        *queue = VecDeque::from(spare::take());
    }
}

/// Gives the memory of `queue` back if it is empty.
pub(super) fn release(queue: &mut VecDeque<u8>) {
    if !queue.is_empty() || queue.capacity() == 0 {
        return;
    }
    let memory = std::mem::take(queue);
    if memory.capacity() <= MOST_POOLED {
        spare::give(memory.into());
    }
}

/// The pool holds buffers of packets \[bytes\].
const MOST_POOLED: usize = 4_096;
