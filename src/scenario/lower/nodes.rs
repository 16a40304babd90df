//! The nodes of the file and of the generated network: names and kinds.

use std::collections::BTreeMap;

use super::{generate::Roles, names};
use crate::{
    ids::NodeId,
    scenario::{
        schema::{Field, File},
        text::{Findings, Place, closest},
    },
    topology::NodeKind,
};

/// The nodes by name and by number: those of the file first, then those that are generated.
#[derive(Debug)]
pub(super) struct Nodes {
    by_name: BTreeMap<String, NodeId>,
    generated: Roles,
    /// True if `[generate]` is wrong, so that nobody knows which nodes it would make.
    unsure: bool,
    /// By number.
    pub(super) kinds: Vec<NodeKind>,
}

/// Reads names and kinds, and checks the names.
pub(super) fn read(file: &File, generated: &Roles, findings: &mut Findings) -> Nodes {
    let mut nodes = Nodes {
        by_name: BTreeMap::new(),
        generated: generated.clone(),
        unsure: file.generate.place.is_some() && generated.count() == 0,
        kinds: Vec::new(),
    };
    let mut folded: BTreeMap<String, Place> = BTreeMap::new();
    let nothing = file.node.0.is_empty() && file.link.items.is_empty();
    if nothing && file.generate.place.is_none() {
        findings
            .error(None, "the scenario has no nodes")
            .help("write at least two, as in `[node.alice]` and `[node.bob]`, and a `[[link]]` between them");
    }
    for (number, (name, node)) in (0u32..).zip(&file.node.0) {
        names::check(&name.text, &name.place, "node", findings);
        if let Some(first) = folded.insert(name.text.to_lowercase(), name.place.clone()) {
            findings
                .error(
                    name.place.clone(),
                    format!(
                        "the name `{}` differs from another only in its case",
                        name.text
                    ),
                )
                .also(Some(first), "the other one")
                .help("names are also file names and DNS names, where case does not count");
        }
        if generated.find(&name.text.to_lowercase()).is_some() {
            findings
                .error(
                    name.place.clone(),
                    format!(
                        "`[generate]` makes a node `{}` too",
                        name.text.to_lowercase()
                    ),
                )
                .help(format!(
                    "take another name; generated are {}",
                    generated.describe()
                ));
        }
        nodes.by_name.insert(name.text.clone(), NodeId(number));
        nodes
            .kinds
            .push(node.value.kind.read(findings).unwrap_or(NodeKind::Host));
    }
    for role in generated.iter() {
        nodes.kinds.extend(role.members().map(|_| role.kind));
    }
    nodes
}

impl Nodes {
    /// The node called `name`.
    pub(super) fn get(&self, name: &str) -> Option<NodeId> {
        let written = self.by_name.get(name).copied();
        written.or_else(|| self.generated.find(name))
    }

    /// The generated nodes of the group `name`; none if there is no such group.
    pub(super) fn group(&self, name: &str) -> Vec<NodeId> {
        let roles = self.generated.iter().filter(|role| role.group == name);
        roles.flat_map(|role| role.members()).collect()
    }

    /// What kind of box `id` is.
    pub(super) fn kind(&self, id: NodeId) -> NodeKind {
        self.kinds[id.index()]
    }

    /// The node that `field` names; an unknown one is reported.
    pub(super) fn find(&self, field: &Field<String>, findings: &mut Findings) -> Option<NodeId> {
        let name = field.read(findings)?;
        let found = self.get(&name);
        if found.is_none() {
            self.unknown(&name, field.place(), findings);
        }
        found
    }

    /// The host that `field` names; an unknown one or another kind of box is reported.
    pub(super) fn host(
        &self,
        field: &Field<String>,
        role: &str,
        findings: &mut Findings,
    ) -> Option<NodeId> {
        self.of_kind(field, &[NodeKind::Host], role, findings)
    }

    /// The node of one of `kinds` that `field` names; an unknown one or another kind of box is
    /// reported.
    pub(super) fn of_kind(
        &self,
        field: &Field<String>,
        kinds: &[NodeKind],
        role: &str,
        findings: &mut Findings,
    ) -> Option<NodeId> {
        let id = self.find(field, findings)?;
        let kind = self.kind(id);
        if kinds.contains(&kind) {
            return Some(id);
        }
        let name = field.peek().map_or("", String::as_str);
        let names: Vec<String> = kinds.iter().map(|kind| format!("\"{kind}\"")).collect();
        findings
            .error(field.place(), format!("`{name}` is a {kind}, but {role}"))
            .help(format!("name a node of kind {}", names.join(" or ")));
        None
    }

    /// Reports a name that no node has.
    pub(super) fn unknown(&self, name: &str, place: Option<Place>, findings: &mut Findings) {
        if self.unsure {
            return;
        }
        if findings.many() {
            findings.error(place, format!("there is no node `{name}`"));
            return;
        }
        let guess = closest(name, self.by_name.keys().map(String::as_str));
        let message = match guess {
            Some(guess) => format!("there is no node `{name}`, did you mean `{guess}`?"),
            None => format!("there is no node `{name}`"),
        };
        findings.error(place, message).help(format!(
            "nodes are declared by `[node.NAME]`{}; there are: {}",
            if self.generated.count() > 0 {
                " or made by `[generate]`"
            } else {
                ""
            },
            self.some_names()
        ));
    }

    fn some_names(&self) -> String {
        let written = names::some(self.by_name.keys().map(String::as_str));
        match (self.generated.count(), self.by_name.is_empty()) {
            (0, _) => written,
            (_, true) => self.generated.describe(),
            (_, false) => format!("{written}, {}", self.generated.describe()),
        }
    }
}
