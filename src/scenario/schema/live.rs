//! `websocket` and `sse` of `[[traffic]]` and `[[server]]`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    field::{Field, Table},
    names::Names,
};
use crate::{
    osi::application::spec::{WebSocketFault, WebSocketMode},
    units::{ByteSize, Span},
};

/// Declares a table with the keys that both sides of WebSocket have and, before them, others.
///
/// Not by serde's `flatten`, for the reason that `link` gives.
macro_rules! with_frames {
    ($(#[$attr:meta])* $name:ident { $($(#[$own_attr:meta])* $own:ident: $own_type:ty,)* }) => {
        #[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        $(#[$attr])*
        pub(crate) struct $name {
            $($(#[$own_attr])* pub(crate) $own: $own_type,)*
            /// The subprotocols that it speaks, best first.
            #[schemars(extend("examples" = [["chat.v2", "chat.v1"]]))]
            pub(crate) subprotocols: Names,
            /// Send longer messages in frames of this size; 1 B to 16 MiB.
            #[schemars(extend("examples" = ["1 KiB"]))]
            pub(crate) fragment: Field<ByteSize>,
            /// Close with 1009 if a longer message comes; 1 B to 16 MiB.
            #[schemars(extend("default" = "1 MiB", "examples" = ["64 KiB"]))]
            pub(crate) max_message: Field<ByteSize>,
            /// Send a ping this often. Without a pong within `timeout` the connection is lost.
            #[schemars(extend("examples" = ["1s"]))]
            pub(crate) ping: Field<Span>,
        }
    };
}

with_frames! {
    /// The client's side of WebSocket.
    ClientWebSocket {
        /// Path and query.
        #[schemars(extend("default" = "/", "examples" = ["/chat"]))]
        path: Field<String>,
        /// Who speaks when: `echo`, the client sends `count` messages and each comes back before the
        /// next; `chat`, the client sends `count` messages, and the server relays them to all who are
        /// connected at the same path; `ticker`, the server sends, and the client closes after `count`
        /// messages (0: when the server does).
        #[schemars(extend("default" = "echo", "examples" = ["chat"]))]
        mode: Field<WebSocketMode>,
        /// Whether messages are binary data instead of text.
        #[schemars(extend("default" = false, "examples" = [true]))]
        binary: Field<bool>,
        /// The key of the handshake: 16 bytes in base64. Left out: drawn from the seed.
        #[schemars(extend("examples" = ["dGhlIHNhbXBsZSBub25jZQ=="]))]
        key: Field<String>,
        /// The version that is asked for; 0 to 255. Servers know 13 alone.
        #[schemars(extend("default" = 13, "examples" = [8]))]
        version: Field<u8>,
        /// chat: how long to listen after the last message. Left out: one `interval`.
        #[schemars(extend("examples" = ["2s"]))]
        stay: Field<Span>,
        /// How the client says goodbye.
        close: Table<WebSocketClose>,
        /// How often in a row to connect again after a lost connection, with a longer wait each time.
        #[schemars(extend("default" = 0, "examples" = [5]))]
        reconnect: Field<u32>,
        /// The wait before the first of these; it doubles, up to 30 s, and is spread by 20 %.
        #[schemars(extend("default" = "1s", "examples" = ["500ms"]))]
        reconnect_after: Field<Span>,
        /// A rule that the client breaks: `unmasked`, `oversized-control`, `garbage`, `bad-utf8` or
        /// `silent`.
        #[schemars(extend("examples" = ["unmasked"]))]
        fault: Field<WebSocketFault>,
    }
}

with_frames! {
    /// The server's side of WebSocket.
    ServerWebSocket {
        /// The only path it knows; any other is 404. Left out: every path.
        #[schemars(extend("examples" = ["/chat"]))]
        path: Field<String>,
        /// What it does: `echo` messages, relay them to all at the same path (`chat`), or send its own
        /// (`ticker`).
        #[schemars(extend("default" = "echo", "examples" = ["chat"]))]
        mode: Field<WebSocketMode>,
        /// ticker: the message, in which {n} is its number, {now} the virtual time in ns and {host} the
        /// server. Left out: number and time, as JSON.
        #[schemars(extend("examples" = ["tick {n}"]))]
        text: Field<String>,
        /// ticker: that much filler as the message instead; at most 16 MiB.
        #[schemars(extend("examples" = ["1 KiB"]))]
        size: Field<ByteSize>,
        /// Whether its messages are binary data instead of text.
        #[schemars(extend("default" = false, "examples" = [true]))]
        binary: Field<bool>,
        /// ticker: from one message to the next.
        #[schemars(extend("default" = "1s", "examples" = ["200ms"]))]
        interval: Field<Span>,
        /// ticker: close after so many messages; 0: never.
        #[schemars(extend("default" = 0, "examples" = [10]))]
        count: Field<u32>,
        /// How long to wait for a pong, and for the answer to a close.
        #[schemars(extend("default" = "5s", "examples" = ["2s"]))]
        timeout: Field<Span>,
        /// How the server says goodbye, and when.
        close: Table<WebSocketClose>,
        /// A rule that the server breaks: `masked`, `oversized-control`, `garbage`, `bad-utf8`,
        /// `silent` or `wrong-accept`.
        #[schemars(extend("examples" = ["wrong-accept"]))]
        fault: Field<WebSocketFault>,
    }
}

/// A close frame.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WebSocketClose {
    /// The status code; 1000 to 1003, 1007 to 1014, or 3000 to 4999.
    #[schemars(extend("default" = 1000, "examples" = [1001]))]
    pub(crate) code: Field<u16>,
    /// The reason; at most 123 bytes.
    #[schemars(extend("examples" = ["going away"]))]
    pub(crate) reason: Field<String>,
    /// Close this long after the handshake, whatever there is left to say.
    #[schemars(extend("examples" = ["3s"]))]
    pub(crate) after: Field<Span>,
}

/// The client of an event stream.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClientSse {
    /// Path and query.
    #[schemars(extend("default" = "/events", "examples" = ["/news"]))]
    pub(crate) path: Field<String>,
    /// The id of the event that the client says it has seen, in its first request.
    #[schemars(extend("examples" = ["41"]))]
    pub(crate) last_event_id: Field<String>,
    /// How often in a row to connect again without hearing an event.
    #[schemars(extend("default" = 5, "examples" = [1]))]
    pub(crate) reconnect: Field<u32>,
}

/// The server of event streams. Event 1 of a path happens when somebody asks for it first.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerSse {
    /// The only path it knows; any other is 404. Left out: every path.
    #[schemars(extend("examples" = ["/events"]))]
    pub(crate) path: Field<String>,
    /// The type of the events. Left out: none, which means "message".
    #[schemars(extend("examples" = ["price"]))]
    pub(crate) event: Field<String>,
    /// The data, in which {n} is the number of the event and {now} the virtual time when it
    /// happened, in ns. Several lines are several `data` lines. Left out: both, as JSON.
    #[schemars(extend("examples" = ["price {n}"]))]
    pub(crate) text: Field<String>,
    /// From one event to the next, whether anybody listens or not.
    #[schemars(extend("default" = "1s", "examples" = ["200ms"]))]
    pub(crate) interval: Field<Span>,
    /// How many events there are; 0: no end. A client that has seen all gets 204.
    #[schemars(extend("default" = 0, "examples" = [20]))]
    pub(crate) count: Field<u64>,
    /// Send a comment when nothing else was sent for this long.
    #[schemars(extend("default" = "15s", "examples" = ["1s"]))]
    pub(crate) heartbeat: Field<Span>,
    /// Tell clients to wait this long before they connect again. Left out: they choose.
    #[schemars(extend("examples" = ["500ms"]))]
    pub(crate) retry: Field<Span>,
    /// How many past events are kept for clients that come again.
    #[schemars(extend("default" = 100, "examples" = [5]))]
    pub(crate) history: Field<u64>,
    /// Close each connection after so many events; at least 1.
    #[schemars(extend("examples" = [5]))]
    pub(crate) close_after: Field<u64>,
}
