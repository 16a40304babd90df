//! The parts of a connection's state: what both ends agreed on, the sending and the receiving
//! direction. Positions are as in `sequence`.

use super::{
    autotune::FIRST_SEND,
    congestion::{Factory, Kind},
    reassembly::Reassembly,
    send_buffer::SendBuffer,
};
use crate::{
    osi::transport::MtuProbing,
    units::{SimTime, Span},
};

/// What the file says, as far as it is needed later.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) congestion: Kind,
    pub(super) own_congestion: Option<Factory>,
    pub(super) nagle: bool,
    /// Pace also what the congestion control does not.
    pub(super) pacing: bool,
    pub(super) mtu_probing: MtuProbing,
    pub(super) keep_alive: Option<Span>,
    /// How long the peer may wait before it acknowledges a single segment.
    pub(super) ack_delay: Span,
}

/// What both ends have agreed on.
#[derive(Debug, Default)]
pub(super) struct Agreed {
    pub(super) sack: bool,
    pub(super) timestamps: bool,
    /// The shifts of the peer's window and the own.
    pub(super) scale: Option<(u8, u8)>,
    /// The peer came with a cookie: the ACK of our SYN-ACK is no sample of the round trip.
    pub(super) unmeasured: bool,
    /// What is added to the time \[ms\] for a time stamp of ours.
    pub(super) stamp_offset: u32,
    /// TS.Recent: the time stamp of the peer to echo, and when it came.
    pub(super) recent: u32,
    pub(super) recent_at: SimTime,
}

/// The sending direction. Positions are as in [`sequence`].
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) buffer: SendBuffer,
    /// The most that the buffer may grow to \[bytes\].
    pub(super) most_buffer: usize,
    /// ISS.
    pub(super) initial: u64,
    /// SND.UNA.
    pub(super) una: u64,
    /// SND.NXT.
    pub(super) next: u64,
    /// SND.UNA + SND.WND: the peer takes nothing behind.
    pub(super) edge: u64,
    /// The largest window that the peer ever offered.
    pub(super) largest_window: u64,
    /// SND.WL1, SND.WL2: the segment that the window was taken from.
    pub(super) window_from: (u64, u64),
    /// The path MTU.
    pub(super) mtu: u16,
    /// The largest segment that the peer takes, without options.
    pub(super) peer_mss: u16,
    /// A FIN follows the data.
    pub(super) fin: bool,
    /// SND.UP: behind the last byte of urgent data.
    pub(super) urgent: u64,
    /// The end of the last segment that was not full (Minshall).
    pub(super) small_end: u64,
    /// When a segment with data left last.
    pub(super) last_at: SimTime,
    pub(super) pending: Pending,
    /// Persist probes since the window closed.
    pub(super) probes: u32,
    /// Whether the window kept the sender back, what was out at most then, and up to where that
    /// holds.
    pub(super) limited: bool,
    pub(super) most_out: u64,
    pub(super) usage_end: u64,
    /// New data left since the machine was last at rest, and the window stopped it.
    pub(super) burst: bool,
    pub(super) stopped: bool,
    /// The next segment may be as small as the peer's window.
    pub(super) piece: bool,
}

/// What has to leave, beyond data and ACKs.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// SYN or SYN-ACK.
    pub(super) syn: bool,
    pub(super) reset: bool,
    /// An empty segment below SND.UNA, which the peer answers.
    pub(super) probe: bool,
    /// A tail loss probe.
    pub(super) tail: bool,
    /// A RST for a segment that acknowledges what was never sent.
    pub(super) refusal: Option<u64>,
}

/// The receiving direction.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) data: Reassembly,
    /// The peer's initial position is known.
    pub(super) begun: bool,
    /// The position of the peer's FIN, and whether all before it has come.
    pub(super) fin: Option<u64>,
    pub(super) finished: bool,
    /// RCV.NXT + RCV.WND as it was last told; it never moves back.
    pub(super) edge: u64,
    /// What came twice, for a DSACK (RFC 2883).
    pub(super) twice: Option<(u64, u64)>,
    /// The program has read since something left.
    pub(super) read: bool,
    /// RCV.UP: behind the last byte of urgent data.
    pub(super) urgent: u64,
    /// RCV.NXT as it was last told (Last.ACK.sent of RFC 7323).
    pub(super) told: u64,
}

impl Receiver {
    /// RCV.NXT: behind all that came in order, the FIN included.
    pub(super) fn next(&self) -> u64 {
        self.data.next() + u64::from(self.finished)
    }
}

impl Sender {
    pub(super) const fn new(limit: usize, mtu: u16) -> Self {
        Self {
            buffer: SendBuffer::new(if limit < FIRST_SEND {
                limit
            } else {
                FIRST_SEND
            }),
            most_buffer: limit,
            initial: 0,
            una: 0,
            next: 0,
            edge: 0,
            largest_window: 0,
            window_from: (0, 0),
            mtu,
            // Without an option it is 536 (RFC 9293, section 3.7.1).
            peer_mss: 536,
            fin: false,
            urgent: 0,
            small_end: 0,
            last_at: SimTime::ZERO,
            pending: Pending {
                syn: false,
                reset: false,
                probe: false,
                tail: false,
                refusal: None,
            },
            probes: 0,
            limited: false,
            most_out: 0,
            usage_end: 0,
            burst: false,
            stopped: false,
            piece: false,
        }
    }

    /// Behind all that is to be sent, the FIN included.
    pub(super) fn end(&self) -> u64 {
        self.buffer.end() + u64::from(self.fin)
    }

    /// Data or FIN not sent yet.
    pub(super) fn unsent(&self) -> u64 {
        self.end().saturating_sub(self.next)
    }
}
