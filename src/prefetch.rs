//! Asking for memory ahead of its use.
//!
//! A large network does not fit into the nearest caches, and whoever touches a node for the first
//! time in a while waits for it, line after line. What is asked for here comes while something else
//! is done. Contract: hints to the processor. Nothing is read, and no result depends on them.

use std::ptr;

use prefetch_index::prefetch_index;

/// Asks for all of `thing`, without what it points to.
#[inline(always)]
pub(crate) fn prefetch<T>(thing: &T) {
    let start = ptr::from_ref(thing).addr();
    // Places are counted from an empty list: to ask for what lies outside of it is allowed.
    let nowhere: &[u8] = &[];
    let first = (start & !(LINE - 1)).wrapping_sub(nowhere.as_ptr().addr());
    for line in 0..(start % LINE + size_of::<T>()).div_ceil(LINE) {
        prefetch_index(nowhere, first.wrapping_add(line * LINE));
    }
}

/// What comes from memory in one piece \[bytes\].
const LINE: usize = 64;
