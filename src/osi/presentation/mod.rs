//! Floor 6: how bytes are dressed for the way.
//!
//! [`tls`] protects a connection (RFC 8446, RFC 5246). A [`Channel`] is a connection that may or
//! may not be protected, so that the programs above need not care. [`users`] is one record as Protobuf and
//! as JSON. Not here yet: compression.

mod channel;
mod patient;
pub mod tls;
pub mod users;

pub use channel::Channel;
pub use patient::Patient;
