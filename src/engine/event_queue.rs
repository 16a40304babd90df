//! The event queue, and the order of events as a type.
//!
//! Events are ordered by (time, origin). Nothing in that order depends on when an event was
//! inserted or on how nodes are spread over threads, so a parallel run keeps it. Two events of
//! one origin at one time cannot be told apart, and need not be: an origin has one event that
//! counts, and knows its time; the others are stale.

use crate::units::SimTime;

/// Who an event belongs to. Wires come before nodes, each in scenario order: at equal times
/// frames arrive first, then deadlines strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin(u32);

/// The two kinds of origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A frame comes off the wire of this number.
    Wire(usize),
    /// The node of this number has a deadline.
    Node(usize),
}

impl Origin {
    const NODE: u32 = 1 << 31;

    /// The wire of number `index`, below 2^31.
    #[allow(clippy::cast_possible_truncation, reason = "fewer than 2^31 wires")]
    pub const fn wire(index: usize) -> Self {
        Self(index as u32)
    }

    /// The node of number `index`, below 2^31.
    #[allow(clippy::cast_possible_truncation, reason = "fewer than 2^31 nodes")]
    pub const fn node(index: usize) -> Self {
        Self(index as u32 | Self::NODE)
    }

    /// Wire or node, and its number.
    pub const fn who(self) -> Who {
        match self.0 & Self::NODE {
            0 => Who::Wire(self.0 as usize),
            _ => Who::Node((self.0 & !Self::NODE) as usize),
        }
    }
}

/// Something will happen. The order of the fields is the order of events: do not rearrange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// When.
    pub time: SimTime,
    /// To whom.
    pub origin: Origin,
}

impl Event {
    /// Before everything that can happen.
    pub const FIRST: Self = Self {
        time: SimTime::ZERO,
        origin: Origin(0),
    };
    /// After everything that can happen.
    pub const NEVER: Self = Self {
        time: SimTime::MAX,
        origin: Origin(u32::MAX),
    };

    /// The first that can happen at `time`.
    pub const fn first_at(time: SimTime) -> Self {
        Self {
            time,
            origin: Origin(0),
        }
    }
}

/// An event as one number: to compare two of them takes no branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u128);

impl From<Event> for Key {
    fn from(event: Event) -> Self {
        Self(u128::from(event.time.as_nanos()) << 32 | u128::from(event.origin.0))
    }
}

impl From<Key> for Event {
    #[allow(clippy::cast_possible_truncation, reason = "the halves are cut out")]
    fn from(key: Key) -> Self {
        Self {
            time: SimTime::from_nanos((key.0 >> 32) as u64),
            origin: Origin(key.0 as u32),
        }
    }
}

/// The events to come, earliest first. Every change takes O(log n).
///
/// A heap in which every place has four places below it: half as deep as one with two, and which
/// of the four is the earliest can be told without a branch that nobody can predict. With some
/// hundred events it takes two thirds of the time of `std::collections::BinaryHeap`.
#[derive(Debug, Default)]
pub struct EventQueue {
    heap: Vec<Key>,
}

impl EventQueue {
    /// Adds an event.
    #[inline]
    pub fn push(&mut self, event: Event) {
        self.heap.push(event.into());
        self.rise(self.heap.len() - 1);
    }

    /// The earliest event.
    #[inline]
    pub fn peek(&self) -> Option<Event> {
        self.heap.first().map(|&key| key.into())
    }

    /// Takes the earliest event.
    pub fn pop(&mut self) -> Option<Event> {
        let first = self.peek()?;
        self.drop_first();
        Some(first)
    }

    /// Puts `event` in the place of the earliest one: cheaper than taking one and adding another.
    #[inline]
    pub fn replace_first(&mut self, event: Event) {
        if !self.heap.is_empty() {
            self.sink(event.into());
        }
    }

    /// Takes the earliest event away.
    #[inline]
    pub fn drop_first(&mut self) {
        if let Some(last) = self.heap.pop()
            && !self.heap.is_empty()
        {
            self.sink(last);
        }
    }

    /// Moves the event at `place` up to where it belongs.
    fn rise(&mut self, mut place: usize) {
        let heap = &mut self.heap[..];
        let key = heap[place];
        while place > 0 {
            let above = (place - 1) / 4;
            if heap[above] <= key {
                break;
            }
            heap[place] = heap[above];
            place = above;
        }
        heap[place] = key;
    }

    /// Puts `key` where it belongs, beginning at the first place, whose event is forgotten.
    fn sink(&mut self, key: Key) {
        let heap = &mut self.heap[..];
        let mut place = 0;
        while let Some((below, earliest)) = earliest_below(heap, place) {
            if key <= earliest {
                break;
            }
            heap[place] = earliest;
            place = below;
        }
        heap[place] = key;
    }
}

/// The earliest of the up to four events below `place`.
#[inline]
fn earliest_below(heap: &[Key], place: usize) -> Option<(usize, Key)> {
    let first = place * 4 + 1;
    let earlier = |a: (usize, Key), b: (usize, Key)| if b.1 < a.1 { b } else { a };
    if let Some(&[a, b, c, d]) = heap.get(first..).and_then(|rest| rest.first_chunk()) {
        let left = earlier((first, a), (first + 1, b));
        let right = earlier((first + 2, c), (first + 3, d));
        return Some(earlier(left, right));
    }
    let rest = heap.get(first..)?.iter().copied();
    (first..).zip(rest).reduce(earlier)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(time: u64, origin: Origin) -> Event {
        Event {
            time: SimTime::from_nanos(time),
            origin,
        }
    }

    #[test]
    fn equal_times_go_by_origin_whatever_the_insertion() {
        let mut queue = EventQueue::default();
        let wanted = [
            event(5, Origin::wire(0)),
            event(5, Origin::wire(1)),
            event(5, Origin::node(0)),
            event(5, Origin::node(7)),
        ];
        for i in [2, 0, 3, 1] {
            queue.push(wanted[i]);
        }
        let popped: Vec<Event> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(popped, wanted);
    }

    #[test]
    fn an_origin_tells_what_it_was_made_from() {
        assert_eq!(Origin::wire(3).who(), Who::Wire(3));
        assert_eq!(Origin::node(3).who(), Who::Node(3));
    }

    proptest! {
        /// Whatever the order of insertion, events come out sorted, each exactly once, also where
        /// some are put in the place of the earliest.
        #[test]
        fn any_shuffle_comes_out_sorted(
            keys in prop::collection::vec((0u64..20, 0usize..6), 1..100),
            replaced in prop::collection::vec((20u64..40, 0usize..6), 0..20),
        ) {
            let mut queue = EventQueue::default();
            let mut wanted: Vec<Event> =
                keys.iter().map(|&(t, w)| event(t, Origin::wire(w))).collect();
            for &e in &wanted {
                queue.push(e);
            }
            for &(t, w) in &replaced {
                let (first, later) = (wanted.iter().min().copied(), event(t, Origin::node(w)));
                prop_assert_eq!(queue.peek(), first);
                queue.replace_first(later);
                wanted.sort_unstable();
                wanted[0] = later;
            }
            wanted.sort_unstable();
            let popped: Vec<Event> = std::iter::from_fn(|| queue.pop()).collect();
            prop_assert_eq!(popped, wanted);
        }
    }
}
