//! Applications with so many entries that they are told by group.

use super::{
    groups::{self, Headers},
    sheet::{Column, Mark, Sheet},
    words::count,
    worst::Worst,
};
use crate::{
    osi::application::report::{AppResult, TrafficReport, UdpResult},
    report::{ProbeList, Summary, TrafficGroupSummary},
    units::Span,
};

/// The applications that share a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Http,
    Grpc,
    Dns,
    Udp,
    Tcp,
    Probes,
    WebSocket,
    Sse,
    Paths,
    Mail,
}

impl Class {
    pub(super) const fn of(result: &AppResult) -> Self {
        match result {
            AppResult::Http(_) => Self::Http,
            AppResult::Grpc(_) => Self::Grpc,
            AppResult::Dns(_) => Self::Dns,
            AppResult::Udp(_) => Self::Udp,
            AppResult::Tcp(_) => Self::Tcp,
            AppResult::Echo(_) | AppResult::Ping(_) => Self::Probes,
            AppResult::WebSocket(_) => Self::WebSocket,
            AppResult::Sse(_) => Self::Sse,
            AppResult::Traceroute(_) => Self::Paths,
            AppResult::Smtp(_) => Self::Mail,
        }
    }

    /// The names of its applications.
    const fn apps(self) -> &'static [&'static str] {
        match self {
            Self::Http => &["http", "rest"],
            Self::Grpc => &["grpc"],
            Self::Dns => &["dns"],
            Self::Udp => &["udp"],
            Self::Tcp => &["tcp"],
            Self::Probes => &["echo", "ping"],
            Self::WebSocket => &["websocket"],
            Self::Sse => &["sse"],
            Self::Paths => &["traceroute"],
            Self::Mail => &["smtp"],
        }
    }

    const fn headers(self) -> Headers {
        let (title, counts, time) = match self {
            Self::Http => ("HTTP by group", ["requests", "done", "failed"], "took"),
            Self::Mail => ("Mail by group", ["messages", "sent", "failed"], "took"),
            Self::Grpc => ("gRPC by group", ["calls", "done", "failed"], "took"),
            Self::Dns => ("DNS by group", ["questions", "answered", "failed"], "took"),
            Self::Udp => (
                "UDP streams by group",
                ["sent", "received", "lost"],
                "delay",
            ),
            Self::Tcp => (
                "TCP transfers by group",
                ["begun", "done", "failed"],
                "took",
            ),
            Self::Probes => (
                "Ping and echo by group",
                ["sent", "answered", "lost"],
                "rtt",
            ),
            Self::WebSocket => (
                "WebSocket by group",
                ["connections", "done", "failed"],
                "took",
            ),
            Self::Sse => (
                "Event streams by group",
                ["connections", "done", "failed"],
                "took",
            ),
            Self::Paths => ("Traceroute by group", ["begun", "reached", "lost"], "took"),
        };
        Headers {
            title,
            counts,
            time,
        }
    }
}

/// Which applications have many entries, and their groups.
pub(super) struct Crowds<'a> {
    summary: &'a Summary,
    classes: Vec<Class>,
    unfinished: bool,
    groups: Vec<TrafficGroupSummary>,
}

impl<'a> Crowds<'a> {
    pub(super) fn of(summary: &'a Summary) -> Self {
        let reports = &summary.facts.traffic;
        let many = |wanted: &dyn Fn(&&TrafficReport) -> bool| {
            groups::many(reports.iter().filter(wanted).count())
        };
        let unfinished = many(&|r| r.started.is_none() || r.ended.is_none());
        let classes: Vec<Class> = ALL
            .into_iter()
            .filter(|class| many(&|r| Class::of(&r.result) == *class))
            .collect();
        let groups = match unfinished || !classes.is_empty() {
            true => summary.traffic_groups(),
            false => Vec::new(),
        };
        Self {
            summary,
            classes,
            unfinished,
            groups,
        }
    }

    /// True if `class` is told by group.
    pub(super) fn has(&self, class: Class) -> bool {
        self.classes.contains(&class)
    }

    /// True if the entries that did not end are told by group.
    pub(super) const fn unfinished(&self) -> bool {
        self.unfinished
    }

    /// How many entries a class has.
    pub(super) fn size(&self, class: Class) -> usize {
        let reports = self.summary.facts.traffic.iter();
        reports.filter(|r| Class::of(&r.result) == class).count()
    }

    /// The groups of a class.
    pub(super) fn sheet(&self, class: Class) -> Sheet {
        groups::traffic(&self.groups, class.apps(), &class.headers())
    }

    /// How many entries of each group did not come to their end.
    pub(super) fn undone(&self) -> Sheet {
        let columns = vec![
            Column::long("traffic"),
            Column::left("app"),
            Column::right("not done"),
            Column::right("of"),
        ];
        let mut sheet = Sheet::new("Unfinished traffic by group", columns);
        for group in self.groups.iter().filter(|g| g.unfinished_flows > 0) {
            let cells = vec![
                group.group.clone(),
                group.app.clone(),
                count(group.unfinished_flows),
                count(group.flows),
            ];
            sheet.row(Mark::Odd, cells);
        }
        sheet
    }

    /// The exchanges to be named, by their reports and their places there.
    pub(super) fn worst(&self) -> Vec<(&'a TrafficReport, usize)> {
        let mut found = Vec::new();
        for class in &self.classes {
            let mut worst = Worst::default();
            let reports = self.summary.facts.traffic.iter();
            for report in reports.filter(|r| Class::of(&r.result) == *class) {
                for (item, rank) in ranks(&report.result).into_iter().enumerate() {
                    worst.offer(rank, (report, item));
                }
            }
            found.extend(worst.found());
        }
        found
    }
}

/// How bad each exchange went: first what failed of a million, then how long it took \[ns\].
type Rank = (u64, u64);

fn ranks(result: &AppResult) -> Vec<Rank> {
    match result {
        AppResult::Http(all) => all
            .iter()
            .map(|x| rank(x.error.is_some(), x.total))
            .collect(),
        AppResult::Grpc(all) => all.iter().map(|x| rank(x.failed(), x.total)).collect(),
        AppResult::Dns(all) => all
            .iter()
            .map(|x| rank(x.error.is_some(), x.took))
            .collect(),
        AppResult::Smtp(all) => all
            .iter()
            .map(|x| rank(x.error.is_some(), x.total))
            .collect(),
        AppResult::Tcp(all) => all
            .iter()
            .map(|x| rank(x.error.is_some(), x.transfer))
            .collect(),
        AppResult::Udp(stream) => vec![stream_rank(stream)],
        AppResult::Echo(all) | AppResult::Ping(all) => {
            let list = ProbeList::new(all);
            let lost = share(list.sent - list.answered, list.sent);
            vec![(lost, list.rtt_mean_ns.unwrap_or(0))]
        }
        AppResult::WebSocket(all) => all
            .iter()
            .map(|x| rank(x.error.is_some(), x.ended.map(|at| at - x.opening.started)))
            .collect(),
        AppResult::Sse(all) => all
            .iter()
            .map(|x| rank(x.error.is_some(), x.ended.map(|at| at - x.opening.started)))
            .collect(),
        AppResult::Traceroute(_) => Vec::new(),
    }
}

fn rank(failed: bool, took: Option<Span>) -> Rank {
    let whole = if failed { MILLION } else { 0 };
    (whole, took.map_or(0, Span::as_nanos))
}

fn stream_rank(stream: &UdpResult) -> Rank {
    let delay = stream.delay.map_or(0, |d| d.mean.as_nanos());
    (share(stream.lost, stream.sent), delay)
}

fn share(part: u64, whole: u64) -> u64 {
    part.saturating_mul(MILLION).checked_div(whole).unwrap_or(0)
}

const MILLION: u64 = 1_000_000;

const ALL: [Class; 10] = [
    Class::Http,
    Class::Grpc,
    Class::Dns,
    Class::Udp,
    Class::Tcp,
    Class::Probes,
    Class::WebSocket,
    Class::Sse,
    Class::Paths,
    Class::Mail,
];
