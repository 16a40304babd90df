//! Vantage points: which cards get a capture of their own.

use std::{cell::OnceCell, collections::BTreeMap};

use super::ports::{self, PortNames};
use crate::{
    ids::{NodeId, PortId},
    scenario::text::closest,
    topology::{NodeKind, Topology},
};

type Card = (NodeId, PortId);

/// The cards that the words of `vantage` stand for, each once, in node order.
///
/// A word is a node (all its cards), one card as `r1:wan` (node, then link or neighbour), `all`, or
/// `all hosts`, `all routers`, `all switches`, `all hubs`.
///
/// # Errors
/// The number of the first word that is no vantage point, and a sentence about it.
pub fn vantage_points(topology: &Topology, words: &[&str]) -> Result<Vec<Card>, (usize, String)> {
    let mut finder = Finder {
        topology,
        nodes: OnceCell::new(),
        ports: BTreeMap::new(),
    };
    let mut cards = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (number, word) in words.iter().enumerate() {
        if seen.insert(*word) {
            cards.extend(finder.cards(word).map_err(|why| (number, why))?);
        }
    }
    cards.sort_unstable();
    cards.dedup();
    Ok(cards)
}

struct Finder<'a> {
    topology: &'a Topology,
    /// The nodes by name, once a word names one.
    nodes: OnceCell<BTreeMap<&'a str, NodeId>>,
    ports: BTreeMap<NodeId, PortNames<'a>>,
}

impl Finder<'_> {
    fn cards(&mut self, word: &str) -> Result<Vec<Card>, String> {
        let kind = match word {
            "all" => return Ok(self.of_kind(|_| true)),
            "all hosts" => NodeKind::Host,
            "all routers" => NodeKind::Router,
            "all switches" => NodeKind::Switch,
            "all hubs" => NodeKind::Hub,
            name => return self.named(name),
        };
        Ok(self.of_kind(|k| k == kind))
    }

    fn of_kind(&self, wanted: impl Fn(NodeKind) -> bool) -> Vec<Card> {
        let nodes = self.topology.node_ids();
        let nodes = nodes.filter(|id| wanted(self.topology.node(*id).kind));
        nodes.flat_map(|id| self.of_node(id)).collect()
    }

    fn of_node(&self, id: NodeId) -> Vec<Card> {
        ports::of(self.topology, id)
            .map(|port| (id, port))
            .collect()
    }

    fn named(&mut self, word: &str) -> Result<Vec<Card>, String> {
        let (name, port) = match word.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (word, None),
        };
        let nodes = self.nodes.get_or_init(|| {
            let all = self.topology.nodes.iter().map(|node| node.name.as_str());
            all.zip(self.topology.node_ids()).collect()
        });
        let Some(&node) = nodes.get(name) else {
            let names = nodes.keys().copied().chain(GROUPS).take(1000);
            let guess =
                closest(name, names).map_or_else(String::new, |g| format!(", did you mean `{g}`?"));
            return Err(format!("there is no node `{name}`{guess}"));
        };
        let Some(port) = port else {
            return Ok(self.of_node(node));
        };
        let names = self
            .ports
            .entry(node)
            .or_insert_with(|| PortNames::of(self.topology, node));
        names.find(port).map(|port| vec![(node, port)])
    }
}

/// The words that stand for several nodes.
const GROUPS: [&str; 4] = ["all hosts", "all routers", "all switches", "all hubs"];
