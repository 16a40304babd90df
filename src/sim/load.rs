//! How much a run will have to do, as far as its plan tells: how many packets each node handles and
//! each link carries. It is there to divide a run among threads, not for results.
//!
//! Contract: numbers in proportion, taken from the routing tables before anything happens. Not
//! counted: what servers begin by themselves (proxies, name servers), ARP, floods of switches,
//! retransmissions.

use std::net::IpAddr;

use self::lans::Lans;
use crate::{
    engine::Load,
    ids::NodeId,
    osi::{
        application::spec::{Amount, App, Flow, TcpTransfer, Traffic},
        network::{Step, Ways},
    },
    scenario::plan::Plan,
    topology::{Node, Owners, Topology},
    units::Span,
};

mod lans;

/// What the run of `plan` will have to do.
pub(super) fn load(plan: &Plan) -> Load {
    let topology = &plan.topology;
    let owners = Owners::of(topology);
    let mut tally = Tally {
        ways: Ways::new(topology, &plan.routes, &owners),
        lans: Lans::of(topology),
        load: idle(topology),
    };
    let each = plan.traffic.len() / ENOUGH + 1;
    for traffic in plan.traffic.iter().step_by(each) {
        tally.add_both_ways(topology, &owners, traffic);
    }
    tally.load
}

/// A network that carries nothing: each node has its ports to look after.
fn idle(topology: &Topology) -> Load {
    let ports = |node: &Node| 1 + node.ports.len() as u64;
    Load {
        nodes: topology.nodes.iter().map(ports).collect(),
        links: vec![0; topology.links.len()],
    }
}

struct Tally<'a> {
    ways: Ways<'a>,
    lans: Lans<'a>,
    load: Load,
}

impl Tally<'_> {
    fn add_both_ways(&mut self, topology: &Topology, owners: &Owners, traffic: &Traffic) {
        let times = u64::from(traffic.repeat);
        let [there, back] = packets(&traffic.app).map(|count| count.saturating_mul(times));
        self.add(there, traffic.from, traffic.to.address);
        let server = owners.get(traffic.to.address);
        let client = topology.node(traffic.from).primary_address();
        if let (Some(server), Some(client)) = (server, client) {
            self.add(back, server, client);
        }
    }

    /// So many packets go from `from` to `address`.
    fn add(&mut self, packets: u64, from: NodeId, address: IpAddr) {
        if packets == 0 {
            return;
        }
        let (mut links, mut nodes) = (Vec::new(), vec![from]);
        let mut last = from;
        let take = |step: Step| {
            last = step.to;
            nodes.push(step.to);
            self.lans.cross(step, &mut links, &mut nodes);
        };
        self.ways.follow(from, address, take);
        let Load {
            nodes: of_node,
            links: of_link,
        } = &mut self.load;
        for link in links {
            add(&mut of_link[link.index()], packets);
        }
        for node in nodes {
            add(&mut of_node[node.index()], packets * HOP);
        }
        for end in [from, last] {
            add(&mut of_node[end.index()], packets * (END - HOP));
        }
    }
}

fn add(sum: &mut u64, more: u64) {
    *sum = sum.saturating_add(more);
}

/// What a packet costs where it is passed on, and where it begins or ends.
const HOP: u64 = 2;
const END: u64 = 4;

/// About how many packets an exchange takes, there and back.
fn packets(app: &App) -> [u64; 2] {
    let packets: [u64; 2] = match app {
        App::Udp(stream) => [stream.count, 0],
        App::Ping(ping) => [ping.count.into(); 2],
        App::Echo(echo) => [echo.count.into(); 2],
        App::Tcp(tcp) => segments(tcp),
        App::Dns(_) | App::Traceroute(_) => [A_FEW; 2],
        App::Http(_) | App::Rest(_) | App::Grpc(_) => [MANY; 2],
        App::Smtp(_) | App::WebSocket(_) | App::Sse(_) => [MANY; 2],
    };
    // No run is so long, and sums stay far from the largest number.
    packets.map(|count| count.min(u64::from(u32::MAX)))
}

/// A transfer's segments one way and ACKs of every other one the other way.
fn segments(tcp: &TcpTransfer) -> [u64; 2] {
    let data = match tcp.amount {
        Amount::HandshakeOnly | Amount::Text(_) => A_FEW,
        Amount::Bytes(size) => size.bytes() / FULL_SEGMENT + A_FEW,
        Amount::Duration(span) => span.as_nanos() / BUSY_INTERVAL.as_nanos() + A_FEW,
    };
    match tcp.flow {
        Flow::Upload => [data, data / 2],
        Flow::Download => [data / 2, data],
    }
}

/// Of more flows than this, one in two or more is followed: that shows the proportions as well.
const ENOUGH: usize = 50_000;
/// An exchange of whose length nothing is known.
const MANY: u64 = 100;
/// A handshake, a question.
const A_FEW: u64 = 4;
/// \[bytes\]
const FULL_SEGMENT: u64 = 1448;
/// From segment to segment of a transfer that goes on for a time: some 100 Mbit/s.
const BUSY_INTERVAL: Span = Span::from_micros(100);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine::Partition, scenario};

    /// The packets on each link of a network.
    fn on_links(network: &str) -> Vec<(String, u64)> {
        let plan = scenario::load_str("test", network, &[]).unwrap();
        let names = plan.topology.links.iter().map(|link| link.name.clone());
        names.zip(load(&plan).links).collect()
    }

    fn expect(network: &str, expected: &[(&str, u64)]) {
        let expected: Vec<_> = expected.iter().map(|&(l, n)| (l.to_owned(), n)).collect();
        assert_eq!(on_links(network), expected);
    }

    #[test]
    fn packets_are_counted_along_the_routes_there_and_back() {
        // 30 pings there, 30 back, over the short way; nothing over r3.
        let network = r#"
            [node.a]
            [node.b]
            [node.r1]
            kind = "router"
            [node.r2]
            kind = "router"
            [node.r3]
            kind = "router"
            [[link]]
            between = ["a", "r1"]
            [[link]]
            between = ["r1", "r2"]
            [[link]]
            between = ["r1", "r3"]
            [[link]]
            between = ["r3", "r2"]
            [[link]]
            between = ["r2", "b"]
            [[traffic]]
            app = "ping"
            from = "a"
            to = "b"
            count = 10
            repeat = 3
        "#;
        let idle = [("r1-r3", 0), ("r3-r2", 0)];
        let [a, b] = idle;
        expect(network, &[("a-r1", 60), ("r1-r2", 60), a, b, ("r2-b", 60)]);
    }

    #[test]
    fn a_fat_tree_is_cut_between_the_planes_of_its_flows() {
        // k = 4: the hosts of edge switch e of each pod meet at aggregation switch e and its first
        // core. So there are two planes, and no flow leaves its own.
        let network = r#"
            [generate]
            kind = "fat-tree"
            k = 4
            [[traffic]]
            app = "udp"
            pattern = "permutation"
            count = 100
        "#;
        let plan = scenario::load_str("test", network, &[]).unwrap();
        let load = load(&plan);
        let partition = Partition::new(&plan.topology, &load, 2);
        assert_eq!(partition.parts(), 2);
        let links = plan.topology.links.iter().zip(&load.links);
        let cut = links.filter(|(link, _)| {
            let [a, b] = link.ends.map(|end| partition.part_of(end.node));
            a != b
        });
        assert_eq!(cut.map(|(_, frames)| frames).sum::<u64>(), 0);
    }

    #[test]
    fn packets_are_counted_through_switches() {
        // 50 datagrams up from s2 over s1 down to s3, and none to c.
        let network = r#"
            [node.a]
            [node.b]
            [node.c]
            [node.s1]
            kind = "switch"
            [node.s2]
            kind = "switch"
            [node.s3]
            kind = "switch"
            [[link]]
            between = ["s1", "s2"]
            [[link]]
            between = ["s1", "s3"]
            [[link]]
            between = ["a", "s2"]
            [[link]]
            between = ["b", "s3"]
            [[link]]
            between = ["c", "s1"]
            [[traffic]]
            app = "udp"
            from = "a"
            to = "b"
            count = 50
        "#;
        expect(
            network,
            &[
                ("s1-s2", 50),
                ("s1-s3", 50),
                ("a-s2", 50),
                ("b-s3", 50),
                ("c-s1", 0),
            ],
        );
    }
}
