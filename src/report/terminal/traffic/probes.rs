//! Packets that are to come back: ping, echo, traceroute.

use super::way;
use crate::report::{
    terminal::{
        sheet::{Column, Mark, Sheet},
        words::{count, dash, maybe_span, span},
    },
    traffic::{ProbeList, TraceHopSummary, TrafficSummary},
};

/// The table of ping and echo, without rows.
pub(super) fn probes_sheet() -> Sheet {
    let columns = vec![
        Column::long("traffic"),
        Column::left("app").optional(),
        Column::long("from, to"),
        Column::right("sent"),
        Column::right("answered"),
        Column::right("rtt mean"),
        Column::right("min").optional(),
        Column::right("max").optional(),
        Column::long(""),
    ];
    Sheet::new("Ping and echo", columns)
}

/// One list of probes.
pub(super) fn probes(sheet: &mut Sheet, entry: &TrafficSummary, x: &ProbeList) {
    let first_error = x.list.iter().find_map(|p| p.error.clone());
    let cells = vec![
        entry.name.clone(),
        entry.app.clone(),
        way(entry),
        count(x.sent),
        count(x.answered),
        maybe_span(x.rtt_mean_ns),
        maybe_span(x.rtt_min_ns),
        maybe_span(x.rtt_max_ns),
        first_error.unwrap_or_default(),
    ];
    let mark = match x.answered {
        0 => Mark::Bad,
        n => Mark::odd_if(n < x.sent),
    };
    sheet.row(mark, cells);
}

/// A way through the network, as a table of its own.
pub(super) fn trace(entry: &TrafficSummary, hops: &[TraceHopSummary]) -> Sheet {
    let columns = vec![
        Column::right("hop"),
        Column::left("node"),
        Column::left("address"),
        Column::long("round trips"),
    ];
    let title = format!("Traceroute {}: {}", entry.name, way(entry));
    let mut sheet = Sheet::new(title, columns);
    for hop in hops {
        let rtts: Vec<String> = hop
            .rtts_ns
            .iter()
            .map(|r| r.map_or_else(star, span))
            .collect();
        let cells = vec![
            hop.ttl.to_string(),
            hop.node.clone().unwrap_or_else(dash),
            hop.address.map_or_else(star, |a| a.to_string()),
            rtts.join("  "),
        ];
        sheet.row(Mark::odd_if(hop.address.is_none()), cells);
    }
    sheet
}

/// What traceroute prints where no answer came.
fn star() -> String {
    "*".to_owned()
}
