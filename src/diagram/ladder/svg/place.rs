//! Where the labels of arrows go: along the line, above it, away from other labels and lines.

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
        let best = candidates(arrow, stroke, room)
            .into_iter()
            .map(|(price, placed)| (price + self.collisions(&placed, own), placed))
            .min_by_key(|&(price, _)| price)
            .map_or_else(|| shortened(arrow, stroke, room), |(_, placed)| placed);
        self.taken.push(best.track.clone());
        best
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
        let lines = self.strokes.iter().enumerate().filter(|&(i, s)| {
            let (high, low) = (s.from.y.min(s.to.y), s.from.y.max(s.to.y));
            i != own && high < bottom + LETTER && top < low + LETTER
        });
        let across = lines.filter(|(_, stroke)| crosses(stroke, &label.track));
        on_labels * 40 + u32::try_from(across.count()).unwrap_or(u32::MAX / 8) * 12
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
        for (part, price) in [(0.0, 0), (-0.5, 4), (0.5, 5), (-1.0, 7), (1.0, 9)] {
            let t = 0.5 + part * slack;
            found.push((form_price + price, put(form.clone(), stroke, t, width)));
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
    put(form, stroke, 0.5, width)
}

/// `form` above the place a part `t` of the way along `stroke`.
fn put(form: LabelForm, stroke: Stroke, t: f64, width: f64) -> Placed {
    let (left, right, t) = if stroke.from.x <= stroke.to.x {
        (stroke.from, stroke.to, t)
    } else {
        (stroke.to, stroke.from, 1.0 - t)
    };
    let length = left.distance(right).max(1.0);
    let along = Point::new((right.x - left.x) / length, (right.y - left.y) / length);
    let above = Point::new(along.y, -along.x);
    let middle = left.towards(right, t);
    let at = middle.moved(above.x * LIFT, above.y * LIFT);
    let centre = at.moved(above.x * LETTER * 0.3, above.y * LETTER * 0.3);
    let degrees = libm::atan2(along.y, along.x).to_degrees();
    let track = track(centre, along, width);
    Placed {
        form,
        at,
        degrees,
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
/// From the line to the baseline.
const LIFT: f64 = 5.0;
/// About the height of a line of letters.
const LETTER: f64 = 10.0;
/// Kept free at both ends of an arrow.
const END_ROOM: f64 = 9.0;
const STEP: f64 = 6.0;
