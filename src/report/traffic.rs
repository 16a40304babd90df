//! The applications' part of the summary: one entry per `[[traffic]]`.

mod grpc;
mod live;
mod mail;
mod probes;
mod streams;
mod tls;
mod web;

pub use grpc::GrpcSummary;
pub use live::{
    CloseSummary, MessageSummary, OpeningSummary, SpreadSummary, SseSummary, WebSocketSummary,
};
pub use mail::{MailSummary, MailboxMessage, MailboxSummary, RefusalSummary, mail_file};
pub use probes::{ProbeList, ProbeSummary, TraceHopSummary};
pub use streams::{TcpSummary, UdpSummary};
pub use tls::TlsSummary;
pub use web::{DnsSummary, HttpSummary};

use serde::Serialize;

use crate::{
    osi::application::report::{AppResult, TrafficReport},
    scenario::plan::Plan,
    units::SimTime,
};

/// One traffic entry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrafficSummary {
    /// Its name.
    pub name: String,
    /// The application, as the file calls it: `http`, `dns` and so on.
    pub app: String,
    /// The host that started it.
    pub from: String,
    /// Whom it talked to, as the file says it.
    pub to: String,
    /// The address of that.
    pub to_address: String,
    /// When it started; `null` if the run ended before.
    pub started_ns: Option<u64>,
    /// When it ended; `null` if it was still running at the end.
    pub ended_ns: Option<u64>,
    /// What it measured, under a key of its application.
    #[serde(flatten)]
    pub result: AppSummary,
    /// How many entries of the list are left out, because it grew too long.
    pub left_out: u64,
    /// How many of those ended in an error.
    pub left_out_failed: u64,
}

/// What an application measured. The name of the variant's key in `summary.json` is in brackets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum AppSummary {
    /// `http`, `rest`: every request \[`exchanges`\].
    #[serde(rename = "exchanges")]
    Http(Vec<HttpSummary>),
    /// `grpc`: every call \[`calls`\].
    #[serde(rename = "calls")]
    Grpc(Vec<GrpcSummary>),
    /// `dns`: every question \[`lookups`\].
    #[serde(rename = "lookups")]
    Dns(Vec<DnsSummary>),
    /// `udp`: the stream \[`stream`\].
    #[serde(rename = "stream")]
    Udp(UdpSummary),
    /// `tcp`: every connection \[`connections`\].
    #[serde(rename = "connections")]
    Tcp(Vec<TcpSummary>),
    /// `echo` and `ping`: every probe \[`probes`\].
    #[serde(rename = "probes")]
    Probes(ProbeList),
    /// `traceroute`: every hop \[`hops`\].
    #[serde(rename = "hops")]
    Traceroute(Vec<TraceHopSummary>),
    /// `smtp`: every message \[`messages`\].
    #[serde(rename = "messages")]
    Smtp(Vec<MailSummary>),
    /// `websocket`: every connection \[`websockets`\].
    #[serde(rename = "websockets")]
    WebSocket(Vec<WebSocketSummary>),
    /// `sse`: every connection of the event stream \[`event_streams`\].
    #[serde(rename = "event_streams")]
    Sse(Vec<SseSummary>),
}

impl TrafficSummary {
    pub(super) fn new(plan: &Plan, report: &TrafficReport) -> Self {
        let traffic = &plan.traffic[report.traffic.index()];
        Self {
            name: traffic.name.to_string(),
            app: traffic.app.name().to_owned(),
            from: plan.topology.node(traffic.from).name.clone(),
            to: traffic.to.name.to_string(),
            to_address: traffic.to.address.to_string(),
            started_ns: report.started.map(SimTime::as_nanos),
            ended_ns: report.ended.map(SimTime::as_nanos),
            result: AppSummary::new(plan, &report.result),
            left_out: report.left_out,
            left_out_failed: report.left_out_failed,
        }
    }
}

impl AppSummary {
    fn new(plan: &Plan, result: &AppResult) -> Self {
        match result {
            AppResult::Http(all) => Self::Http(all.iter().map(HttpSummary::new).collect()),
            AppResult::Grpc(all) => Self::Grpc(all.iter().map(GrpcSummary::new).collect()),
            AppResult::Dns(all) => Self::Dns(all.iter().map(DnsSummary::new).collect()),
            AppResult::Udp(stream) => Self::Udp(UdpSummary::new(stream)),
            AppResult::Tcp(all) => Self::Tcp(all.iter().map(TcpSummary::new).collect()),
            AppResult::Echo(all) | AppResult::Ping(all) => Self::Probes(ProbeList::new(all)),
            AppResult::Smtp(all) => Self::Smtp(all.iter().map(MailSummary::new).collect()),
            AppResult::Traceroute(all) => {
                let hop = |hop| TraceHopSummary::new(&plan.topology, hop);
                Self::Traceroute(all.iter().map(hop).collect())
            }
            AppResult::WebSocket(all) => {
                Self::WebSocket(all.iter().map(WebSocketSummary::new).collect())
            }
            AppResult::Sse(all) => Self::Sse(all.iter().map(SseSummary::new).collect()),
        }
    }
}
