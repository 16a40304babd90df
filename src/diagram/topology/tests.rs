//! Topology pictures of small, middling and large networks.

use super::topology;
use crate::{
    diagram::{
        sample::{Net, network, profile},
        style::Theme,
    },
    topology::{LinkProfile, NodeKind, Topology},
};

/// Two routers with a lossy link, uneven in its directions, and two servers behind the second.
fn fork() -> Topology {
    let mut net = Net(network());
    net.0.links[1].profiles[1].rate = "1 Mbit/s".parse().unwrap();
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
    insta::assert_snapshot!(topology(&fork(), "A lossy WAN", Theme::Dark));
}

#[test]
fn a_switched_lan_with_a_hub() {
    insta::assert_snapshot!(topology(&lan(), "A small LAN", Theme::Light));
}

#[test]
fn a_ring_of_routers() {
    insta::assert_snapshot!(topology(&ring(), "Four routers", Theme::Light));
}

#[test]
fn a_hundred_nodes_have_names_only() {
    let svg = topology(&campus(90), "A campus", Theme::Light);
    assert!(svg.contains(">h89<") && !svg.contains(">100 Mbit/s · 5 µs<"));
    insta::assert_snapshot!(svg);
}

#[test]
fn a_thousand_nodes_are_counted() {
    // 1000 hosts, a switch for every 12, rounded up: 84.
    let svg = topology(&campus(1000), "A city", Theme::Light);
    assert!(svg.contains(">1000 hosts<") && svg.contains(">84 switches<"));
    assert!(svg.contains("1000 × 100 Mbit/s, 5 µs"));
}
