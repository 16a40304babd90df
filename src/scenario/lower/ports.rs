//! The ports of a node by name, their MAC addresses, and vantage points.

use std::collections::BTreeMap;

use super::names;
use crate::{
    ids::{NodeId, PortId},
    scenario::{
        plan::FilledIn,
        schema::{Field, File, Name},
        text::{Findings, Place, closest},
    },
    topology::{NodeKind, Topology},
    wire::Mac,
};

/// All ports of a node.
pub(super) fn of(topology: &Topology, node: NodeId) -> impl Iterator<Item = PortId> + use<> {
    let count = u16::try_from(topology.node(node).ports.len()).unwrap_or(u16::MAX);
    (0..count).map(PortId)
}

/// The port of `node` that is called `name`: after its link, or after the node at the other end if
/// only one link goes there. The error says what would be right.
pub(super) fn named(topology: &Topology, node: NodeId, name: &str) -> Result<PortId, String> {
    let link_of = |port| topology.port(node, port).wire.link;
    if let Some(port) = of(topology, node).find(|p| topology.link(link_of(*p)).name == name) {
        return Ok(port);
    }
    let neighbor = |port| &topology.node(topology.neighbor(node, port).node).name;
    let mut there = of(topology, node).filter(|p| neighbor(*p) == name);
    let owner = &topology.node(node).name;
    match (there.next(), there.next()) {
        (Some(port), None) => Ok(port),
        (Some(_), Some(_)) => Err(format!(
            "`{owner}` has several links to `{name}`; use the name of the link"
        )),
        (None, _) => Err(unknown_port(topology, node, name)),
    }
}

fn unknown_port(topology: &Topology, node: NodeId, name: &str) -> String {
    let names: Vec<&str> = of(topology, node)
        .map(|p| {
            topology
                .link(topology.port(node, p).wire.link)
                .name
                .as_str()
        })
        .collect();
    let guess = closest(name, names.iter().copied())
        .map_or_else(String::new, |g| format!(", did you mean `{g}`?"));
    let owner = &topology.node(node).name;
    let list = names::some(names.iter().copied());
    format!("`{owner}` has no link or neighbour `{name}`{guess} (its links: {list})")
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
    for (name, field) in several {
        match named(topology, node, &name.text) {
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
    let mut owners: BTreeMap<Mac, (NodeId, PortId, Option<Place>)> = BTreeMap::new();
    for (node, (_, keys)) in topology.node_ids().zip(&file.node.0) {
        let keys = &keys.value;
        let given = values(topology, node, ("mac", &keys.mac), &keys.macs.0, findings);
        for (port, mac, place) in given {
            topology.nodes[node.index()].ports[port.index()].mac = mac;
            if let Some((_, _, other)) = owners.insert(mac, (node, port, Some(place.clone()))) {
                findings
                    .error(place, format!("the MAC address {mac} is given twice"))
                    .also(other, "here too");
            }
        }
    }
    for node in topology.node_ids() {
        for port in of(topology, node) {
            let mac = topology.port(node, port).mac;
            let owner = owners.entry(mac).or_insert((node, port, None));
            if (owner.0, owner.1) != (node, port) {
                let card = topology.port_name(node, port);
                findings.error(
                    owner.2.clone(),
                    format!("the MAC address {mac} is the one that {card} gets by itself"),
                );
            }
            if owner.2.is_none() {
                filled.macs.insert((node, port));
            }
        }
    }
}

/// The cards that the words of `vantage` stand for, each once, in node order.
///
/// # Errors
/// A sentence about the first word that is not a vantage point, with its number.
pub(in crate::scenario) fn vantage_points(
    topology: &Topology,
    words: &[&str],
) -> Result<Vec<(NodeId, PortId)>, (usize, String)> {
    let mut cards = Vec::new();
    for (number, word) in words.iter().enumerate() {
        cards.extend(vantage(topology, word).map_err(|why| (number, why))?);
    }
    cards.sort_unstable();
    cards.dedup();
    Ok(cards)
}

fn vantage(topology: &Topology, word: &str) -> Result<Vec<(NodeId, PortId)>, String> {
    let kind = match word {
        "all" => return Ok(cards(topology, |_| true)),
        "all hosts" => NodeKind::Host,
        "all routers" => NodeKind::Router,
        "all switches" => NodeKind::Switch,
        "all hubs" => NodeKind::Hub,
        name => return cards_named(topology, name),
    };
    Ok(cards(topology, |k| k == kind))
}

fn cards(topology: &Topology, wanted: impl Fn(NodeKind) -> bool) -> Vec<(NodeId, PortId)> {
    let nodes = topology
        .node_ids()
        .filter(|id| wanted(topology.node(*id).kind));
    nodes
        .flat_map(|id| of(topology, id).map(move |port| (id, port)))
        .collect()
}

fn cards_named(topology: &Topology, word: &str) -> Result<Vec<(NodeId, PortId)>, String> {
    let (name, port) = match word.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (word, None),
    };
    let Some(node) = topology.find(name) else {
        let names = topology.nodes.iter().map(|n| n.name.as_str());
        let guess =
            closest(name, names).map_or_else(String::new, |g| format!(", did you mean `{g}`?"));
        return Err(format!("there is no node `{name}`{guess}"));
    };
    match port {
        Some(port) => named(topology, node, port).map(|port| vec![(node, port)]),
        None => Ok(of(topology, node).map(|port| (node, port)).collect()),
    }
}
