//! Server-Sent Events (section 9.2 of the HTML standard of the WHATWG) over HTTP/1.1, by hyper.
//!
//! `parser` reads an event stream, `feed` is what happens on a server and when, `body` the stream
//! that one client gets of it. Not here: HTTP/2, CORS, redirects.

mod body;
mod client;
mod feed;
mod parser;
mod server;

pub(super) use client::listen;
pub(super) use server::serve;
