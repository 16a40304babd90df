//! The tables by group, for networks in which a line for each link or flow would be too many.

use super::{
    network::causes,
    sheet::{Column, Mark, Sheet},
    words::{bytes, count, dash, percent, rate, span},
};
use crate::report::{
    LinkGroupSummary, NodeGroupSummary, Quantiles, Summary, TrafficGroupSummary,
    network::percent as share,
};

/// True if a table of so many rows is better told by group.
pub(super) const fn many(rows: usize) -> bool {
    rows > MOST_ROWS
}

/// A terminal shows this many lines without scrolling.
const MOST_ROWS: usize = 24;

pub(super) fn nodes(summary: &Summary) -> Sheet {
    let columns = vec![
        Column::long("nodes"),
        Column::right("how many"),
        Column::right("frames in"),
        Column::right("frames out"),
        Column::right("passed on"),
        Column::long("dropped"),
    ];
    let mut sheet = Sheet::new("Nodes by group", columns);
    for group in summary.node_groups() {
        sheet.row(Mark::odd_if(group.dropped_frames > 0), node(&group));
    }
    sheet
}

fn node(group: &NodeGroupSummary) -> Vec<String> {
    vec![
        group.group.clone(),
        count(group.nodes),
        count(group.received_frames),
        count(group.sent_frames),
        count(group.forwarded_frames),
        causes(&group.drops),
    ]
}

pub(super) fn links(summary: &Summary) -> Sheet {
    let columns = vec![
        Column::long("from, to"),
        Column::right("links"),
        Column::right("frames"),
        Column::right("bytes").optional(),
        Column::long("lost"),
        Column::right("queue max").optional(),
        Column::right("wait max"),
        Column::right("used mean"),
        Column::right("max"),
    ];
    let mut sheet = Sheet::new("Links by group", columns);
    for group in summary.link_groups() {
        sheet.row(Mark::odd_if(group.frames.dropped_frames > 0), link(&group));
    }
    sheet
}

fn link(group: &LinkGroupSummary) -> Vec<String> {
    vec![
        format!("{} → {}", group.from, group.to),
        count(group.directions),
        count(group.frames.sent_frames),
        bytes(group.frames.sent_bytes),
        causes(&group.frames.drops),
        bytes(group.queue_peak_bytes),
        span(group.queue_peak_delay_ns),
        percent(group.utilization_mean_percent),
        percent(group.utilization_max_percent),
    ]
}

/// What the columns of a table of traffic groups are called.
pub(super) struct Headers {
    pub(super) title: &'static str,
    /// How often something was tried, was well, was not.
    pub(super) counts: [&'static str; 3],
    /// What the median in the last columns is of.
    pub(super) time: &'static str,
}

/// The groups of the applications `apps`.
pub(super) fn traffic(all: &[TrafficGroupSummary], apps: &[&str], headers: &Headers) -> Sheet {
    let [sent, delivered, lost] = headers.counts;
    let columns = vec![
        Column::long("traffic"),
        Column::right("flows"),
        Column::right(sent).optional(),
        Column::right(delivered),
        Column::right(lost),
        Column::right("goodput"),
        Column::right("slowest").optional(),
        Column::right("fastest").optional(),
        Column::right(headers.time),
        Column::right("99%"),
        Column::right("longest"),
    ];
    let mut sheet = Sheet::new(headers.title, columns);
    for group in all.iter().filter(|g| apps.contains(&g.app.as_str())) {
        sheet.row(Mark::odd_if(group.lost > 0), flows(group));
    }
    sheet
}

fn flows(group: &TrafficGroupSummary) -> Vec<String> {
    let (speed, time) = (&group.goodput_bits_per_second, &group.time_ns);
    let cell =
        |spread: &Option<Quantiles>, pick: fn(&Quantiles) -> u64, words: fn(u64) -> String| {
            spread.as_ref().map_or_else(dash, |q| words(pick(q)))
        };
    vec![
        group.group.clone(),
        count(group.flows),
        count(group.sent),
        count(group.delivered),
        match group.lost {
            0 => "0".to_owned(),
            lost => format!("{} ({})", count(lost), percent(share(lost, group.sent))),
        },
        cell(speed, |q| q.p50, rate),
        cell(speed, |q| q.min, rate),
        cell(speed, |q| q.max, rate),
        cell(time, |q| q.p50, span),
        cell(time, |q| q.p99, span),
        cell(time, |q| q.max, span),
    ]
}
