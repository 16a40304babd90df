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

    /// As a number, to be handed to another thread.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// What [`Origin::bits`] told.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
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
    /// Before everything that can happen at `time` and later.
    pub const fn first_at(time: SimTime) -> Self {
        Self {
            time,
            ..Self::FIRST
        }
    }

    /// After everything that can happen.
    pub const NEVER: Self = Self {
        time: SimTime::MAX,
        origin: Origin(u32::MAX),
    };
}

/// An event as one number: to compare two of them takes no branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u128);

impl Default for Key {
    fn default() -> Self {
        Self::NONE
    }
}

impl Key {
    /// After every event.
    const NONE: Self = Self(u128::MAX);
}

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
/// A heap in which every place has four places below it: half as deep as one with two. The four
/// are a cache line, and which of them is the earliest is told without a branch that nobody can
/// predict.
///
/// Places are counted from 3, the root, so that the four below place `i` are group `i - 2`.
#[derive(Debug, Default)]
pub struct EventQueue {
    groups: Vec<Four>,
    len: usize,
    /// See [`EventQueue::brought_nearer`].
    nearer: [Key; 3],
    is_watched: bool,
}

/// Four events side by side; [`Key::NONE`] where there is none.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Four([Key; 4]);

impl EventQueue {
    /// A queue that takes note of what comes nearer: every change costs a little more.
    pub fn watched() -> Self {
        Self {
            is_watched: true,
            ..Self::default()
        }
    }

    /// True if it was made by [`EventQueue::watched`].
    #[inline]
    pub const fn is_watched(&self) -> bool {
        self.is_watched
    }

    /// Adds an event.
    #[inline]
    pub fn push(&mut self, event: Event) {
        let place = ROOT + self.len;
        if place / 4 == self.groups.len() {
            self.groups.push(Four([Key::NONE; 4]));
        }
        self.len += 1;
        self.rise(place, event.into());
    }

    /// The earliest event.
    #[inline]
    pub fn peek(&self) -> Option<Event> {
        let Four([.., first]) = self.groups.first()?;
        Some((*first).into())
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
        if self.len > 0 {
            self.sink(event.into());
        }
    }

    /// Which events came a step nearer when the earliest one went: the one that is first now, one that
    /// is now among the four below it, and one that is among the sixteen below those. An event
    /// that was added long before its time goes through all three places in turn. Not told: which event
    /// has come from the end of the queue to fill the last gap. Nothing is known of a queue that is
    /// not watched.
    #[inline]
    pub fn brought_nearer(&self) -> [Option<Event>; 3] {
        self.nearer
            .map(|key| (key != Key::NONE).then(|| key.into()))
    }

    /// Takes the earliest event away.
    #[inline]
    pub fn drop_first(&mut self) {
        if self.len > 0 {
            let last = self.take_last();
            if self.len > 0 {
                self.sink(last);
            } else {
                self.nearer = [Key::NONE; 3];
            }
        }
    }

    fn take_last(&mut self) -> Key {
        self.len -= 1;
        let place = ROOT + self.len;
        let last = std::mem::replace(self.at(place), Key::NONE);
        if place.is_multiple_of(4) || place == ROOT {
            self.groups.pop();
        }
        last
    }

    #[inline]
    fn at(&mut self, place: usize) -> &mut Key {
        &mut self.groups[place / 4].0[place % 4]
    }

    /// Puts `key` where it belongs on the way up from `place`.
    fn rise(&mut self, mut place: usize, key: Key) {
        while place > ROOT {
            let above = place / 4 + 2;
            let upper = *self.at(above);
            if upper <= key {
                break;
            }
            *self.at(place) = upper;
            place = above;
        }
        *self.at(place) = key;
    }

    /// Puts `key` where it belongs, beginning at the first place, whose event is forgotten.
    fn sink(&mut self, key: Key) {
        if !self.is_watched {
            return self.sink_past(key, |_, _| ());
        }
        let mut nearer = [Key::NONE; 3];
        self.sink_past(key, |level, passed| {
            if let Some(place) = nearer.get_mut(level) {
                *place = passed;
            }
        });
        self.nearer = nearer;
    }

    /// Lets every key that `key` sinks past come up a level, and tells `note` to which.
    #[inline(always)]
    fn sink_past(&mut self, key: Key, mut note: impl FnMut(usize, Key)) {
        let (mut group, mut which, mut level) = (ROOT / 4, ROOT % 4, 0);
        loop {
            let below = group * 4 + which - 2;
            let Some(four) = self.groups.get(below) else {
                break;
            };
            let (first, earliest) = four.earliest();
            if key <= earliest {
                break;
            }
            note(level, earliest);
            level += 1;
            self.groups[group].0[which] = earliest;
            (group, which) = (below, first);
        }
        self.groups[group].0[which] = key;
    }
}

impl Four {
    #[inline]
    fn earliest(&self) -> (usize, Key) {
        let earlier = |a: (usize, Key), b: (usize, Key)| if b.1 < a.1 { b } else { a };
        let [a, b, c, d] = self.0;
        earlier(earlier((0, a), (1, b)), earlier((2, c), (3, d)))
    }
}

/// The place of the earliest event.
const ROOT: usize = 3;

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
    fn who_waits_long_goes_through_every_place_to_the_first() {
        // 100 events in order fill the places in order: 0 is first, 1 to 4 are below it, 5 to 20 below
        // those. As 0 goes, 1 becomes the first, 5 (the earliest of the four below 1) takes its
        // place, and 21 (the earliest below 5) that of 5.
        let mut queue = EventQueue::watched();
        for time in 0..100 {
            queue.push(event(time, Origin::wire(0)));
        }
        queue.drop_first();
        let times =
            |queue: &EventQueue| queue.brought_nearer().map(|e| e.map(|e| e.time.as_nanos()));
        assert_eq!(times(&queue), [Some(1), Some(5), Some(21)]);
        // What is put in the place of the first and stays there has brought nobody nearer.
        queue.replace_first(event(1, Origin::wire(0)));
        assert_eq!(times(&queue), [None; 3]);
        // Nor does an empty queue.
        while queue.pop().is_some() {}
        assert_eq!(times(&queue), [None; 3]);
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
