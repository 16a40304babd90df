//! Traffic by pattern.

use std::collections::BTreeMap;

use serde::Serialize;

use super::quantiles::Quantiles;
use crate::{
    osi::application::report::{AppResult, Probe, TcpResult, TrafficReport, UdpResult},
    report::{facts::RunFacts, network::rate},
    scenario::plan::Plan,
    units::Span,
};

/// The flows of one pattern and one application, added up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct TrafficGroupSummary {
    /// The pattern's name; `others` for entries that stand for one flow each, `all` if all do.
    pub group: String,
    /// The application.
    pub app: String,
    /// How many entries it has.
    pub flows: u64,
    /// How many of them never started, or were still running at the end.
    pub unfinished_flows: u64,
    /// Datagrams sent; or connections, requests, questions, probes or paths begun.
    pub sent: u64,
    /// Datagrams that arrived; or how many of the others came to a good end.
    pub delivered: u64,
    /// Datagrams lost; or how many of the others failed.
    pub lost: u64,
    /// Payload bytes received.
    pub received_bytes: u64,
    /// `udp` and `tcp`: the goodput of each flow or connection.
    pub goodput_bits_per_second: Option<Quantiles>,
    /// `udp`: the mean one-way delay of each flow. Others: how long each connection (from connecting
    /// to the last byte), request, question or probe took.
    pub time_ns: Option<Quantiles>,
}

pub(super) fn groups(plan: &Plan, facts: &RunFacts) -> Vec<TrafficGroupSummary> {
    let names = &plan.traffic_groups;
    let mut sums: BTreeMap<(usize, &str), Sum> = BTreeMap::new();
    for report in &facts.traffic {
        let entry = report.traffic.index();
        let group = names.iter().position(|g| g.entries.contains(&entry));
        let place = (group.unwrap_or(names.len()), plan.traffic[entry].app.name());
        sums.entry(place).or_default().add(report);
    }
    let by_hand = if names.is_empty() { "all" } else { "others" };
    let named = |((group, app), sum): ((usize, &str), Sum)| TrafficGroupSummary {
        group: names.get(group).map_or(by_hand, |g| &g.name).to_owned(),
        app: app.to_owned(),
        ..sum.finish()
    };
    sums.into_iter().map(named).collect()
}

/// A group in the making.
#[derive(Default)]
struct Sum {
    group: TrafficGroupSummary,
    goodputs: Vec<u64>,
    times: Vec<u64>,
}

impl Sum {
    fn add(&mut self, report: &TrafficReport) {
        self.group.flows += 1;
        self.group.unfinished_flows += u64::from(report.ended.is_none());
        match &report.result {
            AppResult::Udp(stream) => self.add_stream(stream),
            AppResult::Tcp(all) => all.iter().for_each(|x| self.add_transfer(x)),
            AppResult::Http(all) => all
                .iter()
                .for_each(|x| self.add_exchange(x.response_bytes, x.total, x.error.is_some())),
            AppResult::Grpc(all) => all
                .iter()
                .for_each(|x| self.add_exchange(x.received_bytes, x.total, x.failed())),
            AppResult::Dns(all) => all
                .iter()
                .for_each(|x| self.add_exchange(0, x.took, x.error.is_some())),
            AppResult::Smtp(all) => all
                .iter()
                .for_each(|x| self.add_exchange(x.bytes, x.total, x.error.is_some())),
            AppResult::Echo(all) | AppResult::Ping(all) => {
                all.iter().for_each(|x| self.add_probe(x));
            }
            AppResult::WebSocket(all) => all.iter().for_each(|x| {
                let took = x.ended.map(|at| at - x.opening.started);
                self.add_exchange(x.received.bytes, took, x.error.is_some());
            }),
            AppResult::Sse(all) => all.iter().for_each(|x| {
                let took = x.ended.map(|at| at - x.opening.started);
                self.add_exchange(x.bytes, took, x.error.is_some());
            }),
            AppResult::Traceroute(hops) if hops.is_empty() => {}
            AppResult::Traceroute(hops) => {
                self.add_exchange(0, None, !hops.iter().any(|h| h.reached));
            }
        }
        self.group.sent += report.left_out;
        self.group.lost += report.left_out_failed;
        self.group.delivered += report.left_out - report.left_out_failed;
    }

    fn add_stream(&mut self, x: &UdpResult) {
        self.group.sent += x.sent;
        self.group.delivered += x.received;
        self.group.lost += x.lost;
        self.group.received_bytes += x.bytes;
        self.goodputs.extend(stream_goodput(x));
        self.times.extend(x.delay.map(|d| d.mean.as_nanos()));
    }

    fn add_transfer(&mut self, x: &TcpResult) {
        self.goodputs
            .extend(x.transfer.and_then(|t| rate(x.bytes, t)));
        let took = x.connect.zip(x.transfer).map(|(c, t)| c + t);
        self.add_exchange(x.bytes, took, x.error.is_some());
    }

    fn add_probe(&mut self, x: &Probe) {
        self.add_exchange(0, x.rtt, x.error.is_some() || x.rtt.is_none());
    }

    fn add_exchange(&mut self, bytes: u64, took: Option<Span>, failed: bool) {
        self.group.sent += 1;
        self.group.received_bytes += bytes;
        if failed {
            self.group.lost += 1;
        } else {
            self.group.delivered += 1;
            self.times.extend(took.map(Span::as_nanos));
        }
    }

    fn finish(self) -> TrafficGroupSummary {
        TrafficGroupSummary {
            goodput_bits_per_second: Quantiles::of(self.goodputs),
            time_ns: Quantiles::of(self.times),
            ..self.group
        }
    }
}

/// The payload bits that came after the first datagram, over the time since it came: a stream of
/// n datagrams has n - 1 intervals.
fn stream_goodput(x: &UdpResult) -> Option<u64> {
    let (first, last) = x.arrivals?;
    let after_first = x.bytes - x.bytes / x.received.max(1);
    (x.received > 1).then(|| rate(after_first, last - first))?
}
