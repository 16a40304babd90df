//! Servers: those of the file, and those that traffic implies.

use std::collections::BTreeMap;

use super::{
    dhcp, dns::Names, flows::Flows, http, http2, live, nodes::Nodes, owners::Owners, proxy, quic,
    ranges, server_keys, smtp, tls, users, web, zones::Written,
};
use crate::{
    ids::NodeId,
    osi::{
        application::spec::{
            App, Body, DHCP_SERVER_PORT, DnsServer, EchoTransport, GrpcServer, HostileServer,
            HttpRoute, HttpServer, HttpVersion, KeepAlive, RouteRules, Server, ServerApp,
            UserService,
        },
        presentation::quic::QuicServer,
    },
    scenario::{
        limits::{MAX_BODY, MAX_ENTRIES},
        plan::FilledIn,
        schema::{self, File, ServerWord, Table},
        text::{Findings, Place},
    },
    topology::{NodeKind, Topology},
    units::{ByteSize, SimTime, Span},
};

/// The kinds of nodes that programs run on.
const SERVE: [NodeKind; 2] = [NodeKind::Host, NodeKind::Router];

/// The servers so far, and which ports they take.
#[derive(Debug, Default)]
pub(super) struct Servers {
    /// In the order of the plan.
    pub(super) list: Vec<Server>,
    taken: BTreeMap<Socket, (usize, Option<Place>)>,
}

/// A host, a port, and whether it is one of UDP.
type Socket = (NodeId, u16, bool);

/// Reads `[dns]` and every `[[server]]`.
pub(super) fn read(
    file: &File,
    nodes: &Nodes,
    topology: &Topology,
    dns: &Names,
    findings: &mut Findings,
) -> Servers {
    let mut servers = Servers::default();
    if file.server.items.len() > MAX_ENTRIES {
        let message = format!("too many servers: at most {MAX_ENTRIES} are possible");
        findings.error(None, message);
        return servers;
    }
    if let Some(on) = dns.server
        && !is_written(file, nodes, (dns, on), findings)
    {
        let app = ServerApp::Dns(dns.settings.clone());
        servers.add(Server { on, app }, file.dns.value.server.place(), findings);
    }
    let qlog = file.trace.qlog.peek().copied().unwrap_or_default();
    for (number, table) in file.server.items.iter().enumerate() {
        if let Some(server) = one((number, table), (nodes, topology, qlog), dns, findings) {
            servers.add(server, table.place.clone(), findings);
        }
    }
    servers
}

/// True if a `[[server]]` is the very server that `[dns]` names, with knowledge of its own.
fn is_written(
    file: &File,
    nodes: &Nodes,
    (dns, on): (&Names, NodeId),
    findings: &mut Findings,
) -> bool {
    let tables = file.server.items.iter().zip(&dns.written);
    let there = tables.filter(|(table, written)| {
        let keys = &table.value;
        let same_port = keys.port.peek().copied().unwrap_or(53) == dns.settings.port;
        let same_host = keys.on.peek().and_then(|name| nodes.get(name)) == Some(on);
        let knows = !written.zones.is_empty() || !written.roots.is_empty();
        keys.app.peek() == Some(&ServerWord::Dns) && same_port && same_host && knows
    });
    let Some((table, _)) = there.into_iter().next() else {
        return false;
    };
    let keys = &file.dns.value;
    let records = keys.records.0.first().map(|(name, _)| name.place.clone());
    for (key, place) in [("records", records), ("ttl", keys.ttl.place())] {
        if place.is_some() {
            let message = format!("`{key}` of `[dns]` is without effect: its server has zones");
            findings
                .error(place, message)
                .also(
                    table.place.clone(),
                    "the server, with zones of its own or of others",
                )
                .help("write the records into a `[[server.zone]]`");
        }
    }
    true
}

impl Servers {
    /// Adds a server unless one of its ports is taken.
    fn add(&mut self, server: Server, place: Option<Place>, findings: &mut Findings) {
        for socket in sockets(server.on, &server.app) {
            if let Some((other, its_place)) = self.taken.get(&socket) {
                let other = word(&self.list[*other].app);
                let (port, new) = (socket.1, word(&server.app));
                findings
                    .error(
                        place,
                        format!(
                            "the {new} server on port {port} is in the way of the {other} server"
                        ),
                    )
                    .also(its_place.clone(), format!("the {other} server"))
                    .help(
                        "a port of a host belongs to one server; give one of them another `port`",
                    );
                return;
            }
            self.taken.insert(socket, (self.list.len(), place.clone()));
        }
        self.list.push(server);
    }

    /// True if somebody listens there.
    pub(super) fn has(&self, socket: Socket) -> bool {
        self.taken.contains_key(&socket)
    }

    /// The place of the very server that `wanted` is, if it listens on `on` already.
    fn find(&self, on: NodeId, wanted: &ServerApp) -> Option<usize> {
        // A hostile one is enough for whatever comes over TCP.
        let by_tcp = (on, port_of(wanted), false);
        if let (true, Some((number, _))) = (transports(wanted).0, self.taken.get(&by_tcp))
            && matches!(self.list[*number].app, ServerApp::Hostile(_))
        {
            return Some(*number);
        }
        let mut found = None;
        for socket in sockets(on, wanted) {
            let (number, _) = self.taken.get(&socket)?;
            if !serves(&self.list[*number].app, wanted) {
                return None;
            }
            found = Some(*number);
        }
        found
    }
}

/// True if `there` is what a client of `wanted` may find: a server of that kind, or a proxy for
/// one of HTTP.
fn serves(there: &ServerApp, wanted: &ServerApp) -> bool {
    match (there, wanted) {
        (ServerApp::Proxy(_), ServerApp::Http(_)) => true,
        _ => word(there) == word(wanted),
    }
}

/// What a server listens on.
fn sockets(on: NodeId, app: &ServerApp) -> impl Iterator<Item = Socket> + use<> {
    let (tcp, udp) = transports(app);
    let port = port_of(app);
    let by_tcp = tcp.then_some((on, port, false));
    by_tcp.into_iter().chain(udp.then_some((on, port, true)))
}

fn one(
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

/// What a web server says that nobody told anything.
fn default_routes() -> Vec<HttpRoute> {
    vec![HttpRoute {
        path: "/*".to_owned(),
        method: None,
        status: 200,
        headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
        body: Body::Text("Hello from netsim.\n".to_owned()),
        think: Span::ZERO,
        rules: RouteRules::default(),
        push: Vec::new(),
    }]
}

/// Whether a server listens by TCP, and by UDP.
const fn transports(app: &ServerApp) -> (bool, bool) {
    match app {
        ServerApp::Http(http) if matches!(http.version, HttpVersion::Http3) => (false, true),
        ServerApp::Http(_)
        | ServerApp::Grpc(_)
        | ServerApp::Smtp(_)
        | ServerApp::Tcp { .. }
        | ServerApp::Proxy(_)
        | ServerApp::Hostile(_)
        | ServerApp::WebSocket(_)
        | ServerApp::Sse(_) => (true, false),
        ServerApp::Dhcp(_) | ServerApp::Udp { .. } => (false, true),
        ServerApp::Dns(_) | ServerApp::Echo { .. } => (true, true),
    }
}

const fn port_of(app: &ServerApp) -> u16 {
    match app {
        ServerApp::Http(http) => http.port,
        ServerApp::Grpc(grpc) => grpc.port,
        ServerApp::Dns(dns) => dns.port,
        ServerApp::Smtp(smtp) => smtp.port,
        ServerApp::Dhcp(_) => DHCP_SERVER_PORT,
        ServerApp::Proxy(proxy) => proxy.port,
        ServerApp::Hostile(hostile) => hostile.port,
        ServerApp::WebSocket(server) => server.port,
        ServerApp::Sse(server) => server.port,
        ServerApp::Udp { port } | ServerApp::Tcp { port, .. } | ServerApp::Echo { port, .. } => {
            *port
        }
    }
}

const fn word(app: &ServerApp) -> &'static str {
    match app {
        ServerApp::Http(http) if http.is_rest() => "REST",
        ServerApp::Http(_) => "HTTP",
        ServerApp::Grpc(_) => "gRPC",
        ServerApp::Dns(_) => "DNS",
        ServerApp::Smtp(_) => "mail",
        ServerApp::Dhcp(_) => "DHCP",
        ServerApp::Udp { .. } => "UDP",
        ServerApp::Tcp { .. } => "TCP",
        ServerApp::Echo { .. } => "echo",
        ServerApp::Proxy(_) => "proxy",
        ServerApp::Hostile(_) => "hostile",
        ServerApp::WebSocket(_) => "WebSocket",
        ServerApp::Sse(_) => "event",
    }
}

/// Adds a server for all traffic that finds none where it goes. The flows of one entry all need
/// the same.
pub(super) fn imply(
    file: &File,
    servers: &mut Servers,
    traffic: &Flows,
    (topology, owners): (&Topology, &Owners),
    dns: &Names,
    filled: &mut FilledIn,
    findings: &mut Findings,
) {
    for (table, flows) in traffic.by_entry(file) {
        let first = flows.first();
        let Some(app) = first.and_then(|flow| needed(table, &flow.app, dns)) else {
            continue;
        };
        for flow in flows {
            let on = owners.get(flow.to.address);
            let on = on.filter(|id| SERVE.contains(&topology.node(*id).kind));
            let Some(on) = on else {
                continue;
            };
            if let Some(index) = servers.find(on, &app) {
                // One sentence for an entry is enough.
                if !tls::agree(table, &flow.app, (&mut *servers, index), filled, findings) {
                    break;
                }
            } else {
                let app = app.clone();
                filled.servers.insert(servers.list.len());
                servers.add(Server { on, app }, table.place.clone(), findings);
            }
        }
    }
    tls::name_servers(&mut servers.list, dns, topology);
}

/// The server that some traffic talks to.
fn needed(table: &Table<schema::Traffic>, app: &App, dns: &Names) -> Option<ServerApp> {
    let tls = tls::implied(table, app);
    Some(match app {
        App::Http(http) => ServerApp::Http(HttpServer {
            version: http.version,
            port: http.port,
            routes: default_routes(),
            users: None,
            http2: None,
            tls,
            keep_alive: KeepAlive::default(),
            quic: QuicServer {
                qlog: http.quic.qlog,
                ..QuicServer::default()
            },
        }),
        App::Rest(rest) => ServerApp::Http(HttpServer {
            version: rest.version,
            port: rest.port,
            routes: Vec::new(),
            users: Some(UserService::default()),
            http2: None,
            tls,
            keep_alive: KeepAlive::default(),
            quic: QuicServer {
                qlog: rest.quic.qlog,
                ..QuicServer::default()
            },
        }),
        App::Grpc(grpc) => ServerApp::Grpc(GrpcServer {
            port: grpc.port,
            users: UserService::default(),
            tls,
        }),
        App::Dns(lookup) => ServerApp::Dns(DnsServer {
            port: lookup.port,
            ..dns.settings.clone()
        }),
        App::Smtp(client) => ServerApp::Smtp(smtp::implied(client, tls)),
        App::Udp(udp) => ServerApp::Udp { port: udp.port },
        App::Tcp(tcp) => ServerApp::Tcp {
            port: tcp.port,
            tls,
        },
        App::Echo(echo) => {
            let (EchoTransport::Tcp | EchoTransport::Udp) = echo.over;
            ServerApp::Echo {
                port: echo.port,
                tls,
            }
        }
        App::WebSocket(client) => ServerApp::WebSocket(live::implied_websocket(client, tls)),
        App::Sse(client) => {
            let mut findings = Findings::default();
            let table = Table::default();
            ServerApp::Sse(live::sse_server(&table, client.port, tls, &mut findings))
        }
        App::Ping(_) | App::Traceroute(_) => return None,
    })
}
