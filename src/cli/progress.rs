//! The progress line of a long run: virtual time, frames, speed, time left, on standard error.
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

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
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
    /// Shows how far the run behind `control` is on its way to `end`, if that is known.
    pub(crate) fn start(control: &Arc<RunControl>, end: Option<SimTime>) -> Self {
        if !io::stderr().is_terminal() {
            return Self { thread: None };
        }
        let control = Arc::clone(control);
        let (done, is_done) = mpsc::channel();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let watch = move || {
            let mut began = None;
            while is_done.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                tick(&bar, &control, end, &mut began);
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

fn tick(
    bar: &ProgressBar,
    control: &RunControl,
    end: Option<SimTime>,
    began: &mut Option<Duration>,
) {
    if began.is_none() && control.frames() > 0 {
        *began = Some(bar.elapsed());
    }
    if bar.elapsed() < PATIENCE {
        return;
    }
    if bar.is_hidden() {
        bar.set_style(style(end.is_some()));
        bar.set_length(end.map_or(0, SimTime::as_nanos));
        bar.set_draw_target(ProgressDrawTarget::stderr());
    }
    bar.set_position(control.now().as_nanos());
    // Loading and building are no part of the run's speed.
    let running = bar.elapsed().saturating_sub(began.unwrap_or_default());
    bar.set_message(message(control.now(), control.frames(), running, end));
}

/// `12.3s of virtual time, 1,234,567 frames, 2,345,678 frames/s, about 5s left`
fn message(now: SimTime, frames: u64, running: Duration, end: Option<SimTime>) -> String {
    let millis = u64::try_from(running.as_millis()).unwrap_or(u64::MAX);
    let speed = frames.saturating_mul(1000) / millis.max(1);
    let mut text = format!(
        "{} of virtual time, {} frames, {} frames/s",
        Span::from_millis(now.as_nanos() / 1_000_000),
        HumanCount(frames),
        HumanCount(speed),
    );
    if let Some(left) = end.and_then(|end| left(now, running, end)) {
        text += &format!(", about {:#} left", HumanDuration(left));
    }
    text
}

/// How long the rest takes if it goes on like this; `None` if it is too early to tell.
fn left(now: SimTime, running: Duration, end: SimTime) -> Option<Duration> {
    let (done, all) = (u128::from(now.as_nanos()), u128::from(end.as_nanos()));
    if done >= all || done * 100 < all {
        return None;
    }
    let left = running.as_millis() * (all - done) / done;
    Some(Duration::from_millis(u64::try_from(left).ok()?))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(now_s: u64, end_s: Option<u64>) -> String {
        let second = |s: u64| SimTime::from_nanos(s * 1_000_000_000);
        message(
            second(now_s),
            50_000,
            Duration::from_secs(10),
            end_s.map(second),
        )
    }

    #[test]
    fn the_time_left_is_told_when_it_is_known() {
        // A quarter took 10 s, so the rest takes 30 s; 50 000 frames in 10 s are 5000 a second.
        let so_far = "5s of virtual time, 50,000 frames, 5,000 frames/s";
        assert_eq!(told(5, Some(20)), format!("{so_far}, about 30s left"));
        assert_eq!(told(5, None), so_far);
    }

    #[test]
    fn nothing_is_foretold_from_the_first_percent_or_beyond_the_end() {
        assert!(!told(5, Some(501)).contains("left"));
        assert!(!told(5, Some(4)).contains("left"));
    }
}
