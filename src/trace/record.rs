//! The records themselves, and the trait of whoever listens.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use super::{DropReason, TcpProgress};
use crate::{
    ids::{FrameId, NodeId, PortId, TrafficId, WireId},
    units::SimTime,
};

/// One thing that happened. Records of one run come in event order: their times never go back.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Record<'a> {
    /// A port put a frame on its wire; its fate is already known.
    Sent(FrameSent<'a>),
    /// A frame came off a wire whole.
    Received(FrameReceived<'a>),
    /// A frame died inside a node, or before it reached a wire.
    Dropped(FrameDropped<'a>),
    /// An application did something worth telling.
    App(AppEvent),
    /// A TCP socket changed its state.
    Socket(SocketState),
    /// The values of a TCP sender changed; only for hosts that trace their TCP.
    Tcp(TcpProgress),
}

/// A frame handed to a wire.
#[derive(Debug, Clone, Copy)]
pub struct FrameSent<'a> {
    /// When a capture on the sending machine sees it: as the node gives it to the port, before any
    /// wait in a drop-tail queue; as it leaves the queue, if the queue has another discipline.
    pub at: SimTime,
    /// The wire it goes on.
    pub wire: WireId,
    /// The sending node.
    pub node: NodeId,
    /// The sending port.
    pub port: PortId,
    /// Which frame.
    pub frame: FrameId,
    /// Its bytes, without FCS.
    pub bytes: &'a [u8],
    /// When the node gave it to the port.
    pub queued: SimTime,
    /// When its first bit left the queue.
    pub departs: SimTime,
    /// The queue marked it "congestion experienced".
    pub marked: bool,
    /// What becomes of it on this wire.
    pub fate: Fate,
    /// True for the second copy of a frame that the link duplicates.
    pub duplicate: bool,
}

/// What becomes of a frame on one wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Its last bit reaches the other end then.
    Arrives(SimTime),
    /// It dies on the way. The time is when it would have arrived.
    Lost(SimTime, DropReason),
}

impl Fate {
    /// When it arrives or would have.
    pub const fn time(self) -> SimTime {
        match self {
            Self::Arrives(at) | Self::Lost(at, _) => at,
        }
    }
}

/// A frame that a port took off its wire, FCS right.
#[derive(Debug, Clone, Copy)]
pub struct FrameReceived<'a> {
    /// When its last bit arrived.
    pub at: SimTime,
    /// The wire it came on.
    pub wire: WireId,
    /// The receiving node.
    pub node: NodeId,
    /// The receiving port.
    pub port: PortId,
    /// Which frame.
    pub frame: FrameId,
    /// Its bytes, without FCS.
    pub bytes: &'a [u8],
}

/// A frame that died in a node: no route, TTL, queue full, no ARP answer ...
#[derive(Debug, Clone, Copy)]
pub struct FrameDropped<'a> {
    /// When.
    pub at: SimTime,
    /// Where.
    pub node: NodeId,
    /// The port at which it died: the one it could not leave by, or else the one it came in by.
    pub port: PortId,
    /// Which frame.
    pub frame: FrameId,
    /// Its bytes as they were then, Ethernet header included.
    pub bytes: &'a [u8],
    /// Why.
    pub why: DropReason,
}

/// Something an application did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppEvent {
    /// When.
    pub at: SimTime,
    /// On which node.
    pub node: NodeId,
    /// For which traffic entry; `None` for servers and programs of one's own.
    pub traffic: Option<TrafficId>,
    /// What.
    pub kind: AppEventKind,
}

/// The kinds of application events.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppEventKind {
    /// An exchange began: "GET /api/users/123".
    Started(String),
    /// A step on the way worth a line in the story.
    Note(String),
    /// The exchange ended well: "200 OK, 82 bytes".
    Finished(String),
    /// The exchange ended in an error.
    Failed(String),
    /// A secret of a TLS connection, told before any frame that it protects.
    Secret(TlsSecret),
    /// A piece of the qlog of a QUIC connection.
    Qlog(QlogPiece),
}

/// A record of the qlog of a QUIC connection, as one of its ends tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QlogPiece {
    /// The connection: its first destination connection ID, in hex digits.
    pub connection: Arc<str>,
    /// The record: a JSON text, behind a record separator and before a line end (RFC 7464).
    pub text: String,
}

/// A secret of a TLS connection. Both sides derive it and tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSecret {
    /// The other end of the connection.
    pub peer: IpAddr,
    /// A line in the format of SSLKEYLOGFILE, without its end.
    pub line: String,
}

impl AppEventKind {
    /// The text of the event.
    pub fn text(&self) -> &str {
        match self {
            Self::Started(t) | Self::Note(t) | Self::Finished(t) | Self::Failed(t) => t,
            Self::Secret(secret) => &secret.line,
            Self::Qlog(piece) => &piece.text,
        }
    }
}

/// A TCP socket entered a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketState {
    /// When.
    pub at: SimTime,
    /// On which node.
    pub node: NodeId,
    /// The node's end of the connection.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
    /// The state it is in from now on.
    pub state: TcpState,
}

/// The states of RFC 9293, section 3.3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are the RFC's")]
pub enum TcpState {
    Listen,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
    Closed,
}

impl TcpState {
    /// The RFC's spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Listen => "LISTEN",
            Self::SynSent => "SYN-SENT",
            Self::SynReceived => "SYN-RECEIVED",
            Self::Established => "ESTABLISHED",
            Self::FinWait1 => "FIN-WAIT-1",
            Self::FinWait2 => "FIN-WAIT-2",
            Self::CloseWait => "CLOSE-WAIT",
            Self::Closing => "CLOSING",
            Self::LastAck => "LAST-ACK",
            Self::TimeWait => "TIME-WAIT",
            Self::Closed => "CLOSED",
        }
    }
}

impl fmt::Display for TcpState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whoever listens to a run.
pub trait Recorder {
    /// Takes one record. Called in event order.
    ///
    /// # Errors
    /// An error (a full disk, say) ends the run at once; it comes back from the run as it is.
    fn record(&mut self, record: &Record<'_>) -> io::Result<()>;

    /// True if it does nothing with any record: then nobody need prepare them.
    fn is_silent(&self) -> bool {
        false
    }
}

/// Listens to nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRecorder;

impl Recorder for NoRecorder {
    fn record(&mut self, _: &Record<'_>) -> io::Result<()> {
        Ok(())
    }

    fn is_silent(&self) -> bool {
        true
    }
}

/// Tells several recorders the same, in order.
#[derive(Default)]
pub struct Tee<'a>(pub Vec<&'a mut dyn Recorder>);

impl fmt::Debug for Tee<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tee({} recorders)", self.0.len())
    }
}

impl Recorder for Tee<'_> {
    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|r| r.record(record))
    }

    fn is_silent(&self) -> bool {
        self.0.iter().all(|r| r.is_silent())
    }
}
