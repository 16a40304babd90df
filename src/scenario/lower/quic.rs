//! `quic` of traffic and servers, and what HTTP/3 asks of `tls`.

use super::ranges;
use crate::{
    osi::{
        application::spec::HttpVersion,
        presentation::{
            quic::{Migration, QuicClient, QuicServer, QuicVersion},
            tls::{TlsClient, TlsServer, TlsVersion},
        },
    },
    scenario::{
        schema::{ClientQuic, Field, List, Migrate, ServerQuic, Table, Toggle},
        text::{Findings, Place},
    },
};

/// What a traffic entry asks of QUIC. `qlog` is a matter of the whole file.
pub(super) fn client(
    table: &Table<ClientQuic>,
    http: HttpVersion,
    qlog: bool,
    findings: &mut Findings,
) -> QuicClient {
    only_with_http3(table.place.clone(), http, findings);
    let keys = &table.value;
    QuicClient {
        versions: versions(&keys.versions, findings),
        congestion: keys.congestion.read(findings).unwrap_or_default(),
        migrate: migration(&keys.migrate, findings),
        qlog,
    }
}

/// What a server makes of QUIC.
pub(super) fn server(
    table: &Table<ServerQuic>,
    http: HttpVersion,
    qlog: bool,
    findings: &mut Findings,
) -> QuicServer {
    only_with_http3(table.place.clone(), http, findings);
    let keys = &table.value;
    QuicServer {
        versions: versions(&keys.versions, findings),
        congestion: keys.congestion.read(findings).unwrap_or_default(),
        retry: keys.retry.read(findings).unwrap_or(false),
        migration: keys.migration.read(findings).unwrap_or(true),
        qlog,
    }
}

fn only_with_http3(place: Option<Place>, http: HttpVersion, findings: &mut Findings) {
    if place.is_some() && http != HttpVersion::Http3 {
        findings
            .error(
                place,
                "`quic` means nothing here: only HTTP/3 runs over QUIC",
            )
            .help("write `version = \"3\"`, or leave `quic` out");
    }
}

fn versions(list: &List<Field<QuicVersion>>, findings: &mut Findings) -> Vec<QuicVersion> {
    let mut versions = Vec::new();
    for field in &list.items {
        match field.read(findings) {
            Some(version) if versions.contains(&version) => {
                findings.error(field.place(), "this version stands there already");
            }
            version => versions.extend(version),
        }
    }
    if list.place.is_some() && list.items.is_empty() {
        findings.error(list.place.clone(), "`versions` has no version");
    }
    if versions.is_empty() {
        versions.push(QuicVersion::V1);
    }
    versions
}

fn migration(table: &Table<Migrate>, findings: &mut Findings) -> Option<Migration> {
    table.place.as_ref()?;
    if !table.value.after.is_given() {
        findings
            .missing(table.place.clone(), "`migrate` needs `after`")
            .help("write something like `migrate = { after = \"1s\", to = \"10.0.2.10\" }`");
    }
    let to = table.value.to.read(findings);
    Some(Migration {
        after: ranges::span(&table.value.after, "after", findings)?,
        to,
    })
}

/// TLS as HTTP/3 has it, and what of `keys` is against that.
pub(super) fn client_tls<T>(
    tls: Option<TlsClient>,
    keys: &Toggle<T>,
    version: Option<Place>,
    findings: &mut Findings,
) -> Option<TlsClient> {
    let tls = tls.or_else(|| usual(keys, findings).then(TlsClient::for_http3));
    check(
        tls.as_ref().map(|t| (t.version, &t.alpn)),
        keys,
        version,
        findings,
    );
    tls.map(|tls| TlsClient {
        version: Some(TlsVersion::Tls13),
        ..tls
    })
}

/// The same for a server.
pub(super) fn server_tls<T>(
    tls: Option<TlsServer>,
    keys: &Toggle<T>,
    version: Option<Place>,
    findings: &mut Findings,
) -> Option<TlsServer> {
    let tls = tls.or_else(|| usual(keys, findings).then(TlsServer::for_http3));
    check(
        tls.as_ref().map(|t| (t.version, &t.alpn)),
        keys,
        version,
        findings,
    );
    tls.map(|tls| TlsServer {
        version: Some(TlsVersion::Tls13),
        ..tls
    })
}

/// True if `tls` was left out, which is fine. `tls = false` is not.
fn usual<T>(keys: &Toggle<T>, findings: &mut Findings) -> bool {
    if keys.place.is_some() {
        findings
            .error(
                keys.place.clone(),
                "HTTP/3 always runs over TLS: QUIC holds it",
            )
            .help("leave `tls` out, or take another `version`");
    }
    keys.place.is_none()
}

fn check<T>(
    tls: Option<(Option<TlsVersion>, &Vec<String>)>,
    keys: &Toggle<T>,
    version: Option<Place>,
    findings: &mut Findings,
) {
    let Some((tls, alpn)) = tls else { return };
    let own = HttpVersion::Http3.alpn();
    let problem = if tls == Some(TlsVersion::Tls12) {
        "QUIC speaks TLS 1.3 alone (RFC 9001)".to_owned()
    } else if alpn.iter().any(|name| name != own) || alpn.is_empty() {
        format!("HTTP/3 is called \"{own}\" in ALPN, and over QUIC nothing else is spoken here")
    } else {
        return;
    };
    findings
        .error(keys.place.clone(), problem)
        .also(version, "this asks for HTTP/3");
}
