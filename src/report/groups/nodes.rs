//! Nodes by role.

use std::collections::BTreeMap;

use serde::Serialize;

use super::roles::Roles;
use crate::{
    ids::NodeId,
    report::{facts::RunFacts, network::Drops},
    trace::NodeCounters,
};

/// The nodes of one role, added up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct NodeGroupSummary {
    /// The role.
    pub group: String,
    /// How many nodes it has.
    pub nodes: u64,
    /// Frames that came off their wires whole.
    pub received_frames: u64,
    /// Frames that they handed to their ports.
    pub sent_frames: u64,
    /// Frames or packets passed on for others.
    pub forwarded_frames: u64,
    /// Frames that died inside them.
    pub dropped_frames: u64,
    /// The same by cause.
    pub drops: Drops,
}

pub(super) fn groups(roles: &Roles, facts: &RunFacts) -> Vec<NodeGroupSummary> {
    let mut groups: BTreeMap<usize, NodeGroupSummary> = BTreeMap::new();
    for (id, node) in (0..).map(NodeId).zip(&facts.run.nodes) {
        groups.entry(roles.role(id)).or_default().add(node);
    }
    for (role, group) in &mut groups {
        roles.name(*role).clone_into(&mut group.group);
    }
    groups.into_values().collect()
}

impl NodeGroupSummary {
    fn add(&mut self, node: &NodeCounters) {
        self.nodes += 1;
        self.received_frames += node.received_frames;
        self.sent_frames += node.sent_frames;
        self.forwarded_frames += node.forwarded_frames;
        self.dropped_frames += node.drops.total();
        self.drops.0 += &node.drops;
    }
}
