//! What came of the calls of gRPC.

use super::TlsResult;
use crate::units::{SimTime, Span};

/// One call of a remote procedure.
#[derive(Debug, Clone)]
pub struct GrpcExchange {
    /// The procedure, such as "GetUser".
    pub method: &'static str,
    /// When the call was wanted (before name lookup and connecting).
    pub started: SimTime,
    /// Name lookup over DNS, if there was one.
    pub lookup: Option<Span>,
    /// TCP connect, if this call opened the connection.
    pub connect: Option<Span>,
    /// TLS, if this call opened the connection and it is protected.
    pub tls: Option<TlsResult>,
    /// Messages that the client sent.
    pub sent_messages: u64,
    /// Their Protobuf bytes, without the five bytes before each.
    pub sent_bytes: u64,
    /// What the same messages would take as compact JSON.
    pub sent_json_bytes: u64,
    /// Messages that came.
    pub received_messages: u64,
    /// Their Protobuf bytes.
    pub received_bytes: u64,
    /// What the same messages would take as compact JSON.
    pub received_json_bytes: u64,
    /// From `started` to the first message from the server.
    pub first_message: Option<Span>,
    /// From `started` to the status.
    pub total: Option<Span>,
    /// The status code: from the server, or the client's own if it gave up.
    pub status: Option<u8>,
    /// What goes with the status, in words; empty if it needs none.
    pub message: String,
    /// What went wrong with the connection, if anything did.
    pub error: Option<String>,
}

impl GrpcExchange {
    /// A call of `method` that begins now.
    pub const fn new(method: &'static str, started: SimTime) -> Self {
        Self {
            method,
            started,
            lookup: None,
            connect: None,
            tls: None,
            sent_messages: 0,
            sent_bytes: 0,
            sent_json_bytes: 0,
            received_messages: 0,
            received_bytes: 0,
            received_json_bytes: 0,
            first_message: None,
            total: None,
            status: None,
            message: String::new(),
            error: None,
        }
    }

    /// True if the call did not come to its end well.
    pub fn failed(&self) -> bool {
        self.error.is_some() || self.status.is_some_and(|code| code != 0)
    }
}

/// The name of a status code of gRPC.
pub const fn grpc_status_name(code: u8) -> &'static str {
    match code {
        0 => "OK",
        1 => "CANCELLED",
        2 => "UNKNOWN",
        3 => "INVALID_ARGUMENT",
        4 => "DEADLINE_EXCEEDED",
        5 => "NOT_FOUND",
        6 => "ALREADY_EXISTS",
        7 => "PERMISSION_DENIED",
        8 => "RESOURCE_EXHAUSTED",
        9 => "FAILED_PRECONDITION",
        10 => "ABORTED",
        11 => "OUT_OF_RANGE",
        12 => "UNIMPLEMENTED",
        13 => "INTERNAL",
        14 => "UNAVAILABLE",
        15 => "DATA_LOSS",
        16 => "UNAUTHENTICATED",
        _ => "a code of its own",
    }
}
