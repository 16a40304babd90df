//! What a destination means for a packet: its source address and its path MTU.
//!
//! The path MTU starts as that of the first link. ICMP "fragmentation needed" lowers it for one
//! destination, for ten minutes (RFC 1191, section 6.3).

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use super::Exit;
use crate::{
    osi::network::{Assignment, Fib, OwnAddresses},
    units::{SimTime, Span},
};

/// The fields that a source needs come last, as in [`Stack`](super::Stack).
#[derive(Debug)]
#[repr(C)]
pub(super) struct Paths {
    routes: Arc<Fib>,
    exits: Box<[Exit]>,
    addresses: OwnAddresses,
    /// Made when a router first tells of a lower MTU.
    learned: Option<Box<Learned>>,
    /// How often address and routes have changed.
    changes: u32,
}

/// By destination the MTU, and until when it holds.
type Learned = BTreeMap<IpAddr, (u16, SimTime)>;

/// A source address and an MTU.
pub(super) type Way = (IpAddr, u16);

impl Paths {
    pub(super) const fn new(addresses: OwnAddresses, routes: Arc<Fib>, exits: Box<[Exit]>) -> Self {
        Self {
            addresses,
            routes,
            exits,
            learned: None,
            changes: 0,
        }
    }

    /// What [`Paths::way`] says holds for as long as this stays the same. `None` while time alone
    /// may change it.
    pub(super) fn edition(&self) -> Option<u32> {
        self.learned.is_none().then_some(self.changes)
    }

    /// Follows a change of the host's address and routes.
    pub(super) fn assign(&mut self, assignment: &Assignment) {
        self.addresses = assignment.own.clone();
        self.routes = Arc::clone(&assignment.fib);
        let address = assignment.addresses.first().map(|net| net.addr());
        if let Some(exit) = self.exits.get_mut(assignment.port.index()) {
            exit.source = address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        }
        self.learned = None;
        self.changes = self.changes.wrapping_add(1);
    }

    /// True if `address` is one of the host's own, or a loopback address.
    pub(super) fn is_local(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.addresses.contain(address)
    }

    /// True if packets to `address` are for everybody on a link.
    pub(super) fn is_broadcast(&self, address: IpAddr) -> bool {
        let IpAddr::V4(v4) = address else {
            return false;
        };
        v4.is_broadcast() || self.addresses.is_directed_broadcast(v4)
    }

    /// The way to `destination`, if there is one.
    pub(super) fn way(&self, destination: IpAddr, now: SimTime) -> Option<Way> {
        if self.is_local(destination) {
            return Some((destination, u16::MAX));
        }
        let hop = self.routes.lookup(destination)?;
        let exit = self.exits.get(hop.port.index())?;
        let learned = self.learned.as_ref().and_then(|all| all.get(&destination));
        let mtu = learned.map_or(exit.mtu, |&(mtu, until)| match now < until {
            true => mtu.min(exit.mtu),
            false => exit.mtu,
        });
        Some((exit.source, mtu))
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
        let learned = self.learned.get_or_insert_default();
        learned.insert(destination, (mtu, now + MEMORY));
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
    use crate::{
        ids::PortId,
        topology::{Route, RouteOrigin},
    };

    /// Port 0 is 10.0.0.1/24 and the way to everywhere, port 1 is 10.0.9.1/31.
    fn paths() -> Paths {
        let route = |prefix: &str, port| Route {
            prefix: prefix.parse().unwrap(),
            via: None,
            port: PortId(port),
            origin: RouteOrigin::Static,
        };
        let exit = |source: &str, mtu| Exit {
            source: source.parse().unwrap(),
            mtu,
        };
        let nets = ["10.0.0.1/24", "10.0.9.1/31"].map(|net| net.parse().unwrap());
        Paths::new(
            OwnAddresses::new(nets.iter()),
            Arc::new(Fib::new([route("0.0.0.0/0", 0), route("10.0.9.0/31", 1)])),
            [exit("10.0.0.1", 1500), exit("10.0.9.1", 9000)].into(),
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
    fn an_assigned_address_brings_its_routes_and_takes_them_along() {
        let mut paths = paths();
        let way = |paths: &Paths, to: &str| paths.way(ip(to), SimTime::ZERO).map(|(from, _)| from);
        let route = Route {
            prefix: "0.0.0.0/0".parse().unwrap(),
            via: Some(ip("10.7.0.1")),
            port: PortId(0),
            origin: RouteOrigin::Static,
        };
        let net = "10.7.0.5/24".parse().unwrap();
        paths.assign(&Assignment::new(PortId(0), Some(net), &[route]));
        assert_eq!(way(&paths, "192.0.2.1"), Some(ip("10.7.0.5")));
        assert!(paths.is_local(ip("10.7.0.5")) && !paths.is_local(ip("10.0.0.1")));
        assert!(paths.is_broadcast(ip("10.7.0.255")));
        paths.assign(&Assignment::new(PortId(0), None, &[]));
        assert_eq!(way(&paths, "192.0.2.1"), None);
        assert!(!paths.is_local(ip("10.7.0.5")));
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
