//! What HTTP clients do beside sending requests, and on what conditions servers answer.

use super::ranges;
use crate::{
    osi::{
        application::spec::{Body, ClientHabits, HttpVersion, KeepAlive, RateLimit, RouteRules},
        presentation::compression::Coding,
        session::Backoff,
    },
    scenario::{
        limits::MAX_COUNT,
        schema::{Field, HttpRoute, Limit, Names, Retry, Server, Table, Toggle, Traffic},
        text::Findings,
    },
};

/// The habits of a client.
pub(super) fn habits(
    keys: &Traffic,
    version: HttpVersion,
    findings: &mut Findings,
) -> ClientHabits {
    let connections = ranges::within(&keys.connections, "connections", 1..=100, findings);
    let several = connections.is_some_and(|n| n > 1);
    if several && version == HttpVersion::Http2 {
        findings
            .error(
                keys.connections.place(),
                "with HTTP/2 all requests share one connection",
            )
            .also(keys.version.place(), "because of this");
    }
    ClientHabits {
        follow: ranges::within(&keys.follow, "follow", 0..=20, findings).unwrap_or(0),
        connections: connections.unwrap_or(1),
        connect_timeout: ranges::positive_span(&keys.connect_timeout, "connect_timeout", findings),
        retry: retry(&keys.retry, findings),
        credentials: credentials(&keys.credentials, findings),
        accept_encoding: accept_encoding(&keys.accept_encoding, findings),
    }
}

/// When to try again.
pub(super) fn retry(keys: &Toggle<Retry>, findings: &mut Findings) -> Option<Backoff> {
    let keys = keys.read(findings)?;
    let usual = Backoff::default();
    let attempts = ranges::within(&keys.attempts, "attempts", 1..=100, findings);
    let factor = ranges::within(&keys.factor, "factor", 1.0..=100.0, findings);
    Some(Backoff {
        attempts: attempts.unwrap_or(usual.attempts),
        first: ranges::span(&keys.first, "first", findings).unwrap_or(usual.first),
        factor: factor.unwrap_or(usual.factor),
        longest: ranges::span(&keys.longest, "longest", findings).unwrap_or(usual.longest),
        jitter: keys.jitter.read(findings).unwrap_or(usual.jitter),
    })
}

/// What goes into `Accept-Encoding`: one coding or a list, each perhaps with a quality.
fn accept_encoding(names: &Names, findings: &mut Findings) -> Option<String> {
    names.place.as_ref()?;
    let mut codings = Vec::new();
    for field in &names.items {
        let Some(text) = field.read(findings) else {
            continue;
        };
        let name = text.split(';').next().unwrap_or_default().trim();
        let known = matches!(name, "*" | "identity") || Coding::from_name(name).is_some();
        if !known || !text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
            unknown_coding(field, name, findings);
        }
        codings.push(text);
    }
    Some(codings.join(", "))
}

fn unknown_coding(field: &Field<String>, name: &str, findings: &mut Findings) {
    findings
        .error(
            field.place(),
            format!("{name:?} is no coding that is spoken here"),
        )
        .help("there are \"br\", \"zstd\" and \"gzip\"");
}

/// The rules of a route that answers `status` with `body`.
pub(super) fn rules(
    keys: &HttpRoute,
    (status, body): (u16, &Body),
    findings: &mut Findings,
) -> RouteRules {
    let mut compress = Vec::new();
    for field in &keys.compress.items {
        let Some(name) = field.read(findings) else {
            continue;
        };
        match Coding::from_name(&name) {
            Some(coding) => compress.push(coding),
            None => unknown_coding(field, &name, findings),
        }
    }
    let chunked = keys.chunked.read(findings).unwrap_or(false);
    let shapes = [
        (
            "compress",
            keys.compress.place.clone().filter(|_| !compress.is_empty()),
        ),
        ("chunked", keys.chunked.place().filter(|_| chunked)),
    ];
    for (key, place) in shapes {
        if place.is_some() && *body == Body::Empty {
            let message =
                format!("`{key}` has nothing to work on: the response {status} has no body");
            findings
                .error(place, message)
                .help("write `body` or `size`");
        }
    }
    RouteRules {
        chunked,
        compress,
        credentials: credentials(&keys.credentials, findings),
        limit: limit(&keys.limit, findings),
        lose: ranges::within(&keys.lose, "lose", 0..=most(), findings).unwrap_or(0),
    }
}

/// `user:password` (RFC 7617, section 2).
fn credentials(field: &Field<String>, findings: &mut Findings) -> Option<String> {
    let text = field.read(findings)?;
    let printable = text.chars().all(|c| !c.is_control());
    if !text.contains(':') || !printable {
        findings
            .error(
                field.place(),
                format!("{text:?} is not a user and a password"),
            )
            .help("write `credentials = \"user:password\"`");
    }
    Some(text)
}

fn limit(table: &Table<Limit>, findings: &mut Findings) -> Option<RateLimit> {
    table.place.as_ref()?;
    let keys = &table.value;
    for (key, given) in [
        ("requests", keys.requests.is_given()),
        ("per", keys.per.is_given()),
    ] {
        if !given {
            findings
                .missing(table.place.clone(), format!("`limit` needs `{key}`"))
                .help("write something like `limit = { requests = 10, per = \"1s\" }`");
        }
    }
    let requests = ranges::within(&keys.requests, "requests", 1..=most(), findings);
    let window = ranges::positive_span(&keys.per, "per", findings);
    Some(RateLimit {
        requests: requests?,
        window: window?,
    })
}

/// How long a server keeps connections.
pub(super) fn keep_alive(keys: &Server, findings: &mut Findings) -> KeepAlive {
    let usual = KeepAlive::default();
    let idle = ranges::positive_span(&keys.idle_timeout, "idle_timeout", findings);
    KeepAlive {
        idle: idle.unwrap_or(usual.idle),
        requests: ranges::within(&keys.max_requests, "max_requests", 1..=most(), findings),
    }
}

fn most() -> u32 {
    u32::try_from(MAX_COUNT).unwrap_or(u32::MAX)
}
