//! A TCP connection and what it carries: bulk in either direction, a text, or nothing at all.
//!
//! An upload is just bytes and a FIN; the server counts them. For a download the client first
//! sends one line that says what it wants (see `order`). Goodput is measured where data arrives,
//! from the first byte handed to the sender's socket to the last one read at the other end.

mod bulk;
mod client;
mod order;
mod server;

pub(super) use client::transfer;
pub(super) use server::serve;
