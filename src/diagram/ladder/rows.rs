//! From the pieces of packets' ways to the rows of a ladder, and the order of rows.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    facts::{Content, is_marked},
    legs::{Leg, Piece},
    model::{Arrow, Death, Mark, Row},
    packets::Packet,
    tcp::Special,
};
use crate::{
    ids::NodeId,
    trace::{Hop, TcpCause, TcpProgress, TcpRecovery},
    units::SimTime,
};

/// A packet of a ladder and what will be drawn of it.
pub(super) struct Chosen<'a> {
    pub(super) number: usize,
    pub(super) packet: &'a Packet<'a>,
    pub(super) pieces: Vec<Piece>,
}

/// Turns pieces into rows.
pub(super) struct Rows {
    number_of: BTreeMap<usize, usize>,
    column_of: BTreeMap<NodeId, usize>,
}

impl Rows {
    pub(super) fn new(candidates: &[usize], order: &[NodeId]) -> Self {
        Self {
            number_of: candidates.iter().copied().zip(1..).collect(),
            column_of: order.iter().copied().zip(0..).collect(),
        }
    }

    pub(super) fn of(&self, chosen: &[Chosen<'_>]) -> Vec<Row> {
        let rows = chosen
            .iter()
            .flat_map(|c| c.pieces.iter().map(move |p| (c, p)));
        let mut rows: Vec<Row> = rows.filter_map(|(c, piece)| self.row(c, piece)).collect();
        mark_siblings(&mut rows);
        rows
    }

    fn row(&self, chosen: &Chosen<'_>, piece: &Piece) -> Option<Row> {
        let label = chosen.packet.label.clone();
        let number = chosen.number;
        Some(match piece {
            Piece::Death { node, at, reason } => Row::Death(Death {
                number,
                column: *self.column_of.get(node)?,
                at: *at,
                reason: reason.clone(),
                label,
            }),
            Piece::Leg(leg) => Row::Arrow(Arrow {
                number,
                from: *self.column_of.get(&leg.from)?,
                to: *self.column_of.get(&leg.to)?,
                sent: leg.sent,
                departs: leg.departs,
                arrives: leg.arrives,
                lost: leg.lost.clone(),
                label,
                first: leg.first,
                sibling: false,
                mark: self.mark(chosen.packet, leg),
            }),
        })
    }

    fn mark(&self, packet: &Packet<'_>, leg: &Leg) -> Option<Mark> {
        if leg.duplicate {
            return Some(Mark::Duplicate);
        }
        let marked = |hop: &&Hop| hop.sent == leg.sent && is_marked(&hop.bytes);
        if packet.hops.iter().any(marked) {
            return Some(Mark::CongestionExperienced);
        }
        let cause = packet.cause.map(|told| told.cause);
        match packet.special {
            Some(Special::RetransmissionOf(index)) => {
                let of = *self.number_of.get(&index)?;
                Some(
                    packet
                        .cause
                        .map_or(Mark::RetransmissionOf(of), |told| repeat(&told, of)),
                )
            }
            Some(Special::Twice) => Some(Mark::Spurious),
            Some(Special::DuplicateAck) => Some(Mark::DuplicateAck),
            Some(Special::KeepAlive) if is_window_probe(packet) => Some(Mark::WindowProbe),
            Some(Special::KeepAlive) => Some(Mark::KeepAlive),
            None if cause == Some(TcpCause::TailLossProbe) && has_data(packet) => {
                Some(Mark::TailLossProbe(None))
            }
            None if cause == Some(TcpCause::MtuProbe) && has_data(packet) => Some(Mark::MtuProbe),
            None => None,
        }
    }
}

/// What a segment is that packet `of` carried first, by what its sender told.
const fn repeat(told: &TcpProgress, of: usize) -> Mark {
    match (told.cause, told.values.recovery) {
        (TcpCause::TailLossProbe, _) => Mark::TailLossProbe(Some(of)),
        (TcpCause::Retransmitted, TcpRecovery::Fast | TcpRecovery::Reducing) => {
            Mark::FastRetransmit(of)
        }
        (TcpCause::Retransmitted, TcpRecovery::Timeout) => Mark::TimeoutRetransmit(of),
        _ => Mark::RetransmissionOf(of),
    }
}

fn has_data(packet: &Packet<'_>) -> bool {
    matches!(&packet.facts.content, Content::Tcp(segment) if segment.len > 0)
}

/// A probe of a silent peer is one of its window if that is closed.
fn is_window_probe(packet: &Packet<'_>) -> bool {
    let told = packet.cause.filter(|t| t.cause == TcpCause::WindowProbe);
    told.is_some_and(|told| told.values.peer_window == 0)
}

/// Where copies of one frame leave a node at once, the arrow that goes furthest speaks for all:
/// it lies on top of the fan.
fn mark_siblings(rows: &mut [Row]) {
    let mut arrows: Vec<&mut Arrow> = rows
        .iter_mut()
        .filter_map(|row| match row {
            Row::Arrow(arrow) if arrow.mark != Some(Mark::Duplicate) => Some(arrow),
            _ => None,
        })
        .collect();
    arrows.sort_by_key(|arrow| Reverse(arrow.from.abs_diff(arrow.to)));
    let mut spoken = BTreeSet::new();
    for arrow in arrows {
        arrow.sibling = !spoken.insert((arrow.number, arrow.from, arrow.sent));
    }
}

/// Sorts rows by time. At the same time a state stands above the frame that goes out in it, packets
/// not shown above the next that is, and the arrow that speaks for a flood above the others.
pub(super) fn sort(rows: &mut [Row]) {
    rows.sort_by_key(place);
}

fn place(row: &Row) -> (SimTime, u8, usize, bool) {
    match row {
        Row::State(state) => (state.at, 0, 0, false),
        Row::Arrow(arrow) => (arrow.sent, 1, arrow.number, arrow.sibling),
        Row::Death(death) => (death.at, 1, death.number, true),
        Row::Skipped(skipped) => (skipped.from, 1, 0, false),
        Row::Silence(silence) => (silence.from, 2, 0, false),
    }
}
