//! How far a part is, for all others to see while the run goes on.
//!
//! Both numbers are facts that stay true: a part only goes forward.

use std::sync::atomic::{AtomicU64, Ordering};

use super::round::{Rules, Window};
use crate::{engine::event_queue::Event, units::SimTime};

/// One part's numbers. Aligned, so that two beacons never share a cache line.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Beacon {
    /// Every event before it is handled; every frame that such an event sent to another part is
    /// posted. \[ns\]
    clock: AtomicU64,
    /// The run does not end before it. \[ns\]
    goes_on: AtomicU64,
}

impl Beacon {
    /// Shows where the part is, after it has posted its frames.
    pub(super) fn show(&self, clock: SimTime, goes_on: SimTime) {
        self.goes_on.store(goes_on.as_nanos(), Ordering::Release);
        self.clock.store(clock.as_nanos(), Ordering::Release);
    }

    /// Looks how far the other parts are, and widens `window` to what that allows. Whoever goes on
    /// has to collect his mail first. True if the window has grown.
    pub(super) fn widen<'a>(
        others: impl Iterator<Item = &'a Self>,
        rules: &Rules,
        window: &mut Window,
    ) -> bool {
        let before = *window;
        let mut end = SimTime::MAX;
        for beacon in others {
            let [clock, goes_on] = [&beacon.clock, &beacon.goes_on]
                .map(|at| SimTime::from_nanos(at.load(Ordering::Acquire)));
            end = end.min(rules.end_from(clock));
            window.cleared = window.cleared.max(Event::first_at(goes_on));
        }
        window.end = window.end.max(end);
        *window != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;

    const fn at(ns: u64) -> SimTime {
        SimTime::from_nanos(ns)
    }

    /// A window up to `end` in which nothing is cleared, after a look at others that show
    /// (clock, goes on). The look-ahead is 10 ns, the run ends after 1000 ns.
    fn widened(end: u64, shown: &[(u64, u64)]) -> (bool, Window) {
        let rules = Rules {
            look_ahead: Span::from_nanos(10),
            stop: at(1000),
            slide: true,
        };
        let beacons: Vec<Beacon> = shown.iter().map(|_| Beacon::default()).collect();
        for (beacon, &(clock, goes_on)) in beacons.iter().zip(shown) {
            beacon.show(at(clock), at(goes_on));
        }
        let mut window = Window {
            end: at(end),
            ..Window::EMPTY
        };
        let has_grown = Beacon::widen(beacons.iter(), &rules, &mut window);
        (has_grown, window)
    }

    #[test]
    fn a_window_ends_the_look_ahead_after_the_slowest_and_is_clear_to_the_busiest() {
        let (has_grown, window) = widened(85, &[(100, 70), (80, 90)]);
        assert!(has_grown);
        assert_eq!(
            (window.end, window.cleared),
            (at(90), Event::first_at(at(90)))
        );
    }

    #[test]
    fn a_window_never_shrinks_and_never_reaches_beyond_the_stop_time() {
        let (has_grown, window) = widened(95, &[(80, 0)]);
        assert_eq!((has_grown, window.end), (false, at(95)));
        let (_, window) = widened(95, &[(996, 0)]);
        assert_eq!(window.end, at(1001));
    }
}
