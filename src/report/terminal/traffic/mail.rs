//! Mail on its way.

use super::protection;
use crate::report::{
    terminal::{
        sheet::{Column, Mark, Sheet},
        words::{bytes, maybe_span},
    },
    traffic::{MailSummary, TrafficSummary},
};

/// The table of messages, without rows.
pub(super) fn mail_sheet() -> Sheet {
    let columns = vec![
        Column::long("traffic"),
        Column::long("message"),
        Column::long("result"),
        Column::right("lookup").optional(),
        Column::right("connect").optional(),
        Column::left("TLS").optional(),
        Column::right("total"),
        Column::right("size"),
    ];
    Sheet::new("Mail", columns)
}

/// One message.
pub(super) fn mail(sheet: &mut Sheet, entry: &TrafficSummary, x: &MailSummary) {
    let refused: Vec<String> = x
        .rejected
        .iter()
        .map(|r| format!("{} {}", r.code, r.mailbox))
        .collect();
    let result = match (&x.error, refused.is_empty()) {
        (Some(error), _) => error.clone(),
        (None, true) => format!("taken for {}", x.accepted.len()),
        (None, false) => format!(
            "taken for {}, not for {}",
            x.accepted.len(),
            refused.join(", ")
        ),
    };
    let cells = vec![
        entry.name.clone(),
        x.subject.clone(),
        result,
        maybe_span(x.lookup_ns),
        maybe_span(x.connect_ns),
        protection(x.tls.as_ref()),
        maybe_span(x.total_ns),
        bytes(x.bytes),
    ];
    let mark = match x.error {
        Some(_) => Mark::Bad,
        None => Mark::odd_if(!x.rejected.is_empty()),
    };
    sheet.row(mark, cells);
}
