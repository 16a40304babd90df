//! Servers: those of the file, and those that traffic implies.

mod facts;
mod implied;
mod written;

use std::collections::BTreeMap;

use super::{dns::Names, nodes::Nodes};
use crate::{
    ids::NodeId,
    osi::application::spec::{Body, HttpRoute, RouteRules, Server, ServerApp},
    scenario::{
        limits::MAX_ENTRIES,
        schema::{File, ServerWord},
        text::{Findings, Place},
    },
    topology::{NodeKind, Topology},
    units::Span,
};
use facts::{Socket, port_of, serves, sockets, transports, word};
pub(super) use implied::imply;
use written::one;

/// The kinds of nodes that programs run on.
const SERVE: [NodeKind; 2] = [NodeKind::Host, NodeKind::Router];

/// The servers so far, and which ports they take.
#[derive(Debug, Default)]
pub(super) struct Servers {
    /// In the order of the plan.
    pub(super) list: Vec<Server>,
    taken: BTreeMap<Socket, (usize, Option<Place>)>,
}

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
