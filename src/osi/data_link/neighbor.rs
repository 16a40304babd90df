//! The neighbour cache: which MAC address belongs to which IP address on a card's segment, and
//! the packets that wait for an answer.
//!
//! RFC 826 for learning; RFC 1122, section 2.3.2, for what is around it: at most one question a
//! second for a neighbour, a small queue instead of dropping the first packet, entries that time
//! out. The cache does not know how a question looks; the card asks.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::IpAddr,
    sync::Arc,
};

use crate::{
    units::{SimTime, Span},
    wire::{Frame, Mac},
};

/// The neighbours of one card.
///
/// A cache that only knows is small, as most cards have one neighbour: what is needed to ask exists
/// while there are questions.
#[derive(Debug, Default)]
pub struct NeighborCache {
    /// Known from the start, for ever, by address; shared by all cards of a segment.
    fixed: Arc<[(IpAddr, Mac)]>,
    /// Known by asking, by address.
    known: Vec<Known>,
    asked: Option<Box<Questions>>,
}

#[derive(Debug)]
struct Known {
    address: IpAddr,
    mac: Mac,
    until: SimTime,
}

/// The neighbours that have not answered yet. There is at least one.
#[derive(Debug, Default)]
struct Questions {
    entries: BTreeMap<IpAddr, Asked>,
    deadlines: BTreeSet<(SimTime, IpAddr)>,
}

#[derive(Debug)]
struct Asked {
    waiting: VecDeque<Frame>,
    questions: u32,
    next_question: SimTime,
}

/// What to do with a packet for a neighbour.
#[derive(Debug)]
pub enum Resolution {
    /// Send it to this address.
    Ready(Mac, Frame),
    /// It waits; send a question.
    Ask,
    /// It waits; a question is under way.
    Wait,
    /// It waits; too many did, and this one, the oldest, has to go.
    Overflow(Frame),
}

/// What a neighbour's deadline brings.
#[derive(Debug)]
pub(super) enum Due {
    /// Ask again for this address.
    AskAgain(IpAddr),
    /// Nobody answers: these packets cannot be delivered.
    GiveUp(VecDeque<Frame>),
}

impl NeighborCache {
    /// How long an answer is believed.
    pub const LIFETIME: Span = Span::from_secs(20 * 60);
    /// From one question to the next (RFC 1122, section 2.3.2.1: at most one a second).
    pub const RETRY: Span = Span::from_secs(1);
    /// Questions before giving up.
    pub const QUESTIONS: u32 = 3;
    /// Packets that may wait for one neighbour (Linux: `unres_qlen`, 101). The latest are kept
    /// (RFC 1122, section 2.3.2.2).
    pub const QUEUE: usize = 101;

    /// Makes all of `neighbors` known for ever: they are never asked for and never change. They
    /// must be sorted by address.
    pub fn set_fixed(&mut self, neighbors: Arc<[(IpAddr, Mac)]>) {
        debug_assert!(neighbors.is_sorted(), "neighbours out of order");
        self.fixed = neighbors;
    }

    /// The MAC address of `address`, if it is known at `now`, and before when it may be used.
    pub fn known(&self, now: SimTime, address: IpAddr) -> Option<(Mac, SimTime)> {
        if let Ok(place) = find(&self.fixed, address, |&(known, _)| known) {
            return Some((self.fixed[place].1, SimTime::MAX));
        }
        let place = find(&self.known, address, |known| known.address).ok()?;
        let known = &self.known[place];
        (now < known.until).then_some((known.mac, known.until))
    }

    /// Finds out what to do with a packet for `address`.
    pub fn resolve(&mut self, now: SimTime, address: IpAddr, frame: Frame) -> Resolution {
        if let Some((mac, _)) = self.known(now, address) {
            return Resolution::Ready(mac, frame);
        }
        let questions = self.asked.get_or_insert_default();
        let Some(asked) = questions.entries.get_mut(&address) else {
            questions.ask_first(now, address, frame);
            self.forget_known(address);
            return Resolution::Ask;
        };
        asked.waiting.push_back(frame);
        if asked.waiting.len() <= Self::QUEUE {
            return Resolution::Wait;
        }
        match asked.waiting.pop_front() {
            Some(oldest) => Resolution::Overflow(oldest),
            None => Resolution::Wait,
        }
    }

    /// Learns that `address` is at `mac` and returns the packets that waited for it. With
    /// `add` false only a neighbour that is already in the cache is updated (RFC 826).
    pub fn learn(&mut self, now: SimTime, address: IpAddr, mac: Mac, add: bool) -> VecDeque<Frame> {
        if find(&self.fixed, address, |&(known, _)| known).is_ok() {
            return VecDeque::new();
        }
        let asked = self.forget_question(address);
        let known = Known {
            address,
            mac,
            until: now + Self::LIFETIME,
        };
        match find(&self.known, address, |known| known.address) {
            Ok(place) => self.known[place] = known,
            Err(place) if add || asked.is_some() => {
                // One neighbour is the rule, so the list starts with room for one.
                if self.known.len() == self.known.capacity() {
                    self.known.reserve_exact(self.known.len().max(1));
                }
                self.known.insert(place, known);
            }
            Err(_) => {}
        }
        asked.map_or_else(VecDeque::new, |asked| asked.waiting)
    }

    fn forget_known(&mut self, address: IpAddr) {
        if let Ok(place) = find(&self.known, address, |known| known.address) {
            self.known.remove(place);
        }
    }

    fn forget_question(&mut self, address: IpAddr) -> Option<Asked> {
        let questions = self.asked.as_mut()?;
        let asked = questions.entries.remove(&address)?;
        questions.deadlines.remove(&(asked.next_question, address));
        if questions.entries.is_empty() {
            self.asked = None;
        }
        Some(asked)
    }

    /// When an answer is overdue next.
    pub fn poll_at(&self) -> Option<SimTime> {
        let (at, _) = self.asked.as_ref()?.deadlines.first()?;
        Some(*at)
    }

    /// The next neighbour whose answer is overdue.
    pub(super) fn take_due(&mut self, now: SimTime) -> Option<Due> {
        let questions = self.asked.as_mut()?;
        let &(at, address) = questions.deadlines.first()?;
        if at > now {
            return None;
        }
        if questions.ask_again(now, at, address) {
            return Some(Due::AskAgain(address));
        }
        let asked = self.forget_question(address)?;
        Some(Due::GiveUp(asked.waiting))
    }
}

impl Questions {
    fn ask_first(&mut self, now: SimTime, address: IpAddr, frame: Frame) {
        let next_question = now + NeighborCache::RETRY;
        self.deadlines.insert((next_question, address));
        let asked = Asked {
            waiting: VecDeque::from([frame]),
            questions: 1,
            next_question,
        };
        self.entries.insert(address, asked);
    }

    /// Another question in place of the one whose answer was due `at`; false if there have been
    /// enough.
    fn ask_again(&mut self, now: SimTime, at: SimTime, address: IpAddr) -> bool {
        let few = |asked: &&mut Asked| asked.questions < NeighborCache::QUESTIONS;
        let Some(asked) = self.entries.get_mut(&address).filter(few) else {
            return false;
        };
        asked.questions += 1;
        asked.next_question = now + NeighborCache::RETRY;
        self.deadlines.remove(&(at, address));
        self.deadlines.insert((asked.next_question, address));
        true
    }
}

/// The place of `address` in a list that is sorted by it, or where it would have to be.
///
/// A short list, as of a link between two routers, is looked through: to ask whether two addresses
/// are the same is cheaper than to ask which comes first.
#[inline]
fn find<T>(list: &[T], address: IpAddr, of: impl Fn(&T) -> IpAddr) -> Result<usize, usize> {
    if list.len() <= 4
        && let Some(place) = list.iter().position(|entry| of(entry) == address)
    {
        return Ok(place);
    }
    list.binary_search_by_key(&address, of)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::ids::{FrameId, NodeId};

    const BOB: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

    fn frame(number: u32) -> Frame {
        let origin = NodeId(0);
        Frame::new(FrameId { origin, number }, vec![0; 60])
    }

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + Span::from_secs(seconds)
    }

    #[test]
    fn packets_wait_for_the_answer_and_leave_in_order() {
        let mut cache = NeighborCache::default();
        assert!(matches!(
            cache.resolve(at(0), BOB, frame(1)),
            Resolution::Ask
        ));
        assert!(matches!(
            cache.resolve(at(0), BOB, frame(2)),
            Resolution::Wait
        ));
        let freed = cache.learn(at(0), BOB, Mac::generated(1, 0), true);
        let numbers: Vec<u32> = freed.iter().map(|f| f.id.number).collect();
        assert_eq!(numbers, [1, 2]);
        assert!(matches!(
            cache.resolve(at(1), BOB, frame(3)),
            Resolution::Ready(..)
        ));
        assert_eq!(cache.poll_at(), None);
    }

    #[test]
    fn three_questions_a_second_apart_then_it_gives_up() {
        let mut cache = NeighborCache::default();
        let _ = cache.resolve(at(0), BOB, frame(1));
        assert_eq!(cache.poll_at(), Some(at(1)));
        assert!(matches!(cache.take_due(at(1)), Some(Due::AskAgain(BOB))));
        assert!(matches!(cache.take_due(at(2)), Some(Due::AskAgain(BOB))));
        let Some(Due::GiveUp(lost)) = cache.take_due(at(3)) else {
            panic!("it should give up at 3 s");
        };
        assert_eq!(lost.len(), 1);
        assert!(matches!(
            cache.resolve(at(4), BOB, frame(2)),
            Resolution::Ask
        ));
    }

    #[test]
    fn an_answer_is_believed_for_twenty_minutes() {
        let mut cache = NeighborCache::default();
        cache.learn(at(0), BOB, Mac::generated(1, 0), true);
        assert!(matches!(
            cache.resolve(at(1199), BOB, frame(1)),
            Resolution::Ready(..)
        ));
        assert!(matches!(
            cache.resolve(at(1200), BOB, frame(2)),
            Resolution::Ask
        ));
    }

    #[test]
    fn strangers_are_not_added_when_they_talk_to_others() {
        let mut cache = NeighborCache::default();
        cache.learn(at(0), BOB, Mac::generated(1, 0), false);
        assert!(matches!(
            cache.resolve(at(0), BOB, frame(1)),
            Resolution::Ask
        ));
    }

    #[test]
    fn the_waiting_queue_keeps_the_latest() {
        let mut cache = NeighborCache::default();
        for number in 0..101 {
            let _ = cache.resolve(at(0), BOB, frame(number));
        }
        let Resolution::Overflow(oldest) = cache.resolve(at(0), BOB, frame(101)) else {
            panic!("102 packets wait");
        };
        assert_eq!(oldest.id.number, 0);
    }
}
