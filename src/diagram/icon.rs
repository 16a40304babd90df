//! Small drawings of the four kinds of boxes: host, router, switch, hub.
//!
//! A box has the colour of its highest OSI floor (a router's is the network's); hosts, which have
//! all seven, are drawn in the theme's ink.

use super::{
    style::{Colour, Theme},
    svg::{Element, PathData, Point},
};
use crate::{topology::NodeKind, wire::OsiLayer};

/// A drawing of a `kind` of node in a square of `size` pixels around `centre`.
pub fn icon(kind: NodeKind, centre: Point, size: f64, theme: Theme) -> Element {
    let pen = Pen {
        centre,
        unit: size / 20.0,
        colour: icon_colour(kind, theme),
        ground: theme.palette().panel,
    };
    match kind {
        NodeKind::Host => pen.host(),
        NodeKind::Router => pen.router(),
        NodeKind::Switch => pen.switch(),
        NodeKind::Hub => pen.hub(),
    }
}

/// The colour that stands for a kind of node.
pub fn icon_colour(kind: NodeKind, theme: Theme) -> Colour {
    match kind {
        NodeKind::Host => theme.palette().ink,
        NodeKind::Router => theme.layer_ink(OsiLayer::Network),
        NodeKind::Switch => theme.layer_ink(OsiLayer::DataLink),
        NodeKind::Hub => theme.layer_ink(OsiLayer::Physical),
    }
}

/// Draws in a grid of 20 by 20 units with its middle at 0, 0.
struct Pen {
    centre: Point,
    unit: f64,
    colour: Colour,
    ground: Colour,
}

impl Pen {
    fn at(&self, x: f64, y: f64) -> Point {
        self.centre.moved(x * self.unit, y * self.unit)
    }

    fn outlined(&self, element: Element) -> Element {
        element
            .fill(self.ground)
            .stroke(self.colour, 1.3 * self.unit.max(0.8))
    }

    fn stroke(&self, path: PathData) -> Element {
        Element::path(&path)
            .stroke(self.colour, 1.3 * self.unit.max(0.8))
            .attribute("stroke-linecap", "round")
            .attribute("stroke-linejoin", "round")
    }

    fn body(&self, x: f64, y: f64, width: f64, height: f64) -> Element {
        let corner = self.at(x, y);
        let rect = Element::rect(corner, width * self.unit, height * self.unit);
        self.outlined(rect.rounded(1.6 * self.unit))
    }

    /// An arrow from (x, y) in the direction (dx, dy), straight along one axis.
    fn arrow(&self, x: f64, y: f64, dx: f64, dy: f64) -> Element {
        let (tip_x, tip_y) = (x + dx, y + dy);
        let length = libm::fabs(dx) + libm::fabs(dy);
        let (ux, uy) = (dx / length * 2.0, dy / length * 2.0);
        let wing = |side: f64| self.at(tip_x - ux - uy * side, tip_y - uy + ux * side);
        let shaft = PathData::new()
            .move_to(self.at(x, y))
            .line_to(self.at(tip_x, tip_y));
        self.stroke(
            shaft
                .move_to(wing(1.0))
                .line_to(self.at(tip_x, tip_y))
                .line_to(wing(-1.0)),
        )
    }

    /// A screen on its stand.
    fn host(&self) -> Element {
        let stand = PathData::new()
            .move_to(self.at(0.0, 4.0))
            .line_to(self.at(0.0, 8.0))
            .move_to(self.at(-4.5, 8.5))
            .line_to(self.at(4.5, 8.5));
        let screen = Element::rect(self.at(-6.5, -6.0), 13.0 * self.unit, 7.5 * self.unit)
            .fill(self.colour)
            .opacity(0.22);
        Element::group([
            self.stroke(stand),
            self.body(-9.0, -8.5, 18.0, 12.5),
            screen,
        ])
    }

    /// A disc with arrows in two directions and out of two.
    fn router(&self) -> Element {
        let disc = self.outlined(Element::circle(self.centre, 9.0 * self.unit));
        Element::group([
            disc,
            self.arrow(-7.0, 0.0, 5.0, 0.0),
            self.arrow(7.0, 0.0, -5.0, 0.0),
            self.arrow(0.0, -2.0, 0.0, -5.0),
            self.arrow(0.0, 2.0, 0.0, 5.0),
        ])
    }

    /// A flat box with arrows to and fro.
    fn switch(&self) -> Element {
        Element::group([
            self.body(-9.5, -6.0, 19.0, 12.0),
            self.arrow(-6.5, -2.4, 13.0, 0.0),
            self.arrow(6.5, 2.4, -13.0, 0.0),
        ])
    }

    /// A flat box in which everything meets in one point.
    fn hub(&self) -> Element {
        let mut spokes = PathData::new();
        for (x, y) in [(-6.5, -2.8), (-6.5, 2.8), (6.5, -2.8), (6.5, 2.8)] {
            spokes = spokes.move_to(self.centre).line_to(self.at(x, y));
        }
        let dot = Element::circle(self.centre, 1.8 * self.unit).fill(self.colour);
        Element::group([self.body(-9.5, -6.0, 19.0, 12.0), self.stroke(spokes), dot])
    }
}
