//! Arrows with their heads, crosses, waits in queues, labels, and ties from repeats to originals.

use super::{
    frame::Frame,
    place::{Placed, Placer, SIZE, Stroke},
    timeline::Place,
};
use crate::diagram::{
    ladder::model::{Arrow, Mark},
    style::Colour,
    svg::{Anchor, Element, Font, Page, PathData, Point, ellipsis, text_width},
};

impl Frame<'_> {
    pub(super) fn draw_arrows(&self, page: &mut Page) {
        for (arrow, place) in self.arrows() {
            page.add(self.arrow(arrow, place));
        }
    }

    fn arrow(&self, arrow: &Arrow, place: &Place) -> Element {
        let colour = self.theme.layer_ink(arrow.label.layer);
        let stroke = self.stroke(arrow, place);
        let mut line = Element::line(stroke.from, stroke.to).stroke(colour, 1.5);
        if arrow.mark == Some(Mark::Duplicate) {
            line = line.dashed(6.0, 3.0);
        }
        let mut parts = vec![line];
        if waits_visibly(place) {
            let from = Point::new(stroke.from.x, self.y(place.start));
            let wait = Element::line(from, stroke.from);
            parts.push(wait.stroke(self.palette.warn, 4.0).opacity(0.6));
        }
        match &arrow.lost {
            None => parts.push(head(stroke, colour)),
            Some(reason) => {
                parts.push(cross(stroke.to, self.palette.bad));
                parts.push(self.reason(arrow, stroke.to, reason));
            }
        }
        Element::group(parts).hint(&self.hint(arrow))
    }

    /// What is drawn of an arrow: all the way, or up to its cross.
    fn stroke(&self, arrow: &Arrow, place: &Place) -> Stroke {
        let (from, to) = self.ends(arrow, place);
        let part = if arrow.lost.is_some() { CROSS_AT } else { 1.0 };
        Stroke {
            from,
            to: from.towards(to, part),
        }
    }

    /// Why a frame was lost, beside its cross, in the rest of the way it did not go.
    fn reason(&self, arrow: &Arrow, at: Point, reason: &str) -> Element {
        let (words, middle, width) = self.reason_place(arrow, at, reason);
        let (dx, anchor) = if arrow.points_right() {
            (-width / 2.0, Anchor::Start)
        } else {
            (width / 2.0, Anchor::End)
        };
        Element::text(middle.moved(dx, 4.0), REASON_SIZE, &words)
            .anchor(anchor)
            .fill(self.palette.bad)
            .haloed(self.palette.ground, 3.0)
    }

    /// The words that fit, the middle of their letters, and their width.
    fn reason_place(&self, arrow: &Arrow, at: Point, reason: &str) -> (String, Point, f64) {
        let way = self.columns[arrow.to] - self.columns[arrow.from];
        let room = libm::fabs(way) * (1.0 - CROSS_AT) - 18.0;
        let words = ellipsis(reason, Font::Regular, REASON_SIZE, room);
        let width = text_width(&words, Font::Regular, REASON_SIZE);
        let dx = 11.0 + width / 2.0;
        let middle = at.moved(if arrow.points_right() { dx } else { -dx }, 4.0);
        (words, middle, width)
    }

    /// All about an arrow, for the pointer that rests on it.
    fn hint(&self, arrow: &Arrow) -> String {
        let name = |column: usize| &self.ladder.columns[column].name;
        let mut words = format!(
            "{}. {} → {}: {}\nsent {}",
            arrow.number,
            name(arrow.from),
            name(arrow.to),
            arrow.label.full(),
            arrow.sent
        );
        if arrow.departs > arrow.sent {
            words += &format!(", left the queue {}", arrow.departs);
        }
        match &arrow.lost {
            None => words += &format!(", arrived {}", arrow.arrives),
            Some(reason) => words += &format!(", lost: {reason}"),
        }
        words
    }

    /// All lines of arrows, in their order.
    pub(super) fn strokes(&self) -> Vec<Stroke> {
        self.arrows().map(|(a, p)| self.stroke(a, p)).collect()
    }

    pub(super) fn draw_labels(&self, page: &mut Page) {
        let strokes = self.strokes();
        let mut placer = Placer::new(&strokes);
        for ((arrow, _), stroke) in self.arrows().zip(&strokes) {
            if let Some(reason) = &arrow.lost {
                let (_, middle, width) = self.reason_place(arrow, stroke.to, reason);
                placer.reserve(middle, width);
            }
        }
        for (middle, width) in self.death_places() {
            placer.reserve(middle, width);
        }
        let labels: Vec<(&Arrow, Placed)> = self
            .arrows()
            .enumerate()
            .map(|(index, (arrow, _))| (arrow, placer.place(arrow, index)))
            .collect();
        for (_, placed) in labels.iter().filter(|(_, placed)| placed.crossed) {
            let plate = self.plate(placed.at, placed.width);
            page.add(plate.rotated(placed.degrees, placed.at));
        }
        for (arrow, placed) in &labels {
            page.add(self.label(arrow, placed));
        }
    }

    /// What lies under words that lines would cross: the middle of their baseline is `at`.
    pub(super) fn plate(&self, at: Point, width: f64) -> Element {
        let corner = at.moved(-width / 2.0 - 2.0, -10.0);
        let plate = Element::rect(corner, width + 4.0, 13.0).rounded(3.0);
        plate.fill(self.palette.ground).opacity(0.85)
    }

    fn label(&self, arrow: &Arrow, placed: &Placed) -> Element {
        let ink = self.theme.layer_ink(arrow.label.layer);
        let mut text = Element::text(placed.at, SIZE, "")
            .anchor(Anchor::Middle)
            .rotated(placed.degrees, placed.at)
            .haloed(self.palette.ground, 3.0)
            .child(Element::span(&arrow.number.to_string()).fill(self.palette.dim));
        if !placed.form.text.is_empty() {
            text = text.child(Element::span(&placed.form.text).number("dx", 5.0).fill(ink));
        }
        if let Some(mark) = &placed.form.mark {
            let mark = Element::span(mark).number("dx", 5.0);
            text = text.child(mark.fill(self.palette.warn));
        }
        text
    }

    /// A dashed curve from every repeat to its original, outside of the lifeline.
    pub(super) fn draw_ties(&self, page: &mut Page) {
        let firsts = || self.arrows().filter(|(arrow, _)| arrow.first);
        for (arrow, place) in firsts() {
            let Some(number) = arrow.mark.and_then(Mark::original) else {
                continue;
            };
            let original = firsts().find(|(a, _)| a.number == number && a.from == arrow.from);
            if let Some((_, original)) = original {
                page.add(self.tie(arrow, original, place));
            }
        }
    }

    fn tie(&self, arrow: &Arrow, original: &Place, repeat: &Place) -> Element {
        let x = self.columns[arrow.from];
        let side = if arrow.points_right() { -1.0 } else { 1.0 };
        let from = Point::new(x, self.y(original.departs));
        let to = Point::new(x, self.y(repeat.departs));
        let bulge = side * ((to.y - from.y) * 0.35).clamp(16.0, 52.0);
        let path = PathData::new().move_to(from).cubic(
            from.moved(bulge, 8.0),
            to.moved(bulge, -8.0),
            to.moved(side * 3.0, -1.0),
        );
        let tip = Stroke {
            from: to.moved(bulge * 0.6, -6.0),
            to,
        };
        Element::group([
            Element::path(&path)
                .stroke(self.palette.warn, 1.2)
                .dashed(4.0, 3.0),
            head(tip, self.palette.warn),
        ])
    }
}

/// True if a wait in the queue is long enough to be seen.
pub(super) fn waits_visibly(place: &Place) -> bool {
    place.departs > place.start + 2.0
}

/// A filled arrow head at the end of a stroke.
pub(super) fn head(stroke: Stroke, colour: Colour) -> Element {
    let length = stroke.from.distance(stroke.to).max(0.01);
    let (ux, uy) = (
        (stroke.to.x - stroke.from.x) / length,
        (stroke.to.y - stroke.from.y) / length,
    );
    let base = stroke.to.moved(-ux * 9.0, -uy * 9.0);
    let path = PathData::new()
        .move_to(stroke.to)
        .line_to(base.moved(-uy * 3.6, ux * 3.6))
        .line_to(base.moved(uy * 3.6, -ux * 3.6))
        .close();
    Element::shape(&path, colour)
}

/// Where a frame died.
pub(super) fn cross(at: Point, colour: Colour) -> Element {
    let path = PathData::new()
        .move_to(at.moved(-5.0, -5.0))
        .line_to(at.moved(5.0, 5.0))
        .move_to(at.moved(5.0, -5.0))
        .line_to(at.moved(-5.0, 5.0));
    Element::path(&path)
        .stroke(colour, 2.6)
        .attribute("stroke-linecap", "round")
}

/// How much of its way a lost frame's arrow goes.
const CROSS_AT: f64 = 0.55;
const REASON_SIZE: f64 = 10.5;
