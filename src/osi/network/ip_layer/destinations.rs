//! The destination cache (the name is RFC 4861's, section 5.1): what a packet to an address needs
//! to leave, found before and kept in one place.
//!
//! A route, a neighbour and a card stand in three tables; here they are 32 bytes. Contract: an
//! entry says what the tables say. So [`Destinations::forget`] has to follow when a
//! neighbour's MAC address changes, and an entry ends when its neighbour's does. A place holds one entry, the latest; the
//! cache grows while destinations push each other out.

use crate::{ids::PortId, units::SimTime, wire::Mac};

/// How packets to one address leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(32))]
pub(super) struct Way {
    /// The neighbour's MAC address, then the card's: the head of the Ethernet header.
    pub(super) macs: [u8; 12],
    destination: u32,
    /// It may be used before this time.
    until: SimTime,
    /// The longest frame without FCS that the card's link carries \[bytes\].
    pub(super) longest: u32,
    pub(super) port: PortId,
}

/// The ways found last, by destination.
#[derive(Debug, Default)]
pub(super) struct Destinations {
    /// Empty, or a power of two of places.
    places: Box<[Way]>,
    /// How many entries were pushed out by another destination since the cache last grew.
    pushed_out: usize,
}

impl Way {
    const NONE: Self = Self {
        macs: [0; 12],
        destination: 0,
        until: SimTime::ZERO,
        longest: 0,
        port: PortId(0),
    };

    /// The way to a neighbour `to` that is known before `until`, from the card `from`.
    pub(super) fn new(
        (to, until): (Mac, SimTime),
        (from, port): (Mac, PortId),
        longest: usize,
    ) -> Self {
        let mut macs = [0; 12];
        macs[..6].copy_from_slice(&to.0);
        macs[6..].copy_from_slice(&from.0);
        Self {
            macs,
            destination: 0,
            until,
            longest: u32::try_from(longest).unwrap_or(u32::MAX),
            port,
        }
    }
}

impl Destinations {
    /// The way to `destination`, if it is known at `now`.
    #[inline]
    pub(super) fn get(&self, now: SimTime, destination: u32) -> Option<&Way> {
        let way = self.places.get(place(destination, self.places.len()))?;
        (way.destination == destination && now < way.until).then_some(way)
    }

    /// Keeps the way to `destination`.
    #[cold]
    pub(super) fn keep(&mut self, destination: u32, way: Way) {
        if self.pushed_out >= self.places.len() && self.places.len() < MOST {
            let len = (2 * self.places.len()).max(FEWEST);
            self.places = vec![Way::NONE; len].into();
            self.pushed_out = 0;
        }
        let entry = &mut self.places[place(destination, self.places.len())];
        self.pushed_out += usize::from(*entry != Way::NONE);
        *entry = Way { destination, ..way };
    }

    /// Forgets all: something changed.
    pub(super) fn forget(&mut self) {
        self.places.fill(Way::NONE);
    }
}

/// Where a destination stands among `len` places, a power of two. Neighbouring addresses, and
/// those of neighbouring subnets of four addresses, get places of their own.
#[inline]
const fn place(destination: u32, len: usize) -> usize {
    (destination ^ destination >> 2) as usize & len.wrapping_sub(1)
}

/// The places of a cache that was used.
const FEWEST: usize = 2;
/// It grows no further: 512 KiB.
const MOST: usize = 1 << 14;

#[cfg(test)]
mod tests {
    use super::*;

    fn way(port: u16) -> Way {
        let (to, from) = (Mac::generated(1, 0), Mac::generated(2, 0));
        Way::new((to, SimTime::from_nanos(100)), (from, PortId(port)), 1514)
    }

    fn port(cache: &Destinations, now: u64, destination: u32) -> Option<u16> {
        let way = cache.get(SimTime::from_nanos(now), destination)?;
        Some(way.port.0)
    }

    #[test]
    fn a_way_is_known_until_its_neighbour_is_not() {
        let mut cache = Destinations::default();
        assert_eq!(port(&cache, 0, 7), None);
        cache.keep(7, way(3));
        assert_eq!(port(&cache, 99, 7), Some(3));
        assert_eq!(port(&cache, 100, 7), None);
        cache.keep(7, way(4));
        assert_eq!(port(&cache, 99, 7), Some(4));
        cache.forget();
        assert_eq!(port(&cache, 0, 7), None);
    }

    #[test]
    fn an_empty_place_is_no_way_to_address_zero() {
        let mut cache = Destinations::default();
        cache.keep(1, way(1));
        assert_eq!(port(&cache, 0, 0), None);
    }

    #[test]
    fn the_cache_grows_until_all_that_are_used_have_a_place() {
        // A thousand addresses side by side, and a thousand subnets of four: after enough rounds
        // each finds its way where the round before left it.
        for step in [1, 4] {
            let mut cache = Destinations::default();
            let addresses = || (0..1000).map(|i| 0x0a00_0002 + step * i);
            for _ in 0..12 {
                for address in addresses() {
                    if port(&cache, 0, address).is_none() {
                        cache.keep(address, way(1));
                    }
                }
            }
            assert!(addresses().all(|address| port(&cache, 0, address).is_some()));
            assert_eq!(cache.places.len(), 1024);
        }
    }

    #[test]
    fn an_entry_is_half_a_cache_line() {
        assert_eq!(size_of::<Way>(), 32);
    }
}
