//! The event queue, and the order of events as a type.
//!
//! Events are ordered by (time, origin, sequence). Nothing in that order depends on when an event
//! was inserted or on how nodes are spread over threads, so a parallel run can keep it.

use std::{cmp::Reverse, collections::BinaryHeap};

use crate::{
    ids::{NodeId, WireId},
    units::SimTime,
};

/// Who an event belongs to. Wires come before nodes, both in scenario order: at equal times
/// frames arrive first, then deadlines strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A frame comes off this wire.
    Wire(WireId),
    /// This node has a deadline.
    Node(NodeId),
}

/// Something will happen. The order of the fields is the order of events: do not rearrange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// When.
    pub time: SimTime,
    /// To whom.
    pub origin: Origin,
    /// Running number among the events of the same origin.
    pub sequence: u64,
}

/// The events to come, earliest first. Push and pop take O(log n).
#[derive(Debug, Default)]
pub struct EventQueue {
    heap: BinaryHeap<Reverse<Event>>,
    now: SimTime,
}

impl EventQueue {
    /// Adds an event.
    ///
    /// # Panics
    /// In debug builds, if it lies before the last one popped.
    pub fn push(&mut self, event: Event) {
        debug_assert!(event.time >= self.now, "an event in the past: {event:?}");
        self.heap.push(Reverse(event));
    }

    /// The time of the earliest event.
    pub fn next_time(&self) -> Option<SimTime> {
        self.heap.peek().map(|Reverse(event)| event.time)
    }

    /// Takes the earliest event.
    pub fn pop(&mut self) -> Option<Event> {
        let Reverse(event) = self.heap.pop()?;
        debug_assert!(event.time >= self.now, "time runs backward: {event:?}");
        self.now = event.time;
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(time: u64, origin: Origin, sequence: u64) -> Event {
        Event {
            time: SimTime::from_nanos(time),
            origin,
            sequence,
        }
    }

    const WIRE_0: Origin = Origin::Wire(WireId::from_index(0));
    const WIRE_1: Origin = Origin::Wire(WireId::from_index(1));
    const NODE_0: Origin = Origin::Node(NodeId(0));

    #[test]
    fn equal_times_go_by_origin_then_sequence_whatever_the_insertion() {
        let mut queue = EventQueue::default();
        let wanted = [
            event(5, WIRE_0, 0),
            event(5, WIRE_0, 1),
            event(5, WIRE_1, 0),
            event(5, NODE_0, 0),
        ];
        for i in [2, 0, 3, 1] {
            queue.push(wanted[i]);
        }
        let popped: Vec<Event> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(popped, wanted);
    }

    proptest! {
        /// Whatever the order of insertion, events come out sorted, each exactly once.
        #[test]
        fn any_shuffle_comes_out_sorted(
            keys in prop::collection::vec((0u64..20, 0usize..6, 0u64..4), 0..100),
        ) {
            let mut queue = EventQueue::default();
            let mut wanted: Vec<Event> = keys.iter()
                .map(|&(t, w, s)| event(t, Origin::Wire(WireId::from_index(w)), s))
                .collect();
            for &e in &wanted {
                queue.push(e);
            }
            wanted.sort_unstable();
            let popped: Vec<Event> = std::iter::from_fn(|| queue.pop()).collect();
            prop_assert_eq!(popped, wanted);
        }
    }
}
