//! Floor 4: the host stack. TCP, UDP and ICMP echo between IP packets below and async handles
//! above.
//!
//! Below, a [`Stack`] is sans-I/O: the network floor calls [`Stack::handle_packet`] for each
//! packet that is for this host, then [`Stack::poll_transmit`] until it gives nothing more, and
//! comes back at [`Stack::poll_at`]. Above, programs hold [`TcpStream`], [`TcpListener`],
//! [`UdpSocket`] and [`IcmpSocket`], which are `Send + Sync` and share the stack behind a lock that
//! nobody contends for.
//!
//! TCP is driven by one of two machines, smoltcp's or the native one, behind a seam: no type of
//! smoltcp leaves this folder.
//!
//! Read RFC 9293 (TCP), RFC 768 (UDP), RFC 792 (ICMP), RFC 1122 (hosts), RFC 1191 (path MTU).

mod assigned;
mod checksum;
mod config;
mod connection;
mod datagram;
mod fragments;
mod icmp;
mod icmp_socket;
mod inbox;
mod listen;
mod outbox;
mod paths;
mod ping;
mod ports;
mod slab;
mod smol;
mod source;
mod spare;
mod stack;
mod sync;
mod tcp;
mod tcp_listener;
mod tcp_stream;
mod udp;
mod udp_socket;
mod wakers;

pub use config::{CongestionControl, MtuProbing, RtoFloor, TcpConfig, TcpMachine};
pub use icmp_socket::{IcmpKind, IcmpMessage, IcmpSocket, Unreachable};
pub(crate) use source::Source;
pub use stack::{Exit, SharedStack, Stack, StackConfig, TcpChange, TcpEvent};
pub(crate) use sync::lock;
pub use sync::{Mutex, MutexGuard};
pub use tcp::native::congestion;
pub use tcp_listener::TcpListener;
pub use tcp_stream::TcpStream;
pub use udp_socket::{Datagram, Marks, UdpSocket};
