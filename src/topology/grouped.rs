//! Short lists of many owners in one piece of memory.

/// The items of every owner, each list in the order in which its items were given.
#[derive(Debug, Clone)]
pub(super) struct Grouped<T> {
    /// Where each owner's items begin; the last entry is the end of all.
    starts: Box<[u32]>,
    items: Box<[T]>,
}

impl<T> Grouped<T> {
    /// The lists of the owners 0 to `owners` - 1. Fewer than 2^32 items.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "there are at most two items for each end of a link"
    )]
    pub(super) fn new(owners: usize, items: impl IntoIterator<Item = (usize, T)>) -> Self {
        let mut items: Vec<(usize, T)> = items.into_iter().collect();
        items.sort_by_key(|&(owner, _)| owner);
        let mut starts = vec![0; owners + 1];
        for &(owner, _) in &items {
            starts[owner + 1] += 1;
        }
        for owner in 0..owners {
            starts[owner + 1] += starts[owner];
        }
        Self {
            starts: starts.into(),
            items: items.into_iter().map(|(_, item)| item).collect(),
        }
    }

    /// How many owners there are.
    pub(super) const fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many items there are.
    pub(super) const fn items(&self) -> usize {
        self.items.len()
    }

    /// The items of one owner.
    pub(super) fn of(&self, owner: usize) -> &[T] {
        &self.items[self.starts[owner] as usize..self.starts[owner + 1] as usize]
    }

    /// Every owner's items.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[T]> {
        (0..self.len()).map(|owner| self.of(owner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_the_order_of_their_items() {
        let lists = Grouped::new(4, [(2, 'a'), (0, 'b'), (2, 'c'), (3, 'd')]);
        let all: Vec<&[char]> = lists.iter().collect();
        assert_eq!(all, [&['b'][..], &[], &['a', 'c'], &['d']]);
        assert_eq!((lists.len(), lists.items()), (4, 4));
    }
}
