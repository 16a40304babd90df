//! The ports of a node by name, and their MAC addresses.

use std::collections::BTreeMap;

use super::names;
use crate::{
    ids::{NodeId, PortId},
    scenario::{
        plan::FilledIn,
        schema::{Field, File, Name},
        text::{Findings, Place, closest},
    },
    topology::Topology,
    wire::Mac,
};

/// All ports of a node.
pub(super) fn of(topology: &Topology, node: NodeId) -> impl Iterator<Item = PortId> + use<> {
    let count = u16::try_from(topology.node(node).ports.len()).unwrap_or(u16::MAX);
    (0..count).map(PortId)
}

/// The ports of one node by name: after their link, or after the node at the other end if only one
/// link goes there.
#[derive(Debug)]
pub(super) struct PortNames<'a> {
    owner: &'a str,
    links: BTreeMap<&'a str, PortId>,
    /// `None` if several links go there.
    neighbors: BTreeMap<&'a str, Option<PortId>>,
}

impl<'a> PortNames<'a> {
    pub(super) fn of(topology: &'a Topology, node: NodeId) -> Self {
        let mut names = Self {
            owner: &topology.node(node).name,
            links: BTreeMap::new(),
            neighbors: BTreeMap::new(),
        };
        for port in of(topology, node) {
            let link = topology.link(topology.port(node, port).wire.link);
            let neighbor = topology.node(topology.neighbor(node, port).node);
            names.links.insert(&link.name, port);
            let several = names.neighbors.contains_key(neighbor.name.as_str());
            names
                .neighbors
                .insert(&neighbor.name, (!several).then_some(port));
        }
        names
    }

    /// The port called `name`. The error says what would be right.
    pub(super) fn find(&self, name: &str) -> Result<PortId, String> {
        if let Some(port) = self.links.get(name) {
            return Ok(*port);
        }
        let owner = self.owner;
        match self.neighbors.get(name) {
            Some(Some(port)) => Ok(*port),
            Some(None) => Err(format!(
                "`{owner}` has several links to `{name}`; use the name of the link"
            )),
            None => Err(self.unknown(name)),
        }
    }

    fn unknown(&self, name: &str) -> String {
        let all = self.neighbors.keys().chain(self.links.keys()).copied();
        let guess = closest(name, all.take(1000))
            .map_or_else(String::new, |g| format!(", did you mean `{g}`?"));
        let list = names::some(self.links.keys().copied());
        let owner = self.owner;
        format!("`{owner}` has no link or neighbour `{name}`{guess} (its links: {list})")
    }
}

/// The values that a node's keys give to its cards: one for the only card (`single`), or several
/// by name (`several`).
pub(super) fn values<T: Clone>(
    topology: &Topology,
    node: NodeId,
    single: (&str, &Field<T>),
    several: &[(Name, Field<T>)],
    findings: &mut Findings,
) -> Vec<(PortId, T, Place)> {
    let mut given = Vec::new();
    let (key, only) = single;
    if let (Some(value), Some(place)) = (only.read(findings), only.place()) {
        let cards = topology.node(node).ports.len();
        if cards == 1 {
            given.push((PortId(0), value, place));
        } else {
            let example = topology.link(topology.port(node, PortId(0)).wire.link);
            findings
                .error(
                    place,
                    format!(
                        "`{}` has {cards} cards: which one is `{key}` for?",
                        topology.node(node).name
                    ),
                )
                .help(format!(
                    "name the link: `{key}{} = {{ {} = ... }}`",
                    plural(key),
                    example.name
                ));
        }
    }
    let names = (!several.is_empty()).then(|| PortNames::of(topology, node));
    for ((name, field), names) in several.iter().zip(names.iter().cycle()) {
        match names.find(&name.text) {
            Ok(port) => {
                let value = field.read(findings).zip(field.place());
                given.extend(value.map(|(value, place)| (port, value, place)));
            }
            Err(why) => {
                findings.error(name.place.clone(), why);
            }
        }
    }
    report_twice(topology, node, &given, findings);
    given
}

fn plural(key: &str) -> &'static str {
    if key.ends_with('s') { "es" } else { "s" }
}

fn report_twice<T>(
    topology: &Topology,
    node: NodeId,
    given: &[(PortId, T, Place)],
    findings: &mut Findings,
) {
    let mut first: BTreeMap<PortId, Place> = BTreeMap::new();
    for (port, _, place) in given {
        if let Some(other) = first.insert(*port, place.clone()) {
            let card = topology.port_name(node, *port);
            findings
                .error(
                    place.clone(),
                    format!("this card, {card}, has a value already"),
                )
                .also(Some(other), "here");
        }
    }
}

/// Puts the MAC addresses of the file in place of the generated ones. All must differ.
pub(super) fn assign_macs(
    file: &File,
    topology: &mut Topology,
    filled: &mut FilledIn,
    findings: &mut Findings,
) {
    let mut owners: BTreeMap<Mac, (NodeId, PortId, Place)> = BTreeMap::new();
    for (node, (_, keys)) in topology.node_ids().zip(&file.node.0) {
        let keys = &keys.value;
        let given = values(topology, node, ("mac", &keys.mac), &keys.macs.0, findings);
        for (port, mac, place) in given {
            topology.nodes[node.index()].ports[port.index()].mac = mac;
            if let Some((_, _, other)) = owners.insert(mac, (node, port, place.clone())) {
                findings
                    .error(place, format!("the MAC address {mac} is given twice"))
                    .also(Some(other), "here too");
            }
        }
    }
    if findings.failed() {
        return;
    }
    for node in topology.node_ids() {
        let generated = filled.generated_nodes.contains(&node.index());
        for port in of(topology, node) {
            let mac = topology.port(node, port).mac;
            match owners.get(&mac) {
                Some((n, p, _)) if (*n, *p) == (node, port) => {}
                Some((_, _, place)) => {
                    let card = topology.port_name(node, port);
                    findings.error(
                        place.clone(),
                        format!("the MAC address {mac} is the one that {card} gets by itself"),
                    );
                }
                // All generated ones are filled in; there is no list of them.
                None if generated => {}
                None => {
                    filled.macs.insert((node, port));
                }
            }
        }
    }
}
