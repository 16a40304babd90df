//! DNS over UDP (RFC 1035): a server with one zone, and a client that asks one question.

mod client;
mod server;
mod zone;

pub(super) use client::look_up;
pub(super) use server::serve;
