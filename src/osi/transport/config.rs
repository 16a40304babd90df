//! How a host's TCP behaves.

use crate::units::{ByteSize, Span};

use super::tcp::native::congestion::Factory;
pub use super::tcp::native::congestion::Kind as CongestionControl;

/// Settings of every TCP connection of a host.
///
/// # Defaults
/// CUBIC, Nagle on, delayed ACK 10 ms (smoltcp's), 256 KiB buffers, give up after 2 minutes
/// without an answer (RFC 9293, section 3.8.3, asks for at least 100 s).
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
    /// The least that the retransmission time-out adds to the smoothed round trip (Linux: 200 ms).
    /// Only for the native TCP; smoltcp waits for at least 1 s.
    pub min_rto: Span,
    /// Ask for explicit congestion notification (RFC 3168); DCTCP asks always. Only the native TCP
    /// can, and agrees when it is asked.
    pub ecn: bool,
    /// Tell of every change of the values that decide when it sends
    /// ([`TcpChange::Values`](super::TcpChange::Values)); only the native TCP can.
    pub trace: bool,
}

impl Default for TcpConfig {
    fn default() -> Self {
        Self {
            machine: TcpMachine::Smoltcp,
            congestion: CongestionControl::Cubic,
            own_congestion: None,
            nagle: true,
            delayed_ack: Some(Span::from_millis(10)),
            send_buffer: ByteSize::new(256 << 10),
            receive_buffer: ByteSize::new(256 << 10),
            timeout: Some(Span::from_secs(120)),
            keep_alive: None,
            min_rto: Span::from_millis(200),
            ecn: false,
            trace: false,
        }
    }
}

impl TcpConfig {
    /// The usual settings of the native TCP, which are those of Linux: an ACK waits for at most
    /// 40 ms, the send buffer grows up to 4 MiB and the receive buffer up to 6 MiB.
    pub fn native() -> Self {
        Self {
            machine: TcpMachine::Native,
            delayed_ack: Some(Span::from_millis(40)),
            send_buffer: ByteSize::new(4 << 20),
            receive_buffer: ByteSize::new(6 << 20),
            ..Self::default()
        }
    }

    /// Whether its connections ask for explicit congestion notification.
    pub(super) fn asks_for_ecn(&self) -> bool {
        let dctcp = self.congestion == CongestionControl::Dctcp && self.own_congestion.is_none();
        self.ecn || dctcp
    }
}

/// The TCPs of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TcpMachine {
    /// smoltcp's: plain, and small.
    #[default]
    Smoltcp,
    /// The native one: as a modern Linux host behaves.
    Native,
}
