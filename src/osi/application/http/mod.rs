//! HTTP/1.1 (RFC 9110, RFC 9112), spoken by hyper on both sides.
//!
//! Header names go out in title case (`Content-Type`), as most textbooks print them; hyper's own
//! clock stays unused, `Date` is virtual time. Not here: redirects, cookies, proxies, caches,
//! upgrades, trailers.

mod body;
mod client;
mod date;
mod exchange;
mod headers;
mod routes;
mod server;

pub(super) use client::fetch_all;
pub(super) use server::serve;
