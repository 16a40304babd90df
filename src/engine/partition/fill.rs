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

/// Grows each part from the first piece that is left, always by the piece with the most links
/// into the part against those that lead elsewhere.
fn grow(pieces: &Pieces, parts: usize) -> Vec<u32> {
    let count = pieces.weights.len();
    let mut part_of = vec![NOWHERE; count];
    let share = share(&pieces.weights, parts);
    let mut first_left = 0;
    for part in 0..u32::try_from(parts).unwrap_or(NOWHERE - 1) {
        let is_last = part as usize + 1 == parts;
        let mut weight = 0;
        let mut border = BinaryHeap::new();
        while is_last || weight < share {
            let Some(piece) = next(&mut border, &mut first_left, &part_of) else {
                break;
            };
            // A piece that would fill the part beyond its share by more than half of itself
            // belongs to the next one.
            if !is_last && weight > 0 && weight + pieces.weights[piece] / 2 > share {
                break;
            }
            part_of[piece] = part;
            weight += pieces.weights[piece];
            for &other in pieces.neighbors[piece]
                .iter()
                .filter(|&&o| part_of[o] == NOWHERE)
            {
                border.push((pull(pieces, &part_of, other, part), Reverse(other)));
            }
        }
    }
    part_of
}

/// The piece with the strongest pull, or the first that is left.
fn next(
    border: &mut BinaryHeap<(isize, Reverse<usize>)>,
    first_left: &mut usize,
    part_of: &[u32],
) -> Option<usize> {
    while let Some((_, Reverse(piece))) = border.pop() {
        if part_of[piece] == NOWHERE {
            return Some(piece);
        }
    }
    while *part_of.get(*first_left)? != NOWHERE {
        *first_left += 1;
    }
    Some(*first_left)
}

/// Links into `part` less links elsewhere.
fn pull(pieces: &Pieces, part_of: &[u32], piece: usize, part: u32) -> isize {
    let links = &pieces.neighbors[piece];
    let inside = links.iter().filter(|&&o| part_of[o] == part).count();
    2 * inside.cast_signed() - links.len().cast_signed()
}

/// Moves each piece that has more links into another part than into its own, if there is room.
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
        let better = better_part(pieces, part_of, piece);
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

/// The part into which the most links of `piece` lead, if they are more than into its own.
fn better_part(pieces: &Pieces, part_of: &[u32], piece: usize) -> Option<u32> {
    let own = part_of[piece];
    let others = pieces.neighbors[piece].iter().map(|&o| part_of[o]);
    let best = others
        .filter(|&part| part != own)
        .max_by_key(|&part| (pull(pieces, part_of, piece, part), Reverse(part)))?;
    (pull(pieces, part_of, piece, best) > pull(pieces, part_of, piece, own)).then_some(best)
}
