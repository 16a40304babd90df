//! QUIC (RFC 9000, RFC 9001, RFC 9002), spoken by quinn on both sides, over the UDP sockets of floor 4.
//!
//! Contract: the bytes of a connection depend on the seed of the run alone. What quinn would take
//! from the machine comes from the simulation instead: its sockets, timers and tasks from the host
//! (`socket`, `runtime`); connection IDs, keys and its random seed from the host's stream
//! (`random`); the handshake, certificates and secrets from [`tls`](super::tls). quinn counts in
//! `std::time::Instant`; the one real reading that makes them possible is that of the host, and only
//! differences reach a result. Its logs hold virtual time alone (`qlog`).
//!
//! A [`QuicConnector`] dials and a [`QuicAcceptor`] is dialled; both give quinn's own `Connection`.
//!
//! Congestion control is that of TCP (`congestion`).
//!
//! Not here: BBR, which quinn's pacer would not follow; datagrams of RFC 9221, QUIC version 2
//! (RFC 9369), preferred addresses, tokens for later connections (NEW_TOKEN).

mod acceptor;
mod congestion;
mod connector;
mod qlog;
mod random;
mod runtime;
mod socket;
mod spec;
mod transport;
mod watch;
mod words;

pub use acceptor::{QuicAcceptor, QuicHandshake};
pub use connector::{QuicConnection, QuicConnector};
pub use runtime::QuicRuntime;
pub use socket::QuicSocket;
pub use spec::{Migration, QuicClient, QuicCongestion, QuicServer, QuicVersion};
pub use words::words;
