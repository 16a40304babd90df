//! What congestion control is told, with units. All counts are bytes of payload.

use super::super::rate::RateSample;
use crate::units::{SimTime, Span};

/// What is known of the path when a connection is established.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    /// Largest payload of a segment \[bytes\].
    pub mss: u64,
    /// Round trip of the handshake; none if its SYN was retransmitted (Karn).
    pub rtt: Option<Span>,
    /// Whether both ends agreed on ECN (RFC 3168).
    pub ecn: bool,
}

/// A segment with data left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentEvent {
    /// When.
    pub now: SimTime,
    /// Its payload \[bytes\].
    pub bytes: u64,
    /// In flight once it has left \[bytes\].
    pub in_flight: u64,
    /// All bytes delivered on the connection so far.
    pub delivered_total: u64,
    /// Whether it counts as bounded by the application (`RateEstimator::is_app_limited`).
    pub app_limited: bool,
    /// Whether it is a retransmission.
    pub retransmission: bool,
}

/// Sending begins again after a silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdleEvent {
    /// When.
    pub now: SimTime,
    /// Since the last segment with data left.
    pub idle: Span,
    /// The retransmission timeout in force.
    pub rto: Span,
}

/// An ACK, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AckEvent {
    /// When.
    pub now: SimTime,
    /// Largest payload of a segment \[bytes\].
    pub mss: u64,
    /// Newly delivered, cumulatively or by SACK \[bytes\].
    pub delivered: u64,
    /// How far the cumulative acknowledgement moved \[bytes\].
    pub acked: u64,
    /// Newly marked lost \[bytes\].
    pub lost: u64,
    /// Of `delivered`, how much the peer reports as marked by the network \[bytes\]: `delivered`
    /// if the ACK carries ECE, else zero.
    pub ce_marked: u64,
    /// In flight before this ACK \[bytes\].
    pub prior_in_flight: u64,
    /// In flight after it: sent, and neither delivered nor lost \[bytes\].
    pub in_flight: u64,
    /// All bytes delivered on the connection, this ACK included.
    pub delivered_total: u64,
    /// All bytes marked lost on the connection, this ACK included.
    pub lost_total: u64,
    /// Position of SND.UNA in the stream after this ACK \[bytes since the first\].
    pub acked_to: u64,
    /// Position of SND.NXT in the stream \[bytes since the first\].
    pub sent_to: u64,
    /// The round trip that this ACK measures, if it does (of the newest segment it delivers that
    /// was sent just once).
    pub rtt: Option<Span>,
    /// The smoothed round trip; none before the first measurement.
    pub srtt: Option<Span>,
    /// The shortest round trip of the last minutes (Linux: 300 s); none before the first.
    pub min_rtt: Option<Span>,
    /// The delivery rate that this ACK measures, if it does.
    pub rate: Option<RateSample>,
    /// Whether recovery goes on after this ACK, or the losses of a timeout are being repaired.
    pub recovery: Recovery,
    /// Whether the window was what kept the sender back, at some time in the last round trip.
    pub window_limited: bool,
    /// The largest flight of the last round trip \[bytes\].
    pub max_in_flight: u64,
}

impl AckEvent {
    /// By how much of what was delivered a window may grow \[bytes\]: none in fast recovery and
    /// none if SND.UNA stood still. A window that is not used does not grow (RFC 7661); in slow
    /// start a flight of more than half of it is use enough, since its ACKs would double it. There
    /// is no limit L on what one ACK counts for (RFC 3465, 2.1). All this is as in Linux.
    pub fn growth(&self, window: u64, ssthresh: u64) -> u64 {
        let grows = matches!(self.recovery, Recovery::Open | Recovery::Timeout);
        let half = window < ssthresh && self.max_in_flight > window / 2;
        let counts = grows && (self.window_limited || half) && self.acked > 0;
        if counts { self.delivered } else { 0 }
    }
}

/// Whether the sender is repairing losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Recovery {
    /// It is not.
    #[default]
    Open,
    /// The window is being reduced for an ECN echo; nothing is lost (Linux: CWR).
    Reducing,
    /// Fast recovery (RFC 6675): from the detection of a loss to the ACK of all that was sent by
    /// then.
    Fast,
    /// After a retransmission timeout, up to the ACK of all that was sent by then.
    Timeout,
}

/// Why the window is to be reduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossCause {
    /// Three duplicate ACKs, or SACKed data to that effect (RFC 5681, 6675).
    DuplicateAcks,
    /// A segment sent later was delivered, and the reordering window has passed (RFC 8985).
    Rack,
    /// A tail loss probe was acknowledged in a way that shows a loss (RFC 8985, 7.4).
    TailLossProbe,
    /// An ACK with ECE (RFC 3168).
    EcnEcho,
    /// The retransmission timer (RFC 6298).
    Timeout,
}

/// The window is to be reduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LossEvent {
    /// When.
    pub now: SimTime,
    /// Why.
    pub cause: LossCause,
    /// Largest payload of a segment \[bytes\].
    pub mss: u64,
    /// FlightSize: sent and not cumulatively acknowledged, less what limited transmit sent
    /// \[bytes\] (RFC 5681, equation 4).
    pub flight_size: u64,
    /// In flight just before the loss was noticed: sent, neither delivered nor lost \[bytes\]. With
    /// a timeout: what is still in flight after it, because it left too recently to be lost.
    pub in_flight: u64,
    /// Marked lost on the connection so far \[bytes\].
    pub lost_total: u64,
    /// Delivered on the connection so far \[bytes\].
    pub delivered_total: u64,
    /// Position of SND.NXT in the stream: the recovery point \[bytes since the first\].
    pub sent_to: u64,
    /// With a timeout: it comes in recovery, which has reduced the window for the same data. The
    /// threshold then stays (Linux; RFC 5681 would reduce once more).
    pub reduced: bool,
}

/// One segment that is taken for lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LostSegment {
    /// When it was taken for lost.
    pub now: SimTime,
    /// Where it begins in the stream \[bytes since the first\].
    pub position: u64,
    /// Its payload \[bytes\].
    pub bytes: u64,
    /// In flight right after it was sent, itself included \[bytes\].
    pub tx_in_flight: u64,
    /// Marked lost on the connection when it was sent \[bytes\].
    pub lost_before: u64,
    /// Delivered on the connection when it was sent \[bytes\].
    pub delivered_before: u64,
    /// Marked lost on the connection, this segment included \[bytes\].
    pub lost_total: u64,
    /// Delivered on the connection so far \[bytes\].
    pub delivered_total: u64,
    /// Whether the application was what bounded the flight when it was sent.
    pub app_limited: bool,
}
