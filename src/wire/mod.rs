//! Bytes on the wire: frames and their pool, MAC addresses, checksums, and thin views of the
//! headers that the forwarding path reads and writes (Ethernet, ARP, IPv4).
//!
//! A view gives checked access to a byte slice and accepts nonsense; it never panics on any input
//! that its `new` accepted. Full dissection, with names and values for people, is in `dissect`.
//!
//! Not here: TCP, UDP and ICMP (smoltcp's `wire` serves them) and IPv6 (it will stand beside
//! `ipv4`, behind the same calls).

mod arp;
mod checksum;
mod ethernet;
mod frame;
mod ipv4;
mod layer;
mod mac;

pub use arp::{ArpOperation, ArpPacket};
pub use checksum::{Checksum, checksum_after_hop, update_checksum};
pub use ethernet::{EtherType, EthernetHeader, FCS_LEN, HEADER_LEN, MIN_FRAME_LEN, WIRE_OVERHEAD};
pub use frame::{Frame, FramePool};
pub use ipv4::{AtomicHeader, Ipv4Packet, Protocol};
pub use layer::OsiLayer;
pub use mac::Mac;
