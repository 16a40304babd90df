//! Where the labels of arrows go: along the line, above it or else below it, away from other labels
//! and lines. Where there is no such place, a label lies across a line and gets a plate.

use crate::diagram::{
    ladder::model::{Arrow, LabelForm},
    svg::{Font, Point, ellipsis, text_width},
};

/// A label with its place.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    /// What is written.
    pub(super) form: LabelForm,
    /// The middle of its baseline.
    pub(super) at: Point,
    /// Its slope, clockwise.
    pub(super) degrees: f64,
    /// Its width.
    pub(super) width: f64,
    /// True if it lies across a line of another arrow.
    pub(super) crossed: bool,
    /// Points along the middle of its letters, for finding collisions.
    track: Vec<Point>,
}

/// A drawn line that labels should not lie across.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stroke {
    pub(super) from: Point,
    pub(super) to: Point,
}

/// Places labels one after the other.
#[derive(Debug)]
pub(super) struct Placer<'a> {
    strokes: &'a [Stroke],
    /// The tracks of all text that has its place.
    taken: Vec<Vec<Point>>,
}

impl<'a> Placer<'a> {
    /// For labels among these lines.
    pub(super) const fn new(strokes: &'a [Stroke]) -> Self {
        Self {
            strokes,
            taken: Vec::new(),
        }
    }

    /// Keeps labels away from a level text whose letters stand around `middle`.
    pub(super) fn reserve(&mut self, middle: Point, width: f64) {
        self.taken.push(track(middle, Point::new(1.0, 0.0), width));
    }

    /// The best place and form for the label of `arrow`, which is drawn as stroke `own`.
    pub(super) fn place(&mut self, arrow: &Arrow, own: usize) -> Placed {
        let stroke = self.strokes[own];
        let room = stroke.from.distance(stroke.to) - 2.0 * END_ROOM;
        let mut best = candidates(arrow, stroke, room)
            .into_iter()
            .map(|(price, placed)| (price + self.collisions(&placed, own), placed))
            .min_by_key(|&(price, _)| price)
            .map_or_else(|| shortened(arrow, stroke, room), |(_, placed)| placed);
        best.crossed = self.across(&best.track, Some(own)) > 0;
        self.taken.push(best.track.clone());
        best
    }

    /// How many lines lie across a level text whose letters stand around `middle`.
    pub(super) fn across_text(&self, middle: Point, width: f64) -> u32 {
        self.across(&track(middle, Point::new(1.0, 0.0), width), None)
    }

    /// What lying on other labels and across other lines costs.
    fn collisions(&self, label: &Placed, own: usize) -> u32 {
        let (top, bottom) = extent(&label.track);
        let near = |other: &&Vec<Point>| {
            let (other_top, other_bottom) = extent(other);
            other_top < bottom + LETTER && top < other_bottom + LETTER
        };
        let others = self.taken.iter().filter(near);
        let on_labels: u32 = others.map(|other| touching(&label.track, other)).sum();
        on_labels * ON_LABEL + self.across(&label.track, Some(own)) * ACROSS_LINE
    }

    /// How many lines, but for the label's own one, lie across it.
    fn across(&self, track: &[Point], own: Option<usize>) -> u32 {
        let (top, bottom) = extent(track);
        let lines = self.strokes.iter().enumerate().filter(|&(i, s)| {
            let (high, low) = (s.from.y.min(s.to.y), s.from.y.max(s.to.y));
            Some(i) != own && high < bottom + LETTER && top < low + LETTER
        });
        let across = lines.filter(|(_, stroke)| crosses(stroke, track));
        u32::try_from(across.count()).unwrap_or(u32::MAX / 1024)
    }
}

/// All forms at all positions that fit, each with its price: short forms and places off the
/// middle cost a little.
fn candidates(arrow: &Arrow, stroke: Stroke, room: f64) -> Vec<(u32, Placed)> {
    let length = room + 2.0 * END_ROOM;
    let mut found = Vec::new();
    let number_only = LabelForm {
        text: String::new(),
        mark: None,
    };
    let mut texts = arrow.label_forms();
    if arrow.sibling {
        texts.clear();
    }
    let forms = texts.into_iter().zip([0, 30, 60, 90, 110]);
    for (form, form_price) in forms.chain([(number_only, 170)]) {
        let width = width(arrow.number, &form);
        if width > room {
            continue;
        }
        let slack = (room - width) / length / 2.0;
        for (lift, lift_price) in [(ABOVE, 0), (BELOW, 10)] {
            for (part, price) in PARTS {
                let placed = put(form.clone(), stroke, (0.5 + part * slack, lift), width);
                found.push((form_price + lift_price + price, placed));
            }
        }
    }
    found
}

/// The shortest form, cut to what room there is.
fn shortened(arrow: &Arrow, stroke: Stroke, room: f64) -> Placed {
    let form = arrow
        .label_forms()
        .pop()
        .map_or_else(String::new, |f| f.to_string());
    let number = width(
        arrow.number,
        &LabelForm {
            text: String::new(),
            mark: None,
        },
    );
    let form = LabelForm {
        text: ellipsis(&form, Font::Regular, SIZE, room - number),
        mark: None,
    };
    let width = width(arrow.number, &form);
    put(form, stroke, (0.5, ABOVE), width)
}

/// `form` at the place a part `t` of the way along `stroke`, with its baseline `lift` above it.
fn put(form: LabelForm, stroke: Stroke, (t, lift): (f64, f64), width: f64) -> Placed {
    let (left, right, t) = if stroke.from.x <= stroke.to.x {
        (stroke.from, stroke.to, t)
    } else {
        (stroke.to, stroke.from, 1.0 - t)
    };
    let length = left.distance(right).max(1.0);
    let along = Point::new((right.x - left.x) / length, (right.y - left.y) / length);
    let above = Point::new(along.y, -along.x);
    let middle = left.towards(right, t);
    let at = middle.moved(above.x * lift, above.y * lift);
    let centre = at.moved(above.x * LETTER * 0.3, above.y * LETTER * 0.3);
    let degrees = libm::atan2(along.y, along.x).to_degrees();
    let track = track(centre, along, width);
    Placed {
        form,
        at,
        degrees,
        width,
        crossed: false,
        track,
    }
}

/// Points every [`STEP`] pixels along a label.
fn track(centre: Point, along: Point, width: f64) -> Vec<Point> {
    let mut points = Vec::new();
    let mut offset = -width / 2.0;
    while offset <= width / 2.0 {
        points.push(centre.moved(along.x * offset, along.y * offset));
        offset += STEP;
    }
    points
}

/// The width of a label with its number in front.
pub(super) fn width(number: usize, form: &LabelForm) -> f64 {
    let text = format!("{number}  {form}");
    text_width(&text, Font::Regular, SIZE)
}

fn extent(track: &[Point]) -> (f64, f64) {
    let ys = track.iter().map(|p| p.y);
    let top = ys.clone().fold(f64::INFINITY, f64::min);
    (top, ys.fold(f64::NEG_INFINITY, f64::max))
}

/// How many points of one track lie on the other.
fn touching(a: &[Point], b: &[Point]) -> u32 {
    let hit = |p: &&Point| b.iter().any(|q| p.distance(*q) < LETTER);
    u32::try_from(a.iter().filter(hit).count()).unwrap_or(u32::MAX / 64)
}

fn crosses(stroke: &Stroke, track: &[Point]) -> bool {
    track.iter().any(|p| distance_to(stroke, *p) < LETTER * 0.5)
}

/// From a point to a straight line between two points.
fn distance_to(stroke: &Stroke, p: Point) -> f64 {
    let (dx, dy) = (stroke.to.x - stroke.from.x, stroke.to.y - stroke.from.y);
    let square = dx * dx + dy * dy;
    if square == 0.0 {
        return p.distance(stroke.from);
    }
    let t = ((p.x - stroke.from.x) * dx + (p.y - stroke.from.y) * dy) / square;
    p.distance(stroke.from.towards(stroke.to, t.clamp(0.0, 1.0)))
}

/// Letter size of labels.
pub(super) const SIZE: f64 = 11.0;
/// From the line up to the baseline of a label above it.
const ABOVE: f64 = 5.0;
/// The same for a label below it.
const BELOW: f64 = -13.0;
/// Places along an arrow, from -1 (the beginning) to 1, and what each costs.
const PARTS: [(f64, u32); 9] = [
    (0.0, 0),
    (-0.25, 3),
    (0.25, 3),
    (-0.5, 4),
    (0.5, 5),
    (-0.75, 6),
    (0.75, 7),
    (-1.0, 8),
    (1.0, 9),
];
/// What it costs to lie on another label, for each [`STEP`] of it.
const ON_LABEL: u32 = 40;
/// What it costs to lie across a line: more than to say less, but less than to say nothing.
const ACROSS_LINE: u32 = 100;
/// About the height of a line of letters.
const LETTER: f64 = 10.0;
/// Kept free at both ends of an arrow.
const END_ROOM: f64 = 9.0;
const STEP: f64 = 6.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagram::ladder::model::Label, units::SimTime, wire::OsiLayer};

    fn arrow(main: &str) -> Arrow {
        Arrow {
            number: 1,
            from: 0,
            to: 1,
            sent: SimTime::ZERO,
            departs: SimTime::ZERO,
            arrives: SimTime::ZERO,
            lost: None,
            label: Label {
                main: main.to_owned(),
                numbers: None,
                brief: main.to_owned(),
                layer: OsiLayer::Application,
            },
            first: true,
            sibling: false,
            mark: None,
        }
    }

    fn stroke(from: (f64, f64), to: (f64, f64)) -> Stroke {
        Stroke {
            from: Point::new(from.0, from.1),
            to: Point::new(to.0, to.1),
        }
    }

    #[test]
    fn a_label_moves_away_from_a_line_that_crosses_its_own() {
        // A label of about 100 px in the middle of 300 would lie across the other line.
        let lines = [
            stroke((0.0, 0.0), (300.0, 0.0)),
            stroke((130.0, -40.0), (170.0, 40.0)),
        ];
        let placed = Placer::new(&lines).place(&arrow("DHCP Discover"), 0);
        assert!(!placed.crossed);
        assert!(libm::fabs(placed.at.x - 150.0) > 50.0, "{}", placed.at.x);
    }

    #[test]
    fn a_label_goes_below_its_line_if_another_one_lies_above_all_of_it() {
        let lines = [
            stroke((0.0, 0.0), (300.0, 0.0)),
            stroke((0.0, -9.0), (300.0, -9.0)),
        ];
        let placed = Placer::new(&lines).place(&arrow("DHCP Discover"), 0);
        assert!(!placed.crossed && placed.at.y > 0.0);
    }

    #[test]
    fn a_label_without_a_free_place_keeps_its_words_and_says_that_it_is_crossed() {
        let mut lines = vec![stroke((0.0, 0.0), (150.0, 0.0))];
        lines.extend([40.0, 75.0, 110.0].map(|x| stroke((x, -40.0), (x, 40.0))));
        let placed = Placer::new(&lines).place(&arrow("Offer"), 0);
        assert!(placed.crossed);
        assert_eq!(placed.form.text, "Offer");
    }
}
