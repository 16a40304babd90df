//! Every application over the whole stack, between simulated hosts.

mod dns;
mod http;
mod http2;
mod probes;
mod tcp;
mod tls;
mod together;
mod udp;

use netsim::{
    engine::EndReason,
    osi::application::{
        report::{AppResult, DnsExchange, HttpExchange, Probe, TcpResult, TraceHop, UdpResult},
        spec::{
            Amount, App, Body, ClientHabits, DnsLookup, DnsServer, EchoClient, EchoTransport, Flow,
            HttpClient, HttpRequest, HttpRoute, HttpServer, HttpVersion, KeepAlive, Ping,
            RecordData, RecordType, RouteRules, ServerApp, TcpTransfer, Traceroute, UdpStream,
        },
    },
    topology::LinkProfile,
    units::{ByteSize, SimTime, Span},
};

use crate::support::{Lab, Outcome};

const MS: u64 = 1_000_000;

fn request(method: &str, path: &str, body: Body) -> HttpRequest {
    HttpRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: Vec::new(),
        body,
        chunked: false,
    }
}

fn http(requests: Vec<HttpRequest>) -> HttpClient {
    HttpClient {
        http2: None,
        version: HttpVersion::Http1,
        port: 80,
        requests,
        keep_alive: true,
        timeout: Span::from_secs(30),
        tls: None,
        habits: ClientHabits::default(),
        quic: Default::default(),
    }
}

fn route(method: &str, path: &str, status: u16, body: Body) -> HttpRoute {
    HttpRoute {
        push: Vec::new(),
        path: path.to_owned(),
        method: Some(method.to_owned()),
        status,
        headers: Vec::new(),
        body,
        think: Span::ZERO,
        rules: RouteRules::default(),
    }
}

fn site(routes: Vec<HttpRoute>) -> ServerApp {
    ServerApp::Http(HttpServer {
        http2: None,
        users: None,
        version: HttpVersion::Http1,
        port: 80,
        routes,
        tls: None,
        keep_alive: KeepAlive::default(),
        quic: Default::default(),
    })
}

fn exchanges(outcome: &Outcome, entry: usize) -> &[HttpExchange] {
    match &outcome.reports[entry].result {
        AppResult::Http(list) => list,
        other => panic!("not HTTP: {other:?}"),
    }
}

/// All TCP payload that crossed the first link, in the order it was sent.
fn payloads(outcome: &Outcome) -> Vec<String> {
    outcome
        .story
        .hops
        .iter()
        .filter(|hop| hop.bytes.len() > 54 && hop.bytes[23] == 6)
        .map(|hop| {
            // Ethernet 14, IPv4 20, TCP by its data offset; the IPv4 length leaves padding out.
            let total = usize::from(u16::from_be_bytes([hop.bytes[16], hop.bytes[17]]));
            let start = 34 + usize::from(hop.bytes[46] >> 4) * 4;
            String::from_utf8_lossy(&hop.bytes[start..14 + total]).into_owned()
        })
        .filter(|text| !text.is_empty())
        .collect()
}

fn bulk(amount: Amount, flow: Flow) -> TcpTransfer {
    TcpTransfer {
        port: 5001,
        amount,
        flow,
        tls: None,
    }
}

fn transfers(outcome: &Outcome, entry: usize) -> &[TcpResult] {
    match &outcome.reports[entry].result {
        AppResult::Tcp(list) => list,
        other => panic!("not TCP: {other:?}"),
    }
}

fn carry(amount: Amount, flow: Flow) -> Outcome {
    Lab::cable()
        .serve(ServerApp::Tcp {
            port: 5001,
            tls: None,
        })
        .go(App::Tcp(bulk(amount, flow)))
        .run()
}

fn stream(count: u64) -> App {
    App::Udp(UdpStream {
        port: 5004,
        size: 160,
        interval: Span::from_millis(20),
        count,
        on_off: None,
    })
}

fn measured(outcome: &Outcome) -> &UdpResult {
    match &outcome.reports[0].result {
        AppResult::Udp(result) => result,
        other => panic!("not UDP: {other:?}"),
    }
}

fn zone(lab: &Lab) -> ServerApp {
    ServerApp::Dns(DnsServer {
        port: 53,
        zone: vec![("bob".to_owned(), lab.bob_address())],
        ttl: Span::from_secs(300),
        zones: Vec::new(),
        roots: Vec::new(),
    })
}

fn question(query: &str) -> App {
    App::Dns(DnsLookup {
        query: query.to_owned(),
        record: RecordType::A,
        edns: None,
        port: 53,
        timeout: Span::from_secs(5),
        attempts: 3,
    })
}

fn questions(outcome: &Outcome, entry: usize) -> &[DnsExchange] {
    match &outcome.reports[entry].result {
        AppResult::Dns(list) => list,
        other => panic!("not DNS: {other:?}"),
    }
}

fn probes(outcome: &Outcome, entry: usize) -> &[Probe] {
    match &outcome.reports[entry].result {
        AppResult::Echo(list) | AppResult::Ping(list) => list,
        other => panic!("not probes: {other:?}"),
    }
}

fn echo(over: EchoTransport, message: Body) -> App {
    App::Echo(EchoClient {
        port: 7,
        over,
        message,
        count: 3,
        interval: Span::from_secs(1),
        timeout: Span::from_secs(5),
        tls: None,
    })
}

fn ping(count: u32, ttl: u8) -> App {
    App::Ping(Ping {
        count,
        interval: Span::from_millis(5),
        size: 56,
        timeout: Span::from_secs(1),
        ttl,
    })
}

fn fast_row(routers: u32) -> Lab {
    let profile = LinkProfile {
        latency: Span::from_millis(1),
        ..LinkProfile::default()
    };
    Lab::row(routers, profile)
}

fn trace() -> App {
    App::Traceroute(Traceroute {
        max_hops: 30,
        probes: 3,
        timeout: Span::from_secs(1),
    })
}

fn hops(outcome: &Outcome) -> &[TraceHop] {
    match &outcome.reports[0].result {
        AppResult::Traceroute(list) => list,
        other => panic!("not traceroute: {other:?}"),
    }
}
