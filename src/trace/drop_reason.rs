//! Every way a frame can die.

use std::fmt;

use crate::wire::OsiLayer;

/// Why a frame (or the packet in it) went no further. One variant per place and cause, each with
/// a counter of its own in the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// The link's random loss took it on the wire.
    RandomLoss,
    /// Noise flipped bits on the wire and the receiver's FCS check found out.
    BitError,
    /// The link was down while it was sent.
    LinkDown,
    /// The sending port's queue had no room left (drop-tail).
    QueueFull,
    /// Random early detection took it, as the queue was long on average.
    RedEarly,
    /// Controlled delay took it, as the queue had been too long for too long.
    Codel,
    /// The queue was longer than its threshold, and the packet could not be marked.
    AboveThreshold,
    /// The packet is larger than the link's MTU and the sender cannot split it.
    TooBig,
    /// The port has no cable.
    NotConnected,
    /// The frame is too short or its headers make no sense.
    Malformed,
    /// The switch learned that the destination is where the frame came from.
    SamePort,
    /// Nobody answered the ARP requests for the next hop.
    NeighborUnreachable,
    /// Too many packets already wait for the same ARP answer.
    NeighborQueueFull,
    /// A header checksum is wrong.
    BadChecksum,
    /// The TTL ran out here (ICMP time exceeded goes back).
    TtlExceeded,
    /// No route to the destination (ICMP network unreachable goes back).
    NoRoute,
    /// Too big for the next link and marked "don't fragment" (ICMP fragmentation needed goes back).
    FragmentationNeeded,
    /// The packet is for somebody else and this host does not forward.
    NotForwarding,
    /// The host takes no packets of this protocol.
    ProtocolUnreachable,
    /// The receiving socket's buffer is full.
    SocketBufferFull,
    /// No UDP socket has the port (ICMP port unreachable goes back).
    PortUnreachable,
}

impl DropReason {
    /// All of them, in counter order.
    pub const ALL: [Self; 21] = [
        Self::RandomLoss,
        Self::BitError,
        Self::LinkDown,
        Self::QueueFull,
        Self::RedEarly,
        Self::Codel,
        Self::AboveThreshold,
        Self::TooBig,
        Self::NotConnected,
        Self::Malformed,
        Self::SamePort,
        Self::NeighborUnreachable,
        Self::NeighborQueueFull,
        Self::BadChecksum,
        Self::TtlExceeded,
        Self::NoRoute,
        Self::FragmentationNeeded,
        Self::NotForwarding,
        Self::ProtocolUnreachable,
        Self::SocketBufferFull,
        Self::PortUnreachable,
    ];

    /// As an index into a table of counters.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name in `summary.json`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::RandomLoss => "random_loss",
            Self::BitError => "bit_error",
            Self::LinkDown => "link_down",
            Self::QueueFull => "queue_full",
            Self::RedEarly => "red_early",
            Self::Codel => "codel",
            Self::AboveThreshold => "above_threshold",
            Self::TooBig => "too_big",
            Self::NotConnected => "not_connected",
            Self::Malformed => "malformed",
            Self::SamePort => "same_port",
            Self::NeighborUnreachable => "neighbor_unreachable",
            Self::NeighborQueueFull => "neighbor_queue_full",
            Self::BadChecksum => "bad_checksum",
            Self::TtlExceeded => "ttl_exceeded",
            Self::NoRoute => "no_route",
            Self::FragmentationNeeded => "fragmentation_needed",
            Self::NotForwarding => "not_forwarding",
            Self::ProtocolUnreachable => "protocol_unreachable",
            Self::SocketBufferFull => "socket_buffer_full",
            Self::PortUnreachable => "port_unreachable",
        }
    }

    /// A few words for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::RandomLoss => "random loss on the wire",
            Self::BitError => "bit errors, FCS check failed",
            Self::LinkDown => "link down",
            Self::QueueFull => "queue full",
            Self::RedEarly => "RED early drop",
            Self::Codel => "CoDel",
            Self::AboveThreshold => "queue above its threshold",
            Self::TooBig => "larger than the link's MTU",
            Self::NotConnected => "port not connected",
            Self::Malformed => "malformed",
            Self::SamePort => "destination is behind the port it came from",
            Self::NeighborUnreachable => "no ARP answer",
            Self::NeighborQueueFull => "ARP queue full",
            Self::BadChecksum => "bad checksum",
            Self::TtlExceeded => "TTL exceeded",
            Self::NoRoute => "no route",
            Self::FragmentationNeeded => "needs fragmentation, DF set",
            Self::NotForwarding => "not for this host, which does not forward",
            Self::ProtocolUnreachable => "protocol unreachable",
            Self::SocketBufferFull => "socket buffer full",
            Self::PortUnreachable => "no socket on this port",
        }
    }

    /// The floor at which it died.
    pub const fn layer(self) -> OsiLayer {
        match self {
            Self::RandomLoss
            | Self::BitError
            | Self::LinkDown
            | Self::QueueFull
            | Self::RedEarly
            | Self::Codel
            | Self::AboveThreshold
            | Self::NotConnected => OsiLayer::Physical,
            Self::TooBig
            | Self::Malformed
            | Self::SamePort
            | Self::NeighborUnreachable
            | Self::NeighborQueueFull => OsiLayer::DataLink,
            Self::BadChecksum
            | Self::TtlExceeded
            | Self::NoRoute
            | Self::FragmentationNeeded
            | Self::NotForwarding
            | Self::ProtocolUnreachable => OsiLayer::Network,
            Self::SocketBufferFull | Self::PortUnreachable => OsiLayer::Transport,
        }
    }

    /// True if the queue of a port refused it or threw it out.
    pub const fn is_in_queue(self) -> bool {
        matches!(
            self,
            Self::QueueFull | Self::RedEarly | Self::Codel | Self::AboveThreshold
        )
    }

    /// True if it died on a wire, so its sender had really sent it.
    pub const fn is_on_the_wire(self) -> bool {
        matches!(self, Self::RandomLoss | Self::BitError | Self::LinkDown)
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_all_reasons_is_in_index_order() {
        for (i, reason) in DropReason::ALL.into_iter().enumerate() {
            assert_eq!(reason.index(), i);
        }
    }
}
