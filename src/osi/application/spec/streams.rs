//! Streams of datagrams, and transfers over TCP.

use crate::{
    osi::presentation::tls::TlsClient,
    units::{BitRate, ByteSize, Span},
};

/// Datagrams at a constant rate.
#[derive(Debug, Clone)]
pub struct UdpStream {
    /// The receiver's port. Default 5004.
    pub port: u16,
    /// Payload of each datagram \[bytes\], at least 20 (stream 4, sequence number 8, sending time
    /// 8, then filler).
    pub size: u16,
    /// From one datagram to the next.
    pub interval: Span,
    /// How many datagrams.
    pub count: u64,
    /// Send in bursts. Default: without a break.
    pub on_off: Option<OnOff>,
}

/// Bursts and silence in turn, a burst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnOff {
    /// How long a burst lasts, above zero.
    pub on: Span,
    /// How long the silence lasts.
    pub off: Span,
    /// Whether these are means of exponential times, or the times themselves.
    pub random: bool,
    /// Send nothing later than this after the first datagram, even if some are left.
    pub duration: Option<Span>,
}

/// A TCP connection and what it carries.
#[derive(Debug, Clone)]
pub struct TcpTransfer {
    /// The server's port. Default 5001.
    pub port: u16,
    /// How much flows.
    pub amount: Amount,
    /// Which way it flows.
    pub flow: Flow,
    /// Over TLS. Default: no.
    pub tls: Option<TlsClient>,
}

/// How much a transfer carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// Nothing: open, close.
    HandshakeOnly,
    /// Exactly these bytes of text.
    Text(String),
    /// This many bytes of filler.
    Bytes(ByteSize),
    /// As much as goes in this time.
    Duration(Span),
}

/// The direction of a bulk transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flow {
    /// From the client to the server.
    #[default]
    Upload,
    /// From the server to the client.
    Download,
}

/// The datagrams per second that make `rate` with `size` bytes of payload each, as an interval.
pub fn interval_for_rate(rate: BitRate, size: u16) -> Span {
    rate.time_for_bytes(u64::from(size))
}
