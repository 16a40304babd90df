//! What the parts report of a round, and what all of them do next.
//!
//! The run on one thread ends at the first event after which no part has anything left to do: no
//! program that the run waits for, nothing under way, no connection that still closes. A part that
//! is done by itself does not know whether the others are, so it waits there: anything it still
//! has to do (a server's timer, say) may come after the end. If another part turns out to be busy,
//! it stays so up to its next event, and those who wait may go on before that, but not beyond the
//! window: what comes to the busy one from there on nobody knows. If all are done, the
//! end is where the last of them was done; the others go on to that event, and if that gives none of
//! them something new to do, the run is over.
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
    /// The earliest arrival among the frames that it has sent to other parts, and that they have not
    /// collected.
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
    /// Where it had to give up; [`Event::NEVER`] if it goes on.
    pub(super) failed_at: Event,
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
            failed_at: Event::NEVER,
            interrupted: false,
        }
    }
}

/// A [`Status`] where other threads can read it. Who writes and who reads is settled by the barrier
/// between the two; plain stores and loads let all threads read one copy of the cache line, where a
/// lock would pull it from core to core. Aligned, so that two threads never share a cache line.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Notice([AtomicU64; 12]);

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
            status.failed_at.time.as_nanos(),
            status.failed_at.origin.bits().into(),
            u64::from(status.busy),
            u64::from(status.interrupted),
        ];
        for (place, word) in self.0.iter().zip(words) {
            place.store(word, Ordering::Relaxed);
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "as they were written")]
    pub(super) fn read(&self) -> Status {
        let mut words = [0; 12];
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
            failed,
            failed_origin,
            busy,
            interrupted,
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
            failed_at: event(failed, failed_origin),
            interrupted: interrupted != 0,
        }
    }
}

/// How far a part may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// Events before this time: until then every frame from elsewhere is known.
    pub(super) end: SimTime,
    /// The run is known to go on before this event: who is done need not wait before it.
    pub(super) cleared: Event,
    /// Both may grow while the others go on.
    pub(super) slides: bool,
}

impl Window {
    /// The window in which nothing happens, before the first round.
    pub(super) const EMPTY: Self = Self {
        end: SimTime::ZERO,
        cleared: Event::FIRST,
        slides: false,
    };
}

/// What holds for a whole run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// No frame is under way from one part to another for less than this.
    pub(super) look_ahead: Span,
    /// The last instant of the run.
    pub(super) stop: SimTime,
    /// Windows may slide: nobody wants the records of all parts in order, and each thread has a core.
    pub(super) slide: bool,
}

impl Rules {
    /// The end of a window, if no part handles any more events before `from`.
    pub(super) fn end_from(&self, from: SimTime) -> SimTime {
        (from + self.look_ahead).min(self.stop + Span::from_nanos(1))
    }
}

/// What all parts do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Go on in this window.
    GoOn(Window),
    /// The run is over.
    End(EndReason),
    /// Some part had to give up.
    GiveUp,
}

/// True if every event of `window` has been handled.
pub(super) fn are_aligned(all: &[Status], window: Window) -> bool {
    all.iter().all(|s| s.next.time >= window.end)
}

/// Decides from everybody's report.
pub(super) fn decide(all: &[Status], rules: &Rules) -> Decision {
    if let Some(at) = all.iter().map(|s| s.failed_at).min()
        && at < Event::NEVER
    {
        return after_failure(all, at);
    }
    if all.iter().any(|s| s.interrupted) {
        return Decision::End(EndReason::Interrupted);
    }
    if let Some(until) = busy_until(all) {
        return go_on(all, Event::first_at(until), rules);
    }
    let last_done = all.iter().map(|s| s.done_at).max().unwrap_or(Event::FIRST);
    if all.iter().any(|s| s.next < last_done) {
        return go_on(all, last_done, rules);
    }
    Decision::End(EndReason::TrafficDone)
}

/// Until when some part is busy, if no more frames come to it; `None` if all are done.
fn busy_until(all: &[Status]) -> Option<SimTime> {
    let posted = all.iter().map(|s| s.posted).min()?;
    // A frame that comes is an event of its own, and until then it is under way.
    let nexts = all
        .iter()
        .filter(|s| s.busy)
        .map(|s| s.next.time.min(posted));
    let posted = (posted < SimTime::MAX).then_some(posted);
    nexts.chain(posted).max()
}

/// The window from the earliest event on.
fn go_on(all: &[Status], cleared: Event, rules: &Rules) -> Decision {
    let earliest = |s: &Status| s.next.time.min(s.posted);
    let start = all.iter().map(earliest).min().unwrap_or(SimTime::MAX);
    if start == SimTime::MAX {
        let foreground = all.iter().map(|s| s.foreground).sum();
        return Decision::End(EndReason::without_events(foreground));
    }
    if start > rules.stop {
        return Decision::End(EndReason::StopTime);
    }
    let end = rules.end_from(start);
    Decision::GoOn(Window {
        end,
        // A frame that nobody knows of yet may come from there on, and be somebody's next event.
        cleared: cleared.min(Event::first_at(end)),
        slides: rules.slide,
    })
}

/// Somebody failed at `at`, but another may be about to fail earlier.
fn after_failure(all: &[Status], at: Event) -> Decision {
    let goes_on = |s: &Status| s.failed_at == Event::NEVER && s.next < at;
    if !all.iter().any(goes_on) {
        return Decision::GiveUp;
    }
    Decision::GoOn(Window {
        end: at.time + Span::from_nanos(1),
        cleared: at,
        slides: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
            slides: true,
        }
    }

    /// What parts decide whose look-ahead is 10 ns and whose run ends after 1000 ns.
    fn decided(all: &[Status]) -> Decision {
        let rules = Rules {
            look_ahead: Span::from_nanos(10),
            stop: SimTime::from_nanos(1000),
            slide: true,
        };
        decide(all, &rules)
    }

    fn cleared_to(ns: u64) -> Event {
        Event::first_at(SimTime::from_nanos(ns))
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
            failed_at: at(12),
            interrupted: true,
        };
        for status in [status, Status::default()] {
            notice.write(&status);
            assert_eq!(notice.read(), status);
        }
    }

    #[test]
    fn a_window_begins_at_the_earliest_event_or_frame_under_way() {
        // Nobody knows of an end before the later of the two has had its event.
        let next = Decision::GoOn(window(130, cleared_to(130)));
        assert_eq!(decided(&[busy(130), busy(120)]), next);
        let posted = Status {
            posted: SimTime::from_nanos(105),
            ..busy(130)
        };
        let next = Decision::GoOn(window(115, cleared_to(105)));
        assert_eq!(decided(&[posted, busy(120)]), next);
    }

    #[test]
    fn no_window_reaches_beyond_the_stop_time() {
        let last = window(1001, cleared_to(995));
        assert_eq!(decided(&[busy(995)]), Decision::GoOn(last));
        let end = Decision::End(EndReason::StopTime);
        assert_eq!(decided(&[busy(1001)]), end);
    }

    #[test]
    fn who_is_done_goes_on_to_the_next_event_of_one_who_is_busy() {
        let all = [done(50, at(60)), busy(65)];
        let on = Decision::GoOn(window(70, cleared_to(65)));
        assert_eq!(decided(&all), on);
    }

    #[test]
    fn nobody_is_known_to_be_busy_beyond_the_end_of_the_window() {
        // A frame may leave at 60, arrive at 70, and give the busy one what it waits for.
        let all = [done(50, at(60)), busy(130)];
        let on = Decision::GoOn(window(70, cleared_to(70)));
        assert_eq!(decided(&all), on);
    }

    #[test]
    fn a_frame_under_way_keeps_a_run_going_until_it_arrives() {
        let posted = Status {
            posted: SimTime::from_nanos(75),
            ..done(50, Event::NEVER)
        };
        let all = [posted, done(50, at(70))];
        let on = Decision::GoOn(window(80, cleared_to(75)));
        assert_eq!(decided(&all), on);
    }

    #[test]
    fn if_all_are_done_the_others_go_on_to_the_last_end() {
        let all = [done(50, at(75)), done(80, at(90))];
        let on = Decision::GoOn(window(85, at(80)));
        assert_eq!(decided(&all), on);
        // The one with an event at 75 has handled it, is still done, and waits at 85.
        let all = [done(50, at(85)), done(80, at(90))];
        let end = Decision::End(EndReason::TrafficDone);
        assert_eq!(decided(&all), end);
    }

    #[test]
    fn without_events_a_run_is_stalled_if_a_program_is_left() {
        let waiting = Status {
            next: Event::NEVER,
            foreground: 1,
            ..busy(0)
        };
        let end = Decision::End(EndReason::Stalled);
        assert_eq!(decided(&[waiting]), end);
    }

    #[test]
    fn before_all_give_up_the_others_come_to_where_the_first_failed() {
        let failed = Status {
            failed_at: at(60),
            ..busy(61)
        };
        let first = Window {
            slides: false,
            ..window(61, at(60))
        };
        assert_eq!(decided(&[failed, busy(55)]), Decision::GoOn(first));
        assert_eq!(decided(&[failed, busy(62)]), Decision::GiveUp);
    }
}
