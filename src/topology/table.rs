//! A routing table as a node has it: its own subnets, far ones, and what the file writes by hand.
//!
//! The routes to far subnets are not written out. All nodes share one list of the far subnets, cut
//! into groups that lie in the same direction from wherever one stands; a table holds only its way
//! to each group. [`RoutingTable::iter`] gives the rows as any other table would have them.

use std::{net::IpAddr, sync::Arc};

use ipnet::IpNet;

use super::Topology;
use crate::ids::{NodeId, PortId};

/// One line of a routing table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// Where to.
    pub prefix: IpNet,
    /// The next router; `None` if the destination is on the segment itself.
    pub via: Option<IpAddr>,
    /// By which port.
    pub port: PortId,
    /// Who put it there.
    pub origin: RouteOrigin,
}

/// Who put a route into the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteOrigin {
    /// The subnet of one of the node's own cards.
    Connected,
    /// Written in the file.
    Static,
    /// Written by a generated network: one route for a whole subtree.
    Generated,
    /// Found by shortest paths.
    ShortestPath,
}

/// The routing table of one node.
#[derive(Debug, Clone, Default)]
pub struct RoutingTable {
    /// The node's own subnets, then the default route if it has one.
    near: Box<[Route]>,
    far: Option<Box<FarRoutes>>,
    by_hand: Vec<Route>,
}

/// The ways of one node to the far subnets.
#[derive(Debug, Clone)]
pub(super) struct FarRoutes {
    pub(super) subnets: Arc<FarSubnets>,
    /// The way to each group of subnets, or [`FarRoutes::NO_WAY`].
    pub(super) ways: Box<[u32]>,
    /// What the ways are.
    pub(super) hops: Box<[Hop]>,
}

/// The far subnets, in the order of the rows, each with the number of its group.
pub(super) type FarSubnets = [(IpNet, u32)];

/// A first step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hop {
    pub(super) via: IpAddr,
    pub(super) port: PortId,
}

impl FarRoutes {
    /// There is no way to that group, or none is needed.
    pub(super) const NO_WAY: u32 = u32::MAX;

    fn iter(&self) -> impl Iterator<Item = Route> {
        self.subnets.iter().filter_map(|&(prefix, group)| {
            let hop = self.hops.get(self.ways[group as usize] as usize)?;
            Some(hop.route(prefix))
        })
    }
}

impl Hop {
    /// The route to `prefix` that begins with this step.
    pub(super) const fn route(&self, prefix: IpNet) -> Route {
        Route {
            prefix,
            via: Some(self.via),
            port: self.port,
            origin: RouteOrigin::ShortestPath,
        }
    }
}

impl RoutingTable {
    pub(super) fn new(near: Vec<Route>, far: Option<FarRoutes>) -> Self {
        Self {
            near: near.into(),
            far: far.map(Box::new),
            by_hand: Vec::new(),
        }
    }

    /// All rows: the node's own subnets, the computed routes, those written by hand.
    pub fn iter(&self) -> impl Iterator<Item = Route> {
        let far = self.far.iter().flat_map(|far| far.iter());
        let kept = far.filter(|route| !self.by_hand.iter().any(|own| own.prefix == route.prefix));
        let near = self.near.iter().copied();
        near.chain(kept).chain(self.by_hand.iter().copied())
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// True for a node that speaks no IP.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Forgets all routes but those to the node's own subnets.
    pub fn keep_connected(&mut self) {
        self.retain_near(|route| route.origin == RouteOrigin::Connected);
        self.far = None;
        self.by_hand = Vec::new();
    }

    /// Adds a route by hand. It replaces any other route to the same subnet but a connected one.
    pub fn put(&mut self, route: Route) {
        let stays = |old: &Route| old.prefix != route.prefix;
        self.retain_near(|old| stays(old) || old.origin == RouteOrigin::Connected);
        self.by_hand.retain(stays);
        self.by_hand.push(route);
    }

    fn retain_near(&mut self, keep: impl Fn(&Route) -> bool) {
        if !self.near.iter().all(&keep) {
            self.near = self.near.iter().copied().filter(keep).collect();
        }
    }
}

impl From<Vec<Route>> for RoutingTable {
    fn from(rows: Vec<Route>) -> Self {
        Self::new(rows, None)
    }
}

/// The routes of `node` to its own subnets.
pub fn connected_routes(topology: &Topology, node: NodeId) -> impl Iterator<Item = Route> {
    (0..)
        .map(PortId)
        .zip(&topology.node(node).ports)
        .flat_map(|(port, card)| {
            card.addresses.iter().map(move |net| Route {
                prefix: net.trunc(),
                via: None,
                port,
                origin: RouteOrigin::Connected,
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(prefix: &str, port: u16, origin: RouteOrigin) -> Route {
        Route {
            prefix: prefix.parse().unwrap(),
            via: None,
            port: PortId(port),
            origin,
        }
    }

    /// 10.0.0.0/24 is the node's own; 10.0.1.0/24 and 10.0.2.0/24 lie behind one router,
    /// 10.0.3.0/24 cannot be reached.
    fn table() -> RoutingTable {
        let subnet = |n: u8, group| (format!("10.0.{n}.0/24").parse().unwrap(), group);
        let far = FarRoutes {
            subnets: [subnet(0, 2), subnet(1, 0), subnet(2, 0), subnet(3, 1)].into(),
            ways: [0, FarRoutes::NO_WAY, FarRoutes::NO_WAY].into(),
            hops: [Hop {
                via: "10.0.0.2".parse().unwrap(),
                port: PortId(7),
            }]
            .into(),
        };
        let near = vec![route("10.0.0.0/24", 0, RouteOrigin::Connected)];
        RoutingTable::new(near, Some(far))
    }

    fn rows(table: &RoutingTable) -> Vec<(String, u16)> {
        let row = |r: Route| (r.prefix.to_string(), r.port.0);
        table.iter().map(row).collect()
    }

    #[test]
    fn the_rows_are_the_near_subnets_and_the_far_ones_that_have_a_way() {
        let expected = [("10.0.0.0/24", 0), ("10.0.1.0/24", 7), ("10.0.2.0/24", 7)];
        assert_eq!(rows(&table()), expected.map(|(p, n)| (p.to_owned(), n)));
        assert_eq!(table().len(), 3);
    }

    #[test]
    fn a_route_by_hand_replaces_all_but_a_connected_one() {
        let mut table = table();
        for prefix in ["10.0.0.0/24", "10.0.1.0/24", "10.0.1.0/24"] {
            table.put(route(prefix, 9, RouteOrigin::Static));
        }
        let expected = [
            ("10.0.0.0/24", 0),
            ("10.0.2.0/24", 7),
            ("10.0.0.0/24", 9),
            ("10.0.1.0/24", 9),
        ];
        assert_eq!(rows(&table), expected.map(|(p, n)| (p.to_owned(), n)));
        table.keep_connected();
        assert_eq!(rows(&table), [("10.0.0.0/24".to_owned(), 0)]);
    }
}
