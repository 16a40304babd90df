//! Builds ladders: chooses packets, follows their ways, orders columns, sorts rows.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use super::{
    columns::{columns, order},
    conversation::Key,
    fold::fold_silences,
    legs::{Leg, Piece, is_worth_telling, pieces},
    model::{Ladder, Row, Skipped, State},
    options::{Detail, LadderOptions},
    packets::{Packet, Packets},
    rows::{Chosen, Rows, sort},
    select::select,
};
use crate::{
    ids::NodeId,
    topology::Topology,
    trace::{SocketState, Story},
    units::SimTime,
};

/// The ladders of a run, each with the stem of its file name.
///
/// The first, `ladder`, tells of everything; in a large network, of the two ends of the first
/// conversation. If there are several conversations, each gets one
/// of its own: `ladder-1-tcp-alice-bob-80` ...
pub fn ladders(
    story: &Story,
    topology: &Topology,
    options: &LadderOptions,
) -> Vec<(String, Ladder)> {
    let packets = Packets::of(story, topology);
    let builder = Builder {
        story,
        topology,
        options,
        packets: &packets,
    };
    let mut ladders = vec![("ladder".to_owned(), builder.overall())];
    if packets.conversations.len() > 1 {
        let count = packets.conversations.len().min(options.most_conversations);
        ladders.extend((0..count).filter_map(|index| builder.conversation(index)));
    }
    ladders
}

struct Builder<'a> {
    story: &'a Story,
    topology: &'a Topology,
    options: &'a LadderOptions,
    packets: &'a Packets<'a>,
}

impl<'a> Builder<'a> {
    fn overall(&self) -> Ladder {
        let all: Vec<usize> = (0..self.packets.list.len()).collect();
        let candidates = self.matching(all.clone());
        let (candidates, excerpt) = match self.packets.conversations.first() {
            Some(first) if self.topology.nodes.len() > self.options.most_nodes => {
                (self.between_ends_of_first(candidates), Some(first))
            }
            _ => (candidates, None),
        };
        let states = match (self.packets.conversations.as_slice(), excerpt) {
            ([only], _) => Some(only.key),
            (_, excerpt) => excerpt.map(|first| first.key),
        };
        let mut ladder = self.ladder(&self.options.title, &candidates, states);
        if let Some(first) = excerpt {
            let nodes = self.topology.nodes.len();
            ladder.excerpt = Some(format!(
                "Of {nodes} nodes only the first conversation: {}.",
                first.title
            ));
            ladder.left_out += hops_of(self.packets, &all) - hops_of(self.packets, &candidates);
        }
        ladder.left_out += self.story.left_out;
        ladder
    }

    /// Those of `candidates` that the two ends of the first conversation sent each other.
    fn between_ends_of_first(&self, mut candidates: Vec<usize>) -> Vec<usize> {
        let list = &self.packets.list;
        let first = list.iter().find(|p| p.conversation == Some(0));
        let ends = first.and_then(|p| p.facts.ends);
        candidates.retain(|&i| match (ends, list[i].facts.ends) {
            (Some((a, b)), Some(own)) => own == (a, b) || own == (b, a),
            _ => list[i].conversation == Some(0),
        });
        candidates
    }

    fn conversation(&self, index: usize) -> Option<(String, Ladder)> {
        let conversation = &self.packets.conversations[index];
        let of_it = |&i: &usize| self.packets.list[i].conversation == Some(index);
        let candidates = self.matching((0..self.packets.list.len()).filter(of_it).collect());
        if candidates.is_empty() {
            return None;
        }
        let stem = format!("ladder-{}-{}", index + 1, conversation.stem);
        let ladder = self.ladder(&conversation.title, &candidates, Some(conversation.key));
        Some((stem, ladder))
    }

    fn matching(&self, mut candidates: Vec<usize>) -> Vec<usize> {
        if let Some(filter) = &self.options.only {
            candidates.retain(|&i| filter.matches(&self.packets.list[i].facts));
        }
        candidates
    }

    /// The ladder of the packets `candidates`; with the socket states of connection `states`.
    fn ladder(&self, title: &str, candidates: &[usize], states: Option<Key>) -> Ladder {
        let shown = self.shown_nodes(candidates);
        let is_shown = |node: NodeId| shown.contains(&node);
        let ways: Vec<Vec<Piece>> = candidates
            .iter()
            .map(|&i| pieces(&self.packets.list[i], self.topology, &is_shown))
            .collect();
        let rows: Vec<usize> = ways.iter().map(Vec::len).collect();
        let budget = self.options.most_rows;
        let selected = select(&self.packets.list, candidates, &rows, budget);
        let left_out = hops_of(self.packets, candidates) - {
            let kept: Vec<usize> = selected.iter().map(|&p| candidates[p]).collect();
            hops_of(self.packets, &kept)
        };
        let chosen: Vec<Chosen<'_>> = selected
            .iter()
            .map(|&position| Chosen {
                number: position + 1,
                packet: &self.packets.list[candidates[position]],
                pieces: ways[position].clone(),
            })
            .collect();
        let order = self.column_order(&chosen);
        let mut rows = Rows::new(candidates, &order).of(&chosen);
        rows.extend(self.skipped(candidates, &selected, &rows));
        rows.extend(self.states(states, &order, &rows));
        sort(&mut rows);
        Ladder {
            title: title.to_owned(),
            columns: columns(&order, self.topology),
            rows: fold_silences(rows),
            left_out,
            end_to_end: self.options.detail == Detail::EndToEnd,
            excerpt: None,
            captured: self.options.captured,
        }
    }

    /// The nodes that may have a column.
    fn shown_nodes(&self, candidates: &[usize]) -> BTreeSet<NodeId> {
        let packets = candidates.iter().map(|&i| &self.packets.list[i]);
        let nodes: BTreeSet<NodeId> = match self.options.detail {
            Detail::HopByHop => busiest(packets, self.topology),
            Detail::EndToEnd => packets.flat_map(|p| ends(p, self.topology)).collect(),
        };
        let wanted = &self.options.nodes;
        nodes
            .into_iter()
            .filter(|node| wanted.is_empty() || wanted.contains(node))
            .collect()
    }

    fn column_order(&self, chosen: &[Chosen<'_>]) -> Vec<NodeId> {
        let legs: Vec<&Leg> = chosen
            .iter()
            .flat_map(|c| &c.pieces)
            .filter_map(|piece| match piece {
                Piece::Leg(leg) => Some(leg),
                Piece::Death { .. } => None,
            })
            .collect();
        let mut nodes: BTreeSet<NodeId> = legs.iter().flat_map(|l| [l.from, l.to]).collect();
        nodes.extend(
            chosen
                .iter()
                .flat_map(|c| &c.pieces)
                .filter_map(|p| match p {
                    Piece::Death { node, .. } => Some(*node),
                    Piece::Leg(_) => None,
                }),
        );
        let nodes: Vec<NodeId> = nodes.into_iter().collect();
        order(&legs, &nodes, self.topology)
    }

    /// One row for each run of candidates that were not selected. It stands behind what was sent
    /// before it, as soon as all of that has arrived, but before what was sent after it.
    fn skipped(&self, candidates: &[usize], selected: &[usize], rows: &[Row]) -> Vec<Row> {
        let bounds = selected.windows(2).map(|w| (w[0] + 1, w[1]));
        bounds
            .filter(|(from, until)| from < until)
            .map(|(from, until)| {
                let at = |position: usize| self.packets.list[candidates[position]].at;
                let from_time = at(from).max(quiet_from(rows, from)).min(at(until));
                Row::Skipped(Skipped {
                    packets: until - from,
                    from: from_time,
                    until: at(until - 1).max(from_time),
                })
            })
            .collect()
    }

    /// The states of a TCP connection's two ends, as far as `rows` reach.
    fn states(&self, key: Option<Key>, order: &[NodeId], rows: &[Row]) -> Vec<Row> {
        let Some(Key::Tcp(a, b)) = key else {
            return Vec::new();
        };
        let last = rows.iter().map(Row::at).max();
        let belongs = |s: &&SocketState| pair(s.local, s.remote) == (a, b) && Some(s.at) <= last;
        let row = |s: &SocketState| {
            let column = order.iter().position(|&node| node == s.node)?;
            Some(Row::State(State {
                column,
                at: s.at,
                name: s.state.name(),
            }))
        };
        self.story
            .sockets
            .iter()
            .filter(belongs)
            .filter_map(row)
            .collect()
    }
}

/// When all of `rows` that tell of packets up to `number` have ended.
fn quiet_from(rows: &[Row], number: usize) -> SimTime {
    let ends = rows.iter().filter_map(|row| match row {
        Row::Arrow(arrow) if arrow.number <= number => Some(arrow.arrives),
        Row::Death(death) if death.number <= number => Some(death.at),
        _ => None,
    });
    ends.max().unwrap_or(SimTime::ZERO)
}

fn pair(a: SocketAddr, b: SocketAddr) -> (SocketAddr, SocketAddr) {
    (a.min(b), a.max(b))
}

fn hops_of(packets: &Packets<'_>, indexes: &[usize]) -> u64 {
    let hops = indexes.iter().map(|&i| packets.list[i].hops.len());
    u64::try_from(hops.sum::<usize>()).unwrap_or(u64::MAX)
}

/// The nodes that packets touch, at most [`MOST_COLUMNS`]: those with most hops.
fn busiest<'a>(
    packets: impl Iterator<Item = &'a Packet<'a>>,
    topology: &Topology,
) -> BTreeSet<NodeId> {
    let mut touched: BTreeMap<NodeId, usize> = BTreeMap::new();
    for packet in packets {
        for hop in &packet.hops {
            *touched.entry(hop.from.node).or_default() += 1;
            *touched.entry(topology.target(hop.wire).node).or_default() += 1;
        }
        for drop in packet.drops.iter().filter(|d| is_worth_telling(d.why)) {
            *touched.entry(drop.place.node).or_default() += 1;
        }
    }
    let mut nodes: Vec<(NodeId, usize)> = touched.into_iter().collect();
    nodes.sort_by_key(|&(node, count)| (std::cmp::Reverse(count), node));
    nodes.truncate(MOST_COLUMNS);
    nodes.into_iter().map(|(node, _)| node).collect()
}

/// The node that made a packet and the nodes that it was for.
fn ends(packet: &Packet<'_>, topology: &Topology) -> Vec<NodeId> {
    let made = packet.hops.first().map(|hop| hop.from.node);
    let died = packet.drops.first().map(|drop| drop.place.node);
    let addressee = packet.facts.ends.and_then(|(_, to)| topology.owner(to));
    let takers: Vec<NodeId> = match addressee {
        Some(node) => vec![node],
        None => leaves(packet, topology),
    };
    made.or(died).into_iter().chain(takers).collect()
}

/// The hosts and routers that a frame without an IP addressee reached.
fn leaves(packet: &Packet<'_>, topology: &Topology) -> Vec<NodeId> {
    packet
        .hops
        .iter()
        .map(|hop| topology.target(hop.wire).node)
        .filter(|&node| topology.node(node).kind.speaks_ip())
        .collect()
}

/// More lifelines than this do not fit a page.
const MOST_COLUMNS: usize = 12;
