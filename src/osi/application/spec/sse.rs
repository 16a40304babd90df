//! What a client of an event stream and its server are asked to do (Server-Sent Events, section
//! 9.2 of the HTML standard of the WHATWG).

use crate::{
    osi::presentation::tls::{TlsClient, TlsServer},
    units::Span,
};

/// Whoever listens to an event stream.
#[derive(Debug, Clone)]
pub struct SseClient {
    /// The server's port. Default 80, over TLS 443.
    pub port: u16,
    /// Path and query. Default `/events`.
    pub path: String,
    /// How many events to wait for; 0: until the server has no more. Default 10.
    pub count: u32,
    /// The id that the first request says it has seen. Default: none.
    pub last_event_id: Option<String>,
    /// A connection on which nothing comes for this long, not even a comment, is given up; so is
    /// one that is not made in this time. Default 10 s.
    pub timeout: Span,
    /// How often in a row to connect again without hearing an event. Default 5.
    pub reconnect: u32,
    /// Over TLS. Default: no.
    pub tls: Option<TlsClient>,
}

/// A server of event streams.
///
/// Its events have numbers, from 1. The first one happens when somebody asks for the path for the
/// first time, the others follow at an interval, whether anybody listens or not.
#[derive(Debug, Clone)]
pub struct SseServer {
    /// Where it listens.
    pub port: u16,
    /// The only path it knows; `None`: every path.
    pub path: Option<String>,
    /// The type of its events; `None`: they have none, which means "message".
    pub event: Option<String>,
    /// The data of an event, in which `{n}` is its number and `{now}` the time when it happened
    /// \[ns\]. Every line is a `data` line of its own.
    pub text: String,
    /// From one event to the next. Default 1 s.
    pub interval: Span,
    /// How many events there are; 0: no end.
    pub count: u64,
    /// A comment goes out when nothing else did for this long. Default 15 s.
    pub heartbeat: Span,
    /// How long it tells clients to wait before they connect again. Default: it says nothing.
    pub retry: Option<Span>,
    /// How many past events it keeps for those who come again. Default 100.
    pub history: u64,
    /// Close each connection after so many events. Default: never.
    pub close_after: Option<u64>,
    /// Over TLS. Default: no.
    pub tls: Option<TlsServer>,
}
