//! Who owns which address.

use std::net::IpAddr;

use crate::{ids::NodeId, topology::Topology};

/// The node of every address, in the order of the addresses.
#[derive(Debug, Default)]
pub(super) struct Owners(Vec<(IpAddr, NodeId)>);

impl Owners {
    /// Looks through all cards once.
    pub(super) fn of(topology: &Topology) -> Self {
        let each = topology.node_ids().flat_map(|id| {
            let addresses = topology.node(id).addresses();
            addresses.map(move |address| (address, id))
        });
        let mut all: Vec<(IpAddr, NodeId)> = each.collect();
        all.sort_unstable();
        Self(all)
    }

    /// The node that has `address`.
    pub(super) fn get(&self, address: IpAddr) -> Option<NodeId> {
        let found = self.0.binary_search_by_key(&address, |(own, _)| *own);
        found.ok().map(|at| self.0[at].1)
    }
}
