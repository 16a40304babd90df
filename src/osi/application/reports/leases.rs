//! What hosts report of the addresses that they get by DHCP.
//!
//! Each host writes of itself alone.

use std::{collections::BTreeMap, sync::Mutex};

use crate::{
    ids::NodeId,
    osi::{application::report::LeaseReport, transport::lock},
};

/// The reports of all hosts that asked.
#[derive(Debug, Default)]
pub(super) struct Leases(Mutex<BTreeMap<NodeId, LeaseReport>>);

impl Leases {
    /// Changes the report of a host.
    pub(super) fn change<R>(&self, node: NodeId, change: impl FnOnce(&mut LeaseReport) -> R) -> R {
        let mut all = lock(&self.0);
        change(all.entry(node).or_insert_with(|| LeaseReport::new(node)))
    }

    /// All of them as they are now, by host.
    pub(super) fn collect(&self) -> Vec<LeaseReport> {
        lock(&self.0).values().cloned().collect()
    }
}
