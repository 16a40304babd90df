//! The adjacency table (the name is that of Cisco's express forwarding): what a packet needs to
//! leave, beside each range of the forwarding table.
//!
//! The neighbour's MAC address, the card's and the MTU stand in tables of their own; here they are
//! 32 bytes. Contract: an entry says what those tables say. So [`Adjacencies::forget`] has to
//! follow when a neighbour's MAC address changes, and an entry ends when the neighbour's does. A
//! range has one entry: for all its addresses if they have one neighbour, or else for the address
//! that was sent to last.

use super::fast_path::Header;
use crate::{ids::PortId, units::SimTime, wire::Mac};

/// How packets leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Adjacency {
    /// The neighbour's MAC address, then the card's: the head of the Ethernet header.
    macs: [u8; 12],
    /// It is for this destination.
    destination: u32,
    /// It is for every destination of its range.
    whole_range: bool,
    /// It may be used before this time.
    until: SimTime,
    /// The longest frame without FCS that the card's link carries \[bytes\].
    longest: u32,
    port: PortId,
}

/// Adjacencies by range.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Adjacencies {
    /// The way of the last packet that the node made itself, for its destination alone: a host that
    /// sends to one other finds it without another step, and needs no table.
    of_own: Adjacency,
    by_range: Box<[Entry]>,
}

/// An entry of the table, in half a cache line.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
struct Entry(Adjacency);

impl Default for Adjacencies {
    fn default() -> Self {
        Self {
            of_own: Adjacency::NONE,
            by_range: Box::default(),
        }
    }
}

/// Whom packets are for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    pub(super) destination: u32,
    /// All others of its range go the same way.
    pub(super) whole_range: bool,
}

impl Adjacency {
    const NONE: Self = Self {
        macs: [0; 12],
        destination: 0,
        whole_range: false,
        until: SimTime::ZERO,
        longest: 0,
        port: PortId(0),
    };

    /// The way to a neighbour `to` that is known before `until`, from the card `from`.
    pub(super) fn new(
        scope: Scope,
        (to, until): (Mac, SimTime),
        (from, port): (Mac, PortId),
        longest: usize,
    ) -> Self {
        let mut macs = [0; 12];
        macs[..6].copy_from_slice(&to.0);
        macs[6..].copy_from_slice(&from.0);
        Self {
            macs,
            destination: scope.destination,
            whole_range: scope.whole_range,
            until,
            longest: u32::try_from(longest).unwrap_or(u32::MAX),
            port,
        }
    }

    /// Addresses a frame of `len` bytes to the neighbour, and gives the port that it leaves by. `None`
    /// if it is too long for the link: then nothing has changed.
    #[inline(always)]
    pub(super) fn address(&self, header: &mut Header, len: usize) -> Option<PortId> {
        if len > self.longest as usize {
            return None;
        }
        header[..12].copy_from_slice(&self.macs);
        Some(self.port)
    }
}

impl Adjacencies {
    /// The way to `destination`, which is in `range`, if it is known at `now`.
    #[inline(always)]
    pub(super) fn get(&self, now: SimTime, range: usize, destination: u32) -> Option<&Adjacency> {
        let Entry(way) = self.by_range.get(range)?;
        let is_meant = way.whole_range | (way.destination == destination);
        (is_meant && now < way.until).then_some(way)
    }

    /// Keeps the way of a range; there are `ranges` in all.
    #[cold]
    pub(super) fn keep(&mut self, ranges: usize, range: usize, way: Adjacency) {
        if self.by_range.is_empty() {
            self.by_range = vec![Entry(Adjacency::NONE); ranges].into();
        }
        self.by_range[range] = Entry(way);
    }

    /// The way that [`Adjacencies::keep_for_own`] kept, if it leads to `destination` at `now`.
    #[inline]
    pub(super) fn last_of_own(&self, now: SimTime, destination: u32) -> Option<&Adjacency> {
        let way = &self.of_own;
        (way.destination == destination && now < way.until).then_some(way)
    }

    /// True if there is a way of a packet of the node's own.
    pub(super) fn has_own(&self) -> bool {
        self.of_own != Adjacency::NONE
    }

    /// Keeps the way of a packet of the node's own.
    pub(super) const fn keep_for_own(&mut self, destination: u32, way: Adjacency) {
        self.of_own = Adjacency { destination, ..way };
    }

    /// Forgets all: a neighbour changed.
    pub(super) fn forget(&mut self) {
        self.of_own = Adjacency::NONE;
        self.by_range.fill(Entry(Adjacency::NONE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(destination: u32, whole_range: bool) -> Adjacency {
        let scope = Scope {
            destination,
            whole_range,
        };
        let (to, from) = (Mac::generated(1, 0), Mac::generated(2, 0));
        Adjacency::new(
            scope,
            (to, SimTime::from_nanos(100)),
            (from, PortId(3)),
            1514,
        )
    }

    fn is_known(table: &Adjacencies, now: u64, range: usize, destination: u32) -> bool {
        let way = table.get(SimTime::from_nanos(now), range, destination);
        way.is_some_and(|way| way.port == PortId(3))
    }

    #[test]
    fn a_way_is_known_until_its_neighbour_is_not() {
        let mut table = Adjacencies::default();
        assert!(!is_known(&table, 0, 1, 7));
        table.keep(2, 1, way(7, false));
        assert!(is_known(&table, 99, 1, 7));
        assert!(!is_known(&table, 100, 1, 7));
        table.forget();
        assert!(!is_known(&table, 0, 1, 7));
    }

    #[test]
    fn a_way_is_for_one_destination_or_for_its_whole_range() {
        let mut table = Adjacencies::default();
        table.keep(2, 1, way(7, false));
        assert!(!is_known(&table, 0, 1, 8) && !is_known(&table, 0, 0, 7));
        assert!(!is_known(&table, 0, 0, 0));
        table.keep(2, 1, way(7, true));
        assert!(is_known(&table, 0, 1, 8));
    }

    #[test]
    fn an_entry_is_half_a_cache_line() {
        assert_eq!((size_of::<Entry>(), align_of::<Entry>()), (32, 32));
    }

    #[test]
    fn the_way_of_own_packets_is_for_one_destination_and_ends_with_the_others() {
        let mut table = Adjacencies::default();
        let mut is_known = |now, destination, change: &dyn Fn(&mut Adjacencies)| {
            change(&mut table);
            let way = table.last_of_own(SimTime::from_nanos(now), destination);
            way.is_some_and(|way| way.port == PortId(3))
        };
        let nothing = |_: &mut Adjacencies| ();
        assert!(!is_known(0, 0, &nothing));
        assert!(is_known(99, 8, &|table| table.keep_for_own(8, way(7, true))));
        assert!(!is_known(99, 7, &nothing) && !is_known(100, 8, &nothing));
        assert!(!is_known(0, 8, &Adjacencies::forget));
    }
}
