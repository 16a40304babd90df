//! DNS (RFC 1034, RFC 1035): servers with zones, a recursive resolver with a cache, and a client that
//! asks one question.

mod authority;
mod cache;
mod client;
mod recursor;
mod reply;
mod server;
mod zone;

pub(super) use client::look_up;
pub(super) use server::serve;
