//! Servers: those of the file, and those that traffic implies.

use std::collections::BTreeSet;

use super::{dns::Names, http, nodes::Nodes, ranges};
use crate::{
    ids::NodeId,
    osi::application::spec::{
        App, Body, DnsServer, EchoTransport, HttpRoute, HttpServer, Server, ServerApp, Traffic,
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

/// A server and where the file asks for it.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) server: Server,
    place: Option<Place>,
}

/// Reads `[dns]` and every `[[server]]`.
pub(super) fn read(
    file: &File,
    nodes: &Nodes,
    dns: &Names,
    findings: &mut Findings,
) -> Vec<Placed> {
    let mut servers = Vec::new();
    if file.server.items.len() > MAX_ENTRIES {
        findings.error(
            None,
            format!("too many servers: at most {MAX_ENTRIES} are possible"),
        );
        return servers;
    }
    if let Some(on) = dns.server {
        let app = ServerApp::Dns(dns.settings.clone());
        let place = file.dns.value.server.place();
        servers.push(Placed {
            server: Server { on, app },
            place,
        });
    }
    for table in &file.server.items {
        if let Some(server) = one(table, nodes, dns, findings) {
            let place = table.place.clone();
            add(&mut servers, Placed { server, place }, findings);
        }
    }
    servers
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
                .error(table.place.clone(), format!("this server has no `{key}`"))
                .help(format!("write something like `{example}`"));
        }
    }
    let on = nodes.host(&keys.on, "a server runs on a host", findings);
    let word = keys.app.read(findings);
    let routes: Vec<HttpRoute> = keys
        .route
        .items
        .iter()
        .map(|r| http::route(r, findings))
        .collect();
    let (on, word) = (on?, word?);
    if word != ServerWord::Http && !routes.is_empty() {
        findings.error(keys.route.place.clone(), "only an HTTP server has routes");
    }
    let port = |usual, findings: &mut Findings| ranges::port(&keys.port, usual, findings);
    let app = match word {
        ServerWord::Http => ServerApp::Http(HttpServer {
            port: port(80, findings),
            routes: if routes.is_empty() {
                default_routes()
            } else {
                routes
            },
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
        },
        ServerWord::Echo => ServerApp::Echo {
            port: port(7, findings),
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
    }]
}

/// Adds a server unless its port is taken.
fn add(servers: &mut Vec<Placed>, new: Placed, findings: &mut Findings) {
    if let Some(other) = servers.iter().find(|s| clash(&s.server, &new.server)) {
        findings
            .error(
                new.place.clone(),
                format!(
                    "port {} of this host is taken by another server",
                    port_of(&new.server.app)
                ),
            )
            .also(
                other.place.clone(),
                format!("its {} server", word(&other.server.app)),
            )
            .help("give one of them another `port`");
    }
    servers.push(new);
}

/// True if two servers would listen on the same port of the same host by the same transport.
fn clash(a: &Server, b: &Server) -> bool {
    let ((a_tcp, a_udp), (b_tcp, b_udp)) = (transports(&a.app), transports(&b.app));
    a.on == b.on && port_of(&a.app) == port_of(&b.app) && (a_tcp && b_tcp || a_udp && b_udp)
}

/// Whether a server listens by TCP, and by UDP.
const fn transports(app: &ServerApp) -> (bool, bool) {
    match app {
        ServerApp::Http(_) | ServerApp::Tcp { .. } => (true, false),
        ServerApp::Dns(_) | ServerApp::Udp { .. } => (false, true),
        ServerApp::Echo { .. } => (true, true),
    }
}

const fn port_of(app: &ServerApp) -> u16 {
    match app {
        ServerApp::Http(http) => http.port,
        ServerApp::Dns(dns) => dns.port,
        ServerApp::Udp { port } | ServerApp::Tcp { port } | ServerApp::Echo { port } => *port,
    }
}

const fn word(app: &ServerApp) -> &'static str {
    match app {
        ServerApp::Http(_) => "HTTP",
        ServerApp::Dns(_) => "DNS",
        ServerApp::Udp { .. } => "UDP",
        ServerApp::Tcp { .. } => "TCP",
        ServerApp::Echo { .. } => "echo",
    }
}

/// Adds a server for all traffic that finds none where it goes.
pub(super) fn imply(
    servers: &mut Vec<Placed>,
    traffic: &[Traffic],
    topology: &Topology,
    dns: &Names,
    filled: &mut FilledIn,
    findings: &mut Findings,
) {
    if findings.failed() {
        return;
    }
    let key = |s: &Server| (s.on, std::mem::discriminant(&s.app), port_of(&s.app));
    let mut known: Vec<_> = servers.iter().map(|s| key(&s.server)).collect();
    let mut seen: BTreeSet<(NodeId, &str, u16)> = BTreeSet::new();
    for entry in traffic {
        let Some(app) = needed(&entry.app, dns) else {
            continue;
        };
        let Some(on) = topology.owner(entry.to.address) else {
            continue;
        };
        if topology.node(on).kind != NodeKind::Host || !seen.insert((on, word(&app), port_of(&app)))
        {
            continue;
        }
        let server = Server { on, app };
        if !known.contains(&key(&server)) {
            known.push(key(&server));
            filled.servers.insert(servers.len());
            add(
                servers,
                Placed {
                    server,
                    place: None,
                },
                findings,
            );
        }
    }
}

/// The server that some traffic talks to.
fn needed(app: &App, dns: &Names) -> Option<ServerApp> {
    Some(match app {
        App::Http(http) => ServerApp::Http(HttpServer {
            port: http.port,
            routes: default_routes(),
        }),
        App::Dns(lookup) => ServerApp::Dns(DnsServer {
            port: lookup.port,
            ..dns.settings.clone()
        }),
        App::Udp(udp) => ServerApp::Udp { port: udp.port },
        App::Tcp(tcp) => ServerApp::Tcp { port: tcp.port },
        App::Echo(echo) => {
            let (EchoTransport::Tcp | EchoTransport::Udp) = echo.over;
            ServerApp::Echo { port: echo.port }
        }
        App::Ping(_) | App::Traceroute(_) => return None,
    })
}
