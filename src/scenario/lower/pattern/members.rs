//! Which hosts take part in a pattern.

use std::collections::BTreeSet;

use crate::{
    ids::NodeId,
    scenario::{
        lower::nodes::Nodes,
        schema::{Field, Names},
        text::Findings,
    },
    topology::NodeKind,
};

/// The hosts of `among`, in its order, each once; all hosts if it is left out.
pub(super) fn read(among: &Names, nodes: &Nodes, findings: &mut Findings) -> Option<Vec<NodeId>> {
    if among.place.is_none() {
        let all = (0..).map(NodeId).zip(&nodes.kinds);
        let hosts = all.filter(|(_, kind)| **kind == NodeKind::Host);
        return Some(hosts.map(|(id, _)| id).collect());
    }
    let mut hosts = Vec::new();
    let mut known = BTreeSet::new();
    let mut good = true;
    for name in &among.items {
        match one(name, nodes, findings) {
            Some(found) => hosts.extend(found.into_iter().filter(|id| known.insert(*id))),
            None => good = false,
        }
    }
    good.then_some(hosts)
}

/// The hosts that one name stands for: a group, or a host.
fn one(field: &Field<String>, nodes: &Nodes, findings: &mut Findings) -> Option<Vec<NodeId>> {
    let name = field.read(findings)?;
    let group = nodes.group(&name);
    if group.is_empty() {
        let id = nodes.host(field, "only hosts take part in a pattern", findings)?;
        return Some(vec![id]);
    }
    let kind = nodes.kind(group[0]);
    if kind != NodeKind::Host {
        let message =
            format!("`{name}` is a group of {kind} nodes, but only hosts take part in a pattern");
        findings.error(field.place(), message);
        return None;
    }
    Some(group)
}
