//! A packet's way between the nodes that a ladder shows.
//!
//! Hops over hidden nodes are joined, so the same code gives the hop-by-hop picture (nothing is
//! hidden) and the end-to-end one. A loss on a hidden stretch is told where it happened.

use std::net::IpAddr;

use super::packets::Packet;
use crate::{
    ids::NodeId,
    topology::Topology,
    trace::{DropReason, Fate, Hop, StoryDrop},
    units::SimTime,
};

/// Part of a packet's way, in terms of shown nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// From one shown node to another.
    Leg(Leg),
    /// It died in a shown node.
    Death {
        node: NodeId,
        at: SimTime,
        reason: String,
    },
}

/// A stretch from one shown node to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leg {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) sent: SimTime,
    pub(super) departs: SimTime,
    pub(super) arrives: SimTime,
    pub(super) lost: Option<String>,
    pub(super) duplicate: bool,
    /// True if it begins where the packet was made.
    pub(super) first: bool,
}

/// The pieces of `packet`, in the order in which they begin.
pub(super) fn pieces(
    packet: &Packet<'_>,
    topology: &Topology,
    shown: &dyn Fn(NodeId) -> bool,
) -> Vec<Piece> {
    let tracer = Tracer::new(packet, topology, shown);
    let mut pieces: Vec<Piece> = Vec::new();
    for (index, hop) in packet.hops.iter().enumerate() {
        if shown(hop.from.node) {
            pieces.extend(tracer.stretches(index));
        }
    }
    let told = packet.drops.iter().filter(|d| is_worth_telling(d.why));
    pieces.extend(told.filter(|d| shown(d.place.node)).map(|d| Piece::Death {
        node: d.place.node,
        at: d.at,
        reason: words(d.why).to_owned(),
    }));
    pieces
}

/// A switch that keeps a frame off the segment it came from does its work: nothing was lost.
pub(super) fn is_worth_telling(why: DropReason) -> bool {
    why != DropReason::SamePort
}

/// Fewer words than a table has room for.
const fn words(why: DropReason) -> &'static str {
    match why {
        DropReason::RandomLoss => "random loss",
        DropReason::BitError => "bit errors",
        DropReason::NotForwarding => "not for this host",
        DropReason::FragmentationNeeded => "needs fragmentation",
        other => other.words(),
    }
}

/// Follows a packet from hop to hop.
struct Tracer<'a> {
    hops: &'a [&'a Hop],
    drops: &'a [&'a StoryDrop],
    topology: &'a Topology,
    shown: &'a dyn Fn(NodeId) -> bool,
    /// For each hop the one that brought the frame to its sender.
    parents: Vec<Option<usize>>,
    /// Whom the packet is for, if that node is shown.
    addressee: Option<NodeId>,
}

/// How a stretch ends.
enum End {
    Arrived(NodeId, SimTime),
    Lost(NodeId, SimTime, String),
}

impl<'a> Tracer<'a> {
    fn new(
        packet: &'a Packet<'_>,
        topology: &'a Topology,
        shown: &'a dyn Fn(NodeId) -> bool,
    ) -> Self {
        let hops = packet.hops.as_slice();
        let parents = (0..hops.len())
            .map(|index| parent(hops, index, topology))
            .collect();
        let destination: Option<IpAddr> = packet.facts.ends.map(|(_, to)| to);
        let addressee = destination.and_then(|a| topology.owner(a));
        Self {
            hops,
            drops: &packet.drops,
            topology,
            shown,
            parents,
            addressee: addressee.filter(|&node| shown(node)),
        }
    }

    /// The stretches that begin with hop `index`.
    fn stretches(&self, index: usize) -> Vec<Piece> {
        let hop = self.hops[index];
        let mut ends = Vec::new();
        self.follow(index, &mut ends);
        ends.into_iter()
            .map(|end| self.piece(index, hop, end))
            .collect()
    }

    fn piece(&self, index: usize, hop: &Hop, end: End) -> Piece {
        let (to, arrives, lost) = match end {
            End::Arrived(node, at) => (node, at, None),
            End::Lost(node, at, reason) if (self.shown)(node) => (node, at, Some(reason)),
            End::Lost(_, at, reason) => match self.addressee {
                Some(node) if node != hop.from.node => (node, at, Some(reason)),
                _ => {
                    return Piece::Death {
                        node: hop.from.node,
                        at,
                        reason,
                    };
                }
            },
        };
        Piece::Leg(Leg {
            from: hop.from.node,
            to,
            sent: hop.sent,
            departs: hop.departs,
            arrives,
            lost,
            duplicate: hop.duplicate,
            first: self.parents[index].is_none(),
        })
    }

    /// Collects where the frame of hop `index` gets to: the next shown node, or its death.
    fn follow(&self, index: usize, ends: &mut Vec<End>) {
        let hop = self.hops[index];
        let node = self.topology.target(hop.wire).node;
        match hop.fate {
            Fate::Lost(at, why) => ends.push(End::Lost(node, at, self.loss_words(hop, why))),
            Fate::Arrives(at) if (self.shown)(node) => ends.push(End::Arrived(node, at)),
            Fate::Arrives(at) => self.follow_inside(index, node, at, ends),
        }
    }

    /// Goes on behind a hidden node.
    fn follow_inside(&self, index: usize, node: NodeId, arrived: SimTime, ends: &mut Vec<End>) {
        let next = (index + 1..self.hops.len()).filter(|&i| self.parents[i] == Some(index));
        let before = ends.len();
        next.for_each(|i| self.follow(i, ends));
        if ends.len() > before {
            return;
        }
        let died =
            |d: &&&StoryDrop| d.place.node == node && d.at >= arrived && is_worth_telling(d.why);
        if let Some(drop) = self.drops.iter().find(died) {
            let place = &self.topology.node(node).name;
            let reason = format!("{} at {place}", words(drop.why));
            ends.push(End::Lost(node, drop.at, reason));
        }
    }

    /// Names the link if a hidden node is at either end of it.
    fn loss_words(&self, hop: &Hop, why: DropReason) -> String {
        let ends = self.topology.link(hop.wire.link).ends;
        if ends.iter().all(|end| (self.shown)(end.node)) {
            return words(why).to_owned();
        }
        format!(
            "{} on {}",
            words(why),
            self.topology.link(hop.wire.link).name
        )
    }
}

/// The hop that brought the frame to where hop `index` starts: the latest that had arrived.
fn parent(hops: &[&Hop], index: usize, topology: &Topology) -> Option<usize> {
    let hop = hops[index];
    let arrival = |i: &usize| match hops[*i].fate {
        Fate::Arrives(at) if at <= hop.sent => Some(at),
        _ => None,
    };
    (0..index)
        .filter(|&i| topology.target(hops[i].wire).node == hop.from.node)
        .filter_map(|i| arrival(&i).map(|at| (at, i)))
        .max()
        .map(|(_, i)| i)
}
