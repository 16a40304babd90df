//! How a host's TCP behaves.

use crate::units::{ByteSize, Span};

use super::tcp::native::congestion::Factory;
pub use super::tcp::native::congestion::Kind as CongestionControl;

/// Settings of every TCP connection of a host.
///
/// # Defaults
/// Those of the native TCP, see [`TcpConfig::native`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpConfig {
    /// Which TCP it is.
    pub machine: TcpMachine,
    /// Who decides how much may be in flight. smoltcp's TCP has `None`, `Reno` and `Cubic`; it
    /// takes `NewReno` for `Reno` and the rest for `Cubic`.
    pub congestion: CongestionControl,
    /// One of the user's own, instead of `congestion`. Only for the native TCP. If it goes by ECN
    /// marks, `ecn` has to be true as well.
    pub own_congestion: Option<Factory>,
    /// Wait for a full segment while data is unacknowledged (RFC 896).
    pub nagle: bool,
    /// How long an ACK may wait for company; `None` acknowledges every segment at once.
    pub delayed_ack: Option<Span>,
    /// Size of the send buffer. At most 1 GiB.
    pub send_buffer: ByteSize,
    /// Size of the receive buffer: the largest window offered. At most 1 GiB.
    pub receive_buffer: ByteSize,
    /// Abort a connection whose peer does not answer for this long; `None` never does.
    pub timeout: Option<Span>,
    /// Send a keep-alive probe after this long without traffic; `None` never does.
    pub keep_alive: Option<Span>,
    /// The least retransmission time-out, counted as `rto_floor` says (Linux: 200 ms; RFC 6298: 1
    /// s). Only for the native TCP; smoltcp waits for at least 1 s.
    pub min_rto: Span,
    /// What `min_rto` is the least of.
    pub rto_floor: RtoFloor,
    /// Ask for explicit congestion notification (RFC 3168); DCTCP asks always. Only the native TCP
    /// can, and agrees when it is asked.
    pub ecn: bool,
    /// Space segments out where the congestion control names no rate of its own: over half a round
    /// trip in slow start, over five sixths of one later (Linux with its `fq` queue). Only the
    /// native TCP can.
    pub pacing: bool,
    /// How many connections may wait at one port to be accepted or for the end of their handshake.
    /// At least 1.
    pub backlog: u32,
    /// Answer SYNs that find no room with a cookie (RFC 4987, section 3.6). Only the native TCP can.
    pub syn_cookies: bool,
    /// Fast Open (RFC 7413), as client and as server: data in the SYN for a peer that has given a
    /// cookie. Only the native TCP can.
    pub fast_open: bool,
    /// Whether a path MTU that nobody tells of is found by trying. Only the native TCP can.
    pub mtu_probing: MtuProbing,
    /// Tell of every change of the values that decide when it sends
    /// ([`TcpChange::Values`](super::TcpChange::Values)); only the native TCP can.
    pub trace: bool,
}

impl Default for TcpConfig {
    fn default() -> Self {
        Self::native()
    }
}

impl TcpConfig {
    /// The usual settings of the native TCP, which are those of Linux: CUBIC, Nagle, an ACK waits
    /// for at most 40 ms, the send buffer grows up to 4 MiB and the receive buffer up to 6 MiB. A
    /// connection is given up after 2 minutes without an answer (RFC 9293, section 3.8.3, asks for
    /// at least 100 s).
    pub fn native() -> Self {
        Self {
            machine: TcpMachine::Native,
            congestion: CongestionControl::Cubic,
            own_congestion: None,
            nagle: true,
            delayed_ack: Some(Span::from_millis(40)),
            send_buffer: ByteSize::new(4 << 20),
            receive_buffer: ByteSize::new(6 << 20),
            timeout: Some(Span::from_secs(120)),
            keep_alive: None,
            min_rto: RtoFloor::Linux.usual(),
            rto_floor: RtoFloor::Linux,
            ecn: false,
            pacing: false,
            backlog: 128,
            syn_cookies: false,
            fast_open: false,
            mtu_probing: MtuProbing::Off,
            trace: false,
        }
    }

    /// The usual settings of smoltcp's TCP: as [`TcpConfig::native`], but its ACKs wait for 10 ms,
    /// and its buffers, which cannot grow, have 256 KiB.
    pub fn smoltcp() -> Self {
        Self {
            machine: TcpMachine::Smoltcp,
            delayed_ack: Some(Span::from_millis(10)),
            send_buffer: ByteSize::new(256 << 10),
            receive_buffer: ByteSize::new(256 << 10),
            ..Self::native()
        }
    }

    /// Whether its connections ask for explicit congestion notification.
    pub(super) fn asks_for_ecn(&self) -> bool {
        let dctcp = self.congestion == CongestionControl::Dctcp && self.own_congestion.is_none();
        self.ecn || dctcp
    }
}

/// How the retransmission time-out is reckoned, and what its least value bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RtoFloor {
    /// As Linux: the least is added to the smoothed round trip, in the place of four deviations
    /// that are less; a round trip that falls raises the deviation by an eighth as much.
    #[default]
    Linux,
    /// RFC 6298 to the letter: the whole time-out is at least that (section 2.4).
    Rfc6298,
}

impl RtoFloor {
    /// The least value that goes with it: 200 ms as Linux, 1 s as the RFC.
    pub const fn usual(self) -> Span {
        match self {
            Self::Linux => Span::from_millis(200),
            Self::Rfc6298 => Span::from_secs(1),
        }
    }
}

/// Whether a path MTU is found without ICMP (RFC 8899, RFC 4821).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MtuProbing {
    /// No: what ICMP says is all that is known, as on Linux unless it is told otherwise.
    #[default]
    Off,
    /// After three time-outs in a row smaller segments are tried.
    BlackHole,
    /// Besides, segments begin small, and larger ones are tried now and then.
    Always,
}

/// The TCPs of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TcpMachine {
    /// The native one: as a modern Linux host behaves.
    #[default]
    Native,
    /// smoltcp's: plain, and small.
    Smoltcp,
}
