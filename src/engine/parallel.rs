//! Running the parts of a world side by side, with the bytes of a run on one thread.
//!
//! Conservative windows: no frame is under way from one part to another for less than the
//! look-ahead, so all parts may handle every event of a window of that length before any of them
//! looks at what the others sent. Each round is: post what goes elsewhere, meet, collect, decide
//! together, run. Every thread decides alike from the same reports, so nobody has to be told.
//!
//! Meetings cost time, so while it runs each part shows how far it is ([`beacon`]), posts what it has
//! and collects what there is ([`mail`]), and its window slides along with the others. The parts meet
//! where that does not help: to leap over a silence in which nothing happens, to find the end, to
//! look who watches. Where records have to be told in order, or threads have no cores of their own,
//! windows do not slide.
//!
//! Two things are global all the same. The run ends at the very event after which no part has
//! anything left to do ([`round`] finds it), and records come in event order ([`journal`] merges
//! them). Neither depends on which thread is fast.
//!
//! Not done: looking further ahead where a part's next frame for another part is known to be
//! late, and moving nodes between parts while the run goes on.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::{
    control::RunControl,
    part::Part,
    result::{EndReason, RunError},
};
use crate::{
    trace::{NoRecorder, Recorder},
    units::{SimTime, Span},
};

mod barrier;
mod beacon;
mod driver;
mod head;
mod journal;
mod mail;
mod patience;
mod round;

use barrier::Barrier;
use beacon::Beacon;
use driver::Driver;
use head::{Head, Leader, Worker};
use journal::{Journal, Log};
use mail::MailBox;
use patience::has_cores;
use round::{Notice, Rules, Status, Window};

/// What the threads share.
#[derive(Debug)]
struct Table {
    barrier: Barrier,
    rules: Rules,
    /// Two sets, used in turn: a fast thread may already write the next round's.
    notices: [Vec<Notice>; 2],
    beacons: Vec<Beacon>,
    /// The box for what each part sends each other: those of one sender side by side.
    boxes: Vec<MailBox>,
    /// The latest round for which somebody wants to meet.
    called: AtomicUsize,
    /// What each part has recorded, on its way to the leader.
    logs: Vec<Mutex<Log>>,
}

impl Table {
    fn new(parts: usize, rules: Rules) -> Self {
        let round = || (0..parts).map(|_| Notice::default()).collect();
        Self {
            rules,
            barrier: Barrier::new(parts),
            notices: [round(), round()],
            beacons: (0..parts).map(|_| Beacon::default()).collect(),
            boxes: (0..parts * parts).map(|_| MailBox::default()).collect(),
            called: AtomicUsize::new(0),
            logs: (0..parts).map(|_| Mutex::default()).collect(),
        }
    }

    /// Where a part reports to `round`.
    fn notice(&self, round: usize, part: usize) -> &Notice {
        &self.notices[round % 2][part]
    }

    /// What every part said of `round`.
    fn statuses(&self, round: usize, into: &mut Vec<Status>) {
        into.clear();
        into.extend(self.notices[round % 2].iter().map(Notice::read));
    }

    /// Widens the window of a part to what the others allow by now. True if it has grown.
    fn widen(&self, part: usize, window: &mut Window) -> bool {
        let (before, after) = (&self.beacons[..part], &self.beacons[part + 1..]);
        Beacon::widen(before.iter().chain(after), &self.rules, window)
    }

    /// The boxes for what a part sends, by receiver.
    fn boxes_from(&self, part: usize) -> &[MailBox] {
        let parts = self.beacons.len();
        &self.boxes[part * parts..][..parts]
    }

    /// The boxes with what comes for a part, by sender.
    fn boxes_to(&self, part: usize) -> impl Iterator<Item = &MailBox> {
        self.boxes[part..].iter().step_by(self.beacons.len())
    }

    /// Asks everybody to meet for `round`.
    fn call(&self, round: usize) {
        self.called.fetch_max(round, Ordering::Relaxed);
    }

    /// True if somebody wants to meet for `round`.
    fn is_called(&self, round: usize) -> bool {
        self.called.load(Ordering::Relaxed) >= round
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
    let is_silent = recorder.is_silent();
    // In unit tests always where nobody listens: they try it with more threads than cores, too.
    let has_cores = cfg!(test) || has_cores(parts.len());
    let rules = Rules {
        look_ahead,
        stop: stop.unwrap_or(SimTime::MAX),
        slide: is_silent && has_cores,
    };
    let table = Table::new(parts.len(), rules);
    if is_silent {
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
