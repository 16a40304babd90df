//! Names for the parts of a simulated network: small numbers, one type each.
//!
//! Numbers follow the order of the scenario file, so they are the same in every run and on every
//! machine, and a `Vec` indexed by them is the ordered map of the simulator.

use std::fmt;

/// A node (host, router, switch or hub): its place in the scenario file, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// A port (network card) of one node, from 0 in the order of the links that plug in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortId(pub u16);

/// A link: its place in the scenario file, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u32);

/// One of the traffic entries of the scenario file, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrafficId(pub u32);

impl NodeId {
    /// As an index into a `Vec` of nodes.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl PortId {
    /// As an index into a node's ports.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl LinkId {
    /// As an index into a `Vec` of links.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl TrafficId {
    /// As an index into a `Vec` of traffic entries.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Which way along a link. `Forward` goes from the first name of `between` to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the first end to the second.
    Forward,
    /// From the second end to the first.
    Backward,
}

impl Direction {
    /// Both, in event order.
    pub const BOTH: [Self; 2] = [Self::Forward, Self::Backward];

    /// 0 for forward, 1 for backward.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The other one.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Forward => Self::Backward,
            Self::Backward => Self::Forward,
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forward => "forward",
            Self::Backward => "backward",
        })
    }
}

/// One direction of one link: the wire that a frame travels on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WireId {
    /// The link.
    pub link: LinkId,
    /// The way along it.
    pub direction: Direction,
}

impl WireId {
    /// Wires numbered densely: link 0 forward, link 0 backward, link 1 forward ...
    pub const fn index(self) -> usize {
        self.link.index() * 2 + self.direction.index()
    }

    /// The wire of number `index`.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a scenario has fewer than 2^31 links"
    )]
    pub const fn from_index(index: usize) -> Self {
        Self {
            link: LinkId((index / 2) as u32),
            direction: if index.is_multiple_of(2) {
                Direction::Forward
            } else {
                Direction::Backward
            },
        }
    }
}

/// The identity of a frame for its whole journey: forwarding by switches and routers keeps it, so
/// every hop of one packet has the same id. Copies made by flooding or duplication share it too.
///
/// It is (the node that made the frame, that node's running number): no global counter, so the
/// number does not depend on what other nodes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId {
    /// The node that made it.
    pub origin: NodeId,
    /// That node's running number, from 0.
    pub number: u32,
}

impl fmt::Display for FrameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.origin.0, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_numbers_are_dense_and_reversible() {
        for index in 0..10 {
            assert_eq!(WireId::from_index(index).index(), index);
        }
    }
}
