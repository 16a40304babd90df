//! A table whose entries keep their number for as long as they live.

/// The number of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u32);

/// Entries by number. A number is used again after its entry is gone, the last freed first.
#[derive(Debug)]
pub(super) struct Slab<T> {
    entries: Vec<Option<Box<T>>>,
    free: Vec<Key>,
}

impl<T> Slab<T> {
    pub(super) const fn new() -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
        }
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "four thousand million connections do not fit into memory"
    )]
    pub(super) fn insert(&mut self, entry: T) -> Key {
        let key = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            Key(self.entries.len() as u32 - 1)
        });
        self.entries[key.0 as usize] = Some(Box::new(entry));
        key
    }

    pub(super) fn get(&self, key: Key) -> Option<&T> {
        self.entries.get(key.0 as usize)?.as_deref()
    }

    pub(super) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        self.entries.get_mut(key.0 as usize)?.as_deref_mut()
    }

    pub(super) fn remove(&mut self, key: Key) {
        if self.entries[key.0 as usize].take().is_some() {
            self.free.push(key);
        }
    }
}
