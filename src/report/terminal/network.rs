//! The tables of links and of drops.

use super::{
    groups,
    sheet::{Column, Mark, Sheet},
    words::{bytes, count, percent, span},
    worst::Worst,
};
use crate::{
    report::{
        Summary,
        network::{Drops, WireSummary, short},
    },
    trace::{DropReason, WireCounters},
};

/// Links, then drops. Many links are told by group, and so are the nodes then.
pub(super) fn sheets(summary: &Summary) -> Vec<Sheet> {
    let mut sheets = if groups::many(summary.facts.run.wires.len()) {
        vec![
            groups::nodes(summary),
            groups::links(summary),
            chosen("Busiest links", summary, |w| w.busy.as_nanos()),
            chosen("Links that lost most", summary, |w| w.drops.total()),
        ]
    } else {
        vec![links(summary)]
    };
    sheets.push(drops(summary));
    sheets
}

fn links(summary: &Summary) -> Sheet {
    let marks = any_marks(summary);
    let mut sheet = Sheet::new("Links", columns(marks));
    for wire in summary.links() {
        // The second direction belongs to the name above it.
        let name = if wire.is_forward() { &wire.link } else { "" };
        let cells = link(name, &wire, marks);
        sheet.row(Mark::odd_if(wire.frames.dropped_frames > 0), cells);
    }
    sheet
}

/// Did any queue mark anything? Only then there is a column for it.
fn any_marks(summary: &Summary) -> bool {
    summary.facts.run.wires.iter().any(|w| w.marked_frames > 0)
}

/// The few links of which `rank` is highest, and not zero.
fn chosen(title: &str, summary: &Summary, rank: impl Fn(&WireCounters) -> u64) -> Sheet {
    let mut worst = Worst::default();
    for (i, wire) in summary.facts.run.wires.iter().enumerate() {
        if rank(wire) > 0 {
            worst.offer(rank(wire), i);
        }
    }
    let marks = any_marks(summary);
    let mut sheet = Sheet::new(title, columns(marks));
    for wire in worst.found().map(|i| summary.link(i)) {
        let mark = Mark::odd_if(wire.frames.dropped_frames > 0);
        sheet.row(mark, link(&wire.link, &wire, marks));
    }
    sheet
}

fn columns(marks: bool) -> Vec<Column> {
    let mut columns = vec![
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
    if marks {
        columns.insert(BEHIND_LOST, Column::right("marked"));
    }
    columns
}

/// Where the column of marks stands.
const BEHIND_LOST: usize = 5;

fn link(name: &str, wire: &WireSummary, marks: bool) -> Vec<String> {
    let mut cells = vec![
        name.to_owned(),
        format!("{} → {}", wire.from, wire.to),
        count(wire.frames.sent_frames),
        bytes(wire.frames.sent_bytes),
        causes(&wire.frames.drops),
        count(wire.frames.duplicated_frames),
        bytes(wire.queue_peak_bytes),
        span(wire.queue_peak_delay_ns),
        percent(wire.utilization_percent),
    ];
    if marks {
        cells.insert(BEHIND_LOST, count(wire.frames.marked_frames));
    }
    cells
}

pub(super) fn causes(drops: &Drops) -> String {
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
    for (why, frames) in summary.totals().drops.0.iter() {
        let places = places(summary, why);
        let cells = vec![why.words().to_owned(), count(frames), places];
        sheet.row(Mark::Usual, cells);
    }
    sheet
}

/// Where frames died of `why`, with how many where; if at many places, the worst few.
fn places(summary: &Summary, why: DropReason) -> String {
    let run = &summary.facts.run;
    let wires = run.wires.iter().map(|w| w.drops.of(why));
    let nodes = run.nodes.iter().map(|n| n.drops.of(why));
    let struck = |(place, frames)| (frames > 0).then_some((place, frames));
    let struck: Vec<(usize, u64)> = wires.chain(nodes).enumerate().filter_map(struck).collect();
    let word =
        |&(place, frames): &(usize, u64)| format!("{} {}", summary.place(place), count(frames));
    if !groups::many(struck.len()) {
        return struck.iter().map(word).collect::<Vec<_>>().join(", ");
    }
    let mut worst = Worst::default();
    struck.iter().for_each(|at| worst.offer(at.1, *at));
    let worst: Vec<String> = worst.found().map(|at| word(&at)).collect();
    format!(
        "{} places: {} ...",
        count(struck.len() as u64),
        worst.join(", ")
    )
}

impl Summary {
    /// A wire, or after the last wire a node: "wan (r1 → r2)", "r1".
    fn place(&self, i: usize) -> String {
        let wires = self.facts.run.wires.len();
        if i < wires {
            let wire = self.link(i);
            return format!("{} ({} → {})", wire.link, wire.from, wire.to);
        }
        self.plan.topology.nodes[i - wires].name.clone()
    }
}
