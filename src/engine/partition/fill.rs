//! Filling parts with pieces: grow one part after the other, then mend the borders.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::pieces::{Pieces, share};

/// The part of each piece.
pub(super) fn fill(pieces: &Pieces, parts: usize) -> Vec<u32> {
    let mut part_of = grow(pieces, parts);
    for _ in 0..MENDS {
        if !mend(pieces, parts, &mut part_of) {
            break;
        }
    }
    part_of
}

/// How often the borders are mended at most.
const MENDS: usize = 8;
/// In no part yet.
const NOWHERE: u32 = u32::MAX;

/// Grows each part from the first piece that is left, always by the piece that the part pulls most.
fn grow(pieces: &Pieces, parts: usize) -> Vec<u32> {
    let count = pieces.weights.len();
    let mut part_of = vec![NOWHERE; count];
    let share = share(&pieces.weights, parts);
    let mut first_left = 0;
    for part in 0..u32::try_from(parts).unwrap_or(NOWHERE - 1) {
        let is_last = part as usize + 1 == parts;
        let mut weight = 0;
        let mut border = Border::new(pieces);
        while is_last || weight < share {
            let Some(piece) = border.next(&part_of, &mut first_left) else {
                break;
            };
            // A piece that would fill the part beyond its share by more than half of itself
            // belongs to the next one.
            if !is_last && weight > 0 && weight + pieces.weights[piece] / 2 > share {
                break;
            }
            part_of[piece] = part;
            weight += pieces.weights[piece];
            border.advance(piece, &part_of);
        }
    }
    part_of
}

/// The pieces around a part that grows.
struct Border<'a> {
    pieces: &'a Pieces,
    /// What joins each piece to the part.
    inside: Vec<u64>,
    /// Pieces by their pull; those that have changed are there again.
    pulls: BinaryHeap<(Pull, Reverse<usize>)>,
}

/// How strongly a part pulls a piece: by what joins the two, then by how little joins the piece to
/// others.
type Pull = (u64, Reverse<u64>);

impl<'a> Border<'a> {
    fn new(pieces: &'a Pieces) -> Self {
        Self {
            pieces,
            inside: vec![0; pieces.weights.len()],
            pulls: BinaryHeap::new(),
        }
    }

    /// The piece with the strongest pull, or the first that is left.
    fn next(&mut self, part_of: &[u32], first_left: &mut usize) -> Option<usize> {
        while let Some((_, Reverse(piece))) = self.pulls.pop() {
            if part_of[piece] == NOWHERE {
                return Some(piece);
            }
        }
        while *part_of.get(*first_left)? != NOWHERE {
            *first_left += 1;
        }
        Some(*first_left)
    }

    /// The part has taken `piece`: it pulls the neighbours more than before.
    fn advance(&mut self, piece: usize, part_of: &[u32]) {
        for &(other, joint) in &self.pieces.neighbors[piece] {
            if part_of[other] != NOWHERE {
                continue;
            }
            let inside = &mut self.inside[other];
            *inside = inside.saturating_add(joint);
            let outside = self.pieces.joints[other].saturating_sub(*inside);
            self.pulls
                .push(((*inside, Reverse(outside)), Reverse(other)));
        }
    }
}

/// Moves each piece that is joined more to another part than to its own, if there is room.
/// True if any was moved.
fn mend(pieces: &Pieces, parts: usize, part_of: &mut [u32]) -> bool {
    let room = share(&pieces.weights, parts) / 20 * 21;
    let mut weights = vec![0; parts];
    for (piece, &part) in part_of.iter().enumerate() {
        weights[part as usize] += pieces.weights[piece];
    }
    let mut moved = false;
    for piece in 0..part_of.len() {
        let (weight, from) = (pieces.weights[piece], part_of[piece]);
        let better = better_part(pieces, parts, part_of, piece);
        let Some(to) = better.filter(|&to| weights[to as usize] + weight <= room) else {
            continue;
        };
        weights[from as usize] -= weight;
        weights[to as usize] += weight;
        part_of[piece] = to;
        moved = true;
    }
    moved
}

/// The part to which `piece` is joined most, if more than to its own.
fn better_part(pieces: &Pieces, parts: usize, part_of: &[u32], piece: usize) -> Option<u32> {
    let mut joints = vec![0_u64; parts];
    for &(other, joint) in &pieces.neighbors[piece] {
        let sum = &mut joints[part_of[other] as usize];
        *sum = sum.saturating_add(joint);
    }
    let own = joints[part_of[piece] as usize];
    let best = (0..)
        .zip(joints)
        .max_by_key(|&(part, joint)| (joint, Reverse(part)));
    best.filter(|&(_, joint)| joint > own).map(|(part, _)| part)
}
