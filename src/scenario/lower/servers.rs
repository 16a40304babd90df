//! Servers: those of the file, and those that traffic implies.

use std::collections::BTreeMap;

use super::{
    dns::Names, flows::Flows, http, http2, nodes::Nodes, owners::Owners, ranges, tls, users,
};
use crate::{
    ids::NodeId,
    osi::application::spec::{
        App, Body, DnsServer, EchoTransport, GrpcServer, HttpRoute, HttpServer, Server, ServerApp,
        UserService,
    },
    scenario::{
        limits::MAX_ENTRIES,
        plan::FilledIn,
        schema::{self, File, ServerWord, Table},
        text::{Findings, Place},
    },
    topology::{NodeKind, Topology},
    units::Span,
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
pub(super) fn read(file: &File, nodes: &Nodes, dns: &Names, findings: &mut Findings) -> Servers {
    let mut servers = Servers::default();
    if file.server.items.len() > MAX_ENTRIES {
        let message = format!("too many servers: at most {MAX_ENTRIES} are possible");
        findings.error(None, message);
        return servers;
    }
    if let Some(on) = dns.server {
        let app = ServerApp::Dns(dns.settings.clone());
        servers.add(Server { on, app }, file.dns.value.server.place(), findings);
    }
    for table in &file.server.items {
        if let Some(server) = one(table, nodes, dns, findings) {
            servers.add(server, table.place.clone(), findings);
        }
    }
    servers
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

    /// The place of the very server that `wanted` is, if it listens on `on` already.
    fn find(&self, on: NodeId, wanted: &ServerApp) -> Option<usize> {
        let mut found = None;
        for socket in sockets(on, wanted) {
            let (number, _) = self.taken.get(&socket)?;
            if word(&self.list[*number].app) != word(wanted) {
                return None;
            }
            found = Some(*number);
        }
        found
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
    table: &Table<schema::Server>,
    nodes: &Nodes,
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
    if version.is_some() && !matches!(word, ServerWord::Http | ServerWord::Rest) {
        let place = keys.version.place();
        findings.error(place, "only an HTTP or REST server has a `version`");
    }
    let version = version.unwrap_or_default();
    let tls = tls::server(&keys.tls, (word, version), findings);
    if word != ServerWord::Http && !routes.is_empty() {
        findings.error(keys.route.place.clone(), "only an HTTP server has routes");
    }
    let http2 = http2::server(&keys.http2, word == ServerWord::Http, findings);
    let service = users::service(keys, word, findings);
    let port = |usual, findings: &mut Findings| ranges::port(&keys.port, usual, findings);
    let app = match word {
        ServerWord::Http => ServerApp::Http(HttpServer {
            version,
            port: port(if tls.is_some() { 443 } else { 80 }, findings),
            routes: if routes.is_empty() {
                default_routes()
            } else {
                routes
            },
            users: None,
            http2,
            tls,
        }),
        ServerWord::Rest => ServerApp::Http(HttpServer {
            version,
            port: port(if tls.is_some() { 443 } else { 80 }, findings),
            routes: Vec::new(),
            users: Some(service),
            http2: None,
            tls,
        }),
        ServerWord::Grpc => ServerApp::Grpc(GrpcServer {
            port: port(users::GRPC_PORT, findings),
            users: service,
            tls,
        }),
        ServerWord::Dns => ServerApp::Dns(DnsServer {
            port: port(53, findings),
            ..dns.settings.clone()
        }),
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
    };
    Some(Server { on, app })
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
        push: Vec::new(),
    }]
}

/// Whether a server listens by TCP, and by UDP.
const fn transports(app: &ServerApp) -> (bool, bool) {
    match app {
        ServerApp::Http(_) | ServerApp::Grpc(_) | ServerApp::Tcp { .. } => (true, false),
        ServerApp::Dns(_) | ServerApp::Udp { .. } => (false, true),
        ServerApp::Echo { .. } => (true, true),
    }
}

const fn port_of(app: &ServerApp) -> u16 {
    match app {
        ServerApp::Http(http) => http.port,
        ServerApp::Grpc(grpc) => grpc.port,
        ServerApp::Dns(dns) => dns.port,
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
        ServerApp::Udp { .. } => "UDP",
        ServerApp::Tcp { .. } => "TCP",
        ServerApp::Echo { .. } => "echo",
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
        }),
        App::Rest(rest) => ServerApp::Http(HttpServer {
            version: rest.version,
            port: rest.port,
            routes: Vec::new(),
            users: Some(UserService::default()),
            http2: None,
            tls,
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
        App::Ping(_) | App::Traceroute(_) => return None,
    })
}
