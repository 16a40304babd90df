//! Nodes and their ports.

use std::{fmt, net::IpAddr};

use ipnet::IpNet;

use crate::{ids::WireId, wire::Mac};

/// What kind of box a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// Runs applications; does not forward.
    Host,
    /// Forwards IP packets.
    Router,
    /// Forwards Ethernet frames by learned addresses (IEEE 802.1D, without spanning tree).
    Switch,
    /// Repeats every frame on every other port.
    Hub,
}

impl NodeKind {
    /// How many OSI floors the box has.
    pub const fn floors(self) -> u8 {
        match self {
            Self::Host => 7,
            Self::Router => 3,
            Self::Switch => 2,
            Self::Hub => 1,
        }
    }

    /// True if it has addresses and a local IP stack.
    pub const fn speaks_ip(self) -> bool {
        matches!(self, Self::Host | Self::Router)
    }

    /// The word in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Router => "router",
            Self::Switch => "switch",
            Self::Hub => "hub",
        }
    }
}

impl fmt::Display for NodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A box.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its name, unique.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// Its network cards, by [`PortId`](crate::ids::PortId).
    pub ports: Vec<Port>,
}

impl Node {
    /// All its IP addresses, first port first.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.ports
            .iter()
            .flat_map(|p| p.addresses.iter().map(IpNet::addr))
    }

    /// The address by which others call it: the first.
    pub fn primary_address(&self) -> Option<IpAddr> {
        self.addresses().next()
    }
}

/// A network card (or the port of a switch or hub).
#[derive(Debug, Clone)]
pub struct Port {
    /// The wire that leads away from it.
    pub wire: WireId,
    /// Its MAC address.
    pub mac: Mac,
    /// Its addresses with their prefix lengths. Empty on switches and hubs.
    pub addresses: Vec<IpNet>,
}
