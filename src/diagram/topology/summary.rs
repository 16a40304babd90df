//! A network that is too large to draw, in numbers.

use crate::{
    diagram::{
        style::Theme,
        svg::{Element, Page, Point},
        words::exact_span,
    },
    topology::{NodeKind, Topology},
};

/// A small page that counts nodes and links by their kinds.
pub(super) fn summary(topology: &Topology, title: &str, theme: Theme) -> String {
    let palette = theme.palette();
    let lines = lines(topology);
    let count = u32::try_from(lines.len()).unwrap_or(0);
    let height = 92.0 + f64::from(count) * 20.0;
    let mut page = Page::new(640.0, height, theme, title);
    let heading = Element::text(Point::new(24.0, 34.0), 18.0, title);
    page.add(heading.bold().fill(palette.ink));
    let caption = "Too many nodes for a picture.";
    page.add(Element::text(Point::new(24.0, 54.0), 11.0, caption).fill(palette.dim));
    let mut y = 86.0;
    for line in lines {
        page.add(Element::text(Point::new(24.0, y), 13.0, &line).fill(palette.ink));
        y += 20.0;
    }
    page.finish()
}

fn lines(topology: &Topology) -> Vec<String> {
    let kinds = [
        (NodeKind::Host, "hosts"),
        (NodeKind::Router, "routers"),
        (NodeKind::Switch, "switches"),
        (NodeKind::Hub, "hubs"),
    ];
    let of_kind = |kind| topology.nodes.iter().filter(|n| n.kind == kind).count();
    let nodes = kinds
        .into_iter()
        .map(|(kind, word)| (of_kind(kind), word))
        .filter(|&(count, _)| count > 0)
        .map(|(count, word)| format!("{count} {word}"));
    nodes.chain(link_lines(topology)).collect()
}

/// The commonest rates and delays of links, most links first.
fn link_lines(topology: &Topology) -> Vec<String> {
    let mut groups: Vec<(usize, String)> = Vec::new();
    for link in &topology.links {
        let profile = &link.profiles[0];
        let words = format!("{}, {}", profile.rate, exact_span(profile.latency));
        match groups.iter_mut().find(|(_, known)| *known == words) {
            Some((count, _)) => *count += 1,
            None => groups.push((1, words)),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.0));
    let mut lines = vec![format!("{} links", topology.links.len())];
    lines.extend(
        groups
            .into_iter()
            .take(MOST_GROUPS)
            .map(|(count, words)| format!("    {count} × {words}")),
    );
    lines
}

const MOST_GROUPS: usize = 8;
