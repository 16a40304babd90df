//! `tls` of traffic and servers: the two sides, and whether they fit together.

use super::{dns, live, servers::Servers, smtp};
use crate::{
    osi::{
        application::spec::{App, EchoTransport, HttpVersion, Server, ServerApp},
        presentation::tls::{TlsClient, TlsServer, TlsVersion, is_server_name},
    },
    scenario::{
        plan::FilledIn,
        schema::{self, ClientTls, Names, ServerTls, ServerWord, Table, Toggle},
        text::Findings,
    },
    topology::Topology,
};

/// What a traffic entry asks of TLS.
pub(super) fn client(
    keys: &Toggle<ClientTls>,
    http: Option<HttpVersion>,
    findings: &mut Findings,
) -> Option<TlsClient> {
    let keys = keys.read(findings)?;
    let wanted = TlsClient {
        version: keys.version.read(findings),
        alpn: alpn(&keys.alpn, http, findings),
        server_name: keys.server_name.read(findings),
        trust: keys.trust.read(findings).unwrap_or(true),
        certificate: keys.client_certificate.read(findings).unwrap_or(false),
        resumption: keys.resumption.read(findings).unwrap_or(true),
        early_data: keys.early_data.read(findings).unwrap_or(false),
    };
    keys.certificate.read(findings);
    if let Some(name) = wanted.server_name.as_deref().filter(|n| !is_server_name(n)) {
        let message = format!("{name:?} is no name that a certificate could be for");
        let place = keys.server_name.place();
        findings
            .error(place, message)
            .help("write a DNS name, such as \"www.example\", or an address");
    }
    let in_the_way = if wanted.version == Some(TlsVersion::Tls12) {
        Some((keys.version.place(), "TLS 1.2 has none"))
    } else if wanted.resumption {
        None
    } else {
        let why = "only a resumed connection can have them";
        Some((keys.resumption.place(), why))
    };
    if let (true, Some((place, why))) = (wanted.early_data, in_the_way) {
        let message = format!("`early_data` is not possible: {why}");
        findings
            .error(keys.early_data.place(), message)
            .also(place, "because of this");
    }
    Some(wanted)
}

/// What a server makes of TLS. The names in its certificate are known later.
pub(super) fn server(
    keys: &Toggle<ServerTls>,
    (app, http): (ServerWord, HttpVersion),
    findings: &mut Findings,
) -> Option<TlsServer> {
    let place = keys.place.clone();
    let keys = keys.read(findings)?;
    if matches!(app, ServerWord::Dns | ServerWord::Udp | ServerWord::Dhcp) {
        findings.error(
            place,
            "TLS protects connections of TCP, and this server has none",
        );
    }
    Some(TlsServer {
        version: keys.version.read(findings),
        alpn: alpn(&keys.alpn, usual_http(app, http), findings),
        names: Vec::new(),
        certificate: keys.certificate.read(findings).unwrap_or_default(),
        client_certificate: keys.client_certificate.read(findings).unwrap_or(false),
        early_data: keys.early_data.read(findings).unwrap_or(false),
    })
}

/// The version of HTTP that a server speaks, if its clients choose one by ALPN.
fn usual_http(app: ServerWord, http: HttpVersion) -> Option<HttpVersion> {
    use ServerWord::{Grpc, Http, Proxy, Rest, Sse, WebSocket};
    match app {
        Http | Rest | Proxy | WebSocket | Sse => Some(http),
        Grpc => Some(HttpVersion::Http2),
        _ => None,
    }
}

/// The protocols of the file, or the usual ones.
fn alpn(names: &Names, http: Option<HttpVersion>, findings: &mut Findings) -> Vec<String> {
    if names.place.is_none() {
        let usual = http.map(|version| version.alpn().to_owned());
        return usual.into_iter().collect();
    }
    let mut protocols = Vec::new();
    for name in &names.items {
        let Some(protocol) = name.read(findings) else {
            continue;
        };
        // RFC 7301, section 3.1: one byte counts the rest.
        if !(1..=255).contains(&protocol.len()) {
            findings.error(name.place(), "the name of a protocol has 1 to 255 bytes");
        }
        protocols.push(protocol);
    }
    protocols
}

/// The side of a server that traffic implies: both versions, and what its client wants to see.
pub(super) fn implied(table: &Table<schema::Traffic>, app: &App) -> Option<TlsServer> {
    let client = app.tls()?;
    let keys = &table.value.tls.value;
    let usual = match app {
        App::Http(http) | App::Rest(http) => vec![http.version.alpn().to_owned()],
        _ => client.alpn.clone(),
    };
    Some(TlsServer {
        version: None,
        alpn: usual,
        names: Vec::new(),
        certificate: keys.certificate.peek().copied().unwrap_or_default(),
        client_certificate: client.certificate,
        early_data: client.early_data,
    })
}

/// Checks that `app` and the server that it finds at the other end, number `index`, can talk. False
/// if not; then the reason has been reported.
pub(super) fn agree(
    table: &Table<schema::Traffic>,
    app: &App,
    (servers, index): (&mut Servers, usize),
    filled: &FilledIn,
    findings: &mut Findings,
) -> bool {
    if matches!(app, App::Echo(echo) if echo.over == EchoTransport::Udp) {
        return true;
    }
    if let Some(done) = smtp::agree(table, app, &servers.list[index].app, findings) {
        return done;
    }
    let place = table.value.tls.place.clone();
    let place = place.or_else(|| table.place.clone());
    let is_implied = filled.servers.contains(&index);
    let spoken = match &servers.list[index].app {
        ServerApp::Http(server) => Some(server.version),
        ServerApp::Proxy(proxy) => Some(proxy.version),
        // Nobody can agree with it, which is what it is for.
        ServerApp::Hostile(_) => return true,
        _ => None,
    };
    if let (App::Http(client) | App::Rest(client), Some(spoken)) = (app, spoken)
        && client.version != spoken
        && client.tls.is_none()
    {
        findings
            .error(place, "this traffic speaks another version of HTTP than the server at the other end")
            .help("give both the same `version`, or one of them another `port`; only over TLS could they agree");
        return false;
    }
    if let (App::WebSocket(client), ServerApp::WebSocket(server)) = (app, &servers.list[index].app)
        && let Some((message, help)) = live::differ(client, server)
    {
        findings.error(place, message).help(help);
        return false;
    }
    let (message, help) = match (implied(table, app), servers.list[index].app.tls_mut()) {
        (None, None) => return true,
        (Some(_), None) => (
            "this traffic speaks TLS, but the server at the other end does not",
            "write `tls = true` at the server, or give one of the two another `port`",
        ),
        (None, Some(_)) => (
            "this traffic does not speak TLS, but the server at the other end does",
            "write `tls = true` here, or give one of the two another `port`",
        ),
        (Some(_), Some(_)) if !is_implied && !table.value.tls.value.certificate.is_given() => {
            return true;
        }
        (Some(_), Some(_)) if !is_implied => (
            "the server at the other end is in the file, and so is its certificate",
            "write `certificate` in the `tls` of that `[[server]]`",
        ),
        (Some(wanted), Some(there)) => {
            there.early_data |= wanted.early_data;
            let same = TlsServer {
                early_data: there.early_data,
                ..wanted
            };
            if same == *there {
                return true;
            }
            (
                "two traffic entries want a different TLS of the same server",
                "give one of them another `port`, or write a `[[server]]` that says how it is",
            )
        }
    };
    findings.error(place, message).help(help);
    false
}

/// Puts into the certificate of every server what it is called: its node, the records of the DNS
/// that lead to it, and its addresses.
pub(super) fn name_servers(servers: &mut [Server], dns: &dns::Names, topology: &Topology) {
    for server in servers {
        let node = topology.node(server.on);
        if let Some(tls) = server.app.tls_mut() {
            let records = dns.record_names().filter(|name| {
                let address = dns.record(name);
                address.is_some_and(|address| node.addresses().any(|own| own == address))
            });
            let mut names = vec![node.name.to_lowercase()];
            names.extend(records.map(str::to_owned));
            names.extend(node.addresses().map(|address| address.to_string()));
            tls.names = names;
        }
    }
}
