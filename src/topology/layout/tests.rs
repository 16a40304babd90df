//! Layouts of the usual small networks.

use std::sync::Arc;

use super::{MOST_NODES, layout};
use crate::{
    ids::{Direction, LinkId, NodeId, PortId, WireId},
    topology::{End, Link, Node, NodeKind, Port, Topology},
    wire::Mac,
};

/// A network of `count` nodes with these links.
fn network(count: u32, links: &[(u32, u32)]) -> Topology {
    let mut topology = Topology::default();
    for i in 0..count {
        topology.nodes.push(Node {
            name: format!("n{i}"),
            kind: NodeKind::Host,
            ports: Vec::new(),
        });
    }
    for (&(a, b), number) in links.iter().zip(0..) {
        let ends = [(a, Direction::Forward), (b, Direction::Backward)].map(|(node, direction)| {
            let wire = WireId {
                link: LinkId(number),
                direction,
            };
            let ports = &mut topology.nodes[node as usize].ports;
            let port = PortId(u16::try_from(ports.len()).unwrap());
            ports.push(Port {
                wire,
                mac: Mac::generated(node, port.0),
                addresses: Vec::new(),
            });
            End {
                node: NodeId(node),
                port,
            }
        });
        topology.links.push(Link {
            name: format!("l{number}"),
            ends,
            cost: 1,
            profiles: [Arc::default(), Arc::default()],
        });
    }
    topology
}

fn closest(places: &[(f64, f64)]) -> f64 {
    let mut least = f64::INFINITY;
    for (i, a) in places.iter().enumerate() {
        for b in &places[..i] {
            least = least.min(libm::hypot(a.0 - b.0, a.1 - b.1));
        }
    }
    least
}

#[test]
fn a_chain_is_a_straight_line_in_its_own_order() {
    let places = layout(&network(4, &[(0, 1), (1, 2), (2, 3)]))
        .unwrap()
        .places;
    assert_eq!(places, [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)]);
}

#[test]
fn a_star_has_its_leaves_on_both_sides() {
    // Node 0 is the middle of six.
    let places = layout(&network(6, &[(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)]))
        .unwrap()
        .places;
    let left = places.iter().filter(|p| p.0 < places[0].0).count();
    let right = places.iter().filter(|p| p.0 > places[0].0).count();
    assert!(left.abs_diff(right) <= 1 && left + right == 5);
    assert!(closest(&places) >= 0.5);
}

#[test]
fn a_ring_is_round() {
    let links = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)];
    let places = layout(&network(6, &links)).unwrap().places;
    let middle_x = places.iter().map(|p| p.0).sum::<f64>() / 6.0;
    let middle_y = places.iter().map(|p| p.1).sum::<f64>() / 6.0;
    for (x, y) in &places {
        let radius = libm::hypot(x - middle_x, y - middle_y);
        // A regular hexagon with sides of one has radius one.
        assert!((radius - 1.0).abs() < 0.15, "{places:?}");
    }
}

#[test]
fn parts_and_lonely_nodes_stand_apart() {
    let places = layout(&network(5, &[(0, 1), (2, 3)])).unwrap().places;
    assert!(closest(&places) >= 0.5);
}

#[test]
fn hundreds_of_nodes_stand_apart_and_thousands_are_refused() {
    let links: Vec<(u32, u32)> = (1..200).map(|i| (i / 3, i)).chain([(7, 150)]).collect();
    assert!(closest(&layout(&network(200, &links)).unwrap().places) > 0.3);
    let many = u32::try_from(MOST_NODES).unwrap() + 1;
    assert!(layout(&network(many, &[])).is_none());
}
