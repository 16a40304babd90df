//! How a hostile server behaves.

use crate::{
    osi::presentation::tls::TlsServer,
    units::{ByteSize, SimTime},
};

/// A server that does not keep to its protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostileServer {
    /// Where it listens. Default 80, over TLS 443.
    pub port: u16,
    /// Until then it is an ordinary web server that says hello. Default: the start of the run.
    pub begin: SimTime,
    /// What it does when a client has said something.
    pub behaviour: Behaviour,
    /// How much of it there is, where the behaviour has a size. Default 1000 B.
    pub size: ByteSize,
    /// Over TLS, which is in order. Default: no.
    pub tls: Option<TlsServer>,
}

/// What a hostile server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Behaviour {
    /// Sends random bytes.
    #[default]
    Garbage,
    /// Never answers.
    Silent,
    /// Closes the connection as soon as it is open.
    CloseAtOnce,
    /// Closes in the middle of the header of its answer.
    CloseInTheMiddle,
    /// Sends header lines without end.
    EndlessHeader,
    /// Sends a body without end, in chunks.
    EndlessBody,
    /// Sends more than it has announced.
    BodyTooLong,
    /// Closes before it has sent what it has announced.
    BodyTooShort,
    /// Sends half of what it has announced, and nothing more.
    Stall,
    /// Sends a chunk whose size is no number.
    BadChunk,
}

impl Behaviour {
    /// The word in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Garbage => "garbage",
            Self::Silent => "silent",
            Self::CloseAtOnce => "close-at-once",
            Self::CloseInTheMiddle => "close-in-the-middle",
            Self::EndlessHeader => "endless-header",
            Self::EndlessBody => "endless-body",
            Self::BodyTooLong => "body-too-long",
            Self::BodyTooShort => "body-too-short",
            Self::Stall => "stall",
            Self::BadChunk => "bad-chunk",
        }
    }
}
