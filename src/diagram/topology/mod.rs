//! The topology picture: nodes with their names and addresses, links with their properties.
//!
//! Small networks show everything; from [`MOST_LABELLED`] nodes on links and cards have no text,
//! and networks beyond [`MOST_DRAWN`] nodes are drawn by group, and say so.
//!
//! Not here: where the nodes stand (`topology::layout`), what happened on the links.

mod condensed;
mod draw;
mod labels;
mod link_words;
mod map;

use super::style::Theme;
use crate::{scenario::plan::NodeGroup, topology::Topology};
use condensed::Condensed;
use map::Map;

/// Larger networks have names only.
const MOST_LABELLED: usize = 30;

/// Larger networks are drawn by group.
const MOST_DRAWN: usize = 160;

/// The network as an SVG document; a large one by `groups`, and what is in none of them by kind.
pub fn topology(topology: &Topology, groups: &[NodeGroup], title: &str, theme: Theme) -> String {
    if topology.nodes.len() <= MOST_DRAWN
        && let Some(map) = Map::new(topology, theme)
    {
        return map.draw(title, &map.caption());
    }
    let small = Condensed::of(topology, groups);
    let map = Map::new(&small.topology, theme).map(|map| map.with_notes(small.notes));
    map.map_or_else(String::new, |map| map.draw(title, &small.caption))
}

#[cfg(test)]
mod tests;
