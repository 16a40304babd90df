//! What goes on inside a TCP sender: the values that decide when it sends, and why they changed.

use std::{fmt, net::SocketAddr};

use crate::{
    ids::NodeId,
    units::{SimTime, Span},
};

/// The values of a sender changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpProgress {
    /// When.
    pub at: SimTime,
    /// On which node.
    pub node: NodeId,
    /// The node's end of the connection.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
    /// Why.
    pub cause: TcpCause,
    /// What they are from now on.
    pub values: TcpValues,
}

/// The values of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpValues {
    /// The congestion window \[bytes\].
    pub window: u64,
    /// The slow start threshold \[bytes\]; `None` while there is none.
    pub threshold: Option<u64>,
    /// How fast segments may leave \[bytes/s\]; `None`: as soon as the window lets them.
    pub pacing_rate: Option<u64>,
    /// Sent, and neither delivered nor lost \[bytes\].
    pub in_flight: u64,
    /// Taken for lost and not acknowledged \[bytes\].
    pub lost: u64,
    /// What the peer takes beyond what it has acknowledged \[bytes\].
    pub peer_window: u64,
    /// The last round trip that was measured; `None` before the first.
    pub rtt: Option<Span>,
    /// The smoothed round trip; `None` before the first was measured.
    pub srtt: Option<Span>,
    /// How much round trips vary (RTTVAR of RFC 6298).
    pub rttvar: Span,
    /// The retransmission time-out.
    pub rto: Span,
    /// What is being done about losses.
    pub recovery: TcpRecovery,
    /// The congestion control algorithm.
    pub algorithm: &'static str,
    /// The phase of congestion control, in the words of its specification.
    pub phase: &'static str,
}

/// What a sender is doing about losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TcpRecovery {
    /// Nothing: there are none.
    Open,
    /// Its window shrinks because the network marked its segments.
    Reducing,
    /// Fast recovery.
    Fast,
    /// Repair after a retransmission time-out.
    Timeout,
}

impl TcpRecovery {
    /// In a word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reducing => "reducing",
            Self::Fast => "fast recovery",
            Self::Timeout => "time-out",
        }
    }
}

/// Why the values of a sender changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TcpCause {
    /// The handshake is complete.
    Established,
    /// New data left.
    Sent,
    /// Lost data left again.
    Retransmitted,
    /// An ACK came that moves on.
    Acknowledged,
    /// An ACK came that tells of data out of order.
    SelectivelyAcknowledged,
    /// An ACK came that says nothing new.
    DuplicateAck,
    /// An ACK showed losses by RACK (RFC 8985): fast recovery begins.
    LossDetected,
    /// The third duplicate ACK showed a loss (RFC 5681): fast recovery begins.
    ThirdDuplicate,
    /// Everything that was out when the losses were found is acknowledged.
    Recovered,
    /// A reduction was for nothing, and is taken back.
    Spurious,
    /// The reordering timer showed losses.
    ReorderingTimeout,
    /// The retransmission timer ran out.
    RetransmissionTimeout,
    /// A tail loss probe left.
    TailLossProbe,
    /// A probe left for a closed window, or for a silent peer.
    WindowProbe,
    /// The network marked a segment, and the peer says so.
    CongestionMark,
    /// The path takes only smaller packets.
    PathMtu,
    /// A segment left that is larger than others, to see whether the path takes it (RFC 4821).
    MtuProbe,
    /// Such a segment was lost, and it alone: the path does not take it.
    MtuProbeLost,
    /// The peer has marked data as urgent.
    UrgentData,
}

impl TcpCause {
    /// True for what is worth telling even if it changes no value.
    pub const fn is_event(self) -> bool {
        matches!(
            self,
            Self::LossDetected
                | Self::ThirdDuplicate
                | Self::Recovered
                | Self::Spurious
                | Self::RetransmissionTimeout
                | Self::TailLossProbe
                | Self::WindowProbe
                | Self::CongestionMark
                | Self::MtuProbe
                | Self::MtuProbeLost
                | Self::UrgentData
        )
    }

    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Established => "connection established",
            Self::Sent => "data sent",
            Self::Retransmitted => "data sent again",
            Self::Acknowledged => "ACK",
            Self::SelectivelyAcknowledged => "selective ACK",
            Self::DuplicateAck => "duplicate ACK",
            Self::LossDetected => "RACK: loss detected",
            Self::ThirdDuplicate => "3 duplicate ACKs",
            Self::Recovered => "recovered",
            Self::Spurious => "spurious: reduction taken back",
            Self::ReorderingTimeout => "RACK: reordering timer",
            Self::RetransmissionTimeout => "RTO: retransmission timer",
            Self::TailLossProbe => "tail loss probe",
            Self::WindowProbe => "window probe",
            Self::CongestionMark => "ECN echo",
            Self::PathMtu => "smaller path MTU",
            Self::MtuProbe => "path MTU probe",
            Self::MtuProbeLost => "path MTU probe lost",
            Self::UrgentData => "urgent data came",
        }
    }
}

impl fmt::Display for TcpCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
