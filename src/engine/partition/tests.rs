//! Claims about how networks are cut.

use std::sync::Arc;

use super::*;
use crate::{
    ids::PortId,
    topology::{End, LinkProfile, Node, NodeKind},
};

/// A network of `count` nodes with a link for each (one end, other end, latency in µs).
fn network(count: u32, links: &[(u32, u32, u64)]) -> Topology {
    let node = |n| Node {
        name: format!("n{n}"),
        kind: NodeKind::Host,
        ports: Vec::new(),
    };
    let link = |&(a, b, latency): &(u32, u32, u64)| {
        let profile = LinkProfile {
            latency: Span::from_micros(latency),
            ..LinkProfile::default()
        };
        Link {
            name: format!("n{a}-n{b}"),
            ends: [a, b].map(|n| End {
                node: NodeId(n),
                port: PortId(0),
            }),
            cost: 1,
            profiles: [Arc::new(profile.clone()), Arc::new(profile)],
        }
    };
    Topology {
        nodes: (0..count).map(node).collect(),
        links: links.iter().map(link).collect(),
    }
}

/// Work at the nodes, and links that all carry the same.
fn load(topology: &Topology, nodes: &[u64]) -> Load {
    Load {
        nodes: nodes.to_vec(),
        links: vec![7; topology.links.len()],
    }
}

fn cut(topology: &Topology, parts: usize) -> Partition {
    Partition::new(
        topology,
        &load(topology, &vec![1; topology.nodes.len()]),
        parts,
    )
}

fn parts(partition: &Partition) -> Vec<u32> {
    partition.part_of.to_vec()
}

#[test]
fn two_lans_are_cut_at_the_wan_between_them() {
    // 0, 1, 2 around router 3; 5, 6, 7 around router 4; 20 ms between the routers.
    let t = network(
        8,
        &[
            (0, 3, 10),
            (1, 3, 10),
            (2, 3, 10),
            (3, 4, 20_000),
            (4, 5, 10),
            (4, 6, 10),
            (4, 7, 10),
        ],
    );
    let p = cut(&t, 2);
    assert_eq!(parts(&p), [0, 0, 0, 0, 1, 1, 1, 1]);
    // 84 bytes at 1 Gbit/s take 672 ns.
    assert_eq!(p.look_ahead(), Span::from_nanos(20_000_672));
}

#[test]
fn a_chain_is_cut_once_in_the_middle() {
    let links: Vec<_> = (0..9).map(|n| (n, n + 1, 10)).collect();
    let p = cut(&network(10, &links), 2);
    assert_eq!(parts(&p), [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
}

#[test]
fn links_without_latency_are_never_cut() {
    let t = network(4, &[(0, 1, 0), (1, 2, 5), (2, 3, 0)]);
    assert_eq!(parts(&cut(&t, 4)), [0, 0, 1, 1]);
}

#[test]
fn where_everything_is_instant_there_is_one_part_and_it_says_why() {
    let p = cut(&network(3, &[(0, 1, 0), (1, 2, 0)]), 2);
    assert_eq!(p.parts(), 1);
    let why = p.refusal().unwrap();
    assert!(
        why.contains("`n0-n1`") && why.contains("latency may be zero"),
        "{why}"
    );
}

#[test]
fn jitter_that_may_eat_the_latency_counts_as_no_latency() {
    let mut t = network(2, &[(0, 1, 10)]);
    Arc::make_mut(&mut t.links[0].profiles[1]).jitter = Span::from_micros(10);
    assert!(cut(&t, 2).refusal().is_some());
}

#[test]
fn more_parts_than_nodes_are_not_made() {
    let p = cut(&network(2, &[(0, 1, 10)]), 8);
    assert_eq!(p.parts(), 2);
    assert_eq!(p.nodes_of(1).collect::<Vec<_>>(), [NodeId(1)]);
}

#[test]
fn heavy_nodes_are_spread_evenly() {
    // A ring of eight; two neighbours do as much as the other six together.
    let links: Vec<_> = (0..8).map(|n| (n, (n + 1) % 8, 10)).collect();
    let t = network(8, &links);
    let p = Partition::new(&t, &load(&t, &[6, 6, 2, 2, 2, 2, 2, 2]), 2);
    let weight = |part| -> u64 {
        let weights = [6, 6, 2, 2, 2, 2, 2, 2];
        p.nodes_of(part).map(|n| weights[n.index()]).sum()
    };
    assert_eq!((weight(0), weight(1)), (12, 12));
}

#[test]
fn links_that_carry_little_are_cut() {
    // A ladder: two rails of four nodes, four rungs. All traffic runs along the rails, so each rail
    // is a part and the rungs are cut; without traffic the ladder would be cut across.
    let rail = |from: u32| (from..from + 3).map(|n| (n, n + 1, 10));
    let rungs = (0..4).map(|n| (n, n + 4, 10));
    let links: Vec<_> = rail(0).chain(rail(4)).chain(rungs).collect();
    let t = network(8, &links);
    let load = Load {
        nodes: vec![1; 8],
        links: [vec![100; 6], vec![0; 4]].concat(),
    };
    let p = Partition::new(&t, &load, 2);
    assert_eq!(parts(&p), [0, 0, 0, 0, 1, 1, 1, 1]);
    assert_eq!(parts(&cut(&t, 2)), [0, 0, 1, 1, 0, 0, 1, 1]);
}
