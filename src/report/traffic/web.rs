//! HTTP exchanges and DNS questions.

use serde::Serialize;

use super::TlsSummary;
use crate::{
    osi::application::{
        report::{DnsExchange, HttpExchange},
        spec::{RecordData, RecordType},
    },
    units::Span,
};

/// One HTTP request and its response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HttpSummary {
    /// Method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Whether the server pushed the response, and nobody asked for it.
    pub pushed: bool,
    /// When the request was wanted, or promised.
    pub started_ns: u64,
    /// Name lookup over DNS, if there was one.
    pub lookup_ns: Option<u64>,
    /// TCP connect, if this request opened the connection.
    pub connect_ns: Option<u64>,
    /// TLS, if this request opened the connection and it is protected.
    pub tls: Option<TlsSummary>,
    /// From `started_ns` to the response's head.
    pub first_byte_ns: Option<u64>,
    /// From `started_ns` to the last byte of the response.
    pub total_ns: Option<u64>,
    /// The status code.
    pub status: Option<u16>,
    /// Bytes of the request's body.
    pub request_bytes: u64,
    /// Bytes of the response's body, as they were sent.
    pub response_bytes: u64,
    /// The coding of the response's content.
    pub encoding: Option<String>,
    /// Bytes of that content when it is decoded, if the client did so.
    pub decoded_bytes: Option<u64>,
    /// How often it was tried, the first time included.
    pub attempts: u32,
    /// Where redirects led, in order.
    pub redirects: Vec<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// From `started_ns` to the error, if there is one.
    pub failed_after_ns: Option<u64>,
}

impl HttpSummary {
    pub(super) fn new(x: &HttpExchange) -> Self {
        Self {
            method: x.method.clone(),
            path: x.path.clone(),
            pushed: x.pushed,
            started_ns: x.started.as_nanos(),
            lookup_ns: x.lookup.map(Span::as_nanos),
            connect_ns: x.connect.map(Span::as_nanos),
            tls: x.tls.as_ref().map(TlsSummary::new),
            first_byte_ns: x.first_byte.map(Span::as_nanos),
            total_ns: x.total.map(Span::as_nanos),
            status: x.status,
            request_bytes: x.request_bytes,
            response_bytes: x.response_bytes,
            encoding: x.course.encoding.clone(),
            decoded_bytes: x.course.decoded_bytes,
            attempts: x.course.attempts,
            redirects: x.course.redirects.clone(),
            error: x.error.clone(),
            failed_after_ns: x.course.failed_after.map(Span::as_nanos),
        }
    }
}

/// One DNS question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DnsSummary {
    /// The name asked for.
    pub query: String,
    /// The type of record asked for.
    #[serde(rename = "type")]
    pub record: String,
    /// When.
    pub started_ns: u64,
    /// How long until the answer.
    pub took_ns: Option<u64>,
    /// How many times it was asked.
    pub attempts: u32,
    /// The data of the records of that type, as in a zone file.
    pub answers: Vec<String>,
    /// The names that the name is an alias of, in order.
    pub aliases: Vec<String>,
    /// How long the first answer may be kept \[s\].
    pub ttl_s: Option<u32>,
    /// The answer was too long for UDP and came over TCP.
    pub over_tcp: bool,
    /// The one asked has the zone itself (AA).
    pub authoritative: bool,
    /// What went wrong.
    pub error: Option<String>,
}

impl DnsSummary {
    pub(super) fn new(x: &DnsExchange) -> Self {
        let wanted = || x.answers.iter().filter(|r| r.kind() == x.record);
        let aliases = x.answers.iter().filter_map(|record| match &record.data {
            RecordData::Cname(target) if x.record != RecordType::Cname => Some(target.clone()),
            _ => None,
        });
        Self {
            query: x.query.clone(),
            record: x.record.to_string(),
            started_ns: x.started.as_nanos(),
            took_ns: x.took.map(Span::as_nanos),
            attempts: x.attempts,
            answers: wanted().map(|r| r.data.to_string()).collect(),
            aliases: aliases.collect(),
            ttl_s: wanted().next().map(|r| r.ttl),
            over_tcp: x.over_tcp,
            authoritative: x.authoritative,
            error: x.error.clone(),
        }
    }
}
