//! UDP streams and TCP transfers.

use serde::Serialize;

use super::TlsSummary;
use crate::{
    osi::application::report::{TcpResult, UdpResult},
    report::network::{percent, rate},
    units::{SimTime, Span},
};

/// A constant-rate stream of datagrams, as its receiver saw it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UdpSummary {
    /// Datagrams sent.
    pub sent_datagrams: u64,
    /// Datagrams that the sender's own stack refused.
    pub refused_datagrams: u64,
    /// Different datagrams received.
    pub received_datagrams: u64,
    /// Sent and never received.
    pub lost_datagrams: u64,
    /// `lost_datagrams` as a share of those sent, two decimals.
    pub lost_percent: f64,
    /// Received after one with a higher sequence number.
    pub reordered_datagrams: u64,
    /// The extra copies of those received more than once.
    pub duplicate_datagrams: u64,
    /// Payload bytes received, duplicates not counted.
    pub received_bytes: u64,
    /// The shortest one-way delay.
    pub delay_min_ns: Option<u64>,
    /// The mean.
    pub delay_mean_ns: Option<u64>,
    /// The longest.
    pub delay_max_ns: Option<u64>,
    /// Interarrival jitter of RFC 3550, section 6.4.1, at the end.
    pub jitter_ns: Option<u64>,
    /// The first arrival.
    pub first_arrival_ns: Option<u64>,
    /// The last arrival.
    pub last_arrival_ns: Option<u64>,
}

impl UdpSummary {
    pub(super) fn new(x: &UdpResult) -> Self {
        Self {
            sent_datagrams: x.sent,
            refused_datagrams: x.refused,
            received_datagrams: x.received,
            lost_datagrams: x.lost,
            lost_percent: percent(x.lost, x.sent),
            reordered_datagrams: x.reordered,
            duplicate_datagrams: x.duplicates,
            received_bytes: x.bytes,
            delay_min_ns: x.delay.map(|d| d.min.as_nanos()),
            delay_mean_ns: x.delay.map(|d| d.mean.as_nanos()),
            delay_max_ns: x.delay.map(|d| d.max.as_nanos()),
            jitter_ns: x.jitter.map(Span::as_nanos),
            first_arrival_ns: x.arrivals.map(|(first, _)| SimTime::as_nanos(first)),
            last_arrival_ns: x.arrivals.map(|(_, last)| SimTime::as_nanos(last)),
        }
    }
}

/// One TCP connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TcpSummary {
    /// When connecting began.
    pub started_ns: u64,
    /// How long the handshake took.
    pub connect_ns: Option<u64>,
    /// TLS, if the connection is protected.
    pub tls: Option<TlsSummary>,
    /// Payload bytes that the receiving side got.
    pub received_bytes: u64,
    /// From the first byte sent to the last byte received.
    pub transfer_ns: Option<u64>,
    /// Payload bits over that time, rounded.
    pub goodput_bits_per_second: Option<u64>,
    /// What went wrong.
    pub error: Option<String>,
}

impl TcpSummary {
    pub(super) fn new(x: &TcpResult) -> Self {
        Self {
            started_ns: x.started.as_nanos(),
            connect_ns: x.connect.map(Span::as_nanos),
            tls: x.tls.as_ref().map(TlsSummary::new),
            received_bytes: x.bytes,
            transfer_ns: x.transfer.map(Span::as_nanos),
            goodput_bits_per_second: x.transfer.and_then(|t| rate(x.bytes, t)),
            error: x.error.clone(),
        }
    }
}
