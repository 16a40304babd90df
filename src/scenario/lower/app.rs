//! What a traffic entry does: the keys of its application.

use std::net::Ipv4Addr;

use super::{dns, http, http2, live, quic, ranges, smtp, tls, users, web};
use crate::{
    osi::application::spec::{
        Amount, App, Body, DnsLookup, EchoClient, EchoTransport, HttpClient, HttpVersion, OnOff,
        Ping, RecordType, TcpTransfer, Traceroute, UdpStream, interval_for_rate,
    },
    scenario::{
        limits::{
            MAX_BODY, MAX_COUNT, MAX_DATAGRAM, MAX_DATAGRAMS, MAX_TRANSFER, MIN_STREAM_DATAGRAM,
        },
        schema::{AppWord, Field, Table, TimesWord, Traffic},
        text::{Findings, Place},
    },
    units::{ByteSize, Span},
};

const MESSAGE: &str = "Hello from netsim.";

/// The application of a traffic entry. `ttl` is that of the host, `qlog` a matter of the file.
pub(super) fn read(
    table: &Table<Traffic>,
    word: AppWord,
    (ttl, qlog): (Option<u8>, bool),
    findings: &mut Findings,
) -> Option<App> {
    refuse_foreign_keys(&table.value, word, findings);
    let keys = &table.value;
    match word {
        AppWord::Http => Some(App::Http(http_client(keys, qlog, findings))),
        AppWord::Rest => Some(App::Rest(users::rest_client(keys, qlog, findings))),
        AppWord::Grpc => Some(App::Grpc(users::grpc_client(keys, findings))),
        AppWord::Dns => dns_lookup(table, findings).map(App::Dns),
        AppWord::Udp => udp_stream(keys, findings).map(App::Udp),
        AppWord::Tcp => tcp_transfer(table, findings).map(App::Tcp),
        AppWord::Echo => Some(App::Echo(echo(keys, findings))),
        AppWord::Ping => Some(App::Ping(ping(keys, ttl, findings))),
        AppWord::Traceroute => Some(App::Traceroute(traceroute(keys, findings))),
        AppWord::Smtp => {
            let timeout = timeout(keys, Span::from_secs(30), findings);
            Some(App::Smtp(smtp::client(keys, timeout, findings)))
        }
        AppWord::WebSocket => Some(App::WebSocket(live::websocket_client(keys, findings))),
        AppWord::Sse => Some(App::Sse(live::sse_client(keys, findings))),
    }
}

fn http_client(keys: &Traffic, qlog: bool, findings: &mut Findings) -> HttpClient {
    if let (Some(one), Some(several)) = (&keys.request.place, &keys.requests.place) {
        findings
            .error(
                several.clone(),
                "`request` and `requests` exclude each other",
            )
            .also(Some(one.clone()), "here");
    }
    if keys.requests.place.is_some() && keys.requests.items.is_empty() {
        findings.error(keys.requests.place.clone(), "`requests` has no request");
    }
    let several = keys.requests.items.iter();
    let mut requests: Vec<_> = several.map(|r| http::request(r, findings)).collect();
    if requests.is_empty() {
        requests.push(http::request(&keys.request, findings));
    }
    let version = keys.version.read(findings).unwrap_or_default();
    let mut tls = tls::client(&keys.tls, Some(version), findings);
    if version == HttpVersion::Http3 {
        tls = quic::client_tls(tls, &keys.tls, keys.version.place(), findings);
    }
    let usual_port = if tls.is_some() { 443 } else { 80 };
    let keep_alive = keys.keep_alive.read(findings).unwrap_or(true);
    HttpClient {
        http2: http2::client(&keys.http2, version, keep_alive, findings),
        version,
        port: ranges::port(&keys.port, usual_port, findings),
        requests,
        keep_alive,
        timeout: timeout(keys, Span::from_secs(30), findings),
        tls,
        habits: web::habits(keys, version, findings),
        quic: quic::client(&keys.quic, version, qlog, findings),
    }
}

fn dns_lookup(table: &Table<Traffic>, findings: &mut Findings) -> Option<DnsLookup> {
    let keys = &table.value;
    let attempts = ranges::within(&keys.attempts, "attempts", 1..=100, findings);
    if !keys.query.is_given() {
        findings
            .missing(table.place.clone(), "this DNS traffic has no `query`")
            .help("write `query = \"bob\"` with the name to ask for");
    }
    let query = keys.query.read(findings)?;
    let record = keys.record.read(findings).unwrap_or_default();
    let query = asked(query, record);
    if query == "." {
        // The root is a name too, if only for NS and SOA.
    } else if let Some(problem) = dns::bad_dns_name(&dns::canonical(&query)) {
        findings.error(
            keys.query.place(),
            format!("{query:?} is not a DNS name: {problem}"),
        );
    }
    Some(DnsLookup {
        query,
        record,
        port: ranges::port(&keys.port, 53, findings),
        timeout: timeout(keys, Span::from_secs(5), findings),
        attempts: attempts.unwrap_or(3),
        edns: ranges::size(&keys.edns, "edns", MIN_EDNS..=MAX_EDNS, findings)
            .and_then(|size| u16::try_from(size.bytes()).ok()),
    })
}

/// The name to ask for: an address has its own, if its name is wanted (RFC 1035, section 3.5).
fn asked(query: String, record: RecordType) -> String {
    match (query.parse::<Ipv4Addr>(), record) {
        (Ok(address), RecordType::Ptr) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        _ => query,
    }
}

/// RFC 6891, section 6.2.3: less counts as 512; more is of no use.
const MIN_EDNS: ByteSize = ByteSize::new(512);
const MAX_EDNS: ByteSize = ByteSize::new(4096);

fn udp_stream(keys: &Traffic, findings: &mut Findings) -> Option<UdpStream> {
    for (key, place) in [
        ("count", keys.count.place()),
        ("duration", keys.duration.place()),
    ] {
        exclude((key, place), ("sizes", keys.sizes.place.clone()), findings);
    }
    exclude(
        ("rate", keys.rate.place()),
        ("interval", keys.interval.place()),
        findings,
    );
    exclude(
        ("count", keys.count.place()),
        ("duration", keys.duration.place()),
        findings,
    );
    let size = payload(&keys.size, MIN_STREAM_DATAGRAM, 160, findings)?;
    let rate = keys
        .rate
        .read(findings)
        .map(|rate| interval_for_rate(rate, size));
    let interval = ranges::positive_span(&keys.interval, "interval", findings).or(rate);
    let interval = interval.unwrap_or(Span::from_millis(20));
    let count = ranges::within(&keys.count, "count", 1..=MAX_DATAGRAMS, findings);
    let lasting = ranges::positive_span(&keys.duration, "duration", findings)
        .map(|duration| duration.as_nanos().div_ceil(interval.as_nanos().max(1)));
    if lasting.is_some_and(|n| n > MAX_DATAGRAMS) {
        findings.error(
            keys.duration.place(),
            format!(
                "this makes {} datagrams; at most {MAX_DATAGRAMS} are possible",
                lasting.unwrap_or(0)
            ),
        );
    }
    Some(UdpStream {
        port: ranges::port(&keys.port, 5004, findings),
        size,
        interval,
        count: count.or(lasting).unwrap_or(100),
        on_off: on_off(keys, interval, findings),
    })
}

/// The bursts of a stream, if it has any.
fn on_off(keys: &Traffic, interval: Span, findings: &mut Findings) -> Option<OnOff> {
    let table = &keys.on_off;
    table.place.as_ref()?;
    for (key, field) in [("on", &table.value.on), ("off", &table.value.off)] {
        if !field.is_given() {
            findings
                .missing(table.place.clone(), format!("`on_off` needs `{key}`"))
                .help("write something like `on_off = { on = \"100ms\", off = \"400ms\" }`");
        }
    }
    let on = ranges::positive_span(&table.value.on, "on", findings);
    let off = ranges::span(&table.value.off, "off", findings);
    let times = table.value.times.read(findings).unwrap_or_default();
    if on.is_some_and(|on| on.times(MOST_BURSTS) < interval) {
        let message = format!(
            "`on` is too short: at most {MOST_BURSTS} bursts may pass from one datagram to the \
             next, which come every {interval}"
        );
        findings.error(table.value.on.place(), message);
    }
    Some(OnOff {
        on: on?,
        off: off?,
        random: times == TimesWord::Exponential,
        duration: keys.duration.peek().copied(),
    })
}

/// How many bursts may lie between two datagrams; looking for the next one takes as many steps.
const MOST_BURSTS: u64 = 1000;

/// `app` with a size of its own, if it is one that transfers bytes: the bytes of a transfer, or
/// the datagrams that hold them.
pub(super) fn sized(app: &App, bytes: u64) -> App {
    match app {
        App::Tcp(tcp) => App::Tcp(TcpTransfer {
            amount: Amount::Bytes(ByteSize::new(bytes)),
            ..tcp.clone()
        }),
        App::Udp(udp) => App::Udp(UdpStream {
            count: bytes.div_ceil(udp.size.into()).clamp(1, MAX_DATAGRAMS),
            ..udp.clone()
        }),
        other => other.clone(),
    }
}

/// How many bytes of payload it transfers, if that is known beforehand.
pub(super) fn size(app: &App) -> Option<u64> {
    match app {
        App::Udp(udp) => Some(udp.count.saturating_mul(udp.size.into())),
        App::Tcp(tcp) => match &tcp.amount {
            Amount::Bytes(size) => Some(size.bytes()),
            Amount::Text(text) => Some(text.len() as u64),
            Amount::HandshakeOnly | Amount::Duration(_) => None,
        },
        _ => None,
    }
}

fn tcp_transfer(table: &Table<Traffic>, findings: &mut Findings) -> Option<TcpTransfer> {
    let keys = &table.value;
    let most = ByteSize::new(1)..=MAX_TRANSFER;
    let bytes = ranges::size(&keys.bytes, "bytes", most, findings).map(Amount::Bytes);
    let lasting = ranges::positive_span(&keys.duration, "duration", findings).map(Amount::Duration);
    let text = keys.text.read(findings).map(Amount::Text);
    let only = keys.handshake_only.read(findings);
    let nothing = only.filter(|yes| *yes).map(|_| Amount::HandshakeOnly);
    // Every flow puts a size of its own in its place.
    let sizes = keys.sizes.place.clone();
    let drawn = sizes.as_ref().map(|_| Amount::Bytes(ByteSize::new(1)));
    let given: Vec<(&str, Option<Place>)> = [
        ("bytes", keys.bytes.place()),
        ("duration", keys.duration.place()),
        ("text", keys.text.place()),
        (
            "handshake_only",
            keys.handshake_only.place().filter(|_| only != Some(false)),
        ),
        ("sizes", sizes),
    ]
    .into_iter()
    .filter(|(_, place)| place.is_some())
    .collect();
    match given.as_slice() {
        [] => {
            findings
                .missing(table.place.clone(), "this TCP traffic does not say how much to transfer")
                .help("write one of `bytes = \"1 MiB\"`, `duration = \"5s\"`, `text = \"hello\"`, `handshake_only = true`");
        }
        [first, second, ..] => exclude(first.clone(), second.clone(), findings),
        [_] => {}
    }
    Some(TcpTransfer {
        port: ranges::port(&keys.port, 5001, findings),
        amount: bytes.or(lasting).or(text).or(nothing).or(drawn)?,
        flow: keys.direction.read(findings).unwrap_or_default(),
        tls: tls::client(&keys.tls, None, findings),
    })
}

fn echo(keys: &Traffic, findings: &mut Findings) -> EchoClient {
    let over = keys.over.read(findings).unwrap_or_default();
    let most = match over {
        EchoTransport::Tcp => MAX_BODY,
        EchoTransport::Udp => MAX_DATAGRAM,
    };
    let message = http::body(("text", &keys.text), &keys.size, most, findings);
    if let Some(Body::Text(text)) = &message
        && over == EchoTransport::Udp
        && text.len() as u64 > MAX_DATAGRAM.bytes()
    {
        findings.error(
            keys.text.place(),
            format!("a datagram carries at most {} bytes", MAX_DATAGRAM.bytes()),
        );
    }
    let tls = tls::client(&keys.tls, None, findings);
    if tls.is_some() && over == EchoTransport::Udp {
        findings
            .error(keys.tls.place.clone(), "TLS protects connections of TCP")
            .also(keys.over.place(), "this asks for datagrams");
    }
    EchoClient {
        port: ranges::port(&keys.port, 7, findings),
        over,
        message: message.unwrap_or_else(|| Body::Text(MESSAGE.to_owned())),
        count: count(keys, 1, findings),
        interval: interval(keys, findings),
        timeout: timeout(keys, Span::from_secs(5), findings),
        tls,
    }
}

fn ping(keys: &Traffic, ttl: Option<u8>, findings: &mut Findings) -> Ping {
    Ping {
        count: count(keys, 4, findings),
        interval: interval(keys, findings),
        size: payload(&keys.size, ByteSize::new(0), 56, findings).unwrap_or(56),
        timeout: timeout(keys, Span::from_secs(1), findings),
        ttl: ranges::within(&keys.ttl, "ttl", 1..=255, findings)
            .or(ttl)
            .unwrap_or(64),
    }
}

fn traceroute(keys: &Traffic, findings: &mut Findings) -> Traceroute {
    Traceroute {
        max_hops: ranges::within(&keys.max_hops, "max_hops", 1..=255, findings).unwrap_or(30),
        probes: ranges::within(&keys.probes, "probes", 1..=10, findings).unwrap_or(3),
        timeout: timeout(keys, Span::from_secs(1), findings),
    }
}

pub(super) fn timeout(keys: &Traffic, usual: Span, findings: &mut Findings) -> Span {
    ranges::positive_span(&keys.timeout, "timeout", findings).unwrap_or(usual)
}

fn interval(keys: &Traffic, findings: &mut Findings) -> Span {
    ranges::positive_span(&keys.interval, "interval", findings).unwrap_or(Span::from_secs(1))
}

fn count(keys: &Traffic, usual: u32, findings: &mut Findings) -> u32 {
    let count = ranges::within(&keys.count, "count", 1..=MAX_COUNT, findings);
    count.and_then(|n| u32::try_from(n).ok()).unwrap_or(usual)
}

/// The payload of a datagram or echo request.
fn payload(
    field: &Field<ByteSize>,
    least: ByteSize,
    usual: u16,
    findings: &mut Findings,
) -> Option<u16> {
    if !field.is_given() {
        return Some(usual);
    }
    let size = ranges::size(field, "size", least..=MAX_DATAGRAM, findings)?;
    u16::try_from(size.bytes()).ok()
}

/// Two keys of which only one may be there.
fn exclude(a: (&str, Option<Place>), b: (&str, Option<Place>), findings: &mut Findings) {
    if let (Some(first), Some(second)) = (a.1, b.1) {
        findings
            .error(
                second,
                format!("`{}` and `{}` exclude each other", a.0, b.0),
            )
            .also(Some(first), "here");
    }
}

/// The keys of each application, beside those that all have.
const fn keys_of(word: AppWord) -> &'static [&'static str] {
    match word {
        AppWord::Http => &[
            "port",
            "request",
            "requests",
            "keep_alive",
            "timeout",
            "tls",
            "version",
            "follow",
            "connections",
            "connect_timeout",
            "retry",
            "credentials",
            "accept_encoding",
            "quic",
            "http2",
        ],
        AppWord::Rest => &[
            "port",
            "call",
            "keep_alive",
            "timeout",
            "tls",
            "version",
            "quic",
        ],
        AppWord::Grpc => &["port", "call", "timeout", "tls"],
        AppWord::Dns => &["port", "query", "type", "timeout", "attempts", "edns"],
        AppWord::Udp => &[
            "port", "size", "rate", "interval", "count", "duration", "sizes", "on_off",
        ],
        AppWord::Tcp => &[
            "port",
            "bytes",
            "duration",
            "sizes",
            "text",
            "handshake_only",
            "direction",
            "tls",
        ],
        AppWord::Echo => &[
            "port", "over", "text", "size", "count", "interval", "timeout", "tls",
        ],
        AppWord::Ping => &["count", "interval", "size", "timeout", "ttl"],
        AppWord::Traceroute => &["max_hops", "probes", "timeout"],
        AppWord::Smtp => &[
            "port",
            "mail",
            "login",
            "starttls",
            "pipelining",
            "say",
            "timeout",
            "tls",
        ],
        AppWord::WebSocket => &[
            "port",
            "text",
            "size",
            "count",
            "interval",
            "timeout",
            "tls",
            "websocket",
        ],
        AppWord::Sse => &["port", "count", "timeout", "tls", "sse"],
    }
}

/// A key of another application would be without effect: an error.
fn refuse_foreign_keys(keys: &Traffic, word: AppWord, findings: &mut Findings) {
    let (app, own) = (word.name(), keys_of(word));
    let foreign = given_keys(keys)
        .into_iter()
        .filter(|(key, _)| !own.contains(key));
    for (key, place) in foreign {
        if let Some(place) = place {
            findings
                .error(
                    place,
                    format!("`{key}` means nothing to the application \"{app}\""),
                )
                .help(format!("its keys: {}", own.join(", ")));
        }
    }
}

/// All keys that belong to some application, with their place if they were written.
fn given_keys(keys: &Traffic) -> Vec<(&'static str, Option<Place>)> {
    vec![
        ("port", keys.port.place()),
        ("request", keys.request.place.clone()),
        ("requests", keys.requests.place.clone()),
        ("call", keys.call.place.clone()),
        ("keep_alive", keys.keep_alive.place()),
        ("timeout", keys.timeout.place()),
        ("tls", keys.tls.place.clone()),
        ("version", keys.version.place()),
        ("mail", keys.mail.place.clone()),
        ("login", keys.login.place.clone()),
        ("starttls", keys.starttls.place()),
        ("pipelining", keys.pipelining.place()),
        ("say", keys.say.place.clone()),
        ("follow", keys.follow.place()),
        ("connections", keys.connections.place()),
        ("connect_timeout", keys.connect_timeout.place()),
        ("retry", keys.retry.place.clone()),
        ("credentials", keys.credentials.place()),
        ("accept_encoding", keys.accept_encoding.place.clone()),
        ("http2", keys.http2.place.clone()),
        ("quic", keys.quic.place.clone()),
        ("query", keys.query.place()),
        ("type", keys.record.place()),
        ("edns", keys.edns.place()),
        ("attempts", keys.attempts.place()),
        ("size", keys.size.place()),
        ("rate", keys.rate.place()),
        ("interval", keys.interval.place()),
        ("count", keys.count.place()),
        ("duration", keys.duration.place()),
        ("bytes", keys.bytes.place()),
        ("sizes", keys.sizes.place.clone()),
        ("on_off", keys.on_off.place.clone()),
        ("text", keys.text.place()),
        ("handshake_only", keys.handshake_only.place()),
        ("direction", keys.direction.place()),
        ("over", keys.over.place()),
        ("ttl", keys.ttl.place()),
        ("max_hops", keys.max_hops.place()),
        ("probes", keys.probes.place()),
        ("websocket", keys.websocket.place.clone()),
        ("sse", keys.sse.place.clone()),
    ]
}
