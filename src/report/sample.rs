//! A plan and the facts of a made-up run with every kind of traffic, for the tests of this room.

mod talks;

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use super::{OutputFile, RunFacts, Summary};
use crate::engine::{EndReason, RunResult};
use crate::{
    ids::{Direction, LinkId, NodeId, PortId, TrafficId, WireId},
    osi::application::{
        report::{
            AppResult, DnsExchange, HttpCourse, HttpExchange, Probe, Spread, TcpResult, TraceHop,
            TrafficReport, UdpResult,
        },
        spec::{
            Amount, App, Body, ClientHabits, DnsLookup, EchoClient, EchoTransport, Flow,
            HttpClient, HttpVersion, Ping, Record, RecordData, RecordType, Target, TcpTransfer,
            Traceroute, Traffic, UdpStream,
        },
    },
    osi::presentation::quic::QuicClient,
    rng::RootSeed,
    scenario::plan::{CaptureFormat, CapturePlan, HostConfig, NodeGroup, Plan, TrafficGroup},
    topology::{End, Link, Node, NodeKind, Port, RoutingTable, Topology},
    trace::{DropReason, NodeCounters, WireCounters},
    units::{ByteSize, SimTime, Span},
    wire::Mac,
};

/// alice - wan - bob, with one entry of each kind of traffic.
pub(super) fn summary() -> Summary {
    Summary::new(plan(), facts())
}

/// The same with bob generated, and the first two entries of one pattern.
pub(super) fn grouped() -> Summary {
    let groups = vec![NodeGroup {
        name: "hosts".to_owned(),
        members: vec![NodeId(1)],
    }];
    let traffic_groups = vec![TrafficGroup {
        name: "incast".to_owned(),
        entries: 0..2,
    }];
    let plan = Plan {
        groups,
        traffic_groups,
        ..plan()
    };
    Summary::new(plan, facts())
}

pub(super) fn plan() -> Plan {
    Plan {
        title: "Everything over a lossy WAN".to_owned(),
        seed: RootSeed(7),
        stop: None,
        epoch: 1_735_689_600_000_000_000,
        topology: topology(),
        groups: Vec::new(),
        routes: vec![RoutingTable::default(); 2],
        hosts: vec![HostConfig::default(); 2],
        mac_ageing: Span::from_secs(300),
        servers: Vec::new(),
        traffic: names().into_iter().map(traffic).collect(),
        traffic_groups: Vec::new(),
        dns_server: None,
        dhcp_clients: Vec::new(),
        filled_in: crate::scenario::plan::FilledIn::default(),
        trace: crate::scenario::plan::TracePlan::default(),
        capture: CapturePlan {
            format: CaptureFormat::Pcapng,
            snap_length: None,
            vantage: Vec::new(),
            all: true,
        },
        warnings: vec!["bob has no traffic of its own".to_owned()],
    }
}

fn names() -> Vec<&'static str> {
    let plain = [
        "page", "name", "voice", "bulk", "echo", "ping", "path", "late",
    ];
    plain.into_iter().chain(talks::NAMES).collect()
}

fn topology() -> Topology {
    let end = |n| End {
        node: NodeId(n),
        port: PortId(0),
    };
    let node = |name: &str, last: u8, direction| Node {
        name: name.into(),
        kind: NodeKind::Host,
        ports: vec![Port {
            wire: WireId {
                link: LinkId(0),
                direction,
            },
            mac: Mac([2, 0, 0, 0, 0, last]),
            addresses: vec![format!("10.0.0.{last}/24").parse().unwrap()],
        }],
    };
    Topology {
        nodes: vec![
            node("alice", 1, Direction::Forward),
            node("bob", 2, Direction::Backward),
        ],
        links: vec![Link {
            name: "wan".to_owned(),
            ends: [end(0), end(1)],
            cost: 1,
            profiles: [Arc::default(), Arc::default()],
        }],
    }
}

fn bob() -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2))
}

fn traffic(name: &str) -> Traffic {
    Traffic {
        name: name.into(),
        from: NodeId(0),
        to: Target {
            name: "bob".into(),
            address: bob(),
        },
        start: SimTime::ZERO,
        repeat: 1,
        every: Span::ZERO,
        resolve_by_dns: false,
        app: app(name).into(),
    }
}

fn app(name: &str) -> App {
    if let Some(app) = talks::app(name) {
        return app;
    }
    match name {
        "page" => App::Http(HttpClient {
            version: HttpVersion::Http1,
            port: 80,
            requests: Vec::new(),
            keep_alive: true,
            timeout: Span::from_secs(30),
            http2: None,
            tls: None,
            habits: ClientHabits::default(),
            quic: QuicClient::default(),
        }),
        "name" => App::Dns(DnsLookup {
            query: "bob.example".to_owned(),
            record: RecordType::A,
            port: 53,
            timeout: Span::from_secs(5),
            attempts: 3,
            edns: None,
        }),
        "voice" => App::Udp(UdpStream {
            port: 5004,
            size: 160,
            interval: Span::from_millis(20),
            count: 250,
            on_off: None,
        }),
        "bulk" => App::Tcp(TcpTransfer {
            port: 5001,
            amount: Amount::Bytes(ByteSize::new(1_000_000)),
            flow: Flow::Upload,
            tls: None,
        }),
        "echo" => App::Echo(EchoClient {
            port: 7,
            over: EchoTransport::Tcp,
            message: Body::Empty,
            count: 1,
            interval: Span::from_secs(1),
            timeout: Span::from_secs(5),
            tls: None,
        }),
        "path" => App::Traceroute(Traceroute {
            max_hops: 30,
            probes: 2,
            timeout: Span::from_secs(1),
        }),
        _ => App::Ping(Ping {
            count: 4,
            interval: Span::from_secs(1),
            size: 56,
            timeout: Span::from_secs(1),
            ttl: 64,
        }),
    }
}

pub(super) fn facts() -> RunFacts {
    RunFacts {
        run: RunResult {
            end: SimTime::from_nanos(4_213_000_000),
            reason: EndReason::StopTime,
            events: 12_345,
            frames: 1_441,
            wires: wires(),
            nodes: nodes(),
        },
        traffic: reports(),
        mailboxes: Vec::new(),
        leases: Vec::new(),
        files: vec![OutputFile {
            name: "alice.pcapng".to_owned(),
            what: "capture at alice".to_owned(),
        }],
    }
}

fn wires() -> Vec<WireCounters> {
    let mut there = WireCounters {
        sent_frames: 1_000,
        sent_bytes: 1_400_000,
        delivered_frames: 961,
        delivered_bytes: 1_345_400,
        duplicated_frames: 1,
        in_flight_frames: 2,
        busy: Span::from_millis(1_150),
        queue_peak_bytes: 63_000,
        queue_peak_frames: 45,
        queue_peak_delay: Span::from_micros(50_400),
        ..WireCounters::default()
    };
    (0..36).for_each(|_| there.drops.add(DropReason::RandomLoss));
    (0..2).for_each(|_| there.drops.add(DropReason::QueueFull));
    let back = WireCounters {
        sent_frames: 480,
        sent_bytes: 28_800,
        delivered_frames: 480,
        delivered_bytes: 28_800,
        ..WireCounters::default()
    };
    vec![there, back]
}

fn nodes() -> Vec<NodeCounters> {
    let mut bob = NodeCounters {
        received_frames: 961,
        sent_frames: 480,
        arp_replies: 1,
        ..NodeCounters::default()
    };
    bob.drops.add(DropReason::BadChecksum);
    let alice = NodeCounters {
        received_frames: 480,
        sent_frames: 1_000,
        arp_requests: 1,
        ..NodeCounters::default()
    };
    vec![alice, bob]
}

fn reports() -> Vec<TrafficReport> {
    let results = [
        AppResult::Http(vec![page(None), page(Some("connection reset by peer"))]),
        AppResult::Dns(vec![DnsExchange {
            query: "bob.example".to_owned(),
            record: RecordType::A,
            started: SimTime::ZERO,
            took: Some(Span::from_micros(44_120)),
            attempts: 2,
            answers: vec![Record {
                name: "bob.example".to_owned(),
                ttl: 300,
                data: RecordData::A([10, 0, 0, 2].into()),
            }],
            over_tcp: false,
            authoritative: true,
            error: None,
        }]),
        AppResult::Udp(stream()),
        AppResult::Tcp(vec![TcpResult {
            started: SimTime::ZERO,
            connect: Some(Span::from_millis(44)),
            tls: None,
            bytes: 1_000_000,
            transfer: Some(Span::from_secs(2)),
            error: None,
        }]),
        AppResult::Echo(vec![probe(1, Some(44))]),
        AppResult::Ping(vec![probe(1, Some(44)), probe(2, None)]),
        AppResult::Traceroute(vec![hop(1, false), hop(2, true)]),
        AppResult::Ping(Vec::new()),
    ];
    let results = results.into_iter().chain(talks::results(&page(None)));
    // "path" has not ended, and "late" has not begun.
    let reports = (0..).zip(results).map(|(i, result)| TrafficReport {
        traffic: TrafficId(i),
        started: (i != 7).then_some(SimTime::ZERO),
        ended: (!(6..8).contains(&i)).then(|| SimTime::from_nanos(2_000_000_000)),
        result,
        left_out: if i < 8 { u64::from(i) } else { 0 },
        left_out_failed: 0,
    });
    reports.collect()
}

fn page(error: Option<&str>) -> HttpExchange {
    HttpExchange {
        method: "GET".to_owned(),
        path: "/api/users/123".to_owned(),
        pushed: false,
        started: SimTime::ZERO,
        lookup: None,
        connect: Some(Span::from_micros(44_100)),
        tls: None,
        first_byte: error.is_none().then(|| Span::from_micros(88_245)),
        total: error.is_none().then(|| Span::from_micros(90_100)),
        status: error.is_none().then_some(200),
        request_bytes: 0,
        response_bytes: 82,
        error: error.map(str::to_owned),
        course: HttpCourse {
            attempts: 1,
            failed_after: error.map(|_| Span::from_secs(30)),
            ..HttpCourse::default()
        },
    }
}

fn stream() -> UdpResult {
    UdpResult {
        sent: 250,
        refused: 0,
        received: 241,
        lost: 9,
        reordered: 1,
        duplicates: 0,
        bytes: 38_560,
        delay: Some(Spread {
            min: Span::from_micros(22_100),
            mean: Span::from_micros(23_000),
            max: Span::from_micros(26_250),
        }),
        jitter: Some(Span::from_micros(1_210)),
        arrivals: Some((
            SimTime::from_nanos(22_100_000),
            SimTime::from_nanos(2_013_000_000),
        )),
    }
}

fn probe(number: u32, rtt_ms: Option<u64>) -> Probe {
    Probe {
        number,
        sent: SimTime::ZERO,
        rtt: rtt_ms.map(Span::from_millis),
        from: None,
        error: rtt_ms.is_none().then(|| "no answer".to_owned()),
    }
}

fn hop(ttl: u8, reached: bool) -> TraceHop {
    TraceHop {
        ttl,
        address: reached.then(bob),
        rtts: vec![reached.then(|| Span::from_micros(44_010)), None],
        reached,
        error: None,
    }
}
