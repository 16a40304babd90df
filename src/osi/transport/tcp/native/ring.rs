//! The memory of the rings that hold a connection's bytes.
//!
//! A ring that runs empty, as that of a reader who keeps up does with every segment, lends its
//! memory to whoever needs some next; a large one frees it.

use std::collections::VecDeque;

use crate::osi::transport::spare;

/// Gives a ring without memory some that was used before.
pub(super) fn make_ready(ring: &mut VecDeque<u8>) {
    if ring.capacity() == 0 {
        *ring = VecDeque::from(spare::take());
    }
}

/// Takes the memory of an empty ring.
pub(super) fn rest(ring: &mut VecDeque<u8>) {
    if !ring.is_empty() || ring.capacity() == 0 {
        return;
    }
    let ring = std::mem::take(ring);
    if ring.capacity() <= SMALL {
        spare::give(Vec::from(ring));
    }
}

/// The most that is lent \[bytes\]: some packets.
const SMALL: usize = 16 << 10;
