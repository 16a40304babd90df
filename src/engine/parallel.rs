//! Running the parts of a world side by side, with the bytes of a run on one thread.
//!
//! Conservative windows: no frame is under way from one part to another for less than the
//! look-ahead, so all parts may handle every event of a window of that length before any of them
//! looks at what the others sent. Each round is: post what goes elsewhere, meet, collect, decide
//! together, run. Every thread decides alike from the same reports, so nobody has to be told.
//!
//! Two things are global all the same. The run ends at the very event after which no part has
//! anything left to do ([`round`] finds it), and records come in event order ([`journal`] merges
//! them). Neither depends on which thread is fast.
//!
//! Not done: looking further ahead where a part's next frame for another part is known to be
//! late, and moving nodes between parts while the run goes on.

use std::{sync::Mutex, thread};

use super::{
    control::RunControl,
    part::{Parcel, Part},
    result::{EndReason, RunError},
};
use crate::{
    trace::{NoRecorder, Recorder},
    units::{SimTime, Span},
    wire::FramePool,
};

mod barrier;
mod driver;
mod head;
mod journal;
mod round;

use barrier::Barrier;
use driver::Driver;
use head::{Head, Leader, Worker};
use journal::{Journal, Log};
use round::{Notice, Status};

/// What the threads share.
#[derive(Debug)]
struct Table {
    barrier: Barrier,
    /// Two sets, used in turn: a fast thread may already write the next round's.
    rounds: [Vec<Seat>; 2],
    /// What each part has recorded, on its way to the leader.
    logs: Vec<Mutex<Log>>,
    look_ahead: Span,
    stop: SimTime,
}

/// One thread's place at the table. Aligned, so that two threads never share a cache line.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Seat {
    status: Notice,
    /// What comes for this part, by sending part.
    mail: Vec<Mutex<Mail>>,
}

/// What one part sends another in a round.
#[derive(Debug, Default)]
struct Mail {
    parcels: Vec<Parcel>,
    /// Buffers on their way home.
    buffers: FramePool,
}

impl Table {
    fn new(parts: usize, look_ahead: Span, stop: Option<SimTime>) -> Self {
        let seat = |_| Seat {
            status: Notice::default(),
            mail: (0..parts).map(|_| Mutex::default()).collect(),
        };
        let round = || (0..parts).map(seat).collect();
        Self {
            barrier: Barrier::new(parts),
            rounds: [round(), round()],
            logs: (0..parts).map(|_| Mutex::default()).collect(),
            look_ahead,
            stop: stop.unwrap_or(SimTime::MAX),
        }
    }

    fn seats(&self, round: usize) -> &[Seat] {
        &self.rounds[round % 2]
    }

    /// What every part said of `round`.
    fn statuses(&self, round: usize, into: &mut Vec<Status>) {
        into.clear();
        into.extend(self.seats(round).iter().map(|seat| seat.status.read()));
    }
}

/// Runs `parts` on a thread each.
pub(super) fn run<R: Recorder + ?Sized>(
    parts: &mut [Part],
    look_ahead: Span,
    stop: Option<SimTime>,
    control: &RunControl,
    recorder: &mut R,
) -> Result<EndReason, RunError> {
    let table = Table::new(parts.len(), look_ahead, stop);
    if recorder.is_silent() {
        run_with::<NoRecorder, R>(parts, &table, control, recorder)
    } else {
        run_with::<Log, R>(parts, &table, control, recorder)
    }
}

fn run_with<J: Journal, R: Recorder + ?Sized>(
    parts: &mut [Part],
    table: &Table,
    control: &RunControl,
    recorder: &mut R,
) -> Result<EndReason, RunError> {
    let leader = Leader { recorder, control };
    let outcomes: Vec<_> = thread::scope(|scope| {
        let mut drivers = parts.iter_mut().enumerate();
        let first = drivers.next();
        let workers: Vec<_> = drivers
            .map(|(seat, part)| scope.spawn(move || drive::<J>(seat, part, table, Worker)))
            .collect();
        let led = first.map(|(seat, part)| drive::<J>(seat, part, table, leader));
        let joined = workers.into_iter().map(|worker| match worker.join() {
            Ok(outcome) => outcome,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        // All of them, also where the first has failed.
        joined.collect::<Vec<_>>().into_iter().chain(led).collect()
    });
    agree(outcomes)
}

fn drive<J: Journal>(
    seat: usize,
    part: &mut Part,
    table: &Table,
    head: impl Head,
) -> Result<EndReason, driver::Failure> {
    let _guard = table.barrier.break_on_panic();
    Driver::<J>::new(seat, part, table).drive(head)
}

/// The reason on which all agree, or the failure that came first in virtual time.
fn agree(outcomes: Vec<Result<EndReason, driver::Failure>>) -> Result<EndReason, RunError> {
    let mut reason = EndReason::Stalled;
    let mut failures = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(its) => reason = its,
            Err(failure) => failures.push(failure),
        }
    }
    let failed = failures.into_iter().filter_map(|failure| failure.cause);
    match failed.min_by_key(|(at, _)| *at) {
        Some((_, error)) => Err(error),
        None => Ok(reason),
    }
}
