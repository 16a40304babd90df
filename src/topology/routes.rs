//! Routes: what a forwarding table holds, and shortest paths to fill it.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use petgraph::{
    algo::dijkstra,
    graph::{DiGraph, NodeIndex},
};

use super::{NodeKind, SegmentId, Segments, Topology};
use crate::ids::{NodeId, PortId};

/// One line of a routing table.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// For every node its connected routes and one route by the cheapest path to every other subnet.
///
/// Costs are counted as OSPF does (RFC 2328, section 16.1): a node pays the cost of the link it
/// sends on, and nothing for entering a segment. Among equally cheap next hops the lowest node
/// number, then port number, wins, so the answer does not depend on luck. Hosts do not forward,
/// so no path leads through one. A host with a single way out gets one default route instead of
/// a list.
pub fn shortest_path_routes(topology: &Topology) -> Vec<Vec<Route>> {
    let map = SegmentMap::new(topology);
    let mut tables: Vec<Vec<Route>> = topology
        .node_ids()
        .map(|id| connected_routes(topology, id).collect())
        .collect();
    let exits: Vec<Exits> = topology.node_ids().map(|id| map.exits(id)).collect();
    for (id, exits) in topology.node_ids().zip(&exits) {
        tables[id.index()].extend(exits.default_route());
    }
    for (target, _) in map.segments.iter() {
        let distance = map.distances_to(target);
        let prefixes = map.prefixes(target);
        for (id, exits) in topology.node_ids().zip(&exits) {
            if !exits.has_default() && !map.is_on(id, target) {
                let way = exits.best(&distance);
                let routes = way
                    .into_iter()
                    .flat_map(|w| prefixes.iter().map(|p| w.route(*p)));
                tables[id.index()].extend(routes);
            }
        }
    }
    tables
}

/// The routes of `node` to its own subnets.
pub fn connected_routes(topology: &Topology, node: NodeId) -> impl Iterator<Item = Route> {
    ports_of(topology, node).flat_map(move |port| {
        let addresses = &topology.port(node, port).addresses;
        addresses.iter().map(move |net| Route {
            prefix: net.trunc(),
            via: None,
            port,
            origin: RouteOrigin::Connected,
        })
    })
}

/// The graph that paths are searched in: routers and segments, with arrows from a segment to the
/// routers on it (weighted with what the router pays to send there) and back (weight zero). It is
/// the forward graph reversed, so one search gives every router's distance to one segment. No path
/// leads through a segment with a single router, so such a segment has no arrow to it.
struct SegmentMap<'a> {
    topology: &'a Topology,
    segments: Segments,
    /// The routers' cards on each segment.
    routers: Vec<Vec<(NodeId, PortId)>>,
    graph: DiGraph<(), u64>,
}

/// The ways out of a node: its ports and the routers behind them, and what each first step costs.
struct Exits {
    ways: Vec<Way>,
    /// A host with exactly one way out.
    single: bool,
}

#[derive(Clone, Copy)]
struct Way {
    cost: u64,
    router: NodeId,
    port: PortId,
    via: IpAddr,
}

impl Exits {
    const fn has_default(&self) -> bool {
        self.single
    }

    fn default_route(&self) -> Option<Route> {
        let way = self.ways.first().filter(|_| self.single)?;
        let prefix = match way.via {
            IpAddr::V4(_) => IpNet::V4(Ipv4Net::default()),
            IpAddr::V6(_) => IpNet::V6(Ipv6Net::default()),
        };
        Some(way.route(prefix))
    }

    /// The cheapest way to where the routers are `distance` from.
    fn best(&self, distance: impl Fn(NodeId) -> Option<u64>) -> Option<&Way> {
        let total = |way: &Way| Some(way.cost + distance(way.router)?);
        let reachable = self.ways.iter().filter_map(|way| Some((total(way)?, way)));
        let cheapest = reachable.min_by_key(|(cost, way)| (*cost, way.router, way.port));
        cheapest.map(|(_, way)| way)
    }
}

impl Way {
    const fn route(&self, prefix: IpNet) -> Route {
        Route {
            prefix,
            via: Some(self.via),
            port: self.port,
            origin: RouteOrigin::ShortestPath,
        }
    }
}

impl<'a> SegmentMap<'a> {
    fn new(topology: &'a Topology) -> Self {
        let segments = Segments::of(topology);
        let mut graph = DiGraph::new();
        // Nodes first, so that node numbers and graph indices agree; then the segments.
        for _ in 0..topology.nodes.len() + segments.len() {
            graph.add_node(());
        }
        let mut map = Self {
            topology,
            routers: routers_on(topology, &segments),
            segments,
            graph,
        };
        map.wire_up();
        map
    }

    fn wire_up(&mut self) {
        for (segment, routers) in (0..).map(SegmentId).zip(&self.routers) {
            let segment = self.index_of(segment);
            for &(node, port) in routers {
                let router = NodeIndex::new(node.index());
                let cost = self.cost_of(node, port);
                self.graph.add_edge(segment, router, cost);
                if routers.len() > 1 {
                    self.graph.add_edge(router, segment, 0);
                }
            }
        }
    }

    fn index_of(&self, segment: SegmentId) -> NodeIndex {
        NodeIndex::new(self.topology.nodes.len() + segment.0 as usize)
    }

    fn cost_of(&self, node: NodeId, port: PortId) -> u64 {
        let link = self.topology.port(node, port).wire.link;
        u64::from(self.topology.link(link).cost)
    }

    fn segment_of(&self, node: NodeId, port: PortId) -> SegmentId {
        self.segments
            .of_link(self.topology.port(node, port).wire.link)
    }

    fn is_on(&self, node: NodeId, segment: SegmentId) -> bool {
        let members = self.segments.members(segment);
        if members.len() < self.topology.node(node).ports.len() {
            return members.iter().any(|&(n, _)| n == node);
        }
        ports_of(self.topology, node).any(|port| self.segment_of(node, port) == segment)
    }

    fn exits(&self, node: NodeId) -> Exits {
        let kind = self.topology.node(node).kind;
        let mut ways = Vec::new();
        if kind.speaks_ip() {
            for port in ports_of(self.topology, node) {
                self.collect_ways(node, port, &mut ways);
            }
        }
        Exits {
            single: kind == NodeKind::Host && ways.len() == 1,
            ways,
        }
    }

    fn collect_ways(&self, node: NodeId, port: PortId, ways: &mut Vec<Way>) {
        let segment = self.segment_of(node, port);
        let routers = &self.routers[segment.0 as usize];
        for &(router, its_port) in routers.iter().filter(|(id, _)| *id != node) {
            if let Some(address) = self.topology.port(router, its_port).addresses.first() {
                ways.push(Way {
                    cost: self.cost_of(node, port),
                    router,
                    port,
                    via: address.addr(),
                });
            }
        }
    }

    /// Each router's distance to `target`; unreachable ones are missing.
    fn distances_to(&self, target: SegmentId) -> impl Fn(NodeId) -> Option<u64> + use<> {
        let found = dijkstra(&self.graph, self.index_of(target), None, |e| *e.weight());
        move |router| found.get(&NodeIndex::new(router.index())).copied()
    }

    /// The subnets that live on a segment, each once, in the order of its members.
    fn prefixes(&self, segment: SegmentId) -> Vec<IpNet> {
        let mut seen = Vec::new();
        for &(node, port) in self.segments.members(segment) {
            for net in &self.topology.port(node, port).addresses {
                if !seen.contains(&net.trunc()) {
                    seen.push(net.trunc());
                }
            }
        }
        seen
    }
}

/// The routers' cards on each segment, in link order.
fn routers_on(topology: &Topology, segments: &Segments) -> Vec<Vec<(NodeId, PortId)>> {
    let is_router = |node: NodeId| topology.node(node).kind == NodeKind::Router;
    let of = |members: &[(NodeId, PortId)]| {
        let routers = members.iter().filter(|(node, _)| is_router(*node));
        routers.copied().collect()
    };
    segments.iter().map(|(_, members)| of(members)).collect()
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "the scenario room limits the ports of a node"
)]
fn ports_of(topology: &Topology, node: NodeId) -> impl Iterator<Item = PortId> + use<> {
    (0..topology.node(node).ports.len() as u16).map(PortId)
}
