//! WebSocket (RFC 6455): the upgrade by hyper, the frames by fastwebsockets, on both sides.
//!
//! `handshake` asks and answers, `reader` makes messages of frames, `talk` is one side of an open
//! connection: it answers pings, sends its own, and closes in order. `client` and `server` say what
//! the programs of the scenario do with it. Keys and masks come from the stream of the traffic
//! entry. Not here: extensions (permessage-deflate among them), WebSocket over HTTP/2 (RFC 8441).

mod client;
mod handshake;
mod hub;
mod reader;
mod server;
mod talk;
mod wire;

pub(super) use client::{authority, converse};
pub(super) use server::serve;
