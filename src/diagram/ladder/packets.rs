//! From the story's hops to packets: all hops of a frame together, labelled once, with TCP's
//! repeats tied to their originals.

use std::{collections::BTreeMap, net::SocketAddr};

use super::{
    conversation::{Conversation, Key},
    facts::{Content, Facts},
    label::label,
    legs::is_worth_telling,
    model::Label,
    tcp::{Connections, Reading, Special},
};
use crate::{
    diagram::journey::dissector,
    dissect::Dissector,
    ids::FrameId,
    topology::Topology,
    trace::{Fate, Hop, Story, StoryDrop, TcpProgress},
    units::SimTime,
};

/// All that the story tells of one packet, from its first wire to its last.
#[derive(Debug)]
pub(super) struct Packet<'a> {
    /// Its hops, in the order in which they were sent.
    pub(super) hops: Vec<&'a Hop>,
    /// Where it died inside nodes.
    pub(super) drops: Vec<&'a StoryDrop>,
    /// When it first appears.
    pub(super) at: SimTime,
    /// What it says.
    pub(super) label: Label,
    /// Who sent it to whom.
    pub(super) facts: Facts,
    /// What TCP makes special about it. Indexes point into the same list.
    pub(super) special: Option<Special>,
    /// Why its sender sent it again or probed, if the sender told.
    pub(super) cause: Option<TcpProgress>,
    /// Index of its conversation.
    pub(super) conversation: Option<usize>,
}

impl Packet<'_> {
    /// True if it, or a copy of it, was lost somewhere.
    pub(super) fn has_loss(&self) -> bool {
        let lost = |hop: &Hop| matches!(hop.fate, Fate::Lost(..));
        let died = |drop: &StoryDrop| is_worth_telling(drop.why);
        self.drops.iter().any(|d| died(d)) || self.hops.iter().any(|h| lost(h))
    }
}

/// The packets of a story in the order of their first appearance, and their conversations.
#[derive(Debug, Default)]
pub(super) struct Packets<'a> {
    pub(super) list: Vec<Packet<'a>>,
    pub(super) conversations: Vec<Conversation>,
}

impl<'a> Packets<'a> {
    /// Reads a whole story.
    pub(super) fn of(story: &'a Story, topology: &Topology) -> Self {
        // At the same moment the last word counts: a probe is first told as what it sends.
        let causes = story
            .repeats
            .iter()
            .map(|p| ((p.at, p.local, p.remote), *p));
        let mut reader = Reader {
            causes: causes.collect(),
            dissector: dissector(story),
            ..Reader::default()
        };
        let mut packets = Packets::default();
        for event in in_order(story) {
            let known = reader.index_of.get(&event.frame()).copied();
            let index = known.unwrap_or_else(|| {
                let index = packets.list.len();
                reader.index_of.insert(event.frame(), index);
                let packet = reader.read(&event, index, &mut packets.conversations, topology);
                packets.list.push(packet);
                packets.call_like_its_original(index);
                index
            });
            match event {
                Event::Sent(hop) => packets.list[index].hops.push(hop),
                Event::Dropped(drop) => packets.list[index].drops.push(drop),
            }
        }
        packets
    }
}

impl Packets<'_> {
    /// A segment sent again says what it said the first time: a dissection of the stream knows
    /// only that its bytes are late.
    fn call_like_its_original(&mut self, index: usize) {
        let packet = &self.list[index];
        let Some(Special::RetransmissionOf(original)) = packet.special else {
            return;
        };
        let original = &self.list[original];
        if let (Content::Tcp(a), Content::Tcp(b)) = (&packet.facts.content, &original.facts.content)
            && (a.seq, a.len, a.flags) == (b.seq, b.len, b.flags)
        {
            self.list[index].label = original.label.clone();
        }
    }
}

/// A frame handed to a wire, or one that died in a node.
#[derive(Debug, Clone, Copy)]
enum Event<'a> {
    Sent(&'a Hop),
    Dropped(&'a StoryDrop),
}

impl<'a> Event<'a> {
    const fn at(self) -> SimTime {
        match self {
            Self::Sent(hop) => hop.sent,
            Self::Dropped(drop) => drop.at,
        }
    }

    const fn frame(&self) -> FrameId {
        match self {
            Self::Sent(hop) => hop.frame,
            Self::Dropped(drop) => drop.frame,
        }
    }

    fn bytes(self) -> &'a [u8] {
        match self {
            Self::Sent(hop) => &hop.bytes,
            Self::Dropped(drop) => &drop.bytes,
        }
    }
}

/// Hops and deaths in one line, by time; at the same time hops first.
fn in_order(story: &Story) -> Vec<Event<'_>> {
    let sent = story.hops.iter().map(Event::Sent);
    let mut events: Vec<Event<'_>> = sent.chain(story.drops.iter().map(Event::Dropped)).collect();
    events.sort_by_key(|e| e.at());
    events
}

/// What must be remembered while packets are read.
#[derive(Default)]
struct Reader {
    index_of: BTreeMap<FrameId, usize>,
    conversation_of: BTreeMap<Key, usize>,
    dissector: Dissector,
    connections: Connections,
    causes: BTreeMap<(SimTime, SocketAddr, SocketAddr), TcpProgress>,
}

/// The two ends of a TCP segment.
fn sockets(facts: &Facts) -> Option<(SocketAddr, SocketAddr)> {
    let (Content::Tcp(segment), Some((from, to))) = (&facts.content, facts.ends) else {
        return None;
    };
    let from = SocketAddr::new(from, segment.source);
    Some((from, SocketAddr::new(to, segment.destination)))
}

impl Reader {
    /// Reads the packet that `event` is the first to show.
    fn read<'a>(
        &mut self,
        event: &Event<'a>,
        index: usize,
        conversations: &mut Vec<Conversation>,
        topology: &Topology,
    ) -> Packet<'a> {
        let dissection = self.dissector.dissect(event.bytes());
        let facts = Facts::of(event.bytes());
        let reading = self.tcp_reading(&facts, index);
        let conversation = Key::of(&facts).map(|key| {
            *self.conversation_of.entry(key).or_insert_with(|| {
                conversations.push(Conversation::begun_by(key, &facts, topology));
                conversations.len() - 1
            })
        });
        Packet {
            hops: Vec::new(),
            drops: Vec::new(),
            at: event.at(),
            label: label(&dissection, &facts, reading, event.at()),
            special: reading.and_then(|r| r.special),
            cause: self.cause(&facts, event.at()),
            conversation,
            facts,
        }
    }

    /// What the sender of a segment told at the moment it left.
    fn cause(&self, facts: &Facts, at: SimTime) -> Option<TcpProgress> {
        let (from, to) = sockets(facts)?;
        self.causes.get(&(at, from, to)).copied()
    }

    fn tcp_reading(&mut self, facts: &Facts, index: usize) -> Option<Reading> {
        let Content::Tcp(segment) = &facts.content else {
            return None;
        };
        let (from, to) = sockets(facts)?;
        Some(self.connections.read(from, to, segment, index))
    }
}
