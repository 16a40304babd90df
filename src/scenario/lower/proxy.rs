//! Reverse proxies and the servers behind them.

use std::net::IpAddr;

use super::{dns, nodes::Nodes, ranges, servers::Servers, web};
use crate::{
    ids::NodeId,
    osi::{
        application::spec::{HttpVersion, ProxyServer, ServerApp, Upstream},
        presentation::tls::TlsServer,
    },
    scenario::{
        schema::{Field, File, Server, ServerWord, Table},
        text::{Findings, Place},
    },
    topology::{NodeKind, Owners, Topology},
    units::Span,
};

/// A proxy, all of whose keys but the port are its own.
pub(super) fn server(
    table: &Table<Server>,
    (port, version, tls): (u16, HttpVersion, Option<TlsServer>),
    (nodes, topology): (&Nodes, &Topology),
    findings: &mut Findings,
) -> ProxyServer {
    let keys = &table.value;
    if keys.upstream.items.is_empty() {
        findings
            .missing(table.place.clone(), "this proxy has no `upstream`")
            .help("write `upstream = [\"web1\", \"web2\"]` with the web servers behind it");
    }
    let fields = keys.upstream.items.iter();
    let upstream = fields.filter_map(|field| one(field, (nodes, topology), findings));
    let upstream = upstream.collect();
    let mut span = |field: &Field<Span>, key, usual| {
        ranges::positive_span(field, key, findings).unwrap_or(usual)
    };
    let connect_timeout = span(&keys.connect_timeout, "connect_timeout", Span::from_secs(1));
    let timeout = span(&keys.timeout, "timeout", Span::from_secs(5));
    let fail_timeout = span(&keys.fail_timeout, "fail_timeout", Span::from_secs(10));
    ProxyServer {
        version,
        port,
        tls,
        upstream,
        connect_timeout,
        timeout,
        fail_timeout,
        keep_alive: web::keep_alive(keys, findings),
    }
}

/// `web` or `web:8080`.
fn one(
    field: &Field<String>,
    (nodes, topology): (&Nodes, &Topology),
    findings: &mut Findings,
) -> Option<Upstream> {
    let text = field.read(findings)?;
    let (name, port) = match text.split_once(':') {
        None => (text.as_str(), Some(80)),
        Some((name, port)) => (name, port.parse().ok().filter(|port| *port > 0)),
    };
    let Some(port) = port else {
        findings
            .error(field.place(), format!("{text:?} has no port that is one"))
            .help("a port is a number from 1 to 65535");
        return None;
    };
    let address = address(name, field.place(), (nodes, topology), findings)?;
    Some(Upstream {
        name: name.to_owned(),
        address,
        port,
    })
}

fn address(
    name: &str,
    place: Option<Place>,
    (nodes, topology): (&Nodes, &Topology),
    findings: &mut Findings,
) -> Option<IpAddr> {
    if let Ok(address) = name.parse() {
        return Some(address);
    }
    let Some(node) = nodes.get(name) else {
        nodes.unknown(name, place, findings);
        return None;
    };
    if nodes.kind(node) != NodeKind::Host {
        let message = format!("`{name}` is a {}, which serves no pages", nodes.kind(node));
        findings.error(place, message);
        return None;
    }
    Some(dns::address_of(topology, node))
}

/// Says which upstreams have nobody who listens, and refuses a proxy that would ask itself.
pub(super) fn check(file: &File, servers: &Servers, owners: &Owners, findings: &mut Findings) {
    let places = file.server.items.iter();
    let mut places = places.filter(|t| t.value.app.peek() == Some(&ServerWord::Proxy));
    for server in &servers.list {
        let ServerApp::Proxy(proxy) = &server.app else {
            continue;
        };
        let place = places.next().and_then(|t| t.value.upstream.place.clone());
        for upstream in &proxy.upstream {
            let Upstream { name, port, .. } = upstream;
            let on = owners.get(upstream.address);
            if (on, *port) == (Some(server.on), proxy.port) {
                findings.error(place.clone(), "this proxy would ask itself");
            } else if !on.is_some_and(|on| servers.listens(on, *port)) {
                let message = format!(
                    "nothing listens on port {port} of `{name}`: the proxy will answer 502"
                );
                findings.warn(place.clone(), message);
            }
        }
    }
}

impl Servers {
    /// True if a server of TCP has that port.
    fn listens(&self, on: NodeId, port: u16) -> bool {
        self.has((on, port, false))
    }
}
