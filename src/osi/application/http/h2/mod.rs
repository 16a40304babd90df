//! HTTP/2 by the h2 library itself, for what hyper keeps from its users: server push, a client's own
//! windows, streams that are refused or given up, and GOAWAY after so many requests (RFC 9113).
//!
//! A request that the server has not looked at (REFUSED_STREAM, or above the last stream of a GOAWAY) is
//! made again, on a new connection if the old one closes; at most [`MOST_CONNECTIONS`] of them. Not here:
//! trailers, CONNECT, priorities.

mod client;
mod server;

pub(super) use client::fetch;
pub(super) use server::serve;

use std::future::poll_fn;

use bytes::Bytes;
use h2::SendStream;

use super::body::ContentBody;
use crate::task::FOREVER;

/// How often a client connects for the same requests.
const MOST_CONNECTIONS: u32 = 10;

/// Sends a body as fast as the windows of the other side let it.
async fn send(mut stream: SendStream<Bytes>, body: ContentBody) -> Result<(), h2::Error> {
    let mut chunks = body.chunks();
    let mut next = chunks.next();
    while let Some(mut chunk) = next {
        next = chunks.next();
        while !chunk.is_empty() {
            stream.reserve_capacity(chunk.len());
            let Some(room) = poll_fn(|cx| stream.poll_capacity(cx)).await else {
                return Ok(());
            };
            let part = chunk.split_to(room?.min(chunk.len()));
            let last = chunk.is_empty() && next.is_none();
            if !part.is_empty() {
                stream.send_data(part, last)?;
            }
        }
    }
    Ok(())
}
