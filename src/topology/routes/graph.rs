//! The graph that paths are searched in: routers, and the segments between them.
//!
//! The search goes backward, from the target to all routers at once. The routers on a segment pay
//! to send there; from a router to its segments is free. So the first router that is reached tells
//! a segment's distance, and each segment is looked at once.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{Way, targets::Target};
use crate::{
    ids::{NodeId, PortId},
    topology::{NodeKind, SegmentId, Segments, Topology, grouped::Grouped, table::Hop},
};

/// The network as the search sees it.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    pub(super) topology: &'a Topology,
    pub(super) segments: Segments,
    /// The routers' cards on each segment, in link order.
    cards: Grouped<Card>,
    /// The segments with several routers, by the number of the router.
    between: Grouped<SegmentId>,
    /// The number of each router among the routers.
    numbers: Box<[u32]>,
    /// The routers, and the hosts with several ways out.
    listing: Box<[NodeId]>,
}

/// A router's card.
#[derive(Debug, Clone, Copy)]
pub(super) struct Card {
    pub(super) router: NodeId,
    port: PortId,
    cost: u32,
}

impl<'a> Graph<'a> {
    pub(super) fn new(topology: &'a Topology) -> Self {
        let segments = Segments::of(topology);
        let (numbers, routers) = numbers(topology);
        let cards = cards(topology, &segments);
        let between = between(&cards, &numbers, routers);
        let mut graph = Self {
            topology,
            segments,
            cards,
            between,
            numbers,
            listing: Box::default(),
        };
        let lists = |id: &NodeId| match topology.node(*id).kind {
            NodeKind::Router => true,
            NodeKind::Host => graph.ways(*id).nth(1).is_some(),
            NodeKind::Switch | NodeKind::Hub => false,
        };
        graph.listing = topology.node_ids().filter(lists).collect();
        graph
    }

    pub(super) const fn routers(&self) -> usize {
        self.between.len()
    }

    /// How many arrows a search follows.
    pub(super) const fn arrows(&self) -> usize {
        2 * self.between.items()
    }

    /// The routers' cards on a segment, in link order.
    pub(super) fn cards(&self, segment: SegmentId) -> &[Card] {
        self.cards.of(segment.0 as usize)
    }

    /// The nodes that need a list of far subnets: routers, and hosts with several ways out.
    pub(super) fn listing(&self) -> impl Iterator<Item = NodeId> {
        self.listing.iter().copied()
    }

    /// True if the node is one of [`Graph::listing`].
    pub(super) fn keeps_list(&self, id: NodeId) -> bool {
        self.listing.binary_search(&id).is_ok()
    }

    /// The ways out of a node: its ports and the routers behind them.
    pub(super) fn ways(&self, node: NodeId) -> impl Iterator<Item = Way> {
        let ports = (0..).map(PortId).zip(&self.topology.node(node).ports);
        ports.flat_map(move |(port, card)| {
            let link = card.wire.link;
            let cost = u64::from(self.topology.link(link).cost);
            let others = self.cards(self.segments.of_link(link)).iter();
            others.filter_map(move |other| {
                let address = self
                    .topology
                    .port(other.router, other.port)
                    .addresses
                    .first();
                let via = address.filter(|_| other.router != node)?.addr();
                let router = other.router;
                let hop = Hop { via, port };
                Some(Way { cost, router, hop })
            })
        })
    }

    /// No more ways lead out of the node than this. Quicker than counting.
    pub(super) fn ways_at_most(&self, node: NodeId) -> usize {
        let node = self.topology.node(node);
        let itself = usize::from(node.kind == NodeKind::Router);
        let segments = node
            .ports
            .iter()
            .map(|card| self.segments.of_link(card.wire.link));
        segments
            .map(|segment| self.cards(segment).len() - itself)
            .sum()
    }
}

/// The number of each router among the routers, and how many there are.
fn numbers(topology: &Topology) -> (Box<[u32]>, usize) {
    let mut next = 0;
    let numbers = topology.nodes.iter().map(|node| {
        let number = next;
        next += u32::from(node.kind == NodeKind::Router);
        number
    });
    (numbers.collect(), next as usize)
}

fn cards(topology: &Topology, segments: &Segments) -> Grouped<Card> {
    let all = segments.iter().flat_map(|(segment, members)| {
        let routers = members
            .iter()
            .filter(|(node, _)| topology.node(*node).kind == NodeKind::Router);
        routers.map(move |&(router, port)| {
            let cost = topology.link(topology.port(router, port).wire.link).cost;
            (segment.0 as usize, Card { router, port, cost })
        })
    });
    Grouped::new(segments.len(), all)
}

/// The segments that paths can lead through: those with several routers' cards.
fn between(cards: &Grouped<Card>, numbers: &[u32], routers: usize) -> Grouped<SegmentId> {
    let several = (0..).map(SegmentId).zip(cards.iter());
    let arrows = several
        .filter(|(_, cards)| cards.len() > 1)
        .flat_map(|(segment, cards)| {
            let each = cards.iter();
            each.map(move |card| (numbers[card.router.index()] as usize, segment))
        });
    Grouped::new(routers, arrows)
}

/// The distances of one search, and its tools, kept for the next.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// By the number of the router.
    distances: Vec<u64>,
    /// By segment.
    seen: Vec<bool>,
    next: BinaryHeap<Reverse<(u64, NodeId)>>,
}

impl Search {
    /// Finds the distance of every router to `target`.
    pub(super) fn run(&mut self, graph: &Graph<'_>, target: Target) {
        self.distances.clear();
        self.distances.resize(graph.routers(), u64::MAX);
        self.seen.clear();
        self.seen.resize(graph.segments.len(), false);
        match target {
            Target::Stubs(router) => self.offer(graph, router, 0),
            Target::Segment(segment) => self.cross(graph, segment, 0),
        }
        while let Some(Reverse((distance, router))) = self.next.pop() {
            let number = graph.numbers[router.index()] as usize;
            if distance > self.distances[number] {
                continue;
            }
            for &segment in graph.between.of(number) {
                self.cross(graph, segment, distance);
            }
        }
    }

    /// Everybody on a segment learns what it costs to get there.
    fn cross(&mut self, graph: &Graph<'_>, segment: SegmentId, distance: u64) {
        if std::mem::replace(&mut self.seen[segment.0 as usize], true) {
            return;
        }
        for card in graph.cards(segment) {
            self.offer(graph, card.router, distance + u64::from(card.cost));
        }
    }

    fn offer(&mut self, graph: &Graph<'_>, router: NodeId, distance: u64) {
        let known = &mut self.distances[graph.numbers[router.index()] as usize];
        if distance < *known {
            *known = distance;
            self.next.push(Reverse((distance, router)));
        }
    }

    /// A router's distance; `None` if there is no path.
    pub(super) fn distance(&self, graph: &Graph<'_>, router: NodeId) -> Option<u64> {
        let distance = self.distances[graph.numbers[router.index()] as usize];
        (distance != u64::MAX).then_some(distance)
    }
}
