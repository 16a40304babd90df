//! Asking for memory ahead of its use.
//!
//! A large network does not fit into the nearest caches, and whoever touches a node for the first
//! time in a while waits for it, line after line. What is asked for here comes while something else
//! is done. Contract: hints to the processor (x86 and ARM; others hear nothing). Nothing is read, and
//! no result depends on them.

use std::ptr;

use prefetch_index::prefetch_index;

/// Asks for all of `thing`, without what it points to.
#[inline(always)]
pub(crate) fn prefetch<T>(thing: &T) {
    // Places are counted from an empty list: to ask for what lies outside of it is allowed.
    let nowhere: &[u8] = &[];
    let base = nowhere.as_ptr().addr();
    for line in lines(ptr::from_ref(thing).addr(), size_of::<T>()) {
        prefetch_index(nowhere, line.wrapping_sub(base));
    }
}

/// The addresses of the cache lines that hold `len` bytes from `start` on.
#[inline(always)]
fn lines(start: usize, len: usize) -> impl Iterator<Item = usize> {
    let first = start - start % LINE;
    (first..start + len).step_by(LINE)
}

/// What comes from memory in one piece \[bytes\].
const LINE: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_that_holds_a_byte_of_a_thing_is_asked_for_once() {
        let lines = |start, len| lines(start, len).collect::<Vec<_>>();
        assert_eq!(lines(128, 64), [128]);
        // From 120 to 135: the last eight bytes of one line, the first eight of the next.
        assert_eq!(lines(120, 16), [64, 128]);
        assert_eq!(lines(130, 190), [128, 192, 256]);
        assert_eq!(lines(128, 0), [0; 0]);
    }
}
