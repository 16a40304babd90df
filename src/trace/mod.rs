//! What happened, as plain records.
//!
//! The engine tells one [`Recorder`] everything, in event order: frames sent, received and
//! dropped, what applications did, which states sockets went through. Captures, pictures,
//! counters and summaries are recorders or are made from what a recorder kept. Records borrow the
//! frame's bytes: a recorder copies what it wants to keep, and a run without recorders copies
//! nothing.
//!
//! Not here: how records are written (`capture`) or drawn (`diagram`).

mod counters;
mod drop_reason;
mod record;
mod story;
mod tcp;

pub use counters::{DropCounts, NodeCounters, WireCounters};
pub use drop_reason::DropReason;
pub use record::{
    AppEvent, AppEventKind, Fate, FrameDropped, FrameReceived, FrameSent, NoRecorder, QlogPiece,
    Record, Recorder, SocketState, TcpState, Tee, TlsSecret,
};
pub use story::{Hop, HopEnd, Story, StoryDrop};
pub use tcp::{TcpCause, TcpProgress, TcpRecovery, TcpValues};
