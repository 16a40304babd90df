//! Topology pictures of small, middling and large networks.

use std::sync::Arc;

use super::topology;
use crate::{
    diagram::{
        sample::{Net, network, profile},
        style::Theme,
    },
    scenario::plan::NodeGroup,
    topology::{LinkProfile, NodeKind, Topology},
};

/// Two routers with a lossy link, uneven in its directions, and two servers behind the second.
fn fork() -> Topology {
    let mut net = Net(network());
    Arc::make_mut(&mut net.0.links[1].profiles[1]).rate = "1 Mbit/s".parse().unwrap();
    let ns = net.node("ns", NodeKind::Host);
    let r2 = net.0.find("r2").unwrap();
    net.link(
        (r2, "10.0.3.1/24"),
        (ns, "10.0.3.10/24"),
        LinkProfile::default(),
    );
    net.0
}

/// Five hosts on a switch, and a hub with two more.
fn lan() -> Topology {
    let mut net = Net::default();
    let sw = net.node("sw", NodeKind::Switch);
    let hub = net.node("hub", NodeKind::Hub);
    net.link((sw, ""), (hub, ""), LinkProfile::default());
    for i in 1..=7 {
        let host = net.node(&format!("h{i}"), NodeKind::Host);
        let center = if i <= 5 { sw } else { hub };
        let address = format!("10.0.0.{i}/24");
        net.link((host, &address), (center, ""), profile("100 Mbit/s", "5us"));
    }
    net.0
}

/// Four routers in a ring with a chord, a host at each.
fn ring() -> Topology {
    let mut net = Net::default();
    let routers: Vec<_> = (1..=4)
        .map(|i| net.node(&format!("r{i}"), NodeKind::Router))
        .collect();
    for (i, (a, b)) in [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)]
        .into_iter()
        .enumerate()
    {
        let [one, two] = [1, 2].map(|end| format!("10.1.{i}.{end}/30"));
        let link = profile("10 Mbit/s", "3ms");
        net.link((routers[a], &one), (routers[b], &two), link);
    }
    for (i, &router) in routers.iter().enumerate() {
        let host = net.node(&format!("host{i}"), NodeKind::Host);
        let [one, two] = [1, 10].map(|end| format!("10.2.{i}.{end}/24"));
        net.link((router, &one), (host, &two), LinkProfile::default());
    }
    net.0
}

/// `count` hosts on a tree of switches.
fn campus(count: usize) -> Topology {
    let mut net = Net::default();
    let core = net.node("core", NodeKind::Router);
    let mut sw = core;
    for i in 0..count {
        if i % 12 == 0 {
            sw = net.node(&format!("sw{}", i / 12), NodeKind::Switch);
            net.link((core, ""), (sw, ""), LinkProfile::default());
        }
        let host = net.node(&format!("h{i}"), NodeKind::Host);
        net.link((host, ""), (sw, ""), profile("100 Mbit/s", "5us"));
    }
    net.0
}

#[test]
fn a_lossy_wan_with_a_fork() {
    insta::assert_snapshot!(topology(&fork(), &[], "A lossy WAN", Theme::Dark));
}

#[test]
fn a_switched_lan_with_a_hub() {
    insta::assert_snapshot!(topology(&lan(), &[], "A small LAN", Theme::Light));
}

#[test]
fn a_ring_of_routers() {
    insta::assert_snapshot!(topology(&ring(), &[], "Four routers", Theme::Light));
}

#[test]
fn a_hundred_nodes_have_names_only() {
    let svg = topology(&campus(90), &[], "A campus", Theme::Light);
    assert!(svg.contains(">h89<") && !svg.contains(">100 Mbit/s · 5 µs<"));
    insta::assert_snapshot!(svg);
}

#[test]
fn a_thousand_nodes_are_drawn_by_kind() {
    // 1000 hosts, a switch for every 12, rounded up: 84. One router.
    let svg = topology(&campus(1000), &[], "A city", Theme::Light);
    for text in [
        "hosts × 1000",
        "switches × 84",
        "core",
        "1000 links",
        "84 links",
    ] {
        assert!(svg.contains(&format!(">{text}<")), "{text}");
    }
    let caption = "1085 nodes, 1084 links, drawn by group; single nodes";
    assert!(svg.contains(caption));
    insta::assert_snapshot!(svg);
}

/// 100 routers in a ring with a host at each, all generated, and a server by hand.
fn generated() -> (Topology, Vec<NodeGroup>) {
    let mut net = Net::default();
    let routers: Vec<_> = (0..100)
        .map(|i| net.node(&format!("r{i}"), NodeKind::Router))
        .collect();
    let hosts: Vec<_> = (0..100)
        .map(|i| net.node(&format!("h{i}"), NodeKind::Host))
        .collect();
    let server = net.node("server", NodeKind::Host);
    for i in 0..100 {
        let long = if i < 3 { "5ms" } else { "1ms" };
        let next = routers[(i + 1) % 100];
        net.link((routers[i], ""), (next, ""), profile("10 Gbit/s", "1ms"));
        net.link((hosts[i], ""), (routers[i], ""), profile("1 Gbit/s", long));
    }
    net.link((server, ""), (routers[7], ""), LinkProfile::default());
    let group = |name: &str, members| NodeGroup {
        name: name.to_owned(),
        members,
    };
    (net.0, vec![group("ring", routers), group("hosts", hosts)])
}

#[test]
fn generated_nodes_are_drawn_by_role_and_others_by_name() {
    let (net, groups) = generated();
    let svg = topology(&net, &groups, "A large ring", Theme::Dark);
    for text in [
        "ring × 100",
        "100 links among them",
        "hosts × 100",
        "server",
    ] {
        assert!(svg.contains(&format!(">{text}<")), "{text}");
    }
    // Three of the hundred have another delay.
    assert!(svg.contains(">100 links, most of them<") && svg.contains(">1 Gbit/s · 1 ms<"));
    insta::assert_snapshot!(svg);
}
