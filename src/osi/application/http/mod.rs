//! HTTP/1.1 (RFC 9110, RFC 9112) and HTTP/2 (RFC 9113), spoken by hyper on both sides, and HTTP/3
//! (RFC 9114), spoken by h3 over QUIC.
//!
//! Header names of HTTP/1.1 go out in title case (`Content-Type`), as most textbooks print them;
//! hyper's own clock stays unused, `Date` is virtual time. With HTTP/2 and HTTP/3 all requests of a
//! client are streams of one connection, begun at once. [`h2`] does what hyper does
//! not: server push, GOAWAY, streams that are given up. Not here: cookies, caches, ranges, upgrades,
//! trailers.

mod auth;
mod body;
mod client;
mod conditions;
mod date;
mod dial;
mod draft;
mod errand;
mod exchange;
mod expect;
mod h2;
mod headers;
mod http3;
mod link;
mod origin;
mod proxy;
mod reply;
mod rest;
mod routes;
mod server;
mod site;
mod words;

pub(super) use client::{fetch_all, fetch_in_order};
pub(super) use date::http_date;
pub(super) use http3::{QuicEnd, serve as serve_http3};
pub(super) use proxy::serve as serve_proxy;
pub(super) use server::{say_hello, serve};

use super::spec::HttpVersion;
use crate::osi::presentation::Channel;

/// The version that both sides speak on `channel`: what TLS agreed on by ALPN, or else the one of the
/// file. HTTP/2 sends small frames of several streams, which must not wait for each other's
/// acknowledgments: Nagle's algorithm is off then, as in every browser and server.
fn chosen(version: HttpVersion, channel: &Channel) -> HttpVersion {
    let version = match channel.alpn().as_deref() {
        Some("h2") => HttpVersion::Http2,
        Some("http/1.1") => HttpVersion::Http1,
        // HTTP/3 leads elsewhere: a redirect, to a server that may not speak it.
        _ if version == HttpVersion::Http3 => HttpVersion::Http1,
        _ => version,
    };
    if version == HttpVersion::Http2 {
        channel.set_nodelay(true);
    }
    version
}
