//! The way of the data: a line down, along the cables, up and down again.

use super::{
    building::{BASE, Building, CABLE_DROP, FLOOR, Street, floor_top},
    words,
};
use crate::{
    diagram::{
        Theme,
        style::Colour,
        svg::{Anchor, Element, Font, Page, PathData, Point, ellipsis},
    },
    topology::Topology,
    trace::{Fate, Hop},
    wire::OsiLayer,
};

/// Draws the line over the buildings, and the names of the cables.
pub(super) fn draw(page: &mut Page, theme: Theme, street: &Street<'_>, topology: &Topology) {
    let palette = theme.palette();
    let mut lane = Lane::default();
    for (number, building) in street.buildings.iter().enumerate() {
        lane.through(building);
        let Some(next) = street.buildings.get(number + 1) else {
            continue;
        };
        lane.along(building, next);
        if let Some(hop) = building.departure.filter(|_| next.folded == 0) {
            let middle = f64::midpoint(building.down(), next.up());
            cable(page, theme, hop, middle, topology);
        }
    }
    lane.draw(page, palette.ink, palette.bad);
}

/// The corners of the line and what stands on it.
#[derive(Default)]
struct Lane {
    corners: Vec<Point>,
    /// Tips of arrowheads, and the way they point (dx, dy).
    arrows: Vec<(Point, f64, f64)>,
    cross: Option<Point>,
}

impl Lane {
    /// Up to the highest floor and down again, or ending there.
    fn through(&mut self, building: &Building<'_>) {
        let Some(highest) = building.highest.filter(|_| self.cross.is_none()) else {
            return;
        };
        let turn = floor_top(highest) + TURN;
        if building.arrival.is_some() {
            let end = match building.departure {
                None if building.death.is_none() => floor_top(highest) + FLOOR / 2.0 - 8.0,
                _ => turn,
            };
            self.vertical(building.up(), end, highest, -1.0);
        }
        match (building.departure, building.death) {
            (Some(_), _) => self.down(building, highest, OsiLayer::Physical),
            (None, Some((layer, true, _))) => {
                self.down(building, highest, layer);
                self.cross = self.corners.last().copied();
            }
            (None, Some(_)) => self.cross = self.corners.last().copied(),
            (None, None) => {}
        }
    }

    /// From the top of the way through a building down to `lowest`.
    fn down(&mut self, building: &Building<'_>, highest: OsiLayer, lowest: OsiLayer) {
        let x = building.down();
        let start = match building.arrival {
            Some(_) => floor_top(highest) + TURN,
            None => floor_top(highest) + FLOOR / 2.0,
        };
        self.corners.push(Point::new(x, start));
        let is_exit = lowest == OsiLayer::Physical && building.departure.is_some();
        let end = if is_exit {
            BASE
        } else {
            floor_top(lowest) + FLOOR / 2.0
        };
        self.vertical(x, end, highest, 1.0);
    }

    /// A vertical stretch with an arrowhead on each floor below `highest`.
    fn vertical(&mut self, x: f64, end: f64, highest: OsiLayer, dy: f64) {
        for layer in OsiLayer::ALL.into_iter().filter(|l| *l < highest) {
            let y = floor_top(layer) + FLOOR / 2.0 + dy * 5.0;
            if (dy > 0.0 && y < end) || (dy < 0.0 && y > end) {
                self.arrows.push((Point::new(x, y), 0.0, dy));
            }
        }
        self.corners.push(Point::new(x, end));
        let ends_here = dy < 0.0 && end > floor_top(highest) + TURN;
        if ends_here {
            self.arrows.push((Point::new(x, end), 0.0, dy));
        }
    }

    /// Along the cable to the next building, or to where the frame died.
    fn along(&mut self, from: &Building<'_>, to: &Building<'_>) {
        if self.cross.is_some() {
            return;
        }
        let y = BASE + CABLE_DROP;
        let (start, end) = if from.folded > 0 {
            (from.left, to.up())
        } else if to.folded > 0 {
            (from.down(), to.right())
        } else {
            (from.down(), to.up())
        };
        let middle = f64::midpoint(start, end);
        self.corners.push(Point::new(start, y));
        let lost = from
            .departure
            .is_some_and(|hop| matches!(hop.fate, Fate::Lost(..)));
        if lost && to.highest.is_none() && to.folded == 0 {
            self.corners.push(Point::new(middle, y));
            self.cross = Some(Point::new(middle, y));
            return;
        }
        self.arrows.push((Point::new(middle + 5.0, y), 1.0, 0.0));
        self.corners.push(Point::new(end, y));
    }

    fn draw(&self, page: &mut Page, ink: Colour, bad: Colour) {
        let Some((first, rest)) = self.corners.split_first() else {
            return;
        };
        let path = rest
            .iter()
            .fold(PathData::new().move_to(*first), |path, corner| {
                path.line_to(*corner)
            });
        let line = Element::path(&path).stroke(ink, 2.5);
        page.add(line.attribute("stroke-linejoin", "round"));
        page.add(Element::circle(*first, 5.0).fill(ink));
        for &(tip, dx, dy) in &self.arrows {
            page.add(arrowhead(tip, dx, dy, ink));
        }
        if let Some(at) = self.cross {
            for side in [-1.0, 1.0] {
                let from = at.moved(-8.0, -8.0 * side);
                let to = at.moved(8.0, 8.0 * side);
                page.add(Element::line(from, to).stroke(bad, 3.5));
            }
        }
    }
}

/// A small triangle whose tip is at `tip` and that points along (dx, dy).
fn arrowhead(tip: Point, dx: f64, dy: f64, ink: Colour) -> Element {
    let back = tip.moved(-10.0 * dx, -10.0 * dy);
    let path = PathData::new()
        .move_to(tip)
        .line_to(back.moved(-5.0 * dy, 5.0 * dx))
        .line_to(back.moved(5.0 * dy, -5.0 * dx))
        .close();
    Element::shape(&path, ink)
}

/// The name and properties of a cable, below it.
fn cable(page: &mut Page, theme: Theme, hop: &Hop, middle: f64, topology: &Topology) {
    let palette = theme.palette();
    let mut y = BASE + CABLE_DROP + 24.0;
    for (number, text) in words::cable(hop, topology).iter().enumerate() {
        let text = ellipsis(text, Font::Bold, 12.0, CABLE_ROOM);
        let line = Element::text(Point::new(middle, y), 12.0, &text).anchor(Anchor::Middle);
        page.add(match number {
            0 => line.bold().fill(palette.ink),
            1 => line.fill(palette.dim),
            _ => line.fill(palette.warn),
        });
        y += 15.0;
    }
    if let Fate::Lost(_, why) = hop.fate {
        let line = Element::text(Point::new(middle, y), 12.0, why.words());
        page.add(line.fill(palette.bad).anchor(Anchor::Middle));
    }
}

/// How far below a floor's ceiling the line turns.
const TURN: f64 = 9.0;
/// How wide the words under a cable may be.
const CABLE_ROOM: f64 = 230.0;
