//! The links of the file: ends, names, properties; and the ports that follow.

use std::collections::BTreeMap;

use super::{names, nodes::Nodes, profile};
use crate::{
    ids::{Direction, LinkId, NodeId, PortId, WireId},
    scenario::{
        limits::{MAX_LINKS, MAX_PORTS},
        plan::FilledIn,
        schema::{File, Link, Table},
        text::{Findings, Place},
    },
    topology::{End, Link as Cable, Node, Port, Topology},
    wire::Mac,
};

/// Makes the topology: nodes, links, and one port for each end of a link, without addresses.
pub(super) fn wire(
    file: &File,
    nodes: &Nodes,
    filled: &mut FilledIn,
    findings: &mut Findings,
) -> Topology {
    let mut topology = Topology {
        nodes: bare_nodes(file, nodes),
        links: Vec::new(),
    };
    if file.link.items.len() > MAX_LINKS {
        let found = file.link.items.len();
        findings.error(
            None,
            format!("{found} links are too many: at most {MAX_LINKS} are possible"),
        );
        return topology;
    }
    profile::check_defaults(&file.defaults.link, findings);
    let names = link_names(file, filled, findings);
    for (link, name) in file.link.items.iter().zip(names) {
        let profiles = profile::both(&link.value, &file.defaults.link, findings);
        let cost = super::ranges::within(&link.value.cost, "cost", 1..=u16::MAX, findings);
        if let Some(ends) = ends(link, nodes, findings) {
            let cost = cost.unwrap_or(1).into();
            plug_in(&mut topology, ends, |ends| Cable {
                name,
                ends,
                cost,
                profiles,
            });
        }
    }
    check_ports(file, &topology, findings);
    topology
}

fn bare_nodes(file: &File, nodes: &Nodes) -> Vec<Node> {
    let each = file.node.0.iter().zip(&nodes.kinds);
    each.map(|((name, _), kind)| Node {
        name: name.text.clone(),
        kind: *kind,
        ports: Vec::new(),
    })
    .collect()
}

/// The two nodes that a link connects.
fn ends(link: &Table<Link>, nodes: &Nodes, findings: &mut Findings) -> Option<[NodeId; 2]> {
    let between = &link.value.between;
    let [first, second] = between.items.as_slice() else {
        let place = between.place.clone().or_else(|| link.place.clone());
        findings
            .missing(
                place,
                format!("a link connects two nodes, found {}", between.items.len()),
            )
            .help("write `between = [\"alice\", \"bob\"]`");
        return None;
    };
    let (a, b) = (nodes.find(first, findings), nodes.find(second, findings));
    let (a, b) = (a?, b?);
    if a == b {
        let name = first.peek().map_or("", String::as_str);
        findings
            .error(
                between.place.clone(),
                format!("this link goes from `{name}` to itself"),
            )
            .help("a link connects two different nodes");
        return None;
    }
    Some([a, b])
}

/// Gives both ends a port and adds the link.
fn plug_in(topology: &mut Topology, nodes: [NodeId; 2], cable: impl FnOnce([End; 2]) -> Cable) {
    let link = LinkId(u32::try_from(topology.links.len()).unwrap_or(u32::MAX));
    let mut port = |node: NodeId, direction| {
        let ports = &mut topology.nodes[node.index()].ports;
        let id = PortId(u16::try_from(ports.len()).unwrap_or(u16::MAX));
        ports.push(Port {
            wire: WireId { link, direction },
            mac: Mac::generated(node.0, id.0),
            addresses: Vec::new(),
        });
        End { node, port: id }
    };
    let ends = [
        port(nodes[0], Direction::Forward),
        port(nodes[1], Direction::Backward),
    ];
    topology.links.push(cable(ends));
}

/// Every link's name: given and checked, or made of its ends.
fn link_names(file: &File, filled: &mut FilledIn, findings: &mut Findings) -> Vec<String> {
    let mut first: BTreeMap<String, Place> = BTreeMap::new();
    let mut given = Vec::with_capacity(file.link.items.len());
    for (number, link) in (0..).zip(&file.link.items) {
        let link = &link.value;
        let name = link.name.read(findings);
        if let (Some(name), Some(place)) = (&name, link.name.place()) {
            names::check(name, &place, "link", findings);
            if let Some(other) = first.insert(name.clone(), place.clone()) {
                findings
                    .error(place, format!("there are two links called `{name}`"))
                    .also(Some(other), "the first one");
            }
        } else {
            filled.link_names.insert(LinkId(number));
        }
        let end = |i: usize| link.between.items.get(i).and_then(|f| f.peek().cloned());
        given.push((name, end(0).zip(end(1))));
    }
    names::automatic_link_names(&given)
}

/// Every node has a link, and not more than fit.
fn check_ports(file: &File, topology: &Topology, findings: &mut Findings) {
    if findings.failed() {
        return;
    }
    for ((name, _), node) in file.node.0.iter().zip(&topology.nodes) {
        let count = node.ports.len();
        if count == 0 {
            findings
                .error(
                    name.place.clone(),
                    format!("{} `{}` has no link", node.kind, name.text),
                )
                .help(format!(
                    "connect it: `[[link]]` with `between = [\"{}\", ...]`",
                    name.text
                ));
        } else if count > MAX_PORTS {
            findings.error(
                name.place.clone(),
                format!(
                    "`{}` has {count} links; at most {MAX_PORTS} are possible",
                    name.text
                ),
            );
        }
    }
}
