//! What a capture says about the card that frames were captured at, and the names of files.

use std::collections::BTreeSet;

use ipnet::IpNet;

use crate::{
    ids::{NodeId, PortId},
    topology::Topology,
    units::BitRate,
    wire::Mac,
};

/// A network card, as a capture describes it.
#[derive(Debug, Clone, Default)]
pub struct Interface {
    /// Its name: `alice`, `r1:wan`.
    pub name: String,
    /// One line about it: `host alice, 10.0.0.10/24, link wan to r2`.
    pub description: String,
    /// Its addresses.
    pub addresses: Vec<IpNet>,
    /// Its MAC address.
    pub mac: Option<Mac>,
    /// How fast it sends.
    pub speed: Option<BitRate>,
    /// At most this many bytes of each frame are kept; `None` keeps all.
    pub snap_length: Option<u32>,
}

impl Interface {
    /// The card `port` of `node`.
    pub fn of_port(topology: &Topology, node: NodeId, port: PortId, snap: Option<u32>) -> Self {
        let card = topology.port(node, port);
        Self {
            name: topology.port_name(node, port),
            description: description(topology, node, port),
            addresses: card.addresses.clone(),
            mac: Some(card.mac),
            speed: Some(topology.profile(card.wire).rate),
            snap_length: snap,
        }
    }
}

fn description(topology: &Topology, node: NodeId, port: PortId) -> String {
    let (n, card) = (topology.node(node), topology.port(node, port));
    let mut text = format!("{} {}", n.kind, n.name);
    for address in &card.addresses {
        text += &format!(", {address}");
    }
    let other = topology.node(topology.neighbor(node, port).node);
    let link = topology.link(card.wire.link);
    text + &format!(", link {} to {}", link.name, other.name)
}

/// Gives each capture a file name that no other has, also where case does not count.
#[derive(Debug, Default)]
pub(super) struct FileNames {
    taken: BTreeSet<String>,
}

impl FileNames {
    /// The name for the capture of one card: `alice`, or `r1-wan` if the node has several.
    pub(super) fn of_port(&mut self, topology: &Topology, node: NodeId, port: PortId) -> String {
        self.unique(&topology.port_name(node, port).replace(':', "-"))
    }

    /// `wanted`, made harmless, with a number behind it if it is taken.
    pub(super) fn unique(&mut self, wanted: &str) -> String {
        let wanted = harmless(wanted);
        let mut name = wanted.clone();
        let mut number = 2;
        while !self.taken.insert(name.to_lowercase()) {
            name = format!("{wanted}-{number}");
            number += 1;
        }
        name
    }
}

/// Only letters, digits, `-`, `_` and inner dots: no name leaves its folder.
fn harmless(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| match c {
            c if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') => c,
            _ => '_',
        })
        .collect();
    match clean.trim_start_matches('.') {
        "" => "_".to_owned(),
        rest => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_unique_and_stay_in_their_folder() {
        let mut names = FileNames::default();
        assert_eq!(names.unique("all"), "all");
        assert_eq!(names.unique("All"), "All-2");
        assert_eq!(names.unique("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(names.unique(".."), "_");
        assert_eq!(names.unique("bücher"), "bücher");
    }
}
