//! Who owns which address.

use std::net::IpAddr;

use super::Topology;
use crate::ids::NodeId;

/// The node of every address, in the order of the addresses as numbers.
#[derive(Debug, Default)]
pub struct Owners(Vec<(Key, NodeId)>);

/// An address as a number, and whether it is IPv6: quick to compare.
type Key = (u128, bool);

impl Owners {
    /// Looks through all cards once.
    pub fn of(topology: &Topology) -> Self {
        let each = topology.node_ids().flat_map(|id| {
            let addresses = topology.node(id).addresses();
            addresses.map(move |address| (key(address), id))
        });
        let mut all: Vec<(Key, NodeId)> = each.collect();
        // Whole runs of them are in order already, which this sort makes use of.
        all.sort();
        Self(all)
    }

    /// The node that has `address`.
    pub fn get(&self, address: IpAddr) -> Option<NodeId> {
        let found = self.0.binary_search_by_key(&key(address), |(own, _)| *own);
        found.ok().map(|at| self.0[at].1)
    }
}

fn key(address: IpAddr) -> Key {
    match address {
        IpAddr::V4(v4) => (v4.to_bits().into(), false),
        IpAddr::V6(v6) => (v6.to_bits(), true),
    }
}
