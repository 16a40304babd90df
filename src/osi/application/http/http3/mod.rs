//! HTTP/3 (RFC 9114) over QUIC, spoken by h3 on both sides.
//!
//! Each request is a stream of its own, and a lost packet holds up only the streams that it carried
//! bytes of. The header fields are those of HTTP/2, encoded by QPACK (RFC 9204) without a dynamic
//! table. h3 would grease with numbers drawn from the machine, so it sends none. Not here: server
//! push, datagrams, extended CONNECT, priorities.

mod client;
mod server;

pub(super) use client::Http3Sender;
pub(in crate::osi::application) use client::QuicEnd;
pub(in crate::osi::application) use server::serve;

/// H3_NO_ERROR (RFC 9114, section 8.1).
const NO_ERROR: u32 = 0x100;
