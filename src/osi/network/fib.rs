//! The forwarding table: longest-prefix match.
//!
//! Prefixes nest or are apart, so the table is cut once into ranges of addresses with one next hop
//! each. Ranges side by side with the same next hop are one range. A lookup finds the last range
//! that begins at or before the address. It allocates nothing.

mod index;

use std::{
    borrow::Borrow,
    cmp::Reverse,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use self::index::Index;
use crate::{ids::PortId, topology::Route};

/// Where a packet goes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextHop {
    /// The next router; `None` if the destination is on the segment itself.
    pub via: Option<IpAddr>,
    /// By which port.
    pub port: PortId,
}

impl NextHop {
    /// What a [`Fib`] of `routes` finds, by a look at each of them: for who asks a short table once or
    /// twice.
    pub(super) fn scan(routes: impl Iterator<Item = Route>, address: IpAddr) -> Option<Self> {
        let leads = |route: &Route| {
            let is_kin = |via: IpAddr| via.is_ipv4() == address.is_ipv4();
            route.prefix.contains(&address) && route.via.is_none_or(is_kin)
        };
        let best = routes
            .filter(leads)
            .min_by_key(|route| Reverse(route.prefix.prefix_len()))?;
        Some(Self {
            via: best.via,
            port: best.port,
        })
    }
}

/// Where an IPv4 packet goes next, in eight bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextHopV4 {
    /// The next router; `None` if the destination is on the segment itself.
    pub via: Option<Ipv4Addr>,
    /// By which port.
    pub port: PortId,
}

/// Where an IPv6 packet goes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NextHopV6 {
    via: Option<Ipv6Addr>,
    port: PortId,
}

/// A node's forwarding table.
#[derive(Debug, Clone, Default)]
pub struct Fib {
    v4: Ranges<u32, NextHopV4>,
    index_v4: Index,
    v6: Ranges<u128, NextHopV6>,
}

impl Fib {
    /// A table of `routes`. Of two routes to the same prefix the first counts. A route whose next
    /// router is of the other family is left out.
    pub fn new(routes: impl IntoIterator<Item = impl Borrow<Route>>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for route in routes {
            let Route {
                prefix, via, port, ..
            } = *route.borrow();
            match (prefix, via) {
                (IpNet::V4(net), Some(IpAddr::V4(via))) => v4.push(span_v4(net, Some(via), port)),
                (IpNet::V4(net), None) => v4.push(span_v4(net, None, port)),
                (IpNet::V6(net), Some(IpAddr::V6(via))) => v6.push(span_v6(net, Some(via), port)),
                (IpNet::V6(net), None) => v6.push(span_v6(net, None, port)),
                (IpNet::V4(_), Some(IpAddr::V6(_))) | (IpNet::V6(_), Some(IpAddr::V4(_))) => {}
            }
        }
        let v4 = Ranges::new(v4, u32::MAX, |last| last + 1);
        Self {
            index_v4: Index::of(&v4.starts),
            v4,
            v6: Ranges::new(v6, u128::MAX, |last| last + 1),
        }
    }

    /// The next hop of the longest prefix that holds `address`.
    pub fn lookup(&self, address: IpAddr) -> Option<NextHop> {
        match address {
            IpAddr::V4(address) => self.lookup_v4(address).map(NextHop::from),
            IpAddr::V6(address) => {
                let hop = self.v6.lookup(address.to_bits())?;
                let via = hop.via.map(IpAddr::V6);
                Some(NextHop {
                    via,
                    port: hop.port,
                })
            }
        }
    }

    /// The same for IPv4, without a detour.
    pub fn lookup_v4(&self, address: Ipv4Addr) -> Option<NextHopV4> {
        self.hop_v4(self.range_v4(address)?)
    }

    /// The number of the range that holds `address`: for the forwarding path, which keeps what it
    /// needs beside each range. `None` if there is nothing so low in the table.
    #[inline(always)]
    pub(super) fn range_v4(&self, address: Ipv4Addr) -> Option<usize> {
        let (address, starts) = (address.to_bits(), &self.v4.starts);
        let after = match starts.len() {
            0..=8 => starts.iter().position(|&start| start > address),
            _ => Some(self.index_v4.after(starts, address)),
        };
        after.unwrap_or(starts.len()).checked_sub(1)
    }

    /// Where a range leads.
    pub(super) fn hop_v4(&self, range: usize) -> Option<NextHopV4> {
        self.v4.hops[range]
    }

    /// How many ranges there are.
    pub(super) const fn ranges_v4(&self) -> usize {
        self.v4.starts.len()
    }

    /// The first and the last address of a range.
    pub(super) fn limits_v4(&self, range: usize) -> (u32, u32) {
        let next = self.v4.starts.get(range + 1);
        (
            self.v4.starts[range],
            next.map_or(u32::MAX, |&next| next - 1),
        )
    }
}

impl From<NextHopV4> for NextHop {
    fn from(hop: NextHopV4) -> Self {
        Self {
            via: hop.via.map(IpAddr::V4),
            port: hop.port,
        }
    }
}

/// A prefix as its first and its last address, and where it leads.
type Span<A, H> = (A, A, H);

fn span_v4(net: Ipv4Net, via: Option<Ipv4Addr>, port: PortId) -> Span<u32, NextHopV4> {
    let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
    (first, last, NextHopV4 { via, port })
}

fn span_v6(net: Ipv6Net, via: Option<Ipv6Addr>, port: PortId) -> Span<u128, NextHopV6> {
    let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
    (first, last, NextHopV6 { via, port })
}

/// Disjoint ranges that begin at `starts[i]` and end before `starts[i + 1]`. No two neighbours have
/// the same next hop.
#[derive(Debug, Clone)]
struct Ranges<A, H> {
    starts: Box<[A]>,
    hops: Box<[Option<H>]>,
}

impl<A, H> Default for Ranges<A, H> {
    fn default() -> Self {
        Self {
            starts: Box::default(),
            hops: Box::default(),
        }
    }
}

impl<A: Copy + Ord, H: Copy + Eq> Ranges<A, H> {
    /// Cuts the address space; `max` is its last address, and `after` gives the next.
    fn new(mut spans: Vec<Span<A, H>>, max: A, after: impl Fn(A) -> A) -> Self {
        // By start, the wider first: an inner prefix follows the outer one that holds it.
        spans.sort_by_key(|&(first, last, _)| (first, Reverse(last)));
        spans.dedup_by_key(|&mut (first, last, _)| (first, last));
        let mut cuts = Cuts::default();
        let mut open: Vec<(A, H)> = Vec::new();
        for (first, last, hop) in spans {
            cuts.close_before(first, &mut open, &after);
            cuts.begin(first, Some(hop));
            open.push((last, hop));
        }
        cuts.close_before(max, &mut open, &after);
        Self {
            starts: cuts.starts.into(),
            hops: cuts.hops.into(),
        }
    }

    fn lookup(&self, address: A) -> Option<H> {
        let after = self.starts.partition_point(|&start| start <= address);
        self.hops[after.checked_sub(1)?]
    }
}

/// Ranges in the making.
struct Cuts<A, H> {
    starts: Vec<A>,
    hops: Vec<Option<H>>,
}

impl<A, H> Default for Cuts<A, H> {
    fn default() -> Self {
        Self {
            starts: Vec::new(),
            hops: Vec::new(),
        }
    }
}

impl<A: Copy + Ord, H: Copy + Eq> Cuts<A, H> {
    /// Ends the open prefixes that lie wholly before `next`; behind each the one around it goes on.
    fn close_before(&mut self, next: A, open: &mut Vec<(A, H)>, after: impl Fn(A) -> A) {
        while let Some(&(last, _)) = open.last() {
            if last >= next {
                return;
            }
            open.pop();
            self.begin(after(last), open.last().map(|&(_, hop)| hop));
        }
    }

    fn begin(&mut self, start: A, hop: Option<H>) {
        if self.starts.last() == Some(&start) {
            self.starts.pop();
            self.hops.pop();
        }
        if self.hops.last().copied().flatten() != hop {
            self.starts.push(start);
            self.hops.push(hop);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::topology::RouteOrigin;

    fn route(prefix: &str, port: u16) -> Route {
        Route {
            prefix: prefix.parse().unwrap(),
            via: None,
            port: PortId(port),
            origin: RouteOrigin::Static,
        }
    }

    fn port(fib: &Fib, address: &str) -> Option<u16> {
        fib.lookup(address.parse().unwrap()).map(|hop| hop.port.0)
    }

    #[test]
    fn the_longest_prefix_wins() {
        let fib = Fib::new([
            route("0.0.0.0/0", 0),
            route("10.0.0.0/8", 1),
            route("10.1.0.0/16", 2),
            route("10.1.2.3/32", 3),
            route("255.255.255.255/32", 4),
        ]);
        assert_eq!(port(&fib, "192.0.2.1"), Some(0));
        assert_eq!(port(&fib, "10.200.0.1"), Some(1));
        assert_eq!(port(&fib, "10.1.2.2"), Some(2));
        assert_eq!(port(&fib, "10.1.2.3"), Some(3));
        assert_eq!(port(&fib, "10.1.2.4"), Some(2));
        assert_eq!(port(&fib, "10.2.0.0"), Some(1));
        assert_eq!(port(&fib, "11.0.0.0"), Some(0));
        assert_eq!(port(&fib, "255.255.255.255"), Some(4));
    }

    #[test]
    fn without_a_route_there_is_no_next_hop() {
        let fib = Fib::new([route("10.1.0.0/16", 1)]);
        assert_eq!(port(&fib, "10.0.255.255"), None);
        assert_eq!(port(&fib, "10.2.0.0"), None);
        assert_eq!(port(&fib, "2001:db8::1"), None);
    }

    #[test]
    fn both_families_live_side_by_side() {
        let fib = Fib::new([
            route("::/0", 6),
            route("2001:db8::/32", 7),
            route("0.0.0.0/0", 4),
        ]);
        assert_eq!(port(&fib, "2001:db8::1"), Some(7));
        assert_eq!(port(&fib, "fe80::1"), Some(6));
        assert_eq!(port(&fib, "1.2.3.4"), Some(4));
    }

    proptest! {
        /// The table agrees with a linear scan for the longest prefix that holds the address.
        #[test]
        fn it_agrees_with_a_linear_scan(
            prefixes in prop::collection::vec((any::<u32>(), 0u8..=32), 0..40),
            probes in prop::collection::vec(any::<u32>(), 40),
        ) {
            let routes: Vec<Route> = prefixes.iter().zip(0u16..).map(|(&(bits, len), n)| {
                let net = Ipv4Net::new(bits.into(), len).unwrap().trunc();
                let via = [None, Some("192.0.2.1"), Some("2001:db8::1")][usize::from(n % 3)];
                let via = via.map(|via| via.parse().unwrap());
                Route { prefix: net.into(), via, port: PortId(n), origin: RouteOrigin::Static }
            }).collect();
            let fib = Fib::new(&routes);
            let edges = routes.iter().flat_map(|r| [r.prefix.network(), r.prefix.broadcast()]);
            let addresses = probes.iter().map(|&b| IpAddr::V4(b.into())).chain(edges);
            for address in addresses {
                let scan = NextHop::scan(routes.iter().copied(), address);
                prop_assert_eq!(fib.lookup(address), scan);
            }
        }
    }
}
