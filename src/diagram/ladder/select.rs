//! Which packets a ladder of limited length shows: the beginning, what was lost and sent again,
//! and the end.

use std::collections::BTreeMap;

use super::{packets::Packet, tcp::Special};

/// Chooses among `candidates` (indexes into `packets`, in order) so that their rows, `rows[i]`
/// each, sum to about `budget`. Returns positions in `candidates`, in order.
pub(super) fn select(
    packets: &[Packet<'_>],
    candidates: &[usize],
    rows: &[usize],
    budget: usize,
) -> Vec<usize> {
    if rows.iter().sum::<usize>() <= budget {
        return (0..candidates.len()).collect();
    }
    let mut choice = Choice {
        rows,
        chosen: vec![false; rows.len()],
        used: 0,
    };
    choice.take_while(0..rows.len(), budget * 5 / 10);
    choice.take_all(remarkable(packets, candidates), budget * 8 / 10);
    choice.take_while((0..rows.len()).rev(), budget);
    choice.close_small_gaps();
    (0..rows.len()).filter(|&i| choice.chosen[i]).collect()
}

/// Positions of packets that were lost or sent again, original and repeat together: a few whole
/// stories say more than many halves.
fn remarkable(packets: &[Packet<'_>], candidates: &[usize]) -> Vec<usize> {
    let mut repeat_of = BTreeMap::new();
    for (position, &index) in candidates.iter().enumerate() {
        if let Some(Special::RetransmissionOf(original)) = packets[index].special {
            repeat_of.entry(original).or_insert(position);
        }
    }
    let mut found = Vec::new();
    for (position, &index) in candidates.iter().enumerate() {
        let repeat = repeat_of.get(&index);
        if repeat.is_some() || packets[index].has_loss() {
            found.push(position);
            found.extend(repeat);
        }
    }
    found
}

struct Choice<'a> {
    rows: &'a [usize],
    chosen: Vec<bool>,
    used: usize,
}

impl Choice<'_> {
    /// Takes positions as they come, until the next would not fit `limit`.
    fn take_while(&mut self, positions: impl Iterator<Item = usize>, limit: usize) {
        for position in positions {
            if !self.take(position, limit) {
                return;
            }
        }
    }

    /// Takes all positions that fit `limit`.
    fn take_all(&mut self, positions: Vec<usize>, limit: usize) {
        for position in positions {
            self.take(position, limit);
        }
    }

    fn take(&mut self, position: usize, limit: usize) -> bool {
        if self.chosen[position] {
            return true;
        }
        let fits = self.used + self.rows[position] <= limit || self.used == 0;
        if fits {
            self.chosen[position] = true;
            self.used += self.rows[position];
        }
        fits
    }

    /// A gap of one packet takes as much room as the packet: show it.
    fn close_small_gaps(&mut self) {
        for i in 1..self.chosen.len().saturating_sub(1) {
            if self.chosen[i - 1] && self.chosen[i + 1] {
                self.chosen[i] = true;
            }
        }
    }
}
