//! Claims about shortest-path routes: one search for all stub subnets of a router finds what a search
//! for each would.

use petgraph::{algo::dijkstra, graph::DiGraph, graph::NodeIndex};
use proptest::prelude::*;

use super::*;
use crate::{
    ids::{Direction, LinkId, PortId, WireId},
    topology::{End, Link, Node, Port, RouteOrigin, SegmentId, Segments},
    wire::Mac,
};

/// A network of `kinds` of nodes and links with costs. Segment s has the subnet 10.x.y.0/24 with
/// s = 256 x + y; every third has another one as well.
fn network(kinds: &[NodeKind], links: &[(usize, usize, u32)]) -> Topology {
    let mut topology = Topology::default();
    for (number, &kind) in kinds.iter().enumerate() {
        topology.nodes.push(Node {
            name: format!("n{number}"),
            kind,
            ports: Vec::new(),
        });
    }
    for &(a, b, cost) in links.iter().filter(|(a, b, _)| a != b) {
        let link = LinkId(u32::try_from(topology.links.len()).unwrap());
        let mut plug = |node: usize, direction| {
            let ports = &mut topology.nodes[node].ports;
            let node = NodeId(u32::try_from(node).unwrap());
            let port = PortId(u16::try_from(ports.len()).unwrap());
            ports.push(Port {
                wire: WireId { link, direction },
                mac: Mac::generated(node.0, port.0),
                addresses: Vec::new(),
            });
            End { node, port }
        };
        let ends = [plug(a, Direction::Forward), plug(b, Direction::Backward)];
        topology.links.push(Link {
            name: format!("l{}", link.0),
            ends,
            cost,
            profiles: [Arc::default(), Arc::default()],
        });
    }
    give_addresses(&mut topology);
    topology
}

/// All cards have addresses but for a few, which no path may use as a next hop.
fn give_addresses(topology: &mut Topology) {
    for (segment, members) in Segments::of(topology).iter() {
        for (number, &(node, port)) in members.iter().enumerate() {
            let card = &mut topology.nodes[node.index()].ports[port.index()];
            let [.., x, y] = segment.0.to_be_bytes();
            let address = |net: u32| format!("{net}.{x}.{y}.{}/24", number + 1);
            let nets: &[u32] = match (segment.0 % 3, (node.0 + segment.0) % 7) {
                (_, 6) => &[],
                (0, _) => &[10, 11],
                _ => &[10],
            };
            card.addresses = nets
                .iter()
                .map(|net| address(*net).parse().unwrap())
                .collect();
        }
    }
}

/// The same tables the plain way: one search for each segment, in a graph of nodes and segments.
fn plain(topology: &Topology) -> Vec<Vec<Route>> {
    let segments = Segments::of(topology);
    let cost = |node: NodeId, port: PortId| {
        let link = topology.port(node, port).wire.link;
        u64::from(topology.link(link).cost)
    };
    let routers = |segment: SegmentId| {
        let members = segments.members(segment).iter().copied();
        members.filter(|(node, _)| topology.node(*node).kind == NodeKind::Router)
    };
    let at = |segment: SegmentId| NodeIndex::new(topology.nodes.len() + segment.0 as usize);
    let mut graph = DiGraph::<(), u64>::new();
    for _ in 0..topology.nodes.len() + segments.len() {
        graph.add_node(());
    }
    for (segment, _) in segments.iter() {
        for (node, port) in routers(segment) {
            graph.add_edge(at(segment), NodeIndex::new(node.index()), cost(node, port));
            graph.add_edge(NodeIndex::new(node.index()), at(segment), 0);
        }
    }
    let table = |node: NodeId| {
        let mut rows: Vec<Route> = connected_routes(topology, node).collect();
        let kind = topology.node(node).kind;
        if !kind.speaks_ip() {
            return rows;
        }
        let ports = || (0..).map(PortId).zip(&topology.node(node).ports);
        let on = |port: &Port| segments.of_link(port.wire.link);
        let ways: Vec<(u64, NodeId, PortId, IpAddr)> = ports()
            .flat_map(|(port, card)| routers(on(card)).map(move |other| (port, other)))
            .filter(|(_, (router, _))| *router != node)
            .filter_map(|(port, (router, its))| {
                let via = topology.port(router, its).addresses.first()?.addr();
                Some((cost(node, port), router, port, via))
            })
            .collect();
        let origin = RouteOrigin::ShortestPath;
        if let (NodeKind::Host, &[(_, _, port, via)]) = (kind, ways.as_slice()) {
            let (prefix, via) = ("0.0.0.0/0".parse().unwrap(), Some(via));
            rows.push(Route {
                prefix,
                via,
                port,
                origin,
            });
            return rows;
        }
        for (segment, members) in segments.iter() {
            if ports().any(|(_, card)| on(card) == segment) {
                continue;
            }
            let distances = dijkstra(&graph, at(segment), None, |e| *e.weight());
            let total = |&(cost, router, port, via): &(u64, NodeId, PortId, IpAddr)| {
                let rest = distances.get(&NodeIndex::new(router.index()))?;
                Some((cost + rest, router, port, via))
            };
            let best = ways
                .iter()
                .filter_map(total)
                .min_by_key(|(c, r, p, _)| (*c, *r, *p));
            let Some((_, _, port, via)) = best else {
                continue;
            };
            let mut seen = Vec::new();
            for &(node, its) in members {
                for net in &topology.port(node, its).addresses {
                    let (prefix, via) = (net.trunc(), Some(via));
                    if !seen.contains(&prefix) {
                        seen.push(prefix);
                        rows.push(Route {
                            prefix,
                            via,
                            port,
                            origin,
                        });
                    }
                }
            }
        }
        rows
    };
    topology.node_ids().map(table).collect()
}

fn rows(tables: &[RoutingTable]) -> Vec<Vec<Route>> {
    tables.iter().map(|table| table.iter().collect()).collect()
}

fn kind() -> impl Strategy<Value = NodeKind> {
    prop_oneof![
        3 => Just(NodeKind::Host),
        4 => Just(NodeKind::Router),
        1 => Just(NodeKind::Switch),
        1 => Just(NodeKind::Hub),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Row for row, in the same order, whatever the network looks like.
    #[test]
    fn the_tables_are_those_of_one_plain_search_for_each_segment(
        kinds in prop::collection::vec(kind(), 2..14),
        links in prop::collection::vec((0usize..14, 0usize..14, 1u32..4), 0..26),
    ) {
        let count = kinds.len();
        let links: Vec<_> = links.iter().map(|&(a, b, c)| (a % count, b % count, c)).collect();
        let topology = network(&kinds, &links);
        prop_assert_eq!(rows(&shortest_path_routes(&topology)), plain(&topology));
    }
}

/// `edges` routers below a root, with `stubs` hosts each, every host on a link of its own.
fn tree(edges: usize, stubs: usize) -> Topology {
    let routers = vec![NodeKind::Router; edges + 1];
    let hosts = vec![NodeKind::Host; edges * stubs];
    let uplinks = (1..=edges).map(|edge| (0, edge, 1));
    let downlinks = (0..edges * stubs).map(|host| (1 + host / stubs, 1 + edges + host, 1));
    let links: Vec<_> = uplinks.chain(downlinks).collect();
    network(&[routers, hosts].concat(), &links)
}

#[test]
fn stub_subnets_behind_one_router_are_one_target() {
    // Targets: 4 uplinks and 4 edge routers with their stubs. The root and the edges keep lists.
    // Ways: 4 of the root, 1 of each edge. Arrows: both ways at the 8 ends of the uplinks.
    let topology = tree(4, 10);
    let search = RouteSearch::new(&topology);
    assert_eq!((search.routers(), search.subnets_between()), (5, 4));
    let (entries, ways, arrows) = (5, 8, 16);
    assert_eq!(search.steps(), (4 + 4) * (entries + ways + arrows));
    assert_eq!(rows(&search.tables()), plain(&topology));
}

#[test]
fn a_star_of_stub_subnets_takes_one_search() {
    // One router, one target: one entry, and no way to choose.
    let kinds = [vec![NodeKind::Router], vec![NodeKind::Host; 10_000]].concat();
    let links: Vec<_> = (1..=10_000).map(|host| (0, host, 1)).collect();
    let topology = network(&kinds, &links);
    assert_eq!(RouteSearch::new(&topology).steps(), 1);
    // The router's rows are its own subnets. One segment in three has two; in one of seven, the
    // hub's card has no address, and the host's another one if it has any.
    let tables = shortest_path_routes(&topology);
    let own: usize = topology.nodes[0]
        .ports
        .iter()
        .map(|card| card.addresses.len())
        .sum();
    assert_eq!(tables[0].len(), own);
}
