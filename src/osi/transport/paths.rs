//! What a destination means for a packet: its source address and its path MTU.
//!
//! The path MTU starts as that of the first link. ICMP "fragmentation needed" lowers it for one
//! destination, for ten minutes (RFC 1191, section 6.3).

use std::{collections::BTreeMap, net::IpAddr};

use ipnet::IpNet;

use super::Path;
use crate::units::{SimTime, Span};

#[derive(Debug)]
pub(super) struct Paths {
    addresses: Vec<IpNet>,
    /// Longest prefix first.
    paths: Vec<Path>,
    learned: BTreeMap<IpAddr, (u16, SimTime)>,
}

/// A source address and an MTU.
pub(super) type Way = (IpAddr, u16);

impl Paths {
    pub(super) fn new(addresses: Vec<IpNet>, mut paths: Vec<Path>) -> Self {
        paths.sort_by_key(|path| std::cmp::Reverse(path.prefix.prefix_len()));
        Self {
            addresses,
            paths,
            learned: BTreeMap::new(),
        }
    }

    /// True if `address` is one of the host's own, or a loopback address.
    pub(super) fn is_local(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.addresses.iter().any(|net| net.addr() == address)
    }

    /// True if packets to `address` are for everybody on a link.
    pub(super) fn is_broadcast(&self, address: IpAddr) -> bool {
        let IpAddr::V4(v4) = address else {
            return false;
        };
        let on_link = |net: &IpNet| net.prefix_len() < 31 && net.broadcast() == address;
        v4.is_broadcast() || self.addresses.iter().any(on_link)
    }

    /// The way to `destination`, if there is one.
    pub(super) fn way(&self, destination: IpAddr, now: SimTime) -> Option<Way> {
        if self.is_local(destination) {
            return Some((destination, u16::MAX));
        }
        let path = self
            .paths
            .iter()
            .find(|p| p.prefix.contains(&destination))?;
        let learned = self.learned.get(&destination);
        let mtu = learned.map_or(path.mtu, |&(mtu, until)| match now < until {
            true => mtu.min(path.mtu),
            false => path.mtu,
        });
        Some((path.source, mtu))
    }

    /// Notes that packets to `destination` may have `mtu` bytes at most; `sent` is the length of
    /// the packet that was too big. Returns the new path MTU if it is lower than before.
    pub(super) fn learn(
        &mut self,
        destination: IpAddr,
        mtu: u16,
        sent: u16,
        now: SimTime,
    ) -> Option<u16> {
        let (_, old) = self.way(destination, now)?;
        let mtu = match mtu {
            0 => plateau_below(sent),
            mtu => mtu.max(LOWEST_MTU),
        };
        if mtu >= old {
            return None;
        }
        self.learned.insert(destination, (mtu, now + MEMORY));
        Some(mtu)
    }
}

/// A router that does not say its MTU leaves the guess to us (RFC 1191, section 7.1).
fn plateau_below(sent: u16) -> u16 {
    const PLATEAUS: [u16; 10] = [
        32_000, 17_914, 8_166, 4_352, 2_002, 1_492, 1_006, 508, 296, 68,
    ];
    let lower = PLATEAUS.into_iter().find(|mtu| *mtu < sent);
    lower.unwrap_or(LOWEST_MTU)
}

/// Every link carries packets of this size (RFC 791).
const LOWEST_MTU: u16 = 68;

const MEMORY: Span = Span::from_secs(600);

#[cfg(test)]
mod tests {
    use super::*;

    fn paths() -> Paths {
        let path = |prefix: &str, source: &str, mtu| Path {
            prefix: prefix.parse().unwrap(),
            source: source.parse().unwrap(),
            mtu,
        };
        Paths::new(
            vec![
                "10.0.0.1/24".parse().unwrap(),
                "10.0.9.1/31".parse().unwrap(),
            ],
            vec![
                path("0.0.0.0/0", "10.0.0.1", 1500),
                path("10.0.9.0/31", "10.0.9.1", 9000),
            ],
        )
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_longest_prefix_gives_source_and_mtu() {
        let paths = paths();
        let way = |to: &str| paths.way(ip(to), SimTime::ZERO);
        assert_eq!(way("10.0.9.0"), Some((ip("10.0.9.1"), 9000)));
        assert_eq!(way("192.0.2.1"), Some((ip("10.0.0.1"), 1500)));
        assert_eq!(way("10.0.0.1"), Some((ip("10.0.0.1"), u16::MAX)));
        assert_eq!(way("2001:db8::1"), None);
    }

    #[test]
    fn a_point_to_point_prefix_has_no_broadcast_address() {
        // RFC 3021: both addresses of a /31 are hosts.
        assert!(!paths().is_broadcast(ip("10.0.9.1")));
        assert!(paths().is_broadcast(ip("10.0.0.255")));
    }

    #[test]
    fn a_learned_mtu_holds_for_one_destination_and_ten_minutes() {
        let mut paths = paths();
        let to = ip("192.0.2.1");
        assert_eq!(paths.learn(to, 1400, 1500, SimTime::ZERO), Some(1400));
        assert_eq!(paths.learn(to, 1450, 1500, SimTime::ZERO), None);
        let after = |s| paths.way(to, SimTime::ZERO + Span::from_secs(s)).unwrap().1;
        assert_eq!((after(599), after(600)), (1400, 1500));
        assert_eq!(paths.way(ip("192.0.2.2"), SimTime::ZERO).unwrap().1, 1500);
    }

    #[test]
    fn a_router_that_names_no_mtu_is_met_with_the_next_plateau() {
        // RFC 1191, section 7.1: below 1500 comes 1492.
        let learned = paths().learn(ip("192.0.2.1"), 0, 1500, SimTime::ZERO);
        assert_eq!(learned, Some(1492));
    }
}
