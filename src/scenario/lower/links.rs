//! The links of the generated network and of the file: ends, names, properties; and the ports that
//! follow.
//!
//! Generated links come first, so that what hangs on a generated node beside them does not change
//! its first card.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    generate::{CableRole, Sketch},
    names,
    nodes::Nodes,
    profile,
};
use crate::{
    ids::{Direction, LinkId, NodeId, PortId, WireId},
    scenario::{
        limits::MAX_PORTS,
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
    sketch: &Sketch,
    filled: &mut FilledIn,
    findings: &mut Findings,
) -> Topology {
    let mut topology = Topology {
        nodes: bare_nodes(file, nodes),
        links: Vec::with_capacity(sketch.cables.len() + file.link.items.len()),
    };
    profile::check_defaults(&file.defaults.link, findings);
    lay_cables(&mut topology, file, sketch, findings);
    filled.generated_nodes = file.node.0.len()..topology.nodes.len();
    filled.generated_links = 0..topology.links.len();
    let names = link_names(file, &topology.links, filled, findings);
    let mut recent = profile::Recent::default();
    for (link, name) in file.link.items.iter().zip(names) {
        let defaults = &file.defaults.link;
        let profiles = profile::both(&link.value, defaults, &mut recent, findings);
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
    check_ports(file, sketch, &topology, findings);
    topology
}

/// Adds the generated nodes and links.
fn lay_cables(topology: &mut Topology, file: &File, sketch: &Sketch, findings: &mut Findings) {
    let degrees = sketch.degrees();
    let mut degrees = degrees.iter();
    for role in sketch.roles.iter() {
        topology.nodes.extend((0..role.len()).map(|index| Node {
            name: role.name(index),
            kind: role.kind,
            ports: Vec::with_capacity(*degrees.next().unwrap_or(&0)),
        }));
    }
    let generate = &file.generate.value;
    let tables = [
        &generate.host_link,
        &generate.router_link,
        &generate.bottleneck,
    ];
    let [host, router, bottleneck] = tables.map(|own| {
        let all = &generate.link.value;
        profile::generated(&own.value, all, &file.defaults.link, findings)
    });
    topology.links.reserve_exact(sketch.cables.len());
    for cable in &sketch.cables {
        let [a, b] = cable.ends.map(|id| &topology.nodes[id.index()].name);
        let after_ends = || format!("{a}-{b}");
        let (name, profiles) = match cable.role {
            CableRole::Host => (after_ends(), host.clone()),
            CableRole::Router => (after_ends(), router.clone()),
            CableRole::Bottleneck => ("bottleneck".to_owned(), bottleneck.clone()),
        };
        plug_in(topology, cable.ends, |ends| Cable {
            name,
            ends,
            cost: 1,
            profiles,
        });
    }
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
fn link_names(
    file: &File,
    generated: &[Cable],
    filled: &mut FilledIn,
    findings: &mut Findings,
) -> Vec<String> {
    let mut first: BTreeMap<String, Place> = BTreeMap::new();
    let mut given = Vec::with_capacity(file.link.items.len());
    let taken: BTreeSet<&str> = match file.link.items.len() {
        0 => BTreeSet::new(),
        _ => generated.iter().map(|link| link.name.as_str()).collect(),
    };
    let count = u32::try_from(generated.len()).unwrap_or(u32::MAX);
    for (number, link) in (count..).zip(&file.link.items) {
        let link = &link.value;
        let name = link.name.read(findings);
        if let (Some(name), Some(place)) = (&name, link.name.place()) {
            names::check(name, &place, "link", findings);
            if taken.contains(name.as_str()) {
                let message = format!("`[generate]` makes a link called `{name}` too");
                let help = "take another name; the generated link is set by `[generate]`";
                findings.error(place.clone(), message).help(help);
            }
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
    names::link_names_beside(&taken, &given)
}

/// Every node has a link, and not more than fit.
fn check_ports(file: &File, sketch: &Sketch, topology: &Topology, findings: &mut Findings) {
    if findings.failed() {
        return;
    }
    let written = file.node.0.iter().map(|(name, _)| Some(&name.place));
    let places = written.chain(std::iter::repeat(sketch.place.as_ref()));
    for (node, place) in topology.nodes.iter().zip(places) {
        let (name, count) = (&node.name, node.ports.len());
        if count == 0 {
            findings
                .error(
                    place.cloned(),
                    format!("{} `{name}` has no link", node.kind),
                )
                .help(format!(
                    "connect it: `[[link]]` with `between = [\"{name}\", ...]`"
                ));
        } else if count > MAX_PORTS {
            findings.error(
                place.cloned(),
                format!("`{name}` has {count} links; at most {MAX_PORTS} are possible"),
            );
        }
    }
}
