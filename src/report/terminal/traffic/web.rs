//! Requests of the web.

use super::protection;
use crate::report::{
    terminal::{
        sheet::{Column, Mark, Sheet},
        words::{bytes, maybe_span},
    },
    traffic::{HttpSummary, TrafficSummary},
};

/// The table of HTTP exchanges, without rows.
pub(super) fn http_sheet() -> Sheet {
    let columns = vec![
        Column::long("traffic"),
        Column::long("request"),
        Column::long("status"),
        Column::right("lookup").optional(),
        Column::right("connect"),
        Column::left("TLS").optional(),
        Column::right("first byte"),
        Column::right("total"),
        Column::right("body").optional(),
        Column::right("decoded").optional(),
        Column::right("tried").optional(),
    ];
    Sheet::new("HTTP", columns)
}

/// One exchange.
pub(super) fn http(sheet: &mut Sheet, entry: &TrafficSummary, x: &HttpSummary) {
    let status = match (&x.error, x.status) {
        (Some(error), _) => error.clone(),
        (None, Some(status)) => status.to_string(),
        (None, None) => "no answer".to_owned(),
    };
    let cells = vec![
        entry.name.clone(),
        request_of(x),
        status,
        maybe_span(x.lookup_ns),
        maybe_span(x.connect_ns),
        protection(x.tls.as_ref()),
        maybe_span(x.first_byte_ns),
        maybe_span(x.total_ns),
        bytes(x.response_bytes),
        decoded(x),
        again(x.attempts),
    ];
    sheet.row(Mark::bad_if(x.error.is_some()), cells);
}

/// "GET /old → /new".
fn request_of(x: &HttpSummary) -> String {
    let pushed = if x.pushed { ", pushed" } else { "" };
    let begin = format!("{} {}{pushed}", x.method, x.path);
    let hops = x.redirects.iter();
    hops.fold(begin, |way, hop| format!("{way} → {hop}"))
}

/// "20 KiB, br"; nothing if the content came as it is.
fn decoded(x: &HttpSummary) -> String {
    match (&x.encoding, x.decoded_bytes) {
        (Some(encoding), Some(size)) => format!("{}, {encoding}", bytes(size)),
        (Some(encoding), None) => encoding.clone(),
        (None, _) => String::new(),
    }
}

/// "3x" if it took more than one attempt.
fn again(attempts: u32) -> String {
    match attempts {
        0 | 1 => String::new(),
        more => format!("{more}x"),
    }
}
