//! What is not an arrow: deaths in nodes, socket states, folds.

use super::{arrows::cross, frame::Frame, timeline::Place};
use crate::diagram::{
    ladder::model::{Death, Row, State},
    svg::{Anchor, Element, Font, Page, Point, ellipsis, text_width},
    words::rounded_span,
};

impl Frame<'_> {
    pub(super) fn draw_deaths(&self, page: &mut Page) {
        for (row, place) in self.rows() {
            if let Row::Death(death) = row {
                page.add(self.death(death, place));
            }
        }
    }

    /// A cross on the lifeline with the reason, and what died, beside it.
    fn death(&self, death: &Death, place: &Place) -> Element {
        let at = Point::new(self.columns[death.column], self.y(place.start));
        let is_last = death.column + 1 == self.columns.len() && self.columns.len() > 1;
        let (dx, anchor, room) = if is_last {
            (-11.0, Anchor::End, at.x - 180.0)
        } else {
            (11.0, Anchor::Start, self.width - at.x - 20.0)
        };
        let words = format!("{} {}: {}", death.number, death.reason, death.label.main);
        let words = ellipsis(&words, Font::Regular, 10.5, room);
        let text = Element::text(at.moved(dx, 3.8), 10.5, &words)
            .anchor(anchor)
            .fill(self.palette.bad)
            .haloed(self.palette.ground, 3.0);
        Element::group([cross(at, self.palette.bad), text]).hint(&format!("at {}", death.at))
    }

    pub(super) fn draw_states(&self, page: &mut Page) {
        for (row, place) in self.rows() {
            if let Row::State(state) = row {
                page.add(self.state(state, place));
            }
        }
    }

    /// A small plate outside of the lifeline, or on it if the column is not at an edge.
    fn state(&self, state: &State, place: &Place) -> Element {
        let size = 8.5;
        let width = text_width(state.name, Font::Regular, size) + 10.0;
        let (x, y) = (self.columns[state.column], self.y(place.start));
        let centre = if state.column == 0 {
            x - width / 2.0 - 5.0
        } else if state.column + 1 == self.columns.len() {
            x + width / 2.0 + 5.0
        } else {
            x
        };
        let plate = Element::rect(Point::new(centre - width / 2.0, y - 7.0), width, 14.0)
            .rounded(7.0)
            .fill(self.palette.panel)
            .stroke(self.palette.line, 0.8);
        let text = Element::text(Point::new(centre, y + 3.1), size, state.name)
            .anchor(Anchor::Middle)
            .fill(self.palette.dim);
        Element::group([plate, text])
    }

    /// Bands across the picture where time is folded or packets are left out.
    pub(super) fn draw_folds(&self, page: &mut Page) {
        for (row, place) in self.rows() {
            let words = match row {
                Row::Silence(silence) => format!("{} of silence", rounded_span(silence.length())),
                Row::Skipped(skipped) => skipped.words(),
                _ => continue,
            };
            self.draw_fold(page, self.y(place.start), &words);
        }
    }

    fn draw_fold(&self, page: &mut Page, y: f64, words: &str) {
        let (left, right) = (24.0, self.width - 24.0);
        let band = Element::rect(Point::new(left, y - 13.0), right - left, 26.0);
        page.add(band.rounded(6.0).fill(self.palette.panel));
        let x = match self.columns.as_slice() {
            [a, b, ..] => f64::midpoint(*a, *b),
            _ => f64::midpoint(left, right),
        };
        let text = Element::text(Point::new(x, y + 4.0), 11.0, words);
        page.add(text.anchor(Anchor::Middle).italic().fill(self.palette.ink));
    }
}
