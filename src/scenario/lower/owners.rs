//! Who owns which address.

use std::{collections::BTreeMap, net::IpAddr};

use crate::{ids::NodeId, topology::Topology};

/// The node of every address.
#[derive(Debug, Default)]
pub(super) struct Owners(BTreeMap<IpAddr, NodeId>);

impl Owners {
    /// Looks through all cards once.
    pub(super) fn of(topology: &Topology) -> Self {
        let each = topology.node_ids().flat_map(|id| {
            let addresses = topology.node(id).addresses();
            addresses.map(move |address| (address, id))
        });
        Self(each.collect())
    }

    /// The node that has `address`.
    pub(super) fn get(&self, address: IpAddr) -> Option<NodeId> {
        self.0.get(&address).copied()
    }
}
