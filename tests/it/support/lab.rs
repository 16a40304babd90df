//! A small network run inside the test: alice, some routers, bob, and programs on both.

use std::{net::IpAddr, sync::Arc};

use ipnet::IpNet;
use netsim::{
    engine::{HostConfig, RunControl, RunResult, World, WorldSetup},
    ids::{Direction, LinkId, NodeId, PortId, TrafficId, WireId},
    osi::application::{
        AppEnv, Reports,
        report::TrafficReport,
        spec::{App, Server, ServerApp, Target, Traffic},
        start_server, start_traffic,
    },
    osi::data_link::ArpMode,
    rng::RootSeed,
    topology::{End, Link, LinkProfile, Node, NodeKind, Port, Topology, shortest_path_routes},
    trace::Story,
    units::{SimTime, Span},
    wire::Mac,
};

/// alice, then the routers r1, r2 ..., then bob, in a row. Link k has the subnet 10.0.k.0/24; its
/// left end is .1 and its right end .2.
pub(crate) struct Lab {
    /// The network; profiles may be changed before the run.
    pub(crate) topology: Topology,
    /// The servers, on bob or elsewhere.
    pub(crate) servers: Vec<Server>,
    /// The traffic.
    pub(crate) traffic: Vec<Traffic>,
    /// Static unless changed, so that times are those of the packets alone.
    pub(crate) arp: ArpMode,
    /// 1 unless changed.
    pub(crate) seed: u64,
    /// Whom traffic with `resolve_by_dns` asks.
    pub(crate) dns_server: Option<IpAddr>,
    /// End the run then at the latest.
    pub(crate) stop: Option<SimTime>,
}

/// What came of a run.
pub(crate) struct Outcome {
    /// By traffic entry.
    pub(crate) reports: Vec<TrafficReport>,
    /// What happened.
    pub(crate) story: Story,
    /// Counters, and how the run ended.
    pub(crate) result: RunResult,
}

impl Lab {
    /// A row with `routers` routers, every link like `profile`.
    pub(crate) fn row(routers: u32, profile: LinkProfile) -> Self {
        let mut topology = Topology::default();
        for k in 0..routers + 2 {
            topology.nodes.push(Node {
                name: match k {
                    0 => "alice".to_owned(),
                    k if k == routers + 1 => "bob".to_owned(),
                    k => format!("r{k}"),
                },
                kind: match k {
                    k if k == 0 || k == routers + 1 => NodeKind::Host,
                    _ => NodeKind::Router,
                },
                ports: Vec::new(),
            });
        }
        for k in 0..=routers {
            let ends = [
                plug(&mut topology, k, k, Direction::Forward),
                plug(&mut topology, k + 1, k, Direction::Backward),
            ];
            topology.links.push(Link {
                name: format!("link{k}"),
                ends,
                cost: 1,
                profiles: [Arc::new(profile.clone()), Arc::new(profile.clone())],
            });
        }
        Self {
            topology,
            servers: Vec::new(),
            traffic: Vec::new(),
            arp: ArpMode::Static,
            seed: 1,
            dns_server: None,
            stop: Some(SimTime::from_nanos(600_000_000_000)),
        }
    }

    /// alice and bob on one cable: 100 Mbit/s, 10 ms each way.
    pub(crate) fn cable() -> Self {
        Self::row(
            0,
            LinkProfile {
                rate: "100 Mbit/s".parse().unwrap(),
                latency: Span::from_millis(10),
                ..LinkProfile::default()
            },
        )
    }

    /// The last node.
    pub(crate) fn bob(&self) -> NodeId {
        self.topology.find("bob").unwrap()
    }

    /// bob's address.
    pub(crate) fn bob_address(&self) -> IpAddr {
        let bob = self.topology.node(self.bob());
        bob.primary_address().unwrap()
    }

    /// Puts a server on bob.
    pub(crate) fn serve(mut self, app: ServerApp) -> Self {
        self.servers.push(Server {
            on: self.bob(),
            app,
        });
        self
    }

    /// Lets alice do something with bob, once, from the start.
    pub(crate) fn go(mut self, app: App) -> Self {
        self.traffic.push(Traffic {
            name: format!("{}-{}", app.name(), self.traffic.len() + 1).into(),
            from: NodeId(0),
            to: Target {
                name: "bob".into(),
                address: self.bob_address(),
            },
            start: SimTime::ZERO,
            repeat: 1,
            every: Span::ZERO,
            resolve_by_dns: false,
            app: app.into(),
        });
        self
    }

    /// Runs until the traffic is done.
    pub(crate) fn run(&self) -> Outcome {
        let routes = shortest_path_routes(&self.topology);
        let config = HostConfig {
            arp: self.arp,
            ..HostConfig::default()
        };
        let hosts = vec![config; self.topology.nodes.len()];
        let mut world = World::new(WorldSetup {
            topology: &self.topology,
            routes: &routes,
            hosts: &hosts,
            seed: RootSeed(self.seed),
            mac_ageing: Span::from_secs(300),
        });
        let env = AppEnv {
            // 2025-01-01T00:00:00Z
            epoch: 1_735_689_600_000_000_000,
            dns_server: self.dns_server,
            seed: RootSeed(self.seed),
        };
        let reports = Reports::new(&self.traffic);
        for id in self.topology.node_ids() {
            if let Some(host) = world.host(id) {
                for server in self.servers.iter().filter(|s| s.on == id) {
                    start_server(host, server, env, &reports);
                }
            }
        }
        for (k, traffic) in (0..).zip(&self.traffic) {
            let host = world.host(traffic.from).unwrap();
            start_traffic(host, TrafficId(k), traffic, env, &reports);
        }
        let mut story = Story::with_limit(100_000);
        let result = world
            .run(self.stop, &RunControl::default(), &mut story)
            .unwrap();
        Outcome {
            reports: reports.collect(),
            story,
            result,
        }
    }
}

impl Outcome {
    /// What applications told, in order.
    pub(crate) fn told(&self) -> Vec<&str> {
        self.story.apps.iter().map(|e| e.kind.text()).collect()
    }

    /// The bytes of everything that happened, to compare runs.
    pub(crate) fn fingerprint(&self) -> String {
        format!("{:?} {:?}", self.story, self.reports)
    }
}

/// Gives `node` a port at one end of link `link`.
fn plug(topology: &mut Topology, node: u32, link: u32, direction: Direction) -> End {
    let ports = &mut topology.nodes[node as usize].ports;
    let port = PortId(u16::try_from(ports.len()).unwrap());
    let last = 1 + u8::try_from(direction.index()).unwrap();
    let address = IpAddr::from([10, 0, u8::try_from(link).unwrap(), last]);
    ports.push(Port {
        wire: WireId {
            link: LinkId(link),
            direction,
        },
        mac: Mac::generated(node, port.0),
        addresses: vec![IpNet::new(address, 24).unwrap()],
    });
    End {
        node: NodeId(node),
        port,
    }
}
