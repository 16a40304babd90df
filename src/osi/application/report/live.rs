//! What came of WebSocket connections and event streams.

use super::{Spread, TlsResult};
use crate::units::{SimTime, Span};

/// One side of a connection: whole messages, and the frames that carried them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MessageCount {
    /// Messages of text or binary data.
    pub messages: u64,
    /// The bytes of those messages.
    pub bytes: u64,
    /// The frames they came in.
    pub frames: u64,
}

/// How a WebSocket connection was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseResult {
    /// The status code of the first close frame; `None` if it had none (RFC 6455 calls that 1005).
    pub code: Option<u16>,
    /// The reason in it, perhaps empty.
    pub reason: String,
    /// True if the client closed.
    pub by_client: bool,
}

/// How a connection began that stays open.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Path and query.
    pub path: String,
    /// Which attempt of its repetition it is, from 1.
    pub attempt: u32,
    /// When it was wanted.
    pub started: SimTime,
    /// Name lookup over DNS, if there was one.
    pub lookup: Option<Span>,
    /// TCP connect.
    pub connect: Option<Span>,
    /// TLS, if the connection is protected.
    pub tls: Option<TlsResult>,
}

impl Opening {
    /// Attempt number `attempt` is wanted now, at `started`.
    pub fn new(path: &str, attempt: u32, started: SimTime) -> Self {
        Self {
            path: path.to_owned(),
            attempt,
            started,
            lookup: None,
            connect: None,
            tls: None,
        }
    }
}

/// One WebSocket connection, as its client saw it.
#[derive(Debug, Clone)]
pub struct WebSocketResult {
    /// How it began.
    pub opening: Opening,
    /// The status code that answered the upgrade; 101 if it was granted.
    pub status: Option<u16>,
    /// From the request for the upgrade to its answer.
    pub handshake: Option<Span>,
    /// The subprotocol that was agreed on.
    pub subprotocol: Option<String>,
    /// What the client sent.
    pub sent: MessageCount,
    /// What it received.
    pub received: MessageCount,
    /// Pings sent.
    pub pings: u64,
    /// Pongs received for them.
    pub pongs: u64,
    /// The round trips of these pings.
    pub ping_rtt: Option<Spread>,
    /// The round trips of messages that came back, in mode echo.
    pub echo_rtt: Option<Spread>,
    /// From sending to arrival, of messages that say when they were sent.
    pub latency: Option<Spread>,
    /// How it was closed, if it was.
    pub close: Option<CloseResult>,
    /// When it was over.
    pub ended: Option<SimTime>,
    /// What went wrong, if anything did; at `ended`.
    pub error: Option<String>,
}

/// One connection of an event stream, as its client saw it.
#[derive(Debug, Clone)]
pub struct SseResult {
    /// How it began.
    pub opening: Opening,
    /// The id that the request said it had seen last.
    pub last_event_id: Option<String>,
    /// The status code.
    pub status: Option<u16>,
    /// From `started` to the response's head.
    pub first_byte: Option<Span>,
    /// Events that came.
    pub events: u64,
    /// The bytes of their data.
    pub bytes: u64,
    /// Comments that came.
    pub comments: u64,
    /// Events that never came, by the numbers in the ids before and after.
    pub missed: u64,
    /// Events that had come before.
    pub repeated: u64,
    /// From the event to its arrival, of events that say when they happened.
    pub latency: Option<Spread>,
    /// The time to wait before connecting again that the server named last.
    pub retry: Option<Span>,
    /// When it was over.
    pub ended: Option<SimTime>,
    /// What went wrong, if anything did; at `ended`.
    pub error: Option<String>,
}
