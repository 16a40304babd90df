//! One `[[server]]` of the file.

use super::{SERVE, default_routes};
use crate::{
    osi::application::spec::{
        DnsServer, GrpcServer, HostileServer, HttpRoute, HttpServer, HttpVersion, Server, ServerApp,
    },
    scenario::{
        limits::MAX_BODY,
        lower::{
            dhcp, dns::Names, http, http2, live, nodes::Nodes, proxy, quic, ranges, server_keys,
            smtp, tls, users, web, zones::Written,
        },
        schema::{self, ServerWord, Table},
        text::Findings,
    },
    topology::Topology,
    units::{ByteSize, SimTime},
};

/// Reads one, number `number` of the file; `qlog` is a matter of the file.
pub(super) fn one(
    (number, table): (usize, &Table<schema::Server>),
    (nodes, topology, qlog): (&Nodes, &Topology, bool),
    dns: &Names,
    findings: &mut Findings,
) -> Option<Server> {
    let keys = &table.value;
    for (key, given, example) in [
        ("on", keys.on.is_given(), "on = \"bob\""),
        ("app", keys.app.is_given(), "app = \"http\""),
    ] {
        if !given {
            findings
                .missing(table.place.clone(), format!("this server has no `{key}`"))
                .help(format!("write something like `{example}`"));
        }
    }
    let role = "a server runs on a host or router";
    let on = nodes.of_kind(&keys.on, &SERVE, role, findings);
    let word = keys.app.read(findings);
    let routes: Vec<HttpRoute> = keys
        .route
        .items
        .iter()
        .map(|r| http::route(r, findings))
        .collect();
    let (on, word) = (on?, word?);
    let version = keys.version.read(findings);
    server_keys::refuse_foreign(keys, word, findings);
    let version = version.unwrap_or_default();
    if word == ServerWord::Dhcp {
        if keys.port.is_given() {
            let message = "DHCP has its ports, 67 and 68";
            findings.error(keys.port.place(), message);
        }
        let app = dhcp::server(table, on, (nodes, topology, dns), findings)?;
        return Some(Server {
            on,
            app: ServerApp::Dhcp(app),
        });
    }
    if word == ServerWord::Smtp {
        let app = ServerApp::Smtp(smtp::server(table, findings));
        return Some(Server { on, app });
    }
    let mut tls = tls::server(&keys.tls, (word, version), findings);
    if version == HttpVersion::Http3 {
        if word == ServerWord::Proxy {
            findings
                .error(keys.version.place(), "a proxy speaks HTTP/1.1 or HTTP/2")
                .help("a web server speaks HTTP/3 (`app = \"http\"`)");
        }
        tls = quic::server_tls(tls, &keys.tls, keys.version.place(), findings);
    }
    let quic = quic::server(&keys.quic, version, qlog, findings);
    let http2 = http2::server(&keys.http2, word == ServerWord::Http, findings);
    let service = users::service(keys, findings);
    let port = |usual, findings: &mut Findings| ranges::port(&keys.port, usual, findings);
    let usual = if tls.is_some() { 443 } else { 80 };
    let app = match word {
        ServerWord::Http => ServerApp::Http(HttpServer {
            version,
            port: port(usual, findings),
            keep_alive: web::keep_alive(keys, findings),
            routes: if routes.is_empty() {
                default_routes()
            } else {
                routes
            },
            users: None,
            http2,
            tls,
            quic,
        }),
        ServerWord::Rest => ServerApp::Http(HttpServer {
            version,
            port: port(usual, findings),
            keep_alive: web::keep_alive(keys, findings),
            routes: Vec::new(),
            users: Some(service),
            http2: None,
            tls,
            quic,
        }),
        ServerWord::Grpc => ServerApp::Grpc(GrpcServer {
            port: port(users::GRPC_PORT, findings),
            users: service,
            tls,
        }),
        ServerWord::Dns => ServerApp::Dns(dns_server(dns, number, port(53, findings))),
        ServerWord::Smtp | ServerWord::Dhcp => return None,
        ServerWord::Udp => ServerApp::Udp {
            port: port(5004, findings),
        },
        ServerWord::Tcp => ServerApp::Tcp {
            port: port(5001, findings),
            tls,
        },
        ServerWord::Echo => ServerApp::Echo {
            port: port(7, findings),
            tls,
        },
        ServerWord::Proxy => {
            let front = (port(usual, findings), version, tls);
            ServerApp::Proxy(proxy::server(table, front, (nodes, topology), findings))
        }
        ServerWord::Hostile => {
            let size = ByteSize::new(2)..=MAX_BODY;
            ServerApp::Hostile(HostileServer {
                port: port(usual, findings),
                begin: SimTime::ZERO
                    + ranges::span(&keys.begin, "begin", findings).unwrap_or_default(),
                behaviour: keys.behaviour.read(findings).unwrap_or_default(),
                size: ranges::size(&keys.size, "size", size, findings)
                    .unwrap_or(ByteSize::new(1000)),
                tls,
            })
        }
        ServerWord::WebSocket => {
            let port = port(usual, findings);
            ServerApp::WebSocket(live::websocket_server(&keys.websocket, port, tls, findings))
        }
        ServerWord::Sse => {
            let port = port(usual, findings);
            ServerApp::Sse(live::sse_server(&keys.sse, port, tls, findings))
        }
    };
    Some(Server { on, app })
}

/// A DNS server: with the zones of the file, or with every name of the network.
fn dns_server(dns: &Names, number: usize, port: u16) -> DnsServer {
    let Written { zones, roots } = dns.written(number);
    let usual = DnsServer {
        port,
        ..dns.settings.clone()
    };
    if zones.is_empty() && roots.is_empty() {
        return usual;
    }
    DnsServer {
        zone: Vec::new(),
        zones,
        roots,
        ..usual
    }
}
