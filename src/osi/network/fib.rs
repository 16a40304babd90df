//! The forwarding table: longest-prefix match as a search in sorted ranges.
//!
//! Prefixes nest or are apart, never cross. So a table is cut once into disjoint ranges, each
//! with the one route that wins there, and a lookup is a binary search: about log2(routes) steps
//! over a few kilobytes, no hashing, the same for IPv4 and IPv6.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::{ids::PortId, topology::Route};

/// Where a packet goes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextHop {
    /// The next router; `None` if the destination is on the segment itself.
    pub via: Option<IpAddr>,
    /// By which port.
    pub port: PortId,
}

/// A node's forwarding table.
#[derive(Debug, Default)]
pub struct Fib {
    v4: Ranges,
    v6: Ranges,
}

/// Disjoint ranges that begin at `starts[i]` and end before `starts[i + 1]`.
#[derive(Debug, Default)]
struct Ranges {
    starts: Vec<u128>,
    next_hops: Vec<Option<NextHop>>,
}

impl Fib {
    /// A table of `routes`. Of two routes to the same prefix the first counts.
    pub fn new(routes: &[Route]) -> Self {
        let of_family = |v4: bool| {
            routes
                .iter()
                .filter(move |r| r.prefix.addr().is_ipv4() == v4)
        };
        Self {
            v4: Ranges::new(of_family(true)),
            v6: Ranges::new(of_family(false)),
        }
    }

    /// The next hop of the longest prefix that holds `address`.
    pub fn lookup(&self, address: IpAddr) -> Option<NextHop> {
        match address {
            IpAddr::V4(v4) => self.v4.lookup(u128::from(v4.to_bits())),
            IpAddr::V6(v6) => self.v6.lookup(v6.to_bits()),
        }
    }
}

impl Ranges {
    fn new<'a>(routes: impl Iterator<Item = &'a Route>) -> Self {
        let mut prefixes: Vec<(u128, u128, NextHop)> = routes.map(span_of).collect();
        // By start, the wider first: an inner prefix follows the outer one that holds it.
        prefixes.sort_by_key(|&(first, last, _)| (first, std::cmp::Reverse(last)));
        prefixes.dedup_by_key(|&mut (first, last, _)| (first, last));
        let mut ranges = Self::default();
        let mut open: Vec<(u128, NextHop)> = Vec::new();
        for (first, last, next_hop) in prefixes {
            ranges.close_before(first, &mut open);
            ranges.begin(first, Some(next_hop));
            open.push((last, next_hop));
        }
        ranges.close_before(u128::MAX, &mut open);
        ranges
    }

    /// Ends the open prefixes that lie wholly before `next`; behind each the one around it goes on.
    fn close_before(&mut self, next: u128, open: &mut Vec<(u128, NextHop)>) {
        while let Some(&(last, _)) = open.last() {
            if last >= next {
                return;
            }
            open.pop();
            self.begin(last + 1, open.last().map(|&(_, hop)| hop));
        }
    }

    fn begin(&mut self, start: u128, next_hop: Option<NextHop>) {
        if self.starts.last() == Some(&start) {
            self.starts.pop();
            self.next_hops.pop();
        }
        self.starts.push(start);
        self.next_hops.push(next_hop);
    }

    fn lookup(&self, address: u128) -> Option<NextHop> {
        let after = self.starts.partition_point(|&start| start <= address);
        self.next_hops[after.checked_sub(1)?]
    }
}

/// First and last address of a route's prefix, and where it leads.
fn span_of(route: &Route) -> (u128, u128, NextHop) {
    let next_hop = NextHop {
        via: route.via,
        port: route.port,
    };
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    };
    let net: IpNet = route.prefix;
    (bits(net.network()), bits(net.broadcast()), next_hop)
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
        let fib = Fib::new(&[
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
        let fib = Fib::new(&[route("10.1.0.0/16", 1)]);
        assert_eq!(port(&fib, "10.0.255.255"), None);
        assert_eq!(port(&fib, "10.2.0.0"), None);
        assert_eq!(port(&fib, "2001:db8::1"), None);
    }

    #[test]
    fn both_families_live_side_by_side() {
        let fib = Fib::new(&[
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
                let net = ipnet::Ipv4Net::new(bits.into(), len).unwrap().trunc();
                Route { prefix: net.into(), via: None, port: PortId(n), origin: RouteOrigin::Static }
            }).collect();
            let fib = Fib::new(&routes);
            let edges = routes.iter().flat_map(|r| [r.prefix.network(), r.prefix.broadcast()]);
            let addresses = probes.iter().map(|&b| IpAddr::V4(b.into())).chain(edges);
            for address in addresses {
                let scan = routes.iter().rev()
                    .filter(|r| r.prefix.contains(&address))
                    .max_by_key(|r| r.prefix.prefix_len());
                let found = fib.lookup(address);
                prop_assert_eq!(found.map(|h| h.port), scan.map(|r| r.port));
            }
        }
    }
}
