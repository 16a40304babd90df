//! Floor 3: IP forwarding.
//!
//! [`IpLayer`] is what a host and a router have in common: cards, a forwarding table, and the
//! rules of RFC 791 and RFC 1812 for what to do with a packet. `forwarding` is a flag. Packets
//! for the node itself are handed up; the engine gives them to the transport floor.
//!
//! Not modelled: IP options (carried, not interpreted), ICMP redirects, source quench, multicast
//! routing, rate limits on ICMP errors, IPv6 (tables and interfaces are ready for it).

mod assign;
mod claim;
mod fib;
mod fragment;
mod icmp;
mod ip_layer;
mod own;
mod ways;

pub use assign::Assignment;
pub use claim::Claim;
pub use fib::{Fib, NextHop, NextHopV4};
pub use icmp::IcmpError;
pub use ip_layer::{IpCounters, IpLayer, LocalPacket};
pub use own::OwnAddresses;
pub use ways::{Fate, Step, Ways};
