//! Calls of gRPC.

use serde::Serialize;

use super::TlsSummary;
use crate::{
    osi::application::report::{GrpcExchange, grpc_status_name},
    units::Span,
};

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GrpcSummary {
    /// The procedure.
    pub method: String,
    /// When the call was wanted.
    pub started_ns: u64,
    /// Name lookup over DNS, if there was one.
    pub lookup_ns: Option<u64>,
    /// TCP connect, if this call opened the connection.
    pub connect_ns: Option<u64>,
    /// TLS, if this call opened the connection and it is protected.
    pub tls: Option<TlsSummary>,
    /// Messages that the client sent.
    pub sent_messages: u64,
    /// Their Protobuf bytes.
    pub sent_bytes: u64,
    /// What the same messages would take as compact JSON.
    pub sent_json_bytes: u64,
    /// Messages that came.
    pub received_messages: u64,
    /// Their Protobuf bytes.
    pub received_bytes: u64,
    /// What the same messages would take as compact JSON.
    pub received_json_bytes: u64,
    /// From `started_ns` to the first message from the server.
    pub first_message_ns: Option<u64>,
    /// From `started_ns` to the status.
    pub total_ns: Option<u64>,
    /// The number of the status.
    pub status: Option<u8>,
    /// Its name.
    pub status_name: Option<String>,
    /// What goes with it.
    pub message: String,
    /// What went wrong with the connection.
    pub error: Option<String>,
}

impl GrpcSummary {
    pub(super) fn new(x: &GrpcExchange) -> Self {
        Self {
            method: x.method.to_owned(),
            started_ns: x.started.as_nanos(),
            lookup_ns: x.lookup.map(Span::as_nanos),
            connect_ns: x.connect.map(Span::as_nanos),
            tls: x.tls.as_ref().map(TlsSummary::new),
            sent_messages: x.sent_messages,
            sent_bytes: x.sent_bytes,
            sent_json_bytes: x.sent_json_bytes,
            received_messages: x.received_messages,
            received_bytes: x.received_bytes,
            received_json_bytes: x.received_json_bytes,
            first_message_ns: x.first_message.map(Span::as_nanos),
            total_ns: x.total.map(Span::as_nanos),
            status: x.status,
            status_name: x.status.map(|code| grpc_status_name(code).to_owned()),
            message: x.message.clone(),
            error: x.error.clone(),
        }
    }
}
