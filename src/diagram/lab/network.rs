//! The lab's nodes and links.

use std::sync::Arc;

use crate::{
    ids::{Direction, LinkId, NodeId, PortId, WireId},
    topology::{End, Link, LinkProfile, Node, NodeKind, Port, Topology},
    units::{BitRate, Span},
    wire::Mac,
};

pub(super) fn topology() -> Topology {
    let names = [
        ("alice", NodeKind::Host, vec!["10.0.0.10/24"]),
        ("s1", NodeKind::Switch, vec!["", ""]),
        ("r1", NodeKind::Router, vec!["10.0.0.1/24", "10.0.1.1/30"]),
        ("r2", NodeKind::Router, vec!["10.0.1.2/30", "10.0.2.1/24"]),
        ("bob", NodeKind::Host, vec!["10.0.2.10/24"]),
    ];
    let nodes = names
        .into_iter()
        .zip(0u32..)
        .map(|((name, kind, cards), n)| Node {
            name: name.to_owned(),
            kind,
            ports: cards
                .iter()
                .zip(0u16..)
                .map(|(card, p)| port(n, p, card))
                .collect(),
        });
    let links = [
        ("alice-s1", 100, 1),
        ("s1-r1", 100, 1),
        ("wan", 10, 20),
        ("r2-bob", 100, 1),
    ];
    Topology {
        nodes: nodes.collect(),
        links: links.into_iter().zip(0u32..).map(link).collect(),
    }
}

fn port(node: u32, port: u16, card: &str) -> Port {
    // Every node but the first has link n - 1 on port 0 and link n on port 1.
    let backward = node > 0 && port == 0;
    Port {
        wire: WireId {
            link: LinkId(if backward { node - 1 } else { node }),
            direction: if backward {
                Direction::Backward
            } else {
                Direction::Forward
            },
        },
        mac: Mac::generated(node, port),
        addresses: card.parse().into_iter().collect(),
    }
}

fn link(((name, mbit, ms), n): ((&str, u64, u64), u32)) -> Link {
    let end = |node: u32, port: u16| End {
        node: NodeId(node),
        port: PortId(port),
    };
    let profile = LinkProfile {
        rate: BitRate::new(mbit * 1_000_000).unwrap(),
        latency: Span::from_millis(ms),
        ..LinkProfile::default()
    };
    Link {
        name: name.to_owned(),
        ends: [end(n, u16::from(n > 0)), end(n + 1, 0)],
        cost: 1,
        profiles: [Arc::new(profile.clone()), Arc::new(profile)],
    }
}
