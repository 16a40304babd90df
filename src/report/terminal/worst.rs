//! The few that stand out: those of the highest rank, in order.

/// Keeps the [`MOST`] highest of what it is offered; among equals the first.
#[derive(Debug)]
pub(super) struct Worst<R, T>(Vec<(R, T)>);

impl<R, T> Default for Worst<R, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<R: Ord, T> Worst<R, T> {
    /// Takes `item` if its rank is high enough.
    pub(super) fn offer(&mut self, rank: R, item: T) {
        let place = self.0.partition_point(|(r, _)| *r >= rank);
        if place < MOST {
            self.0.insert(place, (rank, item));
            self.0.truncate(MOST);
        }
    }

    /// Those kept, the worst first.
    pub(super) fn found(self) -> impl Iterator<Item = T> {
        self.0.into_iter().map(|(_, item)| item)
    }
}

/// How many are named.
const MOST: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_are_kept_and_the_first_among_equals() {
        let mut worst = Worst::default();
        for (rank, name) in [3, 9, 1, 9, 4, 7, 1, 8].into_iter().zip("abcdefgh".chars()) {
            worst.offer(rank, name);
        }
        assert_eq!(worst.found().collect::<String>(), "bdhfe");
    }
}
