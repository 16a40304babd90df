//! The table of gRPC calls.

use super::{
    sheet::{Column as C, Mark, Sheet},
    traffic::protection,
    words::{bytes, count, maybe_span},
};
use crate::report::traffic::{GrpcSummary, TrafficSummary};

/// The table without rows.
pub(super) fn sheet() -> Sheet {
    let columns = vec![
        C::long("traffic"),
        C::long("call"),
        C::long("status"),
        C::right("lookup").optional(),
        C::right("connect"),
        C::left("TLS").optional(),
        C::right("sent"),
        C::right("received"),
        C::right("as JSON").optional(),
        C::right("first message"),
        C::right("total"),
    ];
    Sheet::new("gRPC", columns)
}

/// One call.
pub(super) fn grpc(sheet: &mut Sheet, entry: &TrafficSummary, x: &GrpcSummary) {
    let status = match (&x.error, &x.status_name) {
        (Some(error), _) => error.clone(),
        (None, Some(name)) => name.clone(),
        (None, None) => "no answer".to_owned(),
    };
    let cells = vec![
        entry.name.clone(),
        x.method.clone(),
        status,
        maybe_span(x.lookup_ns),
        maybe_span(x.connect_ns),
        protection(x.tls.as_ref()),
        messages(x.sent_messages, x.sent_bytes),
        messages(x.received_messages, x.received_bytes),
        bytes(x.sent_json_bytes + x.received_json_bytes),
        maybe_span(x.first_message_ns),
        maybe_span(x.total_ns),
    ];
    let mark = match (&x.error, x.status) {
        (None, Some(0)) => Mark::Usual,
        (None, Some(_)) => Mark::Odd,
        _ => Mark::Bad,
    };
    sheet.row(mark, cells);
}

/// "5: 214 B".
fn messages(number: u64, size: u64) -> String {
    match number {
        0 => "0".to_owned(),
        _ => format!("{}: {}", count(number), bytes(size)),
    }
}
