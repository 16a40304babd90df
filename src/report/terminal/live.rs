//! The tables of WebSocket connections and event streams.

use super::{
    sheet::{Column, Mark, Sheet},
    traffic::protection,
    words::{bytes, count, dash, maybe_span},
};
use crate::report::traffic::{SseSummary, TrafficSummary, WebSocketSummary};

pub(super) fn websocket_sheet() -> Sheet {
    use Column as C;
    let columns = vec![
        C::long("traffic"),
        C::long("path"),
        C::right("connect"),
        C::left("TLS").optional(),
        C::right("upgrade"),
        C::right("sent"),
        C::right("received"),
        C::right("round trip").optional(),
        C::right("latency").optional(),
        C::long("closed"),
    ];
    Sheet::new("WebSocket", columns)
}

pub(super) fn websocket(sheet: &mut Sheet, entry: &TrafficSummary, x: &WebSocketSummary) {
    let rtt = x.echo_rtt.as_ref().or(x.ping_rtt.as_ref());
    let cells = vec![
        numbered(entry, x.opening.attempt),
        x.opening.path.clone(),
        maybe_span(x.opening.connect_ns),
        protection(x.opening.tls.as_ref()),
        maybe_span(x.handshake_ns),
        count(x.sent.messages),
        count(x.received.messages),
        rtt.map_or_else(String::new, |rtt| maybe_span(Some(rtt.mean_ns))),
        x.latency
            .as_ref()
            .map_or_else(String::new, |l| maybe_span(Some(l.mean_ns))),
        closed(x),
    ];
    sheet.row(Mark::bad_if(x.error.is_some()), cells);
}

/// "1000 by client", or what went wrong.
fn closed(x: &WebSocketSummary) -> String {
    if let Some(error) = &x.error {
        return error.clone();
    }
    let Some(close) = &x.close else {
        return dash();
    };
    let code = close
        .code
        .map_or_else(|| "no code".to_owned(), |code| code.to_string());
    let reason = match close.reason.as_str() {
        "" => String::new(),
        reason => format!(", {reason}"),
    };
    format!("{code} by {}{reason}", close.by)
}

pub(super) fn sse_sheet() -> Sheet {
    use Column as C;
    let columns = vec![
        C::long("traffic"),
        C::long("path"),
        C::right("after event").optional(),
        C::left("TLS").optional(),
        C::right("first byte"),
        C::right("events"),
        C::right("data").optional(),
        C::right("missed"),
        C::right("latency mean"),
        C::right("max").optional(),
        C::long(""),
    ];
    Sheet::new("Event streams", columns)
}

pub(super) fn sse(sheet: &mut Sheet, entry: &TrafficSummary, x: &SseSummary) {
    let latency = x.latency.as_ref();
    let cells = vec![
        numbered(entry, x.opening.attempt),
        x.opening.path.clone(),
        x.last_event_id.clone().unwrap_or_default(),
        protection(x.opening.tls.as_ref()),
        maybe_span(x.first_byte_ns),
        count(x.events),
        bytes(x.bytes),
        count(x.missed),
        maybe_span(latency.map(|l| l.mean_ns)),
        maybe_span(latency.map(|l| l.max_ns)),
        x.error.clone().unwrap_or_default(),
    ];
    let mark = match x.error.is_some() {
        true => Mark::Bad,
        false => Mark::odd_if(x.missed > 0),
    };
    sheet.row(mark, cells);
}

/// The name of an entry; of a later attempt, with its number.
fn numbered(entry: &TrafficSummary, attempt: u32) -> String {
    match attempt {
        1 => entry.name.clone(),
        n => format!("{}, attempt {n}", entry.name),
    }
}
