//! The part of a run that pictures are drawn from: the first frames whole, then only a count.
//!
//! Memory is bounded: past [`Story::limit`] hops nothing more is kept and `left_out` counts what
//! the pictures must say they left out.

use std::io;

use super::{
    DropReason,
    record::{AppEvent, AppEventKind, Fate, Record, Recorder, SocketState},
    tcp::{TcpCause, TcpProgress},
};
use crate::{
    ids::{FrameId, NodeId, PortId, WireId},
    units::SimTime,
};

/// One frame's way over one wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// When the sender handed it to the port.
    pub sent: SimTime,
    /// When its first bit left the queue.
    pub departs: SimTime,
    /// The wire.
    pub wire: WireId,
    /// The sending end.
    pub from: HopEnd,
    /// Which frame.
    pub frame: FrameId,
    /// Its bytes on this wire.
    pub bytes: Vec<u8>,
    /// Arrival or death.
    pub fate: Fate,
    /// True for the extra copy of a duplicated frame.
    pub duplicate: bool,
}

/// A node's end of a hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HopEnd {
    /// The node.
    pub node: NodeId,
    /// Its port.
    pub port: PortId,
}

/// A frame that died in a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryDrop {
    /// When.
    pub at: SimTime,
    /// Where.
    pub place: HopEnd,
    /// Which frame.
    pub frame: FrameId,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Why.
    pub why: DropReason,
}

/// What happened, kept for drawing, in event order.
#[derive(Debug, Clone, Default)]
pub struct Story {
    /// Frames over wires.
    pub hops: Vec<Hop>,
    /// Frames that died in nodes.
    pub drops: Vec<StoryDrop>,
    /// What applications did.
    pub apps: Vec<AppEvent>,
    /// Secrets of TLS connections, as lines of SSLKEYLOGFILE; most stand here twice.
    pub secrets: Vec<String>,
    /// TCP states.
    pub sockets: Vec<SocketState>,
    /// Segments that TCP senders sent again, and their probes; only of senders that tell.
    pub repeats: Vec<TcpProgress>,
    /// How many records came after the limit and are not here.
    pub left_out: u64,
    limit: usize,
}

impl Story {
    /// An empty story that will keep at most `limit` records of each kind.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// How many records of each kind it keeps.
    pub const fn limit(&self) -> usize {
        self.limit
    }
}

impl Recorder for Story {
    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        let kept = match record {
            Record::Sent(s) => keep(&mut self.hops, self.limit, || Hop {
                sent: s.queued,
                departs: s.departs,
                wire: s.wire,
                from: HopEnd {
                    node: s.node,
                    port: s.port,
                },
                frame: s.frame,
                bytes: s.bytes.to_vec(),
                fate: s.fate,
                duplicate: s.duplicate,
            }),
            // The arrival is already told by the fate of the hop.
            Record::Received(_) => true,
            Record::Dropped(d) => keep(&mut self.drops, self.limit, || StoryDrop {
                at: d.at,
                place: HopEnd {
                    node: d.node,
                    port: d.port,
                },
                frame: d.frame,
                bytes: d.bytes.to_vec(),
                why: d.why,
            }),
            Record::App(AppEvent {
                kind: AppEventKind::Secret(secret),
                ..
            }) => keep(&mut self.secrets, self.limit, || secret.line.clone()),
            // A file of its own holds them.
            Record::App(AppEvent {
                kind: AppEventKind::Qlog(_),
                ..
            }) => true,
            Record::App(event) => keep(&mut self.apps, self.limit, || event.clone()),
            Record::Tcp(progress) => {
                if is_repeat(progress.cause) {
                    keep(&mut self.repeats, self.limit, || *progress);
                }
                // All else is too much for a story; who wants it listens for it.
                true
            }
            Record::Socket(state) => keep(&mut self.sockets, self.limit, || *state),
        };
        self.left_out += u64::from(!kept);
        Ok(())
    }
}

const fn is_repeat(cause: TcpCause) -> bool {
    matches!(
        cause,
        TcpCause::Retransmitted
            | TcpCause::TailLossProbe
            | TcpCause::WindowProbe
            | TcpCause::MtuProbe
    )
}

fn keep<T>(list: &mut Vec<T>, limit: usize, make: impl FnOnce() -> T) -> bool {
    let room = list.len() < limit;
    if room {
        list.push(make());
    }
    room
}
