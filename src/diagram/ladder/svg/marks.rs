//! What is not an arrow: deaths in nodes, socket states, folds.

use super::{arrows::cross, frame::Frame, place::Placer, timeline::Place};
use crate::diagram::{
    ladder::model::{Arrow, Death, Row, State},
    svg::{Anchor, Element, Font, Page, Point, ellipsis, text_width},
    words::rounded_span,
};

impl Frame<'_> {
    pub(super) fn draw_deaths(&self, page: &mut Page) {
        let strokes = self.strokes();
        let placer = Placer::new(&strokes);
        for (row, place) in self.rows() {
            if let Row::Death(death) = row {
                page.add(self.death(death, place, &placer));
            }
        }
    }

    /// A cross on the lifeline with the reason, and what died, beside it.
    fn death(&self, death: &Death, place: &Place, placer: &Placer<'_>) -> Element {
        let at = Point::new(self.columns[death.column], self.y(place.start));
        let (words, middle, width) = self.death_place(death, place, placer);
        let baseline = middle.moved(0.0, 3.8);
        let text = Element::text(baseline, DEATH_SIZE, &words)
            .anchor(Anchor::Middle)
            .fill(self.palette.bad)
            .haloed(self.palette.ground, 3.0);
        let crossed = placer.across_text(middle, width) > 0;
        let plate = crossed.then(|| self.plate(baseline, width));
        let parts = [Some(cross(at, self.palette.bad)), plate, Some(text)];
        Element::group(parts.into_iter().flatten())
            .hint(&format!("{}\nat {}", death.label.main, death.at))
    }

    /// The words that fit beside a death, the middle of their letters, and their width. They stand on
    /// the side that fewer lines cross, on the right if both are alike.
    fn death_place(
        &self,
        death: &Death,
        place: &Place,
        placer: &Placer<'_>,
    ) -> (String, Point, f64) {
        let at = Point::new(self.columns[death.column], self.y(place.start));
        let sides = self.sides_of(death.column).into_iter().map(|(next, sign)| {
            let words = Self::death_words(death, libm::fabs(next - at.x) - 11.0);
            let width = text_width(&words, Font::Regular, DEATH_SIZE);
            let middle = at.moved(sign * (11.0 + width / 2.0), 0.0);
            (words, middle, width)
        });
        let best = sides.min_by_key(|&(_, middle, width)| placer.across_text(middle, width));
        best.unwrap_or((String::new(), at, 0.0))
    }

    /// How far words beside `column` may go, and in which direction: up to the next lifeline, where
    /// another cross may stand. Outside of the outer columns there is no room.
    fn sides_of(&self, column: usize) -> Vec<(f64, f64)> {
        let right = self.columns.get(column + 1).map(|next| (next - 9.0, 1.0));
        let left = column.checked_sub(1).map(|c| (self.columns[c] + 9.0, -1.0));
        let sides: Vec<(f64, f64)> = right.into_iter().chain(left).collect();
        if sides.is_empty() {
            return vec![(self.width - 9.0, 1.0)];
        }
        sides
    }

    /// Why it died and what it was, or the first alone if there is no room for both.
    pub(super) fn death_words(death: &Death, room: f64) -> String {
        let why = format!("{} {}", death.number, death.reason);
        let all = format!("{why}: {}", death.label.main);
        if text_width(&all, Font::Regular, DEATH_SIZE) <= room {
            return all;
        }
        ellipsis(&why, Font::Regular, DEATH_SIZE, room)
    }

    /// Where the words of all deaths stand.
    pub(super) fn death_places(&self) -> Vec<(Point, f64)> {
        let strokes = self.strokes();
        let placer = Placer::new(&strokes);
        let deaths = self.rows().filter_map(|(row, place)| match row {
            Row::Death(death) => Some(self.death_place(death, place, &placer)),
            _ => None,
        });
        deaths.map(|(_, middle, width)| (middle, width)).collect()
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
        let (left, right) = (24.0, self.width - 24.0);
        for (y, _) in self.folds() {
            let band = Element::rect(Point::new(left, y - 13.0), right - left, 26.0);
            page.add(band.rounded(6.0).fill(self.palette.panel));
        }
    }

    /// What the bands stand for.
    pub(super) fn draw_fold_words(&self, page: &mut Page) {
        for (y, words) in self.folds() {
            let at = Point::new(self.quietest_gap(y), y + 4.0);
            let text = Element::text(at, 11.0, &words)
                .anchor(Anchor::Middle)
                .italic();
            page.add(text.fill(self.palette.ink).haloed(self.palette.panel, 5.0));
        }
    }

    /// Height and words of all folds.
    fn folds(&self) -> Vec<(f64, String)> {
        let folds = self.rows().filter_map(|(row, place)| {
            let words = match row {
                Row::Silence(silence) => {
                    format!("{} of silence", rounded_span(silence.length()))
                }
                Row::Skipped(skipped) => skipped.words(),
                _ => return None,
            };
            Some((self.y(place.start), words))
        });
        folds.collect()
    }

    /// The middle of the gap between columns that fewest arrows cross near height `y`.
    fn quietest_gap(&self, y: f64) -> f64 {
        let crossing = |left: usize| {
            let near = |place: &Place| {
                self.y(place.departs.min(place.end)) < y + 16.0
                    && y - 16.0 < self.y(place.departs.max(place.end))
            };
            let in_gap = |arrow: &Arrow| {
                let (first, last) = arrow.columns();
                first <= left && left < last
            };
            self.arrows().filter(|(a, p)| in_gap(a) && near(p)).count()
        };
        let gaps = 0..self.columns.len().saturating_sub(1);
        let best = gaps.min_by_key(|&left| (crossing(left), left));
        match best.and_then(|left| self.columns.get(left..left + 2)) {
            Some([a, b]) => f64::midpoint(*a, *b),
            _ => self.width / 2.0,
        }
    }
}

/// Letter size of the words beside a death.
pub(super) const DEATH_SIZE: f64 = 10.5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diagram::{
            ladder::model::{Column, Label, Ladder},
            style::Theme,
        },
        ids::NodeId,
        topology::NodeKind,
        units::SimTime,
        wire::OsiLayer,
    };

    fn column(name: &str) -> Column {
        Column {
            node: NodeId(0),
            name: name.to_owned(),
            kind: NodeKind::Host,
            address: None,
        }
    }

    fn death(column: usize, main: &str) -> Row {
        Row::Death(Death {
            number: 7,
            column,
            at: SimTime::ZERO,
            reason: "no socket on this port".to_owned(),
            label: Label {
                main: main.to_owned(),
                numbers: None,
                brief: main.to_owned(),
                layer: OsiLayer::Application,
            },
        })
    }

    #[test]
    fn the_words_of_a_death_end_before_the_next_lifeline() {
        let long = "a very long sentence of the protocol that nobody wanted to hear";
        let ladder = Ladder {
            title: String::new(),
            columns: ["a", "b", "c"].map(column).to_vec(),
            rows: vec![death(0, long), death(1, "x"), death(2, long)],
            left_out: 0,
            end_to_end: false,
            excerpt: None,
            captured: true,
        };
        let frame = Frame::new(&ladder, Theme::Dark);
        let places = frame.death_places();
        let ends = places
            .iter()
            .map(|(at, width)| (at.x - width / 2.0, at.x + width / 2.0));
        let ends: Vec<(f64, f64)> = ends.collect();
        let [a, b, c] = frame.columns[..] else {
            panic!("three columns")
        };
        for ((left, right), (from, to)) in ends.iter().zip([(a, b), (b, c), (b, c)]) {
            assert!(from < *left && *right < to, "{left} {right} {from} {to}");
        }
        // What there is no room for is left out whole.
        let Row::Death(death) = &ladder.rows[0] else {
            panic!("a death")
        };
        let words = Frame::death_words(death, b - a - 20.0);
        assert_eq!(words, "7 no socket on this port");
        let Row::Death(death) = &ladder.rows[1] else {
            panic!("a death")
        };
        assert_eq!(
            Frame::death_words(death, b - a - 20.0),
            "7 no socket on this port: x"
        );
    }
}
