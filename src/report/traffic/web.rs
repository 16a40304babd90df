//! HTTP exchanges and DNS questions.

use std::net::IpAddr;

use serde::Serialize;

use super::TlsSummary;
use crate::{
    osi::application::report::{DnsExchange, HttpExchange},
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
    /// Bytes of the response's body.
    pub response_bytes: u64,
    /// What went wrong.
    pub error: Option<String>,
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
            error: x.error.clone(),
        }
    }
}

/// One DNS question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DnsSummary {
    /// The name asked for.
    pub query: String,
    /// When.
    pub started_ns: u64,
    /// How long until the answer.
    pub took_ns: Option<u64>,
    /// How many times it was asked.
    pub attempts: u32,
    /// The addresses.
    pub answers: Vec<IpAddr>,
    /// What went wrong.
    pub error: Option<String>,
}

impl DnsSummary {
    pub(super) fn new(x: &DnsExchange) -> Self {
        Self {
            query: x.query.clone(),
            started_ns: x.started.as_nanos(),
            took_ns: x.took.map(Span::as_nanos),
            attempts: x.attempts,
            answers: x.answers.clone(),
            error: x.error.clone(),
        }
    }
}
