//! The progress line of a long run: virtual time, frames, speed, on standard error.
//!
//! A thread of its own reads what the run shares; the simulation thread knows nothing of it.
//! Nothing is shown if standard error is no terminal, or before a run has lasted a second.

use std::{
    io::{self, IsTerminal},
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use netsim::{
    engine::RunControl,
    units::{SimTime, Span},
};

/// The line, as long as this is alive.
#[derive(Debug)]
pub(crate) struct Progress {
    thread: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Shows how far the run behind `control` is on its way to `stop`.
    pub(crate) fn start(control: &Arc<RunControl>, stop: Option<SimTime>) -> Self {
        if !io::stderr().is_terminal() {
            return Self { thread: None };
        }
        let control = Arc::clone(control);
        let (done, is_done) = mpsc::channel();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let watch = move || {
            while is_done.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                tick(&bar, &control, stop);
            }
            bar.finish_and_clear();
        };
        Self {
            thread: Some((done, thread::spawn(watch))),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.thread.take() {
            drop(done);
            // A progress line that failed is no reason to fail.
            drop(thread.join());
        }
    }
}

fn tick(bar: &ProgressBar, control: &RunControl, stop: Option<SimTime>) {
    if bar.elapsed() < PATIENCE {
        return;
    }
    if bar.is_hidden() {
        bar.set_style(style(stop.is_some()));
        bar.set_length(stop.map_or(0, SimTime::as_nanos));
        bar.set_draw_target(ProgressDrawTarget::stderr());
    }
    bar.set_position(control.now().as_nanos());
    bar.set_message(message(control, bar.elapsed()));
}

/// `12.3s of virtual time, 1,234,567 frames, 2,345,678 frames/s`
fn message(control: &RunControl, elapsed: Duration) -> String {
    let now = control.now().since(SimTime::ZERO);
    let millis = u64::try_from(elapsed.as_millis())
        .unwrap_or(u64::MAX)
        .max(1);
    let speed = control.frames().saturating_mul(1000) / millis;
    format!(
        "{} of virtual time, {} frames, {} frames/s",
        Span::from_millis(now.as_nanos() / 1_000_000),
        HumanCount(control.frames()),
        HumanCount(speed),
    )
}

/// A bar if the end is known, else a spinner.
fn style(with_bar: bool) -> ProgressStyle {
    let template = if with_bar {
        "{spinner} {wide_bar:.cyan/blue} {percent}% {msg}"
    } else {
        "{spinner} {msg}"
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

const TICK: Duration = Duration::from_millis(100);

/// A run shorter than this needs no progress line.
const PATIENCE: Duration = Duration::from_secs(1);
