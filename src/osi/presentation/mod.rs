//! Floor 6: how bytes are dressed for the way.
//!
//! [`tls`] protects a connection (RFC 8446, RFC 5246). [`quic`] is a connection of its own over UDP
//! that is always protected (RFC 9000); it stands here because its handshake is that of TLS. A
//! [`Channel`] is a connection that may or may not be protected, so that the programs above need not
//! care. [`compression`] makes content shorter for the way. [`users`] is one record as Protobuf and as
//! JSON.

mod channel;
pub mod compression;
mod patient;
pub mod quic;
pub mod tls;
pub mod users;

pub use channel::Channel;
pub use patient::Patient;
