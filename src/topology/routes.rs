//! Shortest paths, to fill routing tables.
//!
//! Costs are counted as OSPF does (RFC 2328, section 16.1): a node pays the cost of the link it
//! sends on, and nothing for entering a segment. Among equally cheap next hops the lowest node
//! number, then port number, wins, so the answer does not depend on luck. Hosts do not forward,
//! so no path leads through one.
//!
//! One search finds every router's distance to one target. The subnets that hang on a single router
//! lie where the router lies, so they are one target together: ten thousand stub subnets around a
//! router cost one search.

mod graph;
mod targets;

use std::{net::IpAddr, sync::Arc};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use self::{
    graph::{Graph, Search},
    targets::{Target, Targets},
};
use super::{
    NodeKind, Route, RoutingTable, Topology, connected_routes,
    table::{FarRoutes, Hop},
};
use crate::ids::NodeId;

/// For every node its connected routes and one route by the cheapest path to every other subnet.
/// A host with a single way out gets one default route instead of a list.
pub fn shortest_path_routes(topology: &Topology) -> Vec<RoutingTable> {
    RouteSearch::new(topology).tables()
}

/// The computation of all routes, before it begins.
#[derive(Debug)]
pub struct RouteSearch<'a> {
    graph: Graph<'a>,
    targets: Targets,
}

/// A first step away from a node.
#[derive(Debug, Clone, Copy)]
struct Way {
    cost: u64,
    /// The router it leads to.
    router: NodeId,
    hop: Hop,
}

impl<'a> RouteSearch<'a> {
    /// Looks at the network, but computes no routes yet.
    pub fn new(topology: &'a Topology) -> Self {
        let graph = Graph::new(topology);
        let targets = Targets::of(&graph);
        Self { graph, targets }
    }

    /// How many routers there are.
    pub const fn routers(&self) -> usize {
        self.graph.routers()
    }

    /// How many subnets have to be searched for one by one: those between routers, and those of
    /// hosts with several ways out.
    pub fn subnets_between(&self) -> usize {
        let single = |target: &Target| matches!(target, Target::Segment(_));
        self.targets.iter().filter(single).count()
    }

    /// How many steps [`RouteSearch::tables`] takes: arrows followed, ways compared, and entries
    /// made in the tables.
    pub fn steps(&self) -> u64 {
        let listing = self.graph.listing();
        let work: usize = listing.map(|id| 1 + self.graph.ways_at_most(id)).sum();
        let each = (work + self.graph.arrows()) as u64;
        each.saturating_mul(self.targets.count() as u64)
    }

    /// Computes the routing table of every node.
    pub fn tables(&self) -> Vec<RoutingTable> {
        let mut lists = self.lists().into_iter().peekable();
        let ids = self.graph.topology.node_ids();
        ids.map(|id| match lists.next_if(|(owner, _)| *owner == id) {
            Some((_, list)) => RoutingTable::new(self.near(id), Some(list)),
            None => RoutingTable::new(self.near(id), None),
        })
        .collect()
    }

    /// The routes to the node's own subnets, and the default route of a host with a single way out.
    fn near(&self, id: NodeId) -> Vec<Route> {
        let mut routes: Vec<Route> = connected_routes(self.graph.topology, id).collect();
        if self.graph.topology.node(id).kind == NodeKind::Host && !self.graph.keeps_list(id) {
            let way = self.graph.ways(id).next();
            routes.extend(way.map(|way| way.hop.route(everywhere(way.hop.via))));
        }
        routes
    }

    /// The ways to all targets, of every node that has to choose.
    fn lists(&self) -> Vec<(NodeId, FarRoutes)> {
        let subnets: Arc<_> = self.targets.subnets(&self.graph).into();
        let mut search = Search::default();
        let listing = self.graph.listing();
        let mut ways: Vec<(NodeId, Vec<Way>, Vec<u32>)> = listing
            .map(|id| {
                let room = Vec::with_capacity(self.targets.count());
                (id, self.graph.ways(id).collect(), room)
            })
            .collect();
        for target in self.targets.iter() {
            search.run(&self.graph, target);
            for (_, ways, best) in &mut ways {
                best.push(cheapest(ways, |r| search.distance(&self.graph, r)));
            }
        }
        let list = |(id, ways, mut best): (NodeId, Vec<Way>, Vec<u32>)| {
            for target in self.targets.around(&self.graph, id) {
                best[target as usize] = FarRoutes::NO_WAY;
            }
            let far = FarRoutes {
                subnets: Arc::clone(&subnets),
                ways: best.into(),
                hops: ways.into_iter().map(|way| way.hop).collect(),
            };
            (id, far)
        };
        ways.into_iter().map(list).collect()
    }
}

/// The number of the cheapest way to where the routers are `distance` from.
fn cheapest(ways: &[Way], distance: impl Fn(NodeId) -> Option<u64>) -> u32 {
    let total = |way: &Way| Some(way.cost + distance(way.router)?);
    let reachable = (0..)
        .zip(ways)
        .filter_map(|(number, way)| Some((total(way)?, way.router, way.hop.port, number)));
    reachable
        .min()
        .map_or(FarRoutes::NO_WAY, |(.., number)| number)
}

fn everywhere(via: IpAddr) -> IpNet {
    match via {
        IpAddr::V4(_) => Ipv4Net::default().into(),
        IpAddr::V6(_) => Ipv6Net::default().into(),
    }
}

#[cfg(test)]
mod tests;
