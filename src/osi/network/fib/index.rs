//! Where to search in a large IPv4 table.
//!
//! The address space is cut into equal slices, about as many as there are ranges; the search is
//! among those that begin in the slice of the address. Where subnets follow each other, as they do
//! in most networks, that is one or two, however large the table is.

/// How many ranges begin before each slice of the address space. The first range stands apart: it
/// may be that of a default route, far below all others.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    /// The first slice begins where the second range does.
    base: u32,
    /// A slice is 2 to the power of this many addresses.
    shift: u32,
    /// By slice, and once more for the end; empty if there are few ranges.
    before: Box<[u32]>,
}

impl Index {
    pub(super) fn of(starts: &[u32]) -> Self {
        let (&[_, base, .., last], 9..) = (starts, starts.len()) else {
            return Self::default();
        };
        let mut shift = 0;
        while ((last - base) >> shift) as usize >= starts.len() {
            shift += 1;
        }
        let slice = |start: u32| ((start - base) >> shift) as usize;
        let mut before = vec![0; slice(last) + 2];
        before[0] = 1;
        for &start in &starts[1..] {
            before[slice(start) + 1] += 1;
        }
        for slice in 1..before.len() {
            before[slice] += before[slice - 1];
        }
        let before = before.into();
        Self {
            base,
            shift,
            before,
        }
    }

    /// How many of `starts` are at or before `address`.
    #[inline]
    pub(super) fn after(&self, starts: &[u32], address: u32) -> usize {
        let Some(offset) = address.checked_sub(self.base) else {
            return usize::from(address >= starts[0]);
        };
        let slice = (offset >> self.shift) as usize;
        let Some(&[first, end]) = self.before.get(slice..slice + 2) else {
            return starts.len();
        };
        let (first, end) = (first as usize, end as usize);
        first + starts[first..end].partition_point(|&start| start <= address)
    }
}
