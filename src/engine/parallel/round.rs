//! What the parts report of a round, and what all of them do next.
//!
//! The run on one thread ends at the first event after which no part has anything left to do: no
//! program that the run waits for, nothing under way, no connection that still closes. A part that
//! is done by itself does not know whether the others are, so it waits there: anything it still
//! has to do (a server's timer, say) may come after the end. If another part turns out to be busy
//! throughout the window, those who wait may go on to its end. If all are done, the end is where
//! the last of them was done; the others go on to that event, and if that gives none of them
//! something new to do, the run is over.
//!
//! Event order across parts: a part handles its events one after the other, and between parts the
//! smaller key goes first, as with one queue for all. An event counts as late as the latest one
//! before it in its part, which matters where a part makes new events for the same instant.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    engine::{
        event_queue::{Event, Origin},
        result::EndReason,
    },
    units::{SimTime, Span},
};

/// A part's report at the end of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Status {
    /// Its next event.
    pub(super) next: Event,
    /// The earliest arrival among the frames it just sent to other parts.
    pub(super) posted: SimTime,
    /// It has something left to do.
    pub(super) busy: bool,
    /// The event after which it last had nothing left to do.
    pub(super) done_at: Event,
    /// Programs that the run waits for.
    pub(super) foreground: usize,
    /// Frames that have come off its wires.
    pub(super) frames: u64,
    /// Bytes recorded and not yet handed over.
    pub(super) recorded: usize,
    /// It had to give up.
    pub(super) failed: bool,
    /// Somebody asked to end the run.
    pub(super) interrupted: bool,
}

impl Default for Status {
    fn default() -> Self {
        Self {
            next: Event::NEVER,
            posted: SimTime::MAX,
            busy: false,
            done_at: Event::FIRST,
            foreground: 0,
            frames: 0,
            recorded: 0,
            failed: false,
            interrupted: false,
        }
    }
}

/// A [`Status`] where other threads can read it. Who writes and who reads is settled by the barrier
/// between the two; plain stores and loads let all threads read one copy of the cache line, where a
/// lock would pull it from core to core.
#[derive(Debug, Default)]
pub(super) struct Notice([AtomicU64; 10]);

impl Notice {
    pub(super) fn write(&self, status: &Status) {
        let words = [
            status.next.time.as_nanos(),
            status.next.origin.bits().into(),
            status.done_at.time.as_nanos(),
            status.done_at.origin.bits().into(),
            status.posted.as_nanos(),
            status.foreground as u64,
            status.frames,
            status.recorded as u64,
            u64::from(status.busy),
            u64::from(status.failed) | u64::from(status.interrupted) << 1,
        ];
        for (place, word) in self.0.iter().zip(words) {
            place.store(word, Ordering::Relaxed);
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "as they were written")]
    pub(super) fn read(&self) -> Status {
        let mut words = [0; 10];
        for (word, place) in words.iter_mut().zip(&self.0) {
            *word = place.load(Ordering::Relaxed);
        }
        let [
            next,
            next_origin,
            done,
            done_origin,
            posted,
            foreground,
            frames,
            recorded,
            busy,
            ends,
        ] = words;
        let event = |time, origin| Event {
            time: SimTime::from_nanos(time),
            origin: Origin::from_bits(origin as u32),
        };
        Status {
            next: event(next, next_origin),
            posted: SimTime::from_nanos(posted),
            busy: busy != 0,
            done_at: event(done, done_origin),
            foreground: foreground as usize,
            frames,
            recorded: recorded as usize,
            failed: ends & 1 != 0,
            interrupted: ends & 2 != 0,
        }
    }
}

/// How far a part may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// Events before this time.
    pub(super) end: SimTime,
    /// Some part is known to be busy up to this event: who is done need not wait before it.
    pub(super) cleared: Event,
}

impl Window {
    /// The window in which nothing happens, before the first round.
    pub(super) const EMPTY: Self = Self {
        end: SimTime::ZERO,
        cleared: Event::FIRST,
    };
}

/// What all parts do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Go on in the window they are in.
    GoOn(Window),
    /// The window is finished; here is the next one.
    Next(Window),
    /// The run is over.
    End(EndReason),
    /// Some part had to give up.
    GiveUp,
}

/// Decides from everybody's report of the round in `window`.
pub(super) fn decide(all: &[Status], window: Window, look_ahead: Span, stop: SimTime) -> Decision {
    if all.iter().any(|s| s.failed) {
        return Decision::GiveUp;
    }
    if all.iter().any(|s| s.interrupted) {
        return Decision::End(EndReason::Interrupted);
    }
    let waits = |until: Event| {
        all.iter()
            .any(|s| s.next < until && s.next.time < window.end)
    };
    let go_on = |cleared| Decision::GoOn(Window { cleared, ..window });
    if all.iter().any(|s| s.busy) {
        if waits(Event::NEVER) {
            return go_on(Event::NEVER);
        }
        return next_window(all, look_ahead, stop);
    }
    let last_done = all.iter().map(|s| s.done_at).max().unwrap_or(Event::FIRST);
    if waits(last_done) {
        return go_on(last_done);
    }
    Decision::End(EndReason::TrafficDone)
}

/// The window from the earliest event on.
fn next_window(all: &[Status], look_ahead: Span, stop: SimTime) -> Decision {
    let earliest = |s: &Status| s.next.time.min(s.posted);
    let start = all.iter().map(earliest).min().unwrap_or(SimTime::MAX);
    if start == SimTime::MAX {
        let foreground = all.iter().map(|s| s.foreground).sum();
        return Decision::End(EndReason::without_events(foreground));
    }
    if start > stop {
        return Decision::End(EndReason::StopTime);
    }
    let end = (start + look_ahead).min(stop + Span::from_nanos(1));
    Decision::Next(Window {
        end,
        cleared: Event::FIRST,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AHEAD: Span = Span::from_nanos(10);

    fn at(ns: u64) -> Event {
        Event {
            time: SimTime::from_nanos(ns),
            origin: Origin::wire(3),
        }
    }

    fn busy(next: u64) -> Status {
        Status {
            next: at(next),
            busy: true,
            ..Status::default()
        }
    }

    fn done(done_at: u64, next: Event) -> Status {
        Status {
            next,
            done_at: at(done_at),
            ..Status::default()
        }
    }

    fn window(end: u64, cleared: Event) -> Window {
        Window {
            end: SimTime::from_nanos(end),
            cleared,
        }
    }

    fn decided(all: &[Status], window: Window) -> Decision {
        decide(all, window, AHEAD, SimTime::from_nanos(1000))
    }

    #[test]
    fn a_notice_reads_as_it_was_written() {
        let notice = Notice::default();
        let status = Status {
            next: at(7),
            posted: SimTime::from_nanos(8),
            busy: true,
            done_at: Event::NEVER,
            foreground: 9,
            frames: 10,
            recorded: 11,
            failed: false,
            interrupted: true,
        };
        for status in [status, Status::default()] {
            notice.write(&status);
            assert_eq!(notice.read(), status);
        }
    }

    #[test]
    fn the_next_window_begins_at_the_earliest_event_or_frame_under_way() {
        let w = window(100, Event::FIRST);
        let next = |end| Decision::Next(window(end, Event::FIRST));
        assert_eq!(decided(&[busy(130), busy(120)], w), next(130));
        let posted = Status {
            posted: SimTime::from_nanos(105),
            ..busy(130)
        };
        assert_eq!(decided(&[posted, busy(120)], w), next(115));
    }

    #[test]
    fn no_window_reaches_beyond_the_stop_time() {
        let w = window(100, Event::FIRST);
        let last = window(1001, Event::FIRST);
        assert_eq!(decided(&[busy(995)], w), Decision::Next(last));
        let end = Decision::End(EndReason::StopTime);
        assert_eq!(decided(&[busy(1001)], w), end);
    }

    #[test]
    fn who_is_done_goes_on_to_the_end_of_the_window_if_another_is_busy() {
        let w = window(100, Event::FIRST);
        let all = [done(50, at(60)), busy(130)];
        assert_eq!(decided(&all, w), Decision::GoOn(window(100, Event::NEVER)));
    }

    #[test]
    fn if_all_are_done_the_others_go_on_to_the_last_end() {
        let w = window(100, Event::FIRST);
        let all = [done(50, at(60)), done(80, at(90))];
        let on = Decision::GoOn(window(100, at(80)));
        assert_eq!(decided(&all, w), on);
        // The one with an event at 60 has handled it, is still done, and waits at 85.
        let all = [done(50, at(85)), done(80, at(90))];
        let end = Decision::End(EndReason::TrafficDone);
        assert_eq!(decided(&all, window(100, at(80))), end);
    }

    #[test]
    fn without_events_a_run_is_stalled_if_a_program_is_left() {
        let w = window(100, Event::FIRST);
        let waiting = Status {
            next: Event::NEVER,
            foreground: 1,
            ..busy(0)
        };
        let end = Decision::End(EndReason::Stalled);
        assert_eq!(decided(&[waiting], w), end);
    }
}
