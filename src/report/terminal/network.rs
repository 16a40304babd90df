//! The tables of links and of drops.

use super::{
    sheet::{Column, Mark, Sheet},
    words::{bytes, count, percent, span},
};
use crate::{
    report::{
        Summary,
        network::{Drops, WireSummary, short},
    },
    trace::DropReason,
};

/// Links, then drops.
pub(super) fn sheets(summary: &Summary) -> Vec<Sheet> {
    vec![links(summary), drops(summary)]
}

fn links(summary: &Summary) -> Sheet {
    let columns = vec![
        Column::long("link"),
        Column::long("from, to"),
        Column::right("frames"),
        Column::right("bytes").optional(),
        Column::long("lost"),
        Column::right("copies").optional(),
        Column::right("queue max"),
        Column::right("wait max"),
        Column::right("used"),
    ];
    let mut sheet = Sheet::new("Links", columns);
    for wire in &summary.links {
        sheet.row(Mark::odd_if(wire.dropped_frames > 0), link(wire));
    }
    sheet
}

fn link(wire: &WireSummary) -> Vec<String> {
    vec![
        // The second direction belongs to the name above it.
        if wire.is_forward() {
            wire.link.clone()
        } else {
            String::new()
        },
        format!("{} → {}", wire.from, wire.to),
        count(wire.sent_frames),
        bytes(wire.sent_bytes),
        causes(&wire.drops),
        count(wire.duplicated_frames),
        bytes(wire.queue_peak_bytes),
        span(wire.queue_peak_delay_ns),
        percent(wire.utilization_percent),
    ]
}

fn causes(drops: &Drops) -> String {
    let words: Vec<String> = drops
        .0
        .iter()
        .map(|(why, frames)| format!("{} {}", count(frames), short(why)))
        .collect();
    if words.is_empty() {
        "0".to_owned()
    } else {
        words.join(", ")
    }
}

fn drops(summary: &Summary) -> Sheet {
    let columns = vec![
        Column::left("cause"),
        Column::right("frames"),
        Column::long("where"),
    ];
    let mut sheet = Sheet::new("Dropped frames", columns);
    for (why, frames) in summary.totals.drops.0.iter() {
        let places = places(summary, why);
        let cells = vec![why.words().to_owned(), count(frames), places];
        sheet.row(Mark::Usual, cells);
    }
    sheet
}

/// Where frames died of `why`, with how many where.
fn places(summary: &Summary, why: DropReason) -> String {
    let wires = summary.links.iter().map(|w| {
        let place = format!("{} ({} → {})", w.link, w.from, w.to);
        (place, w.drops.0.of(why))
    });
    let nodes = summary
        .nodes
        .iter()
        .map(|n| (n.name.clone(), n.drops.0.of(why)));
    let places: Vec<String> = wires
        .chain(nodes)
        .filter(|(_, frames)| *frames > 0)
        .map(|(place, frames)| format!("{place} {}", count(frames)))
        .collect();
    places.join(", ")
}
