//! Loops of switches and hubs, where a broadcast would go round for ever.
//!
//! Not here: spanning tree (IEEE 802.1D), which would break such a loop.

use std::collections::VecDeque;

use petgraph::unionfind::UnionFind;

use crate::{
    ids::{LinkId, NodeId},
    scenario::{schema::File, text::Findings},
    topology::{Link, Node, Topology},
};

/// Reports every link that closes a loop, and names the links of the loop.
pub(super) fn check(topology: &Topology, file: &File, findings: &mut Findings) {
    let deaf = |node: &&Node| !node.kind.speaks_ip();
    if findings.failed() || topology.nodes.iter().filter(deaf).nth(1).is_none() {
        return;
    }
    let mut joined = UnionFind::new(topology.nodes.len());
    let mut tree: Vec<Vec<(NodeId, LinkId)>> = vec![Vec::new(); topology.nodes.len()];
    for (number, link) in (0..).zip(&topology.links) {
        let [a, b] = link.ends.map(|end| end.node);
        if findings.many() {
            return;
        }
        if topology.node(a).kind.speaks_ip() || topology.node(b).kind.speaks_ip() {
            continue;
        }
        if joined.union(a.index(), b.index()) {
            tree[a.index()].push((b, LinkId(number)));
            tree[b.index()].push((a, LinkId(number)));
        } else {
            let around = path(&tree, a, b);
            report(topology, file, LinkId(number), link, &around, findings);
        }
    }
}

/// The links from `from` to `to` in a tree.
fn path(tree: &[Vec<(NodeId, LinkId)>], from: NodeId, to: NodeId) -> Vec<LinkId> {
    let mut came_by: Vec<Option<(NodeId, LinkId)>> = vec![None; tree.len()];
    let mut waiting = VecDeque::from([from]);
    while let Some(node) = waiting.pop_front() {
        for &(next, link) in &tree[node.index()] {
            if next != from && came_by[next.index()].is_none() {
                came_by[next.index()] = Some((node, link));
                waiting.push_back(next);
            }
        }
    }
    let mut links = Vec::new();
    let mut at = to;
    while let Some((before, link)) = came_by[at.index()] {
        links.push(link);
        at = before;
    }
    links.reverse();
    links
}

fn report(
    topology: &Topology,
    file: &File,
    number: LinkId,
    link: &Link,
    around: &[LinkId],
    findings: &mut Findings,
) {
    let mut names: Vec<String> = around
        .iter()
        .map(|l| format!("`{}`", topology.link(*l).name))
        .collect();
    names.push(format!("`{}`", link.name));
    // Generated links come first, and make no loop by themselves.
    let generated = topology.links.len() - file.link.items.len();
    let mirror = number.index().checked_sub(generated);
    let place = mirror.and_then(|number| {
        let link = &file.link.items[number];
        link.value
            .between
            .place
            .clone()
            .or_else(|| link.place.clone())
    });
    findings
        .error(place, format!("the links {} make a loop of switches or hubs", names.join(", ")))
        .help("a broadcast would go round for ever, as there is no spanning tree yet; take one of the links out");
}
