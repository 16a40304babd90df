//! DHCP (RFC 2131, RFC 2132) over UDP broadcasts: a client that gets its host an address and keeps it,
//! and a server with a pool.
//!
//! Messages are read and written by smoltcp's codec. Not here: relay agents, DHCPINFORM, the random wait of up to 10 s before the first message.

mod client;
mod message;
mod server;

pub(super) use client::hold_address;
pub(super) use server::serve;
