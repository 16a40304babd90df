//! The topology picture: nodes with their names and addresses, links with their properties.
//!
//! Small networks show everything; from [`MOST_LABELLED`] nodes on links and cards have no text,
//! and networks beyond [`MOST_DRAWN`] nodes are only counted.
//!
//! Not here: where the nodes stand (`topology::layout`), what happened on the links.

mod draw;
mod labels;
mod link_words;
mod map;
mod summary;

use super::style::Theme;
use crate::topology::Topology;

/// Larger networks have names only.
const MOST_LABELLED: usize = 30;

/// Larger networks are not drawn.
const MOST_DRAWN: usize = 160;

/// The network as an SVG document.
pub fn topology(topology: &Topology, title: &str, theme: Theme) -> String {
    if topology.nodes.len() > MOST_DRAWN {
        return summary::summary(topology, title, theme);
    }
    map::Map::new(topology, theme).map_or_else(
        || summary::summary(topology, title, theme),
        |map| map.draw(title),
    )
}

#[cfg(test)]
mod tests;
