//! WebSocket connections and event streams.

use serde::Serialize;

use super::TlsSummary;
use crate::{
    osi::application::report::{MessageCount, Opening, Spread, SseResult, WebSocketResult},
    units::{SimTime, Span},
};

/// Measured times: shortest, mean and longest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SpreadSummary {
    /// The shortest.
    pub min_ns: u64,
    /// The mean, rounded down.
    pub mean_ns: u64,
    /// The longest.
    pub max_ns: u64,
}

impl SpreadSummary {
    fn new(spread: Option<Spread>) -> Option<Self> {
        spread.map(|spread| Self {
            min_ns: spread.min.as_nanos(),
            mean_ns: spread.mean.as_nanos(),
            max_ns: spread.max.as_nanos(),
        })
    }
}

/// One side of a WebSocket connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageSummary {
    /// Messages of text or binary data.
    pub messages: u64,
    /// The bytes of those messages.
    pub bytes: u64,
    /// The frames they came in.
    pub frames: u64,
}

impl From<MessageCount> for MessageSummary {
    fn from(count: MessageCount) -> Self {
        Self {
            messages: count.messages,
            bytes: count.bytes,
            frames: count.frames,
        }
    }
}

/// How a WebSocket connection was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CloseSummary {
    /// The status code; `null` if the close frame had none.
    pub code: Option<u16>,
    /// The reason, perhaps empty.
    pub reason: String,
    /// "client" or "server": who closed.
    pub by: &'static str,
}

/// How a connection began that stays open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpeningSummary {
    /// Path and query.
    pub path: String,
    /// Which attempt of its repetition it is, from 1.
    pub attempt: u32,
    /// When it was wanted.
    pub started_ns: u64,
    /// Name lookup over DNS, if there was one.
    pub lookup_ns: Option<u64>,
    /// TCP connect.
    pub connect_ns: Option<u64>,
    /// TLS, if the connection is protected.
    pub tls: Option<TlsSummary>,
}

impl OpeningSummary {
    fn new(x: &Opening) -> Self {
        Self {
            path: x.path.clone(),
            attempt: x.attempt,
            started_ns: x.started.as_nanos(),
            lookup_ns: x.lookup.map(Span::as_nanos),
            connect_ns: x.connect.map(Span::as_nanos),
            tls: x.tls.as_ref().map(TlsSummary::new),
        }
    }
}

/// One WebSocket connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WebSocketSummary {
    /// How it began.
    #[serde(flatten)]
    pub opening: OpeningSummary,
    /// The status code that answered the upgrade.
    pub status: Option<u16>,
    /// From the request for the upgrade to its answer.
    pub handshake_ns: Option<u64>,
    /// The subprotocol that was agreed on.
    pub subprotocol: Option<String>,
    /// What the client sent.
    pub sent: MessageSummary,
    /// What it received.
    pub received: MessageSummary,
    /// Pings sent.
    pub pings: u64,
    /// Pongs received for them.
    pub pongs: u64,
    /// The round trips of these pings.
    pub ping_rtt: Option<SpreadSummary>,
    /// The round trips of messages that came back, in mode echo.
    pub echo_rtt: Option<SpreadSummary>,
    /// From sending to arrival, of messages that say when they were sent.
    pub latency: Option<SpreadSummary>,
    /// How it was closed, if it was.
    pub close: Option<CloseSummary>,
    /// When it was over.
    pub ended_ns: Option<u64>,
    /// What went wrong.
    pub error: Option<String>,
}

impl WebSocketSummary {
    pub(super) fn new(x: &WebSocketResult) -> Self {
        Self {
            opening: OpeningSummary::new(&x.opening),
            status: x.status,
            handshake_ns: x.handshake.map(Span::as_nanos),
            subprotocol: x.subprotocol.clone(),
            sent: x.sent.into(),
            received: x.received.into(),
            pings: x.pings,
            pongs: x.pongs,
            ping_rtt: SpreadSummary::new(x.ping_rtt),
            echo_rtt: SpreadSummary::new(x.echo_rtt),
            latency: SpreadSummary::new(x.latency),
            close: x.close.as_ref().map(|close| CloseSummary {
                code: close.code,
                reason: close.reason.clone(),
                by: if close.by_client { "client" } else { "server" },
            }),
            ended_ns: x.ended.map(SimTime::as_nanos),
            error: x.error.clone(),
        }
    }
}

/// One connection of an event stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SseSummary {
    /// How it began.
    #[serde(flatten)]
    pub opening: OpeningSummary,
    /// The id that the request said it had seen last.
    pub last_event_id: Option<String>,
    /// The status code.
    pub status: Option<u16>,
    /// From `started_ns` to the response's head.
    pub first_byte_ns: Option<u64>,
    /// Events that came.
    pub events: u64,
    /// The bytes of their data.
    pub bytes: u64,
    /// Comments that came.
    pub comments: u64,
    /// Events that never came, by the ids before and after.
    pub missed: u64,
    /// Events that had come before.
    pub repeated: u64,
    /// From the event to its arrival, of events that say when they happened.
    pub latency: Option<SpreadSummary>,
    /// The time to wait before connecting again that the server named last.
    pub retry_ns: Option<u64>,
    /// When it was over.
    pub ended_ns: Option<u64>,
    /// What went wrong.
    pub error: Option<String>,
}

impl SseSummary {
    pub(super) fn new(x: &SseResult) -> Self {
        Self {
            opening: OpeningSummary::new(&x.opening),
            last_event_id: x.last_event_id.clone(),
            status: x.status,
            first_byte_ns: x.first_byte.map(Span::as_nanos),
            events: x.events,
            bytes: x.bytes,
            comments: x.comments,
            missed: x.missed,
            repeated: x.repeated,
            latency: SpreadSummary::new(x.latency),
            retry_ns: x.retry.map(Span::as_nanos),
            ended_ns: x.ended.map(SimTime::as_nanos),
            error: x.error.clone(),
        }
    }
}
