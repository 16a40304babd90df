//! The tables of what runs on the hosts: servers, traffic; and of what is captured.

use std::net::IpAddr;

use super::{Section, marked};
use crate::{
    ids::TrafficId,
    osi::application::spec::{
        Amount, App, Body, DHCP_SERVER_PORT, EchoTransport, Flow, GrpcClient, HttpRoute, OnOff,
        RecordType, ServerApp, Traffic,
    },
    osi::presentation::tls::TlsVersion,
    scenario::plan::{CaptureFormat, Plan},
    units::SimTime,
};

/// Every server.
pub(super) fn servers(plan: &Plan) -> Section {
    let row = |(number, server): (usize, &crate::osi::application::spec::Server)| {
        let (app, port) = match &server.app {
            ServerApp::Http(http) if http.is_rest() => ("rest", http.port),
            ServerApp::Http(http) => ("http", http.port),
            ServerApp::Grpc(grpc) => ("grpc", grpc.port),
            ServerApp::Dns(dns) => ("dns", dns.port),
            ServerApp::Smtp(smtp) => ("smtp", smtp.port),
            ServerApp::Dhcp(_) => ("dhcp", DHCP_SERVER_PORT),
            ServerApp::Udp { port } => ("udp", *port),
            ServerApp::Tcp { port, .. } => ("tcp", *port),
            ServerApp::Echo { port, .. } => ("echo", *port),
            ServerApp::Proxy(proxy) => ("proxy", proxy.port),
            ServerApp::Hostile(hostile) => ("hostile", hostile.port),
            ServerApp::WebSocket(server) => ("websocket", server.port),
            ServerApp::Sse(server) => ("sse", server.port),
            #[allow(unreachable_patterns, reason = "the list of applications grows")]
            _ => ("other", 0),
        };
        vec![
            plan.topology.node(server.on).name.clone(),
            marked(app, plan.filled_in.servers.contains(&number)),
            match server.app.tls() {
                Some(_) => format!("{port}, TLS"),
                None => port.to_string(),
            },
        ]
    };
    let rows = plan.servers.iter().enumerate().map(row);
    Section::new(
        "Servers",
        &["host", "app", "port"],
        plan.servers.len(),
        rows,
    )
}

/// What the HTTP servers answer.
pub(super) fn answers(plan: &Plan) -> Section {
    let http = plan.servers.iter().filter_map(|server| match &server.app {
        ServerApp::Http(http) => Some((&plan.topology.node(server.on).name, http)),
        _ => None,
    });
    let total = http.clone().map(|(_, http)| http.routes.len()).sum();
    let rows = http.flat_map(|(host, http)| {
        let routes = http.routes.iter();
        routes.map(move |route| answer_row(host, http.port, route))
    });
    let header = ["host", "port", "method", "path", "status", "body", "think"];
    Section::new("HTTP answers", &header, total, rows)
}

fn answer_row(host: &str, port: u16, route: &HttpRoute) -> Vec<String> {
    vec![
        host.to_owned(),
        port.to_string(),
        route.method.clone().unwrap_or_else(|| "any".to_owned()),
        route.path.clone(),
        route.status.to_string(),
        body(&route.body),
        route.think.to_string(),
    ]
}

fn body(body: &Body) -> String {
    match body {
        Body::Empty => "-".to_owned(),
        Body::Text(text) => format!("{} B", text.len()),
        Body::Size(size) => size.to_string(),
    }
}

/// The zone of the DNS server, if there is one.
pub(super) fn names(plan: &Plan) -> Section {
    let dns = plan.servers.iter().find_map(|server| match &server.app {
        ServerApp::Dns(dns) => Some(dns),
        _ => None,
    });
    let total = dns.map_or(0, |dns| dns.zone.len());
    let rows = dns.into_iter().flat_map(|dns| {
        let ttl = dns.ttl.to_string();
        let row = move |(name, address): &(String, IpAddr)| {
            vec![name.clone(), address.to_string(), ttl.clone()]
        };
        dns.zone.iter().map(row)
    });
    Section::new("DNS names", &["name", "address", "TTL"], total, rows)
}

/// Every traffic entry.
pub(super) fn traffic(plan: &Plan) -> Section {
    let rows = (0..).zip(&plan.traffic).map(|(number, entry)| {
        let filled = plan.filled_in.traffic_names.contains(&TrafficId(number));
        let (name, address) = (&entry.to.name, entry.to.address.to_string());
        let to = if **name == address {
            address
        } else {
            format!("{name} ({address})")
        };
        vec![
            marked(&entry.name, filled),
            plan.topology.node(entry.from).name.clone(),
            to,
            if entry.resolve_by_dns { "DNS" } else { "known" }.to_owned(),
            entry.start.since(SimTime::ZERO).to_string(),
            repetitions(entry),
            protected(&entry.app),
        ]
    });
    let header = [
        "traffic", "from", "to", "address", "start", "repeat", "what",
    ];
    Section::new("Traffic", &header, plan.traffic.len(), rows)
}

fn repetitions(entry: &Traffic) -> String {
    match entry.repeat {
        1 => "-".to_owned(),
        n => format!("{n} x, every {}", entry.every),
    }
}

/// What an entry does, and what it asks of TLS.
fn protected(app: &App) -> String {
    let Some(tls) = app.tls() else {
        return action(app);
    };
    let version = tls.version.map_or("1.3 or 1.2", TlsVersion::number);
    let wishes = [
        (!tls.trust, "without trust"),
        (tls.certificate, "with a certificate"),
        (!tls.resumption, "without resumption"),
        (tls.early_data, "with early data"),
    ];
    let wishes = wishes.iter().filter(|(wish, _)| *wish);
    let wishes: String = wishes.map(|(_, words)| format!(" {words}")).collect();
    format!("{}, over TLS {version}{wishes}", action(app))
}

fn action(app: &App) -> String {
    match app {
        App::Http(http) => {
            let connection = if http.keep_alive {
                "one connection"
            } else {
                "a connection each"
            };
            let requests: Vec<String> = http
                .requests
                .iter()
                .take(3)
                .map(|r| format!("{} {}", r.method, r.path))
                .collect();
            let more = if http.requests.len() > 3 { ", ..." } else { "" };
            format!(
                "http {}: {} requests ({}{more}) over {connection}, timeout {}",
                http.port,
                http.requests.len(),
                requests.join(", "),
                http.timeout
            )
        }
        App::Rest(rest) => format!(
            "rest {}: {} requests, timeout {}",
            rest.port,
            rest.requests.len(),
            rest.timeout
        ),
        App::Grpc(grpc) => calls(grpc),
        App::Dns(dns) => {
            let edns = dns
                .edns
                .map_or_else(String::new, |n| format!(", EDNS {n} B"));
            let kind = match dns.record {
                RecordType::A => String::new(),
                other => format!(" {other}"),
            };
            format!(
                "dns {}: {}{kind}, {} attempts of {}{edns}",
                dns.port, dns.query, dns.attempts, dns.timeout
            )
        }
        App::Smtp(smtp) => {
            let to: usize = smtp.mail.iter().map(|mail| mail.to.len()).sum();
            format!(
                "smtp {}: {} messages for {to} recipients, timeout {}{}",
                smtp.port,
                smtp.mail.len(),
                smtp.timeout,
                if smtp.starttls { ", STARTTLS" } else { "" }
            )
        }
        App::Udp(udp) => format!(
            "udp {}: {} datagrams of {} B, one every {}{}",
            udp.port,
            udp.count,
            udp.size,
            udp.interval,
            udp.on_off.map_or_else(String::new, bursts)
        ),
        App::Tcp(tcp) => {
            let way = match tcp.flow {
                Flow::Upload => "upload",
                Flow::Download => "download",
            };
            format!("tcp {}: {way} {}", tcp.port, amount(&tcp.amount))
        }
        App::Echo(echo) => {
            let over = match echo.over {
                EchoTransport::Tcp => "TCP",
                EchoTransport::Udp => "UDP",
            };
            format!(
                "echo {} over {over}: {} x {}, one every {}, timeout {}",
                echo.port,
                echo.count,
                body(&echo.message),
                echo.interval,
                echo.timeout
            )
        }
        App::Ping(ping) => format!(
            "ping: {} x {} B, one every {}, TTL {}, timeout {}",
            ping.count, ping.size, ping.interval, ping.ttl, ping.timeout
        ),
        App::Traceroute(trace) => format!(
            "traceroute: at most {} hops, {} probes each, timeout {}",
            trace.max_hops, trace.probes, trace.timeout
        ),
        App::WebSocket(ws) => format!(
            "websocket {}: {} {}, {} messages, one every {}, timeout {}",
            ws.port,
            ws.mode.name(),
            ws.path,
            ws.count,
            ws.interval,
            ws.frames.timeout
        ),
        App::Sse(sse) => format!(
            "sse {}: {}, {} events, silence of at most {}",
            sse.port, sse.path, sse.count, sse.timeout
        ),
        #[allow(unreachable_patterns, reason = "the list of applications grows")]
        other => other.name().to_owned(),
    }
}

/// "grpc 50051: GetUser, ListUsers, timeout 30s".
fn calls(grpc: &GrpcClient) -> String {
    let names: Vec<&str> = grpc.calls.iter().take(5).map(|c| c.method.name()).collect();
    let more = if grpc.calls.len() > 5 { ", ..." } else { "" };
    format!(
        "grpc {}: {}{more}, timeout {}",
        grpc.port,
        names.join(", "),
        grpc.timeout
    )
}

fn bursts(on_off: OnOff) -> String {
    let OnOff { on, off, .. } = on_off;
    let about = if on_off.random { "about " } else { "" };
    format!(", in bursts of {about}{on} with {about}{off} between")
}

fn amount(amount: &Amount) -> String {
    match amount {
        Amount::HandshakeOnly => "nothing: open and close".to_owned(),
        Amount::Text(text) => format!("{} B of text", text.len()),
        Amount::Bytes(size) => size.to_string(),
        Amount::Duration(span) => format!("for {span}"),
    }
}

/// What is captured.
pub(super) fn captures(plan: &Plan) -> Section {
    let capture = &plan.capture;
    let format = match capture.format {
        CaptureFormat::Pcapng => "pcapng",
        CaptureFormat::Pcap => "pcap",
    };
    let snap = capture
        .snap_length
        .map_or_else(|| "whole frames".to_owned(), |n| format!("first {n} B"));
    let cards: Vec<String> = capture
        .vantage
        .iter()
        .take(20)
        .map(|(node, port)| plan.topology.port_name(*node, *port))
        .collect();
    let more = capture.vantage.len().saturating_sub(cards.len());
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let yes = |on| if on { "yes" } else { "no" }.to_owned();
    let row = vec![
        format.to_owned(),
        snap,
        format!("{}{more}", cards.join(", ")),
        yes(capture.all),
        yes(plan.trace.tcp),
    ];
    Section::new(
        "Captures",
        &["format", "keeps", "cards", "all interfaces", "tcp.jsonl"],
        1,
        std::iter::once(row),
    )
}
