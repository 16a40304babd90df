//! Servers that traffic implies.

use super::{SERVE, Servers, default_routes};
use crate::{
    osi::{
        application::spec::{
            App, DnsServer, EchoTransport, GrpcServer, HttpServer, KeepAlive, Server, ServerApp,
            UserService,
        },
        presentation::quic::QuicServer,
    },
    scenario::{
        lower::{dns::Names, flows::Flows, live, smtp, tls},
        plan::FilledIn,
        schema::{self, File, Table},
        text::Findings,
    },
    topology::{Owners, Topology},
};

/// Adds a server for all traffic that finds none where it goes. The flows of one entry all need
/// the same.
pub(in crate::scenario::lower) fn imply(
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
