//! What came of each application: plain data for the terminal summary and `summary.json`.
//!
//! Lists keep the first [`KEPT_RESULTS`] entries and count the rest.
//! Times are points of the run, spans are lengths; the report room turns both into text.

mod lease;
mod live;
mod mail;

pub use lease::LeaseReport;
pub use live::{CloseResult, MessageCount, Opening, SseResult, WebSocketResult};
pub use mail::{KEPT_MAIL, MailExchange, Mailbox, Refusal, StoredMail};

use std::net::IpAddr;

use crate::{
    ids::TrafficId,
    osi::{
        presentation::tls::TlsFacts,
        session::{Record, RecordType},
    },
    units::{SimTime, Span},
};

mod grpc;

pub use grpc::{GrpcExchange, grpc_status_name};

/// What came of one `[[traffic]]` entry.
#[derive(Debug, Clone)]
pub struct TrafficReport {
    /// Which entry.
    pub traffic: TrafficId,
    /// When its program started; `None` if the run ended before.
    pub started: Option<SimTime>,
    /// When its program ended; `None` if it was still running.
    pub ended: Option<SimTime>,
    /// What it measured. Its lists hold the first [`KEPT_RESULTS`] entries.
    pub result: AppResult,
    /// How many entries came after those and are only counted here.
    pub left_out: u64,
    /// How many of those left out ended in an error.
    pub left_out_failed: u64,
}

/// How many exchanges a report keeps one by one; memory must not grow with the run.
pub const KEPT_RESULTS: usize = 10_000;

/// The measurements, by application.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum AppResult {
    /// Every request.
    Http(Vec<HttpExchange>),
    /// Every call.
    Grpc(Vec<GrpcExchange>),
    /// Every question.
    Dns(Vec<DnsExchange>),
    /// The whole stream, over all repetitions.
    Udp(UdpResult),
    /// Every connection.
    Tcp(Vec<TcpResult>),
    /// Every message.
    Echo(Vec<Probe>),
    /// Every echo request.
    Ping(Vec<Probe>),
    /// Every hop.
    Traceroute(Vec<TraceHop>),
    /// Every message.
    Smtp(Vec<MailExchange>),
    /// Every WebSocket connection.
    WebSocket(Vec<WebSocketResult>),
    /// Every connection of an event stream.
    Sse(Vec<SseResult>),
}

/// One HTTP request and its response.
#[derive(Debug, Clone)]
pub struct HttpExchange {
    /// Method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// True if the server pushed the response and nobody asked for it.
    pub pushed: bool,
    /// When the request was wanted (before name lookup and connecting), or promised by the server.
    pub started: SimTime,
    /// Name lookup over DNS, if there was one.
    pub lookup: Option<Span>,
    /// TCP connect, if this request opened the connection.
    pub connect: Option<Span>,
    /// TLS, if this request opened the connection and it is protected.
    pub tls: Option<TlsResult>,
    /// From `started` to the response's head.
    pub first_byte: Option<Span>,
    /// From `started` to the last byte of the response's body.
    pub total: Option<Span>,
    /// The status code.
    pub status: Option<u16>,
    /// Bytes of the request's body.
    pub request_bytes: u64,
    /// Bytes of the response's body, as they were sent.
    pub response_bytes: u64,
    /// What went wrong, if anything did.
    pub error: Option<String>,
    /// What else happened on the way.
    pub course: HttpCourse,
}

/// What happened to an HTTP request beside being answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpCourse {
    /// How often it was tried, the first time included.
    pub attempts: u32,
    /// Where redirects led, in order.
    pub redirects: Vec<String>,
    /// The coding of the response's content.
    pub encoding: Option<String>,
    /// Bytes of that content when it is decoded, if the client did so.
    pub decoded_bytes: Option<u64>,
    /// From the start to the error, if there is one.
    pub failed_after: Option<Span>,
}

/// What a client saw of the handshake of TLS.
#[derive(Debug, Clone)]
pub struct TlsResult {
    /// How long it took until data could be sent; nothing with early data.
    pub handshake: Span,
    /// What was agreed on; `None` if the connection ended before.
    pub facts: Option<TlsFacts>,
}

/// One DNS question and what came back.
#[derive(Debug, Clone)]
pub struct DnsExchange {
    /// The name asked for.
    pub query: String,
    /// What was asked of it.
    pub record: RecordType,
    /// When.
    pub started: SimTime,
    /// How long until the answer.
    pub took: Option<Span>,
    /// How many times it was asked.
    pub attempts: u32,
    /// The answer section: aliases first, then the records asked for.
    pub answers: Vec<Record>,
    /// The answer over UDP was truncated, so it was asked over TCP.
    pub over_tcp: bool,
    /// The one asked has the zone itself.
    pub authoritative: bool,
    /// "NXDOMAIN", "no answer" ...
    pub error: Option<String>,
}

/// A constant-rate stream, as its receiver saw it.
#[derive(Debug, Clone, Default)]
pub struct UdpResult {
    /// Datagrams sent.
    pub sent: u64,
    /// Datagrams that the sender's own stack refused.
    pub refused: u64,
    /// Different datagrams received.
    pub received: u64,
    /// Sent and never received.
    pub lost: u64,
    /// Received after one with a higher sequence number (RFC 4737, type-P-reordered).
    pub reordered: u64,
    /// Received more than once: the extra copies.
    pub duplicates: u64,
    /// Payload bytes received, duplicates not counted.
    pub bytes: u64,
    /// Shortest, mean and longest one-way delay (RFC 7679).
    pub delay: Option<Spread>,
    /// Interarrival jitter (RFC 3550, section 6.4.1) at the end.
    pub jitter: Option<Span>,
    /// First and last arrival.
    pub arrivals: Option<(SimTime, SimTime)>,
}

/// The spread of a measured time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// The shortest.
    pub min: Span,
    /// The mean.
    pub mean: Span,
    /// The longest.
    pub max: Span,
}

/// One TCP connection of the bulk application.
#[derive(Debug, Clone)]
pub struct TcpResult {
    /// When connecting began.
    pub started: SimTime,
    /// How long the handshake took.
    pub connect: Option<Span>,
    /// TLS, if the connection is protected.
    pub tls: Option<TlsResult>,
    /// Payload bytes that the receiving side got.
    pub bytes: u64,
    /// From the first byte sent to the last byte received.
    pub transfer: Option<Span>,
    /// What went wrong, if anything did.
    pub error: Option<String>,
}

impl TcpResult {
    /// Payload bits per second over the transfer.
    pub fn goodput(&self) -> Option<f64> {
        let seconds = self.transfer.filter(|t| *t > Span::ZERO)?.as_secs_f64();
        #[allow(
            clippy::cast_precision_loss,
            reason = "a report shows far fewer digits"
        )]
        Some(self.bytes as f64 * 8.0 / seconds)
    }
}

/// One probe (echo message or ping) and its answer.
#[derive(Debug, Clone)]
pub struct Probe {
    /// Its number, from 1.
    pub number: u32,
    /// When it was sent.
    pub sent: SimTime,
    /// How long until the answer.
    pub rtt: Option<Span>,
    /// Who answered, if it was somebody else than the one asked (an ICMP error).
    pub from: Option<IpAddr>,
    /// What went wrong, if anything did.
    pub error: Option<String>,
}

/// One hop of a traceroute.
#[derive(Debug, Clone)]
pub struct TraceHop {
    /// The TTL of the probes.
    pub ttl: u8,
    /// Who answered; `None` if nobody did.
    pub address: Option<IpAddr>,
    /// The round-trip time of each probe; `None` where no answer came.
    pub rtts: Vec<Option<Span>>,
    /// True if it is the destination itself.
    pub reached: bool,
    /// Why the way ends here, if it ends before the destination.
    pub error: Option<String>,
}
