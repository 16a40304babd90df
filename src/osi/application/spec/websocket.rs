//! What a WebSocket client and a WebSocket server are asked to do (RFC 6455).

use crate::{
    osi::{
        presentation::tls::{TlsClient, TlsServer},
        session::Backoff,
    },
    units::{ByteSize, Span},
};

use super::Body;

/// Who speaks when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WebSocketMode {
    /// The client sends messages, one at a time, and the server sends each back.
    #[default]
    Echo,
    /// Clients send when they like, and the server relays every message to all who are connected
    /// at the same path, its sender included.
    Chat,
    /// The server sends a message at an interval, the client listens.
    Ticker,
}

impl WebSocketMode {
    /// The word in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Chat => "chat",
            Self::Ticker => "ticker",
        }
    }
}

/// How one side breaks the rules, to show what the other makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebSocketFault {
    /// A client's first message is not masked (RFC 6455, section 5.1).
    Unmasked,
    /// A server begins with a masked ping (section 5.1).
    Masked,
    /// A ping of 126 bytes: control frames have 125 at most (section 5.5).
    OversizedControl,
    /// Bytes that are no frame, as soon as the handshake is over.
    Garbage,
    /// A text message that is not UTF-8 (section 8.1).
    BadUtf8,
    /// Nothing is said and nothing answered once the handshake is over, neither ping nor close.
    Silent,
    /// A server's answer to the key is that to another one (section 4.1).
    WrongAccept,
}

impl WebSocketFault {
    /// True if a client can do that.
    pub const fn is_of_client(self) -> bool {
        !matches!(self, Self::Masked | Self::WrongAccept)
    }

    /// True if a server can do that.
    pub const fn is_of_server(self) -> bool {
        !matches!(self, Self::Unmasked)
    }
}

/// What the messages of one side are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSocketMessage {
    /// A text, in which `{n}` is the number of the message from 1, `{now}` the time of sending
    /// \[ns\] and `{host}` the name of the sender; or filler.
    pub body: Body,
    /// Send it as binary data instead of as text. Default: no.
    pub binary: bool,
}

/// How one side treats frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebSocketFrames {
    /// Messages longer than this go out as several frames \[bytes\], at least 1. Default: never.
    pub fragment: Option<usize>,
    /// A longer message is refused with close code 1009. Default 1 MiB.
    pub max_message: ByteSize,
    /// Send a ping this often. Default: never.
    pub ping: Option<Span>,
    /// How long to wait for a pong, for room to write, and for the answer to a close. Default 5 s.
    pub timeout: Span,
}

/// How one side says goodbye.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSocketClose {
    /// The status code (RFC 6455, section 7.4). Default 1000.
    pub code: u16,
    /// At most 123 bytes. Default: none.
    pub reason: String,
    /// Close this long after the handshake, even if there is more to say. Default: when all is
    /// said.
    pub after: Option<Span>,
}

/// A WebSocket client.
#[derive(Debug, Clone)]
pub struct WebSocketClient {
    /// The server's port. Default 80, over TLS 443.
    pub port: u16,
    /// Path and query. Default `/`.
    pub path: String,
    /// Who speaks when. Default echo.
    pub mode: WebSocketMode,
    /// What is sent, in modes echo and chat.
    pub message: WebSocketMessage,
    /// How many messages to send (echo, chat) or to wait for (ticker; 0: until the server closes).
    pub count: u32,
    /// From one message to the next. Default 1 s.
    pub interval: Span,
    /// Chat: how long to listen after the last message of one's own. Default: one `interval`.
    pub stay: Span,
    /// The key of the handshake; `None`: 16 random bytes for each connection.
    pub key: Option<String>,
    /// The version asked for. Default 13, which is the only one there is.
    pub version: u8,
    /// The subprotocols offered, best first. Default: none.
    pub subprotocols: Vec<String>,
    /// How frames are treated. Its time-out also ends a handshake, the wait for an echo, and with
    /// mode ticker the wait for a message.
    pub frames: WebSocketFrames,
    /// How it says goodbye.
    pub close: WebSocketClose,
    /// How often, and when, a lost connection is made again. Default: never.
    pub reconnect: Backoff,
    /// A rule that it breaks. Default: none.
    pub fault: Option<WebSocketFault>,
    /// Over TLS. Default: no.
    pub tls: Option<TlsClient>,
}

/// A WebSocket server.
#[derive(Debug, Clone)]
pub struct WebSocketServer {
    /// Where it listens.
    pub port: u16,
    /// The only path it knows; `None`: every path.
    pub path: Option<String>,
    /// Who speaks when.
    pub mode: WebSocketMode,
    /// What it sends, in mode ticker.
    pub message: WebSocketMessage,
    /// Ticker: how many messages each client gets before the server closes; 0: no end.
    pub count: u32,
    /// Ticker: from one message to the next. Default 1 s.
    pub interval: Span,
    /// The subprotocols it speaks, best first.
    pub subprotocols: Vec<String>,
    /// How frames are treated.
    pub frames: WebSocketFrames,
    /// How it says goodbye.
    pub close: WebSocketClose,
    /// A rule that it breaks. Default: none.
    pub fault: Option<WebSocketFault>,
    /// Over TLS. Default: no.
    pub tls: Option<TlsServer>,
}
