//! The places of nodes on the page, and how much is written beside them.

use super::{
    MOST_LABELLED,
    link_words::{Line, LineKind, lines},
};
use crate::{
    diagram::{
        style::{Palette, Theme},
        svg::{Font, Point, text_width},
    },
    ids::{Direction, LinkId, NodeId, WireId},
    topology::{Topology, layout::layout},
};

/// The network with a place on the page for every node.
#[derive(Debug)]
pub(super) struct Map<'a> {
    pub(super) topology: &'a Topology,
    pub(super) theme: Theme,
    pub(super) palette: Palette,
    /// By node: the middle of its icon.
    pub(super) places: Vec<Point>,
    /// False if there are too many nodes for text at links and cards.
    pub(super) labelled: bool,
    pub(super) width: f64,
    pub(super) height: f64,
    /// By node: what stands below its name in place of its address; empty for the address.
    notes: Vec<String>,
}

impl<'a> Map<'a> {
    /// `None` if there are too many nodes for a layout.
    pub(super) fn new(topology: &'a Topology, theme: Theme) -> Option<Self> {
        let layout = layout(topology)?;
        let labelled = topology.nodes.len() <= MOST_LABELLED;
        let sizes = Sizes::of(topology, labelled, layout.has_loops);
        let place = |&(x, y): &(f64, f64)| {
            Point::new(
                sizes.margin + x * sizes.unit_x,
                sizes.top + y * sizes.unit_y,
            )
        };
        let places: Vec<Point> = layout.places.iter().map(place).collect();
        let most = |of: fn(&Point) -> f64| places.iter().map(of).fold(0.0, f64::max);
        Some(Self {
            topology,
            theme,
            palette: theme.palette(),
            width: (most(|p| p.x) + sizes.margin).max(LEAST_WIDTH),
            height: most(|p| p.y).max(sizes.top) + FOOT,
            places,
            labelled,
            notes: Vec::new(),
        })
    }

    /// The same with `notes` below the names of the nodes.
    pub(super) fn with_notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }

    pub(super) fn place(&self, node: NodeId) -> Point {
        self.places[node.index()]
    }

    /// The ends of a link on the page, first end first.
    pub(super) fn ends(&self, link: LinkId) -> [Point; 2] {
        let ends = self.topology.link(link).ends;
        ends.map(|end| self.place(end.node))
    }

    /// Size of the icons.
    pub(super) const fn icon_size(&self) -> f64 {
        if self.labelled { 46.0 } else { 24.0 }
    }

    /// What is written at a link.
    pub(super) fn lines(&self, link: LinkId) -> Vec<Line> {
        let [a, b] = self.ends(link);
        let arrows = if libm::fabs(b.x - a.x) >= libm::fabs(b.y - a.y) {
            if a.x <= b.x {
                ["→", "←"]
            } else {
                ["←", "→"]
            }
        } else if a.y <= b.y {
            ["↓", "↑"]
        } else {
            ["↑", "↓"]
        };
        lines(
            self.topology.link(link),
            &default_name(self.topology, link),
            arrows,
        )
    }

    /// What is written below a node beside its name: its note, or its address if it has only one.
    pub(super) fn node_address(&self, node: NodeId) -> Option<String> {
        let note = self.notes.get(node.index()).filter(|note| !note.is_empty());
        if note.is_some() {
            return note.cloned();
        }
        let ports = &self.topology.node(node).ports;
        match ports.as_slice() {
            [port] if self.labelled => port.addresses.first().map(ToString::to_string),
            _ => None,
        }
    }

    /// The addresses at both ends of a link that stand at the link: those of nodes that have
    /// several cards.
    pub(super) fn card_addresses(&self, link: LinkId) -> Vec<(Direction, String)> {
        let mut found = Vec::new();
        for direction in Direction::BOTH {
            let end = self.topology.source(WireId { link, direction });
            let node = self.topology.node(end.node);
            if node.ports.len() < 2 {
                continue;
            }
            let addresses = &self.topology.port(end.node, end.port).addresses;
            if let Some(address) = addresses.first() {
                found.push((direction, address.to_string()));
            }
        }
        found
    }
}

/// The name that a link has if the file gives none.
fn default_name(topology: &Topology, link: LinkId) -> String {
    let [a, b] = topology
        .link(link)
        .ends
        .map(|end| &topology.node(end.node).name);
    format!("{a}-{b}")
}

/// How large a layout is drawn.
struct Sizes {
    unit_x: f64,
    unit_y: f64,
    margin: f64,
    top: f64,
}

impl Sizes {
    fn of(topology: &Topology, labelled: bool, has_loops: bool) -> Self {
        if labelled {
            let (widest, tallest) = largest_block(topology);
            let unit = (widest + UNIT_ROOM).clamp(LEAST_UNIT, MOST_UNIT);
            return Self {
                unit_x: unit,
                unit_y: unit,
                margin: MARGIN,
                top: (tallest + TITLE_ROOM).max(LEAST_TOP),
            };
        }
        // Long rows of leaves: close lines, wide columns. Round things stay round.
        let (unit_x, unit_y) = if has_loops {
            (120.0, 120.0)
        } else {
            (200.0, 76.0)
        };
        Self {
            unit_x,
            unit_y,
            margin: SMALL_MARGIN,
            top: LEAST_TOP,
        }
    }
}

/// Width and height of the largest block of lines at any link.
fn largest_block(topology: &Topology) -> (f64, f64) {
    let mut largest: (f64, f64) = (0.0, 0.0);
    for link in (0..).map(LinkId).take(topology.links.len()) {
        let own = lines(
            topology.link(link),
            &default_name(topology, link),
            ["→", "←"],
        );
        let width = own.iter().map(line_width).fold(0.0, f64::max);
        largest = (largest.0.max(width), largest.1.max(block_height(own.len())));
    }
    largest
}

/// The height of a block of lines \[px\].
pub(super) fn block_height(lines: usize) -> f64 {
    f64::from(u32::try_from(lines).unwrap_or(1)) * LINE_HEIGHT + 4.0
}

/// The width of a line at a link \[px\].
pub(super) fn line_width(line: &Line) -> f64 {
    let font = match line.kind {
        LineKind::Name => Font::Bold,
        LineKind::Plain | LineKind::Fault => Font::Regular,
    };
    text_width(&line.text, font, LINE_SIZE)
}

/// Letter size of lines at links.
pub(super) const LINE_SIZE: f64 = 11.0;
/// From one line at a link to the next.
pub(super) const LINE_HEIGHT: f64 = 14.0;

const MARGIN: f64 = 100.0;
const SMALL_MARGIN: f64 = 60.0;
/// Title and caption, and some air.
const TITLE_ROOM: f64 = 84.0;
const LEAST_TOP: f64 = 130.0;
const FOOT: f64 = 110.0;
const LEAST_WIDTH: f64 = 520.0;
const LEAST_UNIT: f64 = 250.0;
const MOST_UNIT: f64 = 330.0;
/// Icons at both ends and some air.
const UNIT_ROOM: f64 = 92.0;
