//! The keys of WebSocket and event streams.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{http, ranges, tls};
use crate::{
    osi::{
        application::spec::{
            Body, HttpVersion, SseClient, SseServer, WebSocketClient, WebSocketClose,
            WebSocketFault, WebSocketFrames, WebSocketMessage, WebSocketMode, WebSocketServer,
        },
        presentation::tls::TlsServer,
        session::Backoff,
    },
    scenario::{
        limits::MAX_COUNT,
        schema::{self, Field, Names, Table, Traffic},
        text::Findings,
    },
    units::{ByteSize, Span},
};

/// What an echo sends that nobody told anything.
const HELLO: &str = "Hello from netsim.";
/// A message that says when it was sent.
const SAID: &str = r#"{"from":"{host}","n":{n},"sent_ns":{now}}"#;
/// What a server sends that nobody told anything.
const TICK: &str = r#"{"n":{n},"sent_ns":{now}}"#;
/// The largest message: 16 MiB.
const MAX_MESSAGE: ByteSize = ByteSize::new(16 << 20);

/// A WebSocket client.
pub(super) fn websocket_client(keys: &Traffic, findings: &mut Findings) -> WebSocketClient {
    let own = &keys.websocket.value;
    let mode = own.mode.read(findings).unwrap_or_default();
    let tls = tls::client(&keys.tls, Some(HttpVersion::Http1), findings);
    let usual_port = if tls.is_some() { 443 } else { 80 };
    let interval = ranges::positive_span(&keys.interval, "interval", findings);
    let interval = interval.unwrap_or(Span::from_secs(1));
    let (least, usual) = match mode {
        WebSocketMode::Ticker => (0, 5),
        WebSocketMode::Echo | WebSocketMode::Chat => (1, 5),
    };
    let count = ranges::within(&keys.count, "count", least..=MAX_COUNT, findings);
    let default_text = match mode {
        WebSocketMode::Echo => HELLO,
        WebSocketMode::Chat | WebSocketMode::Ticker => SAID,
    };
    if mode == WebSocketMode::Ticker {
        let said = [("text", keys.text.place()), ("size", keys.size.place())];
        for (key, place) in said.into_iter().filter(|(_, place)| place.is_some()) {
            findings
                .error(
                    place,
                    format!(
                        "with mode \"ticker\" the client says nothing, so `{key}` has no effect"
                    ),
                )
                .help("the server's message is in the `websocket` of its `[[server]]`");
        }
    }
    let fault = own.fault.read(findings);
    if fault.is_some_and(|fault| !fault.is_of_client()) {
        findings.error(own.fault.place(), "only a server can break this rule");
    }
    WebSocketClient {
        port: ranges::port(&keys.port, usual_port, findings),
        path: http::path(&own.path, findings).unwrap_or_else(|| "/".to_owned()),
        mode,
        message: WebSocketMessage {
            body: message(&keys.text, &keys.size, default_text, findings),
            binary: own.binary.read(findings).unwrap_or(false),
        },
        count: count.and_then(|n| u32::try_from(n).ok()).unwrap_or(usual),
        interval,
        stay: stay(own, mode, findings).unwrap_or(interval),
        key: key(&own.key, findings),
        version: own.version.read(findings).unwrap_or(13),
        subprotocols: subprotocols(&own.subprotocols, findings),
        frames: frames(
            (&own.fragment, &own.max_message, &own.ping, &keys.timeout),
            findings,
        ),
        close: close(&own.close, findings),
        reconnect: reconnect(own, findings),
        fault,
        tls,
    }
}

/// How long a chatter stays.
fn stay(
    own: &schema::ClientWebSocket,
    mode: WebSocketMode,
    findings: &mut Findings,
) -> Option<Span> {
    let stay = ranges::span(&own.stay, "stay", findings)?;
    if mode != WebSocketMode::Chat {
        findings.error(
            own.stay.place(),
            "only with mode \"chat\" does a client stay",
        );
    }
    Some(stay)
}

fn reconnect(own: &schema::ClientWebSocket, findings: &mut Findings) -> Backoff {
    let again = ranges::within(&own.reconnect, "reconnect", 0..=1000, findings).unwrap_or(0);
    let first = ranges::positive_span(&own.reconnect_after, "reconnect_after", findings);
    if again == 0 && own.reconnect_after.is_given() {
        findings
            .error(
                own.reconnect_after.place(),
                "the client does not connect again",
            )
            .help("write `reconnect = 5` beside it, or leave it out");
    }
    Backoff {
        attempts: again + 1,
        first: first.unwrap_or(Span::from_secs(1)),
        ..Backoff::default()
    }
}

/// A WebSocket server of the file.
pub(super) fn websocket_server(
    table: &Table<schema::ServerWebSocket>,
    port: u16,
    tls: Option<TlsServer>,
    findings: &mut Findings,
) -> WebSocketServer {
    let own = &table.value;
    let mode = own.mode.read(findings).unwrap_or_default();
    if mode != WebSocketMode::Ticker {
        let of_ticker = [
            ("text", own.text.place()),
            ("size", own.size.place()),
            ("interval", own.interval.place()),
            ("count", own.count.place()),
        ];
        for (key, place) in of_ticker.into_iter().filter(|(_, p)| p.is_some()) {
            findings.error(place, format!("`{key}` is for mode \"ticker\" alone"));
        }
    }
    let fault = own.fault.read(findings);
    if fault.is_some_and(|fault| !fault.is_of_server()) {
        findings.error(own.fault.place(), "only a client can break this rule");
    }
    WebSocketServer {
        port,
        path: http::path(&own.path, findings),
        mode,
        message: WebSocketMessage {
            body: message(&own.text, &own.size, TICK, findings),
            binary: own.binary.read(findings).unwrap_or(false),
        },
        count: own.count.read(findings).unwrap_or(0),
        interval: ranges::positive_span(&own.interval, "interval", findings)
            .unwrap_or(Span::from_secs(1)),
        subprotocols: subprotocols(&own.subprotocols, findings),
        frames: frames(
            (&own.fragment, &own.max_message, &own.ping, &own.timeout),
            findings,
        ),
        close: close(&own.close, findings),
        fault,
        tls,
    }
}

/// The server that a client implies: at every path, in the client's mode.
pub(super) fn implied_websocket(
    client: &WebSocketClient,
    tls: Option<TlsServer>,
) -> WebSocketServer {
    WebSocketServer {
        port: client.port,
        path: None,
        mode: client.mode,
        message: WebSocketMessage {
            body: Body::Text(TICK.to_owned()),
            binary: false,
        },
        count: 0,
        interval: client.interval,
        subprotocols: client.subprotocols.clone(),
        frames: WebSocketFrames {
            fragment: None,
            max_message: ByteSize::new(1 << 20),
            ping: None,
            timeout: Span::from_secs(5),
        },
        close: WebSocketClose {
            code: 1000,
            reason: String::new(),
            after: None,
        },
        fault: None,
        tls,
    }
}

/// The client of an event stream.
pub(super) fn sse_client(keys: &Traffic, findings: &mut Findings) -> SseClient {
    let own = &keys.sse.value;
    let tls = tls::client(&keys.tls, Some(HttpVersion::Http1), findings);
    let usual_port = if tls.is_some() { 443 } else { 80 };
    let count = ranges::within(&keys.count, "count", 0..=MAX_COUNT, findings);
    let last_event_id = own.last_event_id.read(findings);
    if let Some(id) = &last_event_id
        && (id.is_empty() || !id.chars().all(|c| c.is_ascii_graphic()))
    {
        findings.error(
            own.last_event_id.place(),
            "an id is one or more visible ASCII characters",
        );
    }
    let timeout = ranges::positive_span(&keys.timeout, "timeout", findings);
    SseClient {
        port: ranges::port(&keys.port, usual_port, findings),
        path: http::path(&own.path, findings).unwrap_or_else(|| "/events".to_owned()),
        count: count.and_then(|n| u32::try_from(n).ok()).unwrap_or(10),
        last_event_id,
        timeout: timeout.unwrap_or(Span::from_secs(10)),
        reconnect: ranges::within(&own.reconnect, "reconnect", 0..=1000, findings).unwrap_or(5),
        tls,
    }
}

/// A server of event streams.
pub(super) fn sse_server(
    table: &Table<schema::ServerSse>,
    port: u16,
    tls: Option<TlsServer>,
    findings: &mut Findings,
) -> SseServer {
    let own = &table.value;
    let event = own.event.read(findings);
    if event
        .as_deref()
        .is_some_and(|name| name.is_empty() || name.contains(['\n', '\r']))
    {
        findings.error(
            own.event.place(),
            "the type of an event is one line of text",
        );
    }
    let text = own.text.read(findings);
    if text.as_deref().is_some_and(|text| text.contains('\r')) {
        findings.error(own.text.place(), "the lines of an event end with \\n alone");
    }
    let span = |field: &Field<Span>, key, findings: &mut Findings| {
        ranges::positive_span(field, key, findings)
    };
    let most = 1..=1_000_000_000;
    SseServer {
        port,
        path: http::path(&own.path, findings),
        event,
        text: text.unwrap_or_else(|| TICK.to_owned()),
        interval: span(&own.interval, "interval", findings).unwrap_or(Span::from_secs(1)),
        count: own.count.read(findings).unwrap_or(0),
        heartbeat: span(&own.heartbeat, "heartbeat", findings).unwrap_or(Span::from_secs(15)),
        retry: ranges::span(&own.retry, "retry", findings),
        history: own.history.read(findings).unwrap_or(100),
        close_after: ranges::within(&own.close_after, "close_after", most, findings),
        tls,
    }
}

fn message(
    text: &Field<String>,
    size: &Field<ByteSize>,
    usual: &str,
    findings: &mut Findings,
) -> Body {
    let body = http::body(("text", text), size, MAX_MESSAGE, findings);
    body.unwrap_or_else(|| Body::Text(usual.to_owned()))
}

fn key(field: &Field<String>, findings: &mut Findings) -> Option<String> {
    let key = field.read(findings)?;
    if STANDARD.decode(&key).ok().map(|bytes| bytes.len()) != Some(16) {
        findings
            .error(
                field.place(),
                format!("{key:?} is no key: it is not 16 bytes in base64"),
            )
            .help("the RFC's own is \"dGhlIHNhbXBsZSBub25jZQ==\"");
    }
    Some(key)
}

/// Tokens (RFC 6455, section 4.1), each once.
fn subprotocols(names: &Names, findings: &mut Findings) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in &names.items {
        let Some(text) = name.read(findings) else {
            continue;
        };
        if !http::is_token(&text) {
            let message = format!("{text:?} is not the name of a subprotocol: it is one word");
            findings.error(name.place(), message);
        } else if all.contains(&text) {
            findings.error(name.place(), format!("`{text}` is there twice"));
        }
        all.push(text);
    }
    all
}

type FrameKeys<'a> = (
    &'a Field<ByteSize>,
    &'a Field<ByteSize>,
    &'a Field<Span>,
    &'a Field<Span>,
);

fn frames(keys: FrameKeys<'_>, findings: &mut Findings) -> WebSocketFrames {
    let (fragment, max_message, ping, timeout) = keys;
    let sizes = ByteSize::new(1)..=MAX_MESSAGE;
    let fragment = ranges::size(fragment, "fragment", sizes.clone(), findings);
    let max_message = ranges::size(max_message, "max_message", sizes, findings);
    let timeout = ranges::positive_span(timeout, "timeout", findings);
    WebSocketFrames {
        fragment: fragment.and_then(|size| usize::try_from(size.bytes()).ok()),
        max_message: max_message.unwrap_or(ByteSize::new(1 << 20)),
        ping: ranges::positive_span(ping, "ping", findings),
        timeout: timeout.unwrap_or(Span::from_secs(5)),
    }
}

fn close(table: &Table<schema::WebSocketClose>, findings: &mut Findings) -> WebSocketClose {
    let keys = &table.value;
    let code = keys.code.read(findings).unwrap_or(1000);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        findings
            .error(keys.code.place(), format!("no close frame may have the code {code}"))
            .help("1000 to 1003, 1007 to 1014, or one of your own from 3000 to 4999 (RFC 6455, section 7.4)");
    }
    let reason = keys.reason.read(findings).unwrap_or_default();
    if reason.len() > 123 {
        findings.error(
            keys.reason.place(),
            "a reason has at most 123 bytes: a control frame has room for no more",
        );
    }
    WebSocketClose {
        code,
        reason,
        after: ranges::positive_span(&keys.after, "after", findings),
    }
}

/// Whether client and server want the same; if not, the reason and what would help.
pub(super) fn differ(
    client: &WebSocketClient,
    server: &WebSocketServer,
) -> Option<(&'static str, &'static str)> {
    // A fault is there to be seen, whatever the two wanted to say.
    let usual = client.fault.is_none() && server.fault != Some(WebSocketFault::WrongAccept);
    (usual && client.mode != server.mode).then_some((
        "this traffic wants another `mode` of WebSocket than the server at the other end has",
        "give both the same `mode`, or one of them another `port`",
    ))
}
