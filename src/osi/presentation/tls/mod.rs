//! TLS 1.3 (RFC 8446) and TLS 1.2 (RFC 5246), spoken by rustls on both sides.
//!
//! Contract: the bytes of a connection depend on the seed of the run alone. What rustls would take
//! from the machine comes from the simulation instead: random bytes and key shares from the
//! stream of the host that needs them (`random`), the time from the virtual clock (`clock`),
//! keys, serial numbers and dates of certificates from the seed and the calendar of the scenario
//! (`certificates`), sessions from tables of our own (`sessions`). The secrets of every connection
//! go to the trace (`secrets`), so that a capture can be decrypted.
//!
//! One key exchange (X25519) and one kind of signature (Ed25519) are spoken: ring's others draw
//! from the machine. Not here: Encrypted Client Hello, OCSP, certificate compression,
//! post-quantum key exchange, renegotiation, key updates on our own account.

mod certificates;
mod clock;
mod config;
mod facts;
mod random;
mod secrets;
mod sessions;
mod spec;
mod stream;
#[cfg(test)]
mod tests;
mod words;

pub use config::{TlsAcceptor, TlsConnector, TlsSetting, is_server_name};
pub use facts::{TlsFacts, TlsResumption};
pub use spec::{CertificateKind, TlsClient, TlsServer, TlsVersion};
pub use stream::TlsStream;

// What QUIC needs of it, which carries the handshake in packets of its own.
pub(super) use config::{client_config, server_config, trusted};
pub(super) use random::{on_behalf_of, provider};
pub(super) use secrets::Tell;
pub(super) use words::{name as alert_name, words};
