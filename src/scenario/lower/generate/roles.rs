//! The nodes of a generated network: named and numbered by role, never listed one by one.

use crate::{ids::NodeId, topology::NodeKind};

/// Nodes of one role, with consecutive numbers.
#[derive(Debug, Clone)]
pub(in crate::scenario::lower) struct Role {
    /// What the group is called: `hosts`, `edge` ...
    pub(in crate::scenario::lower) group: &'static str,
    stem: &'static str,
    /// What kind of box all are.
    pub(in crate::scenario::lower) kind: NodeKind,
    first: NodeId,
    count: u32,
    numbered: bool,
}

/// All roles of a network, in the order of their nodes.
#[derive(Debug, Clone)]
pub(in crate::scenario::lower) struct Roles {
    list: Vec<Role>,
    first: NodeId,
}

impl Role {
    /// How many nodes.
    pub(in crate::scenario::lower) const fn len(&self) -> u32 {
        self.count
    }

    /// Node number `index` of this role.
    pub(super) const fn nth(&self, index: u32) -> NodeId {
        NodeId(self.first.0 + index)
    }

    /// The nodes.
    pub(in crate::scenario::lower) fn members(&self) -> impl Iterator<Item = NodeId> + use<> {
        (self.first.0..self.first.0 + self.count).map(NodeId)
    }

    /// The name of node number `index`.
    pub(in crate::scenario::lower) fn name(&self, index: u32) -> String {
        if self.numbered {
            format!("{}{index}", self.stem)
        } else {
            self.stem.to_owned()
        }
    }

    /// The number that `name` has in this role.
    fn index_of(&self, name: &str) -> Option<u32> {
        let digits = name.strip_prefix(self.stem)?;
        if !self.numbered {
            return digits.is_empty().then_some(0);
        }
        let plain = digits.bytes().all(|b| b.is_ascii_digit());
        let index: u32 = digits.parse().ok().filter(|_| plain)?;
        let canonical = digits.len() == 1 || !digits.starts_with('0');
        (canonical && index < self.count).then_some(index)
    }
}

impl Roles {
    /// None yet; the first node will be `first`.
    pub(super) const fn new(first: NodeId) -> Self {
        Self {
            list: Vec::new(),
            first,
        }
    }

    /// Adds `count` nodes called `stem0`, `stem1` ...
    pub(super) fn add(
        &mut self,
        group: &'static str,
        stem: &'static str,
        kind: NodeKind,
        count: u32,
    ) -> Role {
        self.push(group, stem, kind, (count, true))
    }

    /// Adds one node called `name`.
    pub(super) fn add_one(
        &mut self,
        group: &'static str,
        name: &'static str,
        kind: NodeKind,
    ) -> NodeId {
        self.push(group, name, kind, (1, false)).first
    }

    fn push(
        &mut self,
        group: &'static str,
        stem: &'static str,
        kind: NodeKind,
        (count, numbered): (u32, bool),
    ) -> Role {
        let role = Role {
            group,
            stem,
            kind,
            first: NodeId(self.first.0 + self.count()),
            count,
            numbered,
        };
        self.list.push(role.clone());
        role
    }

    /// The first node, whether there is one or not.
    pub(super) const fn first(&self) -> NodeId {
        self.first
    }

    /// How many nodes there are.
    pub(in crate::scenario::lower) fn count(&self) -> u32 {
        self.list.iter().map(Role::len).sum()
    }

    /// The roles, in the order of their nodes.
    pub(in crate::scenario::lower) fn iter(&self) -> impl Iterator<Item = &Role> {
        self.list.iter()
    }

    /// The node called `name`.
    pub(in crate::scenario::lower) fn find(&self, name: &str) -> Option<NodeId> {
        let found = |role: &Role| role.index_of(name).map(|index| role.nth(index));
        self.list.iter().find_map(found)
    }

    /// `h0 to h15, edge0 to edge7`, for a sentence.
    pub(in crate::scenario::lower) fn describe(&self) -> String {
        let some = self.list.iter().filter(|role| role.count > 0);
        let words = some.map(|role| match role.count {
            1 => role.name(0),
            n => format!("{} to {}", role.name(0), role.name(n - 1)),
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_one_node_in_one_spelling() {
        let mut roles = Roles::new(NodeId(3));
        roles.add("hosts", "h", NodeKind::Host, 12);
        roles.add_one("root", "root", NodeKind::Router);
        assert_eq!(roles.find("h0"), Some(NodeId(3)));
        assert_eq!(roles.find("h11"), Some(NodeId(14)));
        assert_eq!(roles.find("root"), Some(NodeId(15)));
        for name in ["h", "h12", "h01", "h+1", "H1", "root0", "hroot"] {
            assert_eq!(roles.find(name), None, "{name}");
        }
    }
}
