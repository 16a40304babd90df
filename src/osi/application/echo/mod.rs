//! Echo (RFC 862): the server sends back what it gets, over TCP and UDP.

mod client;
mod server;

pub(super) use client::exchange_all;
pub(super) use server::{serve_tcp, serve_udp};
