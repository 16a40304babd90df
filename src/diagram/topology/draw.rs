//! Draws the map: lines, then nodes, then text.

use super::{
    condensed::plural,
    labels::{Area, Room, card_places, link_places},
    link_words::{Line, LineKind},
    map::{LINE_HEIGHT, LINE_SIZE, Map, block_height, line_width},
};
use crate::{
    diagram::{
        icon::icon,
        svg::{Anchor, Element, Font, Page, Point, text_width},
    },
    ids::{Direction, LinkId, NodeId},
    topology::NodeKind,
};

impl Map<'_> {
    pub(super) fn draw(&self, title: &str, caption: &str) -> String {
        let title_width = text_width(title, Font::Bold, TITLE_SIZE) + 48.0;
        let caption_width = text_width(caption, Font::Regular, CAPTION_SIZE) + 48.0;
        let width = self.width.max(title_width).max(caption_width);
        let mut page = Page::new(width, self.height, self.theme, title);
        let heading = Element::text(Point::new(24.0, 34.0), TITLE_SIZE, title);
        page.add(heading.bold().fill(self.palette.ink));
        let caption = Element::text(Point::new(24.0, 54.0), CAPTION_SIZE, caption);
        page.add(caption.fill(self.palette.dim));
        self.links().for_each(|link| page.add(self.cable(link)));
        for node in self.topology.node_ids() {
            self.draw_node(&mut page, node);
        }
        if self.labelled {
            self.draw_labels(&mut page);
        }
        self.draw_legend(&mut page);
        page.finish()
    }

    fn links(&self) -> impl Iterator<Item = LinkId> + use<> {
        (0..).map(LinkId).take(self.topology.links.len())
    }

    /// How large the network is, and what the picture leaves out of it.
    pub(super) fn caption(&self) -> String {
        let counts = format!(
            "{}, {}",
            plural(self.topology.nodes.len(), "node"),
            plural(self.topology.links.len(), "link")
        );
        if self.labelled {
            counts
        } else {
            format!("{counts}; addresses and link properties are left out")
        }
    }

    fn cable(&self, link: LinkId) -> Element {
        let [a, b] = self.ends(link);
        let width = if self.labelled { 2.2 } else { 1.3 };
        Element::line(a, b)
            .stroke(self.palette.line, width)
            .hint(&self.hint(link))
    }

    /// All about a link, for the pointer that rests on it.
    fn hint(&self, link: LinkId) -> String {
        let lines = self.lines(link).into_iter().map(|line| line.text);
        let name = self.topology.link(link).name.clone();
        [name]
            .into_iter()
            .chain(lines)
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn draw_node(&self, page: &mut Page, node: NodeId) {
        let at = self.place(node);
        let size = self.icon_size();
        page.add(Element::circle(at, size * 0.62).fill(self.palette.ground));
        page.add(icon(self.topology.node(node).kind, at, size, self.theme));
        let name_size = if self.labelled { 13.0 } else { 9.0 };
        let name_y = size / 2.0 + name_size + 1.0;
        if self.labelled {
            page.add(self.plate(self.caption_area(node)));
        }
        let name = &self.topology.node(node).name;
        page.add(self.centred(at.moved(0.0, name_y), name_size, name).bold());
        if let Some(address) = self.node_address(node) {
            let text = Element::text(at.moved(0.0, name_y + 14.0), NODE_ADDRESS_SIZE, &address);
            page.add(text.anchor(Anchor::Middle).fill(self.palette.dim));
        }
    }

    /// What name and address of a node cover.
    fn caption_area(&self, node: NodeId) -> Area {
        let name = text_width(&self.topology.node(node).name, Font::Bold, 13.0);
        let address = self.node_address(node);
        let height = if address.is_some() { 32.0 } else { 18.0 };
        let address = address.unwrap_or_default();
        let width = name.max(text_width(&address, Font::Regular, NODE_ADDRESS_SIZE));
        Area {
            centre: self
                .place(node)
                .moved(0.0, self.icon_size() / 2.0 + height / 2.0 + 1.0),
            width: width + 6.0,
            height,
        }
    }

    fn centred(&self, at: Point, size: f64, text: &str) -> Element {
        Element::text(at, size, text)
            .anchor(Anchor::Middle)
            .fill(self.palette.ink)
            .haloed(self.palette.ground, 3.0)
    }

    /// Addresses of cards and properties of links, where they hide least.
    fn draw_labels(&self, page: &mut Page) {
        let mut room = self.room(page.width());
        for link in self.links() {
            self.draw_link_lines(page, &mut room, link);
        }
        for link in self.links() {
            self.draw_card_addresses(page, &mut room, link);
        }
    }

    /// What icons, names and cables cover.
    fn room(&self, width: f64) -> Room {
        let mut room = Room {
            page: (width, self.height),
            lines: self.links().map(|link| self.ends(link)).collect(),
            ..Room::default()
        };
        room.areas.push(Area {
            centre: Point::new(width / 2.0, 32.0),
            width,
            height: 64.0,
        });
        for node in self.topology.node_ids() {
            let size = self.icon_size();
            room.areas.push(Area {
                centre: self.place(node),
                width: size + 4.0,
                height: size + 4.0,
            });
            room.areas.push(self.caption_area(node));
        }
        room
    }

    fn draw_link_lines(&self, page: &mut Page, room: &mut Room, link: LinkId) {
        let lines = self.lines(link);
        let width = lines.iter().map(line_width).fold(0.0, f64::max) + 6.0;
        let height = block_height(lines.len());
        let places = link_places(self.ends(link), width, height);
        let Some(area) = room.take(&places, link.index()) else {
            return;
        };
        let mut y = area.centre.y - height / 2.0 + LINE_HEIGHT - 1.0;
        page.add(self.plate(area));
        for line in lines {
            page.add(self.line(Point::new(area.centre.x, y), &line));
            y += LINE_HEIGHT;
        }
    }

    /// Ground behind text that may lie on a cable.
    fn plate(&self, area: Area) -> Element {
        let corner = area.centre.moved(-area.width / 2.0, -area.height / 2.0);
        Element::rect(corner, area.width, area.height)
            .rounded(4.0)
            .fill(self.palette.ground)
    }

    fn line(&self, at: Point, line: &Line) -> Element {
        let text = Element::text(at, LINE_SIZE, &line.text).anchor(Anchor::Middle);
        match line.kind {
            LineKind::Name => text.bold().fill(self.palette.ink),
            LineKind::Plain => text.fill(self.palette.dim),
            LineKind::Fault => text.fill(self.palette.bad),
        }
    }

    fn draw_card_addresses(&self, page: &mut Page, room: &mut Room, link: LinkId) {
        let [a, b] = self.ends(link);
        for (direction, address) in self.card_addresses(link) {
            let ends = match direction {
                Direction::Forward => [a, b],
                Direction::Backward => [b, a],
            };
            let width = text_width(&address, Font::Regular, ADDRESS_SIZE) + 4.0;
            let places = card_places(ends, self.icon_size() * 0.6, width, 13.0);
            if let Some(area) = room.take(&places, link.index()) {
                page.add(self.plate(area));
                let at = area.centre.moved(0.0, 3.7);
                let text = Element::text(at, ADDRESS_SIZE, &address);
                page.add(text.anchor(Anchor::Middle).fill(self.palette.dim));
            }
        }
    }

    /// The kinds of nodes that the picture has.
    fn draw_legend(&self, page: &mut Page) {
        let mut at = Point::new(36.0, self.height - 26.0);
        for kind in [
            NodeKind::Host,
            NodeKind::Router,
            NodeKind::Switch,
            NodeKind::Hub,
        ] {
            if !self.topology.nodes.iter().any(|node| node.kind == kind) {
                continue;
            }
            page.add(icon(kind, at, 17.0, self.theme));
            let text = Element::text(at.moved(16.0, 4.0), 10.5, kind.name());
            page.add(text.fill(self.palette.dim));
            at.x += 40.0 + text_width(kind.name(), Font::Regular, 10.5);
        }
    }
}

const TITLE_SIZE: f64 = 18.0;
const CAPTION_SIZE: f64 = 11.0;
const ADDRESS_SIZE: f64 = 10.0;
const NODE_ADDRESS_SIZE: f64 = 10.5;
