//! Streams of datagrams, and transfers over TCP.

use super::{protection, way};
use crate::report::{
    terminal::{
        sheet::{Column, Mark, Sheet},
        words::{bytes, count, dash, maybe_span, percent, rate},
    },
    traffic::{TcpSummary, TrafficSummary, UdpSummary},
};

/// The table of streams of datagrams, without rows.
pub(super) fn udp_sheet() -> Sheet {
    let columns = vec![
        Column::long("traffic"),
        Column::long("from, to"),
        Column::right("sent"),
        Column::right("received"),
        Column::right("lost"),
        Column::right("late").optional(),
        Column::right("double").optional(),
        Column::right("delay min"),
        Column::right("mean"),
        Column::right("max").optional(),
        Column::right("jitter"),
    ];
    Sheet::new("UDP streams", columns)
}

/// One stream.
pub(super) fn udp(sheet: &mut Sheet, entry: &TrafficSummary, x: &UdpSummary) {
    let lost = match x.lost_datagrams {
        0 => "0".to_owned(),
        n => format!("{} ({})", count(n), percent(x.lost_percent)),
    };
    let cells = vec![
        entry.name.clone(),
        way(entry),
        count(x.sent_datagrams),
        count(x.received_datagrams),
        lost,
        count(x.reordered_datagrams),
        count(x.duplicate_datagrams),
        maybe_span(x.delay_min_ns),
        maybe_span(x.delay_mean_ns),
        maybe_span(x.delay_max_ns),
        maybe_span(x.jitter_ns),
    ];
    sheet.row(Mark::odd_if(x.lost_datagrams > 0), cells);
}

/// The table of TCP transfers, without rows.
pub(super) fn tcp_sheet() -> Sheet {
    let columns = vec![
        Column::long("traffic"),
        Column::long("from, to"),
        Column::right("connect"),
        Column::left("TLS").optional(),
        Column::right("received"),
        Column::right("in"),
        Column::right("goodput"),
        Column::long(""),
    ];
    Sheet::new("TCP transfers", columns)
}

/// One transfer.
pub(super) fn tcp(sheet: &mut Sheet, entry: &TrafficSummary, x: &TcpSummary) {
    let cells = vec![
        entry.name.clone(),
        way(entry),
        maybe_span(x.connect_ns),
        protection(x.tls.as_ref()),
        bytes(x.received_bytes),
        maybe_span(x.transfer_ns),
        x.goodput_bits_per_second.map_or_else(dash, rate),
        x.error.clone().unwrap_or_default(),
    ];
    sheet.row(Mark::bad_if(x.error.is_some()), cells);
}
