//! Which role each node plays: that of its generated group, or else what kind of node it is.

use crate::{ids::NodeId, scenario::plan::Plan, topology::NodeKind};

/// Every node's role.
pub(super) struct Roles {
    names: Vec<String>,
    /// By node: the place of its role's name.
    of: Vec<usize>,
}

impl Roles {
    pub(super) fn of(plan: &Plan) -> Self {
        let groups = &plan.groups;
        let nodes = &plan.topology.nodes;
        let mut names: Vec<String> = groups.iter().map(|g| g.name.clone()).collect();
        let by_hand = if groups.is_empty() { "" } else { "other " };
        names.extend(KINDS.map(|(_, plural)| format!("{by_hand}{plural}")));
        let kind = |kind| {
            KINDS
                .iter()
                .position(|(k, _)| *k == kind)
                .unwrap_or_default()
        };
        let mut of: Vec<usize> = nodes.iter().map(|n| groups.len() + kind(n.kind)).collect();
        for (role, group) in groups.iter().enumerate() {
            group.members.iter().for_each(|id| of[id.index()] = role);
        }
        Self { names, of }
    }

    /// The role of a node, as a number that sorts like the groups.
    pub(super) fn role(&self, node: NodeId) -> usize {
        self.of[node.index()]
    }

    /// What a role is called.
    pub(super) fn name(&self, role: usize) -> &str {
        &self.names[role]
    }
}

const KINDS: [(NodeKind, &str); 4] = [
    (NodeKind::Host, "hosts"),
    (NodeKind::Router, "routers"),
    (NodeKind::Switch, "switches"),
    (NodeKind::Hub, "hubs"),
];
