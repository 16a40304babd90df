//! What HTTP/2 can do that HTTP/1.1 cannot: push, refuse and give up single streams, say goodbye.

use crate::units::ByteSize;

/// The client's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http2Client {
    /// What becomes of responses that nobody asked for. Default: they are taken.
    pub push: PushTaking,
    /// How many requests are under way at once. Default: all.
    pub at_once: Option<u32>,
    /// How much of a response may be on its way, announced as SETTINGS_INITIAL_WINDOW_SIZE. Default
    /// 65535 bytes.
    pub window: Option<u32>,
    /// Give a response up when so much of it has come.
    pub cancel_after: Option<ByteSize>,
}

/// What a client makes of pushed responses (RFC 9113, section 8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PushTaking {
    /// They are read.
    #[default]
    Accept,
    /// Each is reset as soon as it is promised.
    Cancel,
    /// SETTINGS_ENABLE_PUSH is 0, so that there are none.
    Off,
}

/// The server's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Http2Server {
    /// Say goodbye (GOAWAY) on every connection after so many requests.
    pub goaway_after: Option<u32>,
    /// How many streams a client may have open; more are refused (REFUSED_STREAM).
    pub max_streams: Option<u32>,
}
