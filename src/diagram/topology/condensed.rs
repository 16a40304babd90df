//! A large network as a small one: a node for each group of nodes, a link for all links between two
//! groups. What stands for how many is in the names.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    ids::{Direction, LinkId, NodeId, PortId, WireId},
    scenario::plan::NodeGroup,
    topology::{End, Link, LinkProfile, Node, NodeKind, Port, Topology},
    wire::Mac,
};

/// The small network, and what is to be said about it.
pub(super) struct Condensed {
    pub(super) topology: Topology,
    /// By node: what stands below its name.
    pub(super) notes: Vec<String>,
    pub(super) caption: String,
}

impl Condensed {
    pub(super) fn of(topology: &Topology, groups: &[NodeGroup]) -> Self {
        let grouping = Grouping::of(topology, groups);
        let mut small = Topology {
            nodes: grouping.groups.iter().map(Group::node).collect(),
            links: Vec::new(),
        };
        let mut notes = vec![String::new(); small.nodes.len()];
        for (&(a, b), bundle) in &grouping.bundles(topology) {
            if a == b {
                notes[a] = format!("{} among them", plural(bundle.count, "link"));
            } else {
                join(&mut small, a, b, bundle);
            }
        }
        let caption = format!(
            "{}, {}, drawn by group; single nodes, links and addresses are left out",
            plural(topology.nodes.len(), "node"),
            plural(topology.links.len(), "link"),
        );
        Self {
            topology: small,
            notes,
            caption,
        }
    }
}

/// "1 node", "12 nodes".
pub(super) fn plural(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

/// Nodes that share an icon.
struct Group {
    name: String,
    kind: NodeKind,
    count: usize,
}

impl Group {
    fn node(&self) -> Node {
        Node {
            name: match self.count {
                1 => self.name.clone(),
                count => format!("{} × {count}", self.name),
            },
            kind: self.kind,
            ports: Vec::new(),
        }
    }
}

/// Who shares an icon with whom.
#[derive(Default)]
struct Grouping {
    groups: Vec<Group>,
    /// By node: the place of its group.
    of: Vec<usize>,
}

/// The links between two groups.
struct Bundle<'a> {
    count: usize,
    first: &'a Link,
    /// The properties that links of it have, from the first group to the second, each with how
    /// many have them.
    profiles: Vec<(usize, [&'a Arc<LinkProfile>; 2])>,
}

impl Grouping {
    /// Generated nodes by their groups. The others stand for themselves if they are few, else by
    /// their kind.
    fn of(topology: &Topology, groups: &[NodeGroup]) -> Self {
        let mut grouping = Self {
            groups: Vec::new(),
            of: vec![usize::MAX; topology.nodes.len()],
        };
        for group in groups {
            grouping.add(topology, &group.name, &group.members);
        }
        let rest = topology.node_ids();
        let rest: Vec<NodeId> = rest
            .filter(|id| grouping.of[id.index()] == usize::MAX)
            .collect();
        if rest.len() <= MOST_BY_HAND {
            for id in rest {
                grouping.add(topology, &topology.node(id).name, &[id]);
            }
            return grouping;
        }
        for (kind, name) in KINDS {
            let alike = rest.iter().copied();
            let alike: Vec<NodeId> = alike.filter(|id| topology.node(*id).kind == kind).collect();
            grouping.add(topology, name, &alike);
        }
        grouping
    }

    fn add(&mut self, topology: &Topology, name: &str, members: &[NodeId]) {
        let Some(&first) = members.first() else {
            return;
        };
        let first = topology.node(first);
        let name = if members.len() == 1 {
            &first.name
        } else {
            name
        };
        for id in members {
            self.of[id.index()] = self.groups.len();
        }
        self.groups.push(Group {
            name: name.to_owned(),
            kind: first.kind,
            count: members.len(),
        });
    }

    /// By the places of both groups, the lower first.
    fn bundles<'a>(&self, topology: &'a Topology) -> BTreeMap<(usize, usize), Bundle<'a>> {
        let mut bundles: BTreeMap<_, Bundle<'a>> = BTreeMap::new();
        for link in &topology.links {
            let [a, b] = link.ends.map(|end| self.of[end.node.index()]);
            let [there, back] = &link.profiles;
            let profiles = if a <= b { [there, back] } else { [back, there] };
            let bundle = bundles.entry((a.min(b), a.max(b))).or_insert(Bundle {
                count: 0,
                first: link,
                profiles: Vec::new(),
            });
            bundle.add(profiles);
        }
        bundles
    }
}

impl<'a> Bundle<'a> {
    fn add(&mut self, profiles: [&'a Arc<LinkProfile>; 2]) {
        self.count += 1;
        match self.profiles.iter().position(|(_, p)| *p == profiles) {
            Some(known) => self.profiles[known].0 += 1,
            None if self.profiles.len() < MOST_KINDS => self.profiles.push((1, profiles)),
            // More kinds than anybody would count.
            None => {}
        }
    }

    /// What most of its links are like.
    fn usual(&self) -> [Arc<LinkProfile>; 2] {
        let most = self.profiles.iter().rev().max_by_key(|(count, _)| *count);
        most.map_or_else(|| self.first.profiles.clone(), |(_, p)| p.map(Clone::clone))
    }

    fn name(&self) -> String {
        match (self.count, self.profiles.len()) {
            (1, _) => self.first.name.clone(),
            (count, 1) => plural(count, "link"),
            (count, _) => format!("{}, most of them", plural(count, "link")),
        }
    }
}

/// Draws a bundle as one link.
fn join(small: &mut Topology, a: usize, b: usize, bundle: &Bundle<'_>) {
    let link = LinkId(u32::try_from(small.links.len()).unwrap_or(u32::MAX));
    let ends = [
        plug(small, a, link, Direction::Forward),
        plug(small, b, link, Direction::Backward),
    ];
    small.links.push(Link {
        name: bundle.name(),
        ends,
        cost: 1,
        profiles: bundle.usual(),
    });
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "there are a few dozen groups at most"
)]
fn plug(small: &mut Topology, node: usize, link: LinkId, direction: Direction) -> End {
    let id = NodeId(node as u32);
    let ports = &mut small.nodes[node].ports;
    let port = PortId(ports.len() as u16);
    ports.push(Port {
        wire: WireId { link, direction },
        mac: Mac::generated(id.0, port.0),
        addresses: Vec::new(),
    });
    End { node: id, port }
}

/// So many nodes written by hand have an icon each.
const MOST_BY_HAND: usize = 12;
/// So many kinds of links between two groups are told apart.
const MOST_KINDS: usize = 32;

const KINDS: [(NodeKind, &str); 4] = [
    (NodeKind::Host, "hosts"),
    (NodeKind::Router, "routers"),
    (NodeKind::Switch, "switches"),
    (NodeKind::Hub, "hubs"),
];
