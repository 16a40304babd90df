//! Questions about names.

use crate::report::{
    terminal::{
        sheet::{Column, Mark, Sheet},
        words::maybe_span,
    },
    traffic::{DnsSummary, TrafficSummary},
};

/// The table of questions to name servers, without rows.
pub(super) fn dns_sheet() -> Sheet {
    let columns = vec![
        Column::long("traffic"),
        Column::long("question"),
        Column::long("answer"),
        Column::right("time"),
        Column::right("asked"),
    ];
    Sheet::new("DNS", columns)
}

/// One question.
pub(super) fn dns(sheet: &mut Sheet, entry: &TrafficSummary, x: &DnsSummary) {
    let question = match x.record.as_str() {
        "A" => x.query.clone(),
        other => format!("{} {other}", x.query),
    };
    let over = if x.over_tcp { ", over TCP" } else { "" };
    let cells = vec![
        entry.name.clone(),
        question,
        x.error.clone().unwrap_or_else(|| x.answers.join(", ")),
        maybe_span(x.took_ns),
        format!("{}{over}", times(x.attempts)),
    ];
    sheet.row(Mark::bad_if(x.error.is_some()), cells);
}

fn times(n: u32) -> String {
    match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    }
}
