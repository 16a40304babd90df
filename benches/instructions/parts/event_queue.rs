//! The event queue: the earliest event goes, a later one comes, the number that wait stays.
//! Both ways: as two calls, and as the one by which a wire goes on to its next frame.

use netsim::{
    engine::{Event, EventQueue, Origin},
    rng::RootSeed,
    units::{SimTime, Span},
};

use crate::counted;

const OPERATIONS: usize = 50_000;

/// The earliest event is taken and another one added.
pub(crate) fn pop_and_push(waiting: usize) -> u64 {
    hold(waiting, |queue, gap| {
        let event = queue.pop().unwrap();
        queue.push(later(event, gap));
    })
}

/// The earliest event makes room for a later one of the same wire.
pub(crate) fn replace(waiting: usize) -> u64 {
    hold(waiting, |queue, gap| {
        let event = queue.peek().unwrap();
        queue.replace_first(later(event, gap));
    })
}

fn later(event: Event, gap: Span) -> Event {
    Event {
        time: event.time + gap,
        ..event
    }
}

/// One wire for each of the `waiting` events. The next frame of a wire is half to three halves of
/// a millisecond later.
fn hold(waiting: usize, step: impl Fn(&mut EventQueue, Span)) -> u64 {
    let mut random = RootSeed(1).stream(&["event queue"]);
    let gaps: Vec<Span> = (0..1024)
        .map(|_| Span::from_nanos(500_000 + random.below(1_000_000)))
        .collect();
    let mut queue = EventQueue::default();
    for wire in 0..waiting {
        queue.push(Event {
            time: SimTime::from_nanos(random.below(1_000_000)),
            origin: Origin::wire(wire),
        });
    }
    let rounds = gaps.iter().cycle().take(OPERATIONS);
    counted(|| rounds.for_each(|gap| step(&mut queue, *gap)));
    OPERATIONS as u64
}
