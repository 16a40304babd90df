//! How long a thread looks out for the others before it goes to sleep.
//!
//! To sleep and to be woken takes some ten microseconds, so that long it looks. Where other work
//! wants the cores, that is lost: the thread that it waits for may need this very core. So after a
//! long look that was in vain it only glances, the next time or, if that happens again and again, up
//! to some hundred times.

use std::{hint, num::NonZeroUsize, thread};

/// The patience of one thread.
#[derive(Debug)]
pub(super) struct Patience {
    /// How often it looks at most.
    looks: u32,
    /// It looks long only each so many times.
    rarely: u32,
    waits: u32,
}

impl Patience {
    /// That of one of so many threads: none to speak of if they are more than the cores.
    pub(super) fn of(threads: usize) -> Self {
        Self {
            looks: if has_cores(threads) { LOOKS } else { 1 },
            rarely: 1,
            waits: 0,
        }
    }

    /// Looks until `is_over` or patience ends, once at least. Tells whether it is over.
    pub(super) fn look(&mut self, mut is_over: impl FnMut() -> bool) -> bool {
        self.waits = self.waits.wrapping_add(1);
        let is_long = self.waits.is_multiple_of(self.rarely);
        let looks = if is_long {
            self.looks
        } else {
            self.looks.min(GLANCES)
        };
        let is_over = (0..looks).any(|_| {
            let is_over = is_over();
            if !is_over {
                hint::spin_loop();
            }
            is_over
        });
        if is_long {
            self.rarely = if is_over {
                1
            } else {
                (self.rarely * 2).min(SELDOM)
            };
        }
        is_over
    }
}

/// True if each of so many threads can have a core of its own.
pub(super) fn has_cores(threads: usize) -> bool {
    threads <= thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// A long look: some ten to twenty microseconds.
const LOOKS: u32 = 400;
/// A glance: about one.
const GLANCES: u32 = 20;
const SELDOM: u32 = 256;

#[cfg(test)]
mod tests {
    use super::*;

    /// How often somebody looks who looks in vain.
    fn looks_in_vain(patience: &mut Patience) -> u32 {
        let mut looks = 0;
        let is_over = patience.look(|| {
            looks += 1;
            false
        });
        assert!(!is_over);
        looks
    }

    #[test]
    fn after_long_looks_in_vain_there_are_more_and_more_glances() {
        let mut patience = Patience::of(1);
        let looks: Vec<u32> = (0..7).map(|_| looks_in_vain(&mut patience)).collect();
        // Long at waits 1 and 2, then each 4, then each 8.
        assert_eq!(looks, [400, 400, 20, 400, 20, 20, 20]);
    }

    #[test]
    fn a_long_look_that_was_not_in_vain_brings_patience_back() {
        let mut patience = Patience::of(1);
        for _ in 0..3 {
            looks_in_vain(&mut patience);
        }
        assert!(patience.look(|| true));
        assert_eq!(looks_in_vain(&mut patience), 400);
    }

    #[test]
    fn without_a_core_for_each_nobody_looks_twice() {
        assert_eq!(looks_in_vain(&mut Patience::of(usize::MAX)), 1);
    }
}
