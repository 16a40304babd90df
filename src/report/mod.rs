//! What a run comes to: [`Summary`], with every number, written as tables for the terminal and as
//! `summary.json`.
//!
//! A summary is a view of the plan and of what the run counted ([`RunFacts`]). Its rows are plain
//! data: their fields are the keys of `summary.json`, in the same order, with the unit in the
//! name. Nothing depends on the machine, so the same file and seed give the same bytes.
//!
//! Not here: pictures (`diagram`) and what is printed during a run (`src/cli`).

mod facts;
mod fairness;
mod groups;
mod json;
mod leases;
mod network;
mod rows;
#[cfg(test)]
mod sample;
mod summary;
mod terminal;
mod traffic;

pub use facts::{OutputFile, RunFacts};
pub use fairness::FairnessSummary;
pub use groups::{LinkGroupSummary, NodeGroupSummary, Quantiles, TrafficGroupSummary};
pub use json::SUMMARY_FILE;
pub use leases::LeaseSummary;
pub use network::{Drops, FrameCounts, NodeSummary, Totals, WireSummary};
pub use summary::{FORMAT, Summary};
pub use terminal::{Look, render};
pub use traffic::{
    AppSummary, CloseSummary, DnsSummary, GrpcSummary, HttpSummary, MailSummary, MailboxMessage,
    MailboxSummary, MessageSummary, OpeningSummary, ProbeList, ProbeSummary, RefusalSummary,
    SpreadSummary, SseSummary, TcpSummary, TlsSummary, TraceHopSummary, TrafficSummary, UdpSummary,
    WebSocketSummary, mail_file,
};
