//! The tripwire: no call to a clock or to the machine's entropy on the simulation thread.
//!
//! This test binary defines `clock_gettime` and `getrandom` itself. While the wire is armed, a
//! call from the same thread is counted with the place it came from. Every other thread, and this
//! one before and after the run, passes through to the kernel.
//!
//! Only on Linux, where these two symbols are the way to both sources.
#![cfg(target_os = "linux")]
#![allow(
    unsafe_code,
    reason = "defining libc symbols is the point of this binary"
)]

use std::{
    backtrace::Backtrace,
    cell::{Cell, RefCell},
    fmt::Write as _,
};

use netsim::{engine::RunControl, scenario, sim::Simulation, trace::Story};

thread_local! {
    static ARMED: Cell<bool> = const { Cell::new(false) };
    static CALLS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Notes a call, with its backtrace. Disarmed meanwhile: a backtrace may itself ask for memory.
fn trip(what: &str) {
    if ARMED
        .try_with(|armed| armed.replace(false))
        .unwrap_or(false)
    {
        let mut note = String::new();
        let _ = write!(note, "{what}\n{}", Backtrace::force_capture());
        CALLS.with(|calls| calls.borrow_mut().push(note));
        ARMED.set(true);
    }
}

/// Calls that are known and reach no result: who makes them, and why that is harmless.
const KNOWN: [(&str, &str); 6] = [
    (
        "h2::proto::streams",
        "h2 notes when a stream was reset; ours remember it to the end of the run",
    ),
    (
        "hyper::proto::h1::dispatch",
        "hyper's server keeps a ready-made Date header; ours is made from virtual time instead",
    ),
    ("hyper::common::date", "the same, where it is not inlined"),
    (
        "quinn_proto::endpoint",
        "tables of quinn hash with keys of the machine; it looks things up in them and goes through none",
    ),
    ("quinn_proto::token_memory_cache", "the same"),
    (
        "quinn_proto::config::transport::QlogConfig",
        "the start of a log, which is set to virtual time before anything is written",
    ),
];

/// The innermost frame of the backtrace that does not belong to the standard library.
fn caller(note: &str) -> &str {
    let frames = note
        .lines()
        .filter_map(|line| line.trim().split_once(": "))
        .map(|(_, name)| name);
    let after_symbol = frames.skip_while(|name| !LIBC.contains(name)).skip(1);
    let mut outside = after_symbol.filter(|name| !STD.iter().any(|s| name.contains(s)));
    outside.next().unwrap_or("nobody")
}

const LIBC: [&str; 2] = ["clock_gettime", "getrandom"];
const STD: [&str; 3] = [
    "std::sys::",
    "std::thread::local::",
    "core::ops::function::",
];

fn is_known(note: &str) -> bool {
    KNOWN.iter().any(|(who, _)| caller(note).contains(who))
}

/// # Safety
/// As libc's: `time` points to a timespec.
#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(id: libc::clockid_t, time: *mut libc::timespec) -> libc::c_int {
    trip("clock_gettime");
    // SAFETY: the arguments go to the kernel as they came.
    let answer = unsafe { libc::syscall(libc::SYS_clock_gettime, id, time) };
    i32::try_from(answer).unwrap_or(-1)
}

/// # Safety
/// As libc's: `bytes` points to `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(
    bytes: *mut libc::c_void,
    len: libc::size_t,
    flags: libc::c_uint,
) -> libc::ssize_t {
    trip("getrandom");
    // SAFETY: the arguments go to the kernel as they came.
    let answer = unsafe { libc::syscall(libc::SYS_getrandom, bytes, len, flags) };
    isize::try_from(answer).unwrap_or(-1)
}

/// Runs `body` with the wire armed; the calls it made.
fn calls_during(body: impl FnOnce()) -> Vec<String> {
    ARMED.set(true);
    body();
    ARMED.set(false);
    CALLS.with(RefCell::take)
}

#[test]
fn no_run_reads_a_clock_or_draws_entropy() {
    for template in scenario::gallery() {
        let plan = scenario::load_str(template.name, template.text, &[]).expect("it loads");
        let mut simulation = Simulation::new(plan);
        let mut story = Story::with_limit(100_000);
        let control = RunControl::default();
        let calls = calls_during(|| {
            simulation
                .run_quietly(&control, &mut story)
                .expect("it runs");
        });
        assert!(!story.hops.is_empty(), "{} sent nothing", template.name);
        let unknown: Vec<_> = calls.iter().filter(|note| !is_known(note)).collect();
        assert!(unknown.is_empty(), "{}: {unknown:#?}", template.name);
    }
}

#[test]
fn the_wire_notices_a_clock_and_entropy() {
    let clock = calls_during(|| {
        #[allow(clippy::disallowed_methods, reason = "the wire has to see one")]
        let _ = std::hint::black_box(std::time::Instant::now());
    });
    assert!(clock[0].starts_with("clock_gettime") && !is_known(&clock[0]));
    let entropy = calls_during(|| {
        let mut bytes = [0; 8];
        // SAFETY: the buffer is eight bytes long.
        unsafe { getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    });
    assert!(entropy[0].starts_with("getrandom") && !is_known(&entropy[0]));
}
