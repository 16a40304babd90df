//! An allocator that counts what the armed thread asks for, and notes where.
//!
//! Other threads, and this one while it is disarmed, pass through to the system's allocator.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    backtrace::Backtrace,
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

/// What was allocated while the thread was armed.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Allocations, growing ones included.
    pub(crate) allocations: u64,
    /// Where the first of them came from, with their number.
    pub(crate) places: BTreeMap<String, u64>,
}

thread_local! {
    static ARMED: Cell<bool> = const { Cell::new(false) };
    static COUNTED: RefCell<Counted> = const {
        RefCell::new(Counted { allocations: 0, places: BTreeMap::new() })
    };
}

/// Counts from now on, or no longer.
pub(crate) fn arm(armed: bool) {
    ARMED.set(armed);
}

/// Disarms, and gives what was counted since the last call.
pub(crate) fn take() -> Counted {
    arm(false);
    COUNTED.take()
}

/// Disarmed meanwhile: a note needs memory too.
fn note() {
    let armed = ARMED.try_with(|armed| armed.replace(false));
    if !armed.unwrap_or(false) {
        return;
    }
    COUNTED.with_borrow_mut(|counted| {
        counted.allocations += 1;
        if counted.allocations <= MOST_NOTES {
            let place = place(&Backtrace::force_capture().to_string());
            *counted.places.entry(place).or_default() += 1;
        }
    });
    arm(true);
}

/// The innermost lines of this repository in a backtrace.
fn place(backtrace: &str) -> String {
    let lines = backtrace.lines().map(str::trim);
    let ours = lines.filter_map(|line| line.strip_prefix("at ./src/"));
    ours.take(3).collect::<Vec<_>>().join(", from ")
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: as the caller promised.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note();
        // SAFETY: as the caller promised.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Places are noted for so many allocations, the rest is only counted: a backtrace is slow.
const MOST_NOTES: u64 = 100;
