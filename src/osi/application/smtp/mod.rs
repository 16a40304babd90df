//! SMTP (RFC 5321) with PIPELINING (RFC 2920), SIZE (RFC 1870), 8BITMIME (RFC 6152), STARTTLS (RFC
//! 3207) and AUTH (RFC 4954).
//!
//! The server reads and writes with smtp-proto. There is no maintained client without sockets of its
//! own, so the client is a small program here, which says the lines of the RFC and reads its replies.

mod client;
mod message;
mod replies;
mod server;
mod session;

pub(super) use client::send_all;
pub(super) use server::serve;
