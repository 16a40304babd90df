//! What the leading thread does beside driving its part: watch the control, write the records.

use std::{fmt, io, sync::Mutex};

use super::{
    journal::{self, Log},
    round::Status,
};
use crate::{engine::control::RunControl, trace::Recorder, units::SimTime};

/// The part of a thread's work that only one of them does.
pub(super) trait Head {
    /// True if somebody asked to end the run.
    fn wants_to_stop(&self) -> bool;
    /// Sees everybody's reports between two windows.
    fn look(&self, all: &[Status]);
    /// Writes down what all parts have recorded, in event order.
    fn publish(&mut self, logs: &[Mutex<Log>]) -> io::Result<()>;
}

/// A thread that only drives its part.
#[derive(Debug)]
pub(super) struct Worker;

impl Head for Worker {
    fn wants_to_stop(&self) -> bool {
        false
    }
    fn look(&self, _: &[Status]) {}
    fn publish(&mut self, _: &[Mutex<Log>]) -> io::Result<()> {
        Ok(())
    }
}

/// The thread that called.
pub(super) struct Leader<'a, R: ?Sized> {
    pub(super) recorder: &'a mut R,
    pub(super) control: &'a RunControl,
}

impl<R: ?Sized> fmt::Debug for Leader<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Leader")
    }
}

impl<R: Recorder + ?Sized> Head for Leader<'_, R> {
    fn wants_to_stop(&self) -> bool {
        self.control.stop_requested()
    }

    fn look(&self, all: &[Status]) {
        let now = all.iter().map(|s| s.next.time).min();
        let now = now.filter(|now| *now < SimTime::MAX);
        let frames = all.iter().map(|s| s.frames).sum();
        self.control
            .report(now.unwrap_or_else(|| self.control.now()), frames);
    }

    fn publish(&mut self, logs: &[Mutex<Log>]) -> io::Result<()> {
        journal::merge(logs, self.recorder)
    }
}
