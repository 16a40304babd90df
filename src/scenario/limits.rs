//! The sizes that a scenario may have. What is larger is an error, not an exhausted machine.

use crate::units::{ByteSize, Span};

/// The largest scenario file \[bytes\].
pub const MAX_FILE: usize = 16 << 20;
/// The most nodes.
pub const MAX_NODES: usize = 250_000;
/// The most links.
pub const MAX_LINKS: usize = 500_000;
/// The most links on one node.
pub const MAX_PORTS: usize = 65_535;
/// The most traffic entries, and the most servers.
pub const MAX_ENTRIES: usize = 100_000;
/// The most flows that all traffic entries stand for.
pub const MAX_FLOWS: u32 = 1_000_000;
/// The largest file with a distribution of sizes.
pub const MAX_CDF_FILE: ByteSize = ByteSize::new(1 << 20);
/// The most steps that computing routes may take. A few seconds; some 3000 routers in a row, or
/// any number of hosts and stub subnets around fewer.
pub const MAX_ROUTING_WORK: u64 = 100_000_000;
/// The longest time that may stand in a file: 366 days.
pub const MAX_SPAN: Span = Span::from_secs(366 * 24 * 3600);
/// The longest that an acknowledgement may be delayed (RFC 9293, section 3.8.6.3).
pub const MAX_DELAYED_ACK: Span = Span::from_millis(500);
/// The most that one transfer may carry: 1 TiB.
pub const MAX_TRANSFER: ByteSize = ByteSize::new(1 << 40);
/// The largest HTTP body or TCP echo message made of filler: 256 MiB.
pub const MAX_BODY: ByteSize = ByteSize::new(256 << 20);
/// The largest payload of a datagram: 65535 less the headers of IPv4 and UDP.
pub const MAX_DATAGRAM: ByteSize = ByteSize::new(65_507);
/// The smallest payload of a measured stream: sequence number and time stamp.
pub const MIN_STREAM_DATAGRAM: ByteSize = ByteSize::new(20);
/// The smallest TCP buffer: a full segment fits.
pub const MIN_BUFFER: ByteSize = ByteSize::new(2 << 10);
/// The largest TCP buffer: 1 GiB (RFC 7323, section 2.3).
pub const MAX_BUFFER: ByteSize = ByteSize::new(1 << 30);
/// The most datagrams of one stream.
pub const MAX_DATAGRAMS: u64 = 1_000_000_000;
/// The most repetitions, pings or echo messages of one traffic entry.
pub const MAX_COUNT: u64 = 1_000_000;
/// The smallest MTU (RFC 791: every module must forward 68 bytes without fragmentation).
pub const MIN_MTU: u16 = 68;
/// The longest name of a node, link or traffic entry (that of a DNS label, RFC 1035).
pub const MAX_NAME: usize = 63;
/// The most users of a server.
pub const MAX_USERS: u32 = 100_000;
