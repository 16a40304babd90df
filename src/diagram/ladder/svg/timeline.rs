//! From times to heights: every event of a ladder gets its y.
//!
//! Contract: what happens later stands lower or level. Heights follow the real times on one
//! scale, except where labels need more room, where nothing is under way for long, and over
//! folds; [`Timeline::to_scale`] tells whether that was necessary.

use super::{frame::Frame, marks::DEATH_SIZE};
use crate::{
    diagram::{
        ladder::{
            fold::usual_flight,
            model::{Arrow, Death, Ladder, Row},
        },
        svg::{Font, text_width},
    },
    units::{SimTime, Span},
};

/// The height of every row of a ladder \[px below the top of the lifelines\].
#[derive(Debug)]
pub(super) struct Timeline {
    /// By row.
    pub(super) places: Vec<Place>,
    /// Where the lifelines end.
    pub(super) bottom: f64,
    /// True if all distances are true.
    pub(super) to_scale: bool,
}

/// The heights of one row.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Place {
    /// Where it begins: a frame handed to its port; a death; the middle of a fold.
    pub(super) start: f64,
    /// Where a frame leaves its port.
    pub(super) departs: f64,
    /// Where a frame arrives.
    pub(super) end: f64,
}

/// What one event is for its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Arrives,
    Point,
    /// Packets are left out: above what leaves at the same time.
    Skip,
    Starts,
    Departs,
    /// An arrival at the very time of its departure.
    ArrivesAtOnce,
    Fold,
}

impl Timeline {
    /// For columns that stand `step` pixels apart: the wider they stand, the longer an arrow may
    /// be without getting steep.
    pub(super) fn of(ladder: &Ladder, step: f64) -> Self {
        let mut layout = Layout::new(ladder, step);
        let moments = moments(ladder);
        for (index, &(at, moment, row)) in moments.iter().enumerate() {
            let next = moments.get(index + 1).map_or(at, |&(at, ..)| at);
            layout.put(at, moment, row, next);
        }
        Self {
            bottom: layout.y + TAIL,
            places: layout.places,
            to_scale: layout.to_scale,
        }
    }
}

/// All events in the order in which they get their heights.
fn moments(ladder: &Ladder) -> Vec<(SimTime, Moment, usize)> {
    let mut moments = Vec::new();
    for (index, row) in ladder.rows.iter().enumerate() {
        match row {
            Row::Arrow(a) => {
                let arrival = if a.arrives > a.sent {
                    Moment::Arrives
                } else {
                    Moment::ArrivesAtOnce
                };
                moments.push((a.sent, Moment::Starts, index));
                moments.push((departure(a), Moment::Departs, index));
                moments.push((a.arrives, arrival, index));
            }
            Row::Death(_) | Row::State(_) => moments.push((row.at(), Moment::Point, index)),
            Row::Skipped(_) => moments.push((row.at(), Moment::Skip, index)),
            Row::Silence(_) => moments.push((row.at(), Moment::Fold, index)),
        }
    }
    moments.sort_unstable();
    moments
}

/// When a frame left its port. A wait that is short beside the flight is not worth showing.
fn departure(arrow: &Arrow) -> SimTime {
    let wait = arrow.departs.since(arrow.sent);
    if arrow.departs > arrow.arrives || wait.times(10) < arrow.flight() {
        return arrow.sent;
    }
    arrow.departs
}

/// The side of a lifeline.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// Words beside a death.
#[derive(Debug, Clone, Copy)]
struct Words {
    y: f64,
    /// How far from the lifeline they end.
    reach: f64,
}

struct Layout<'a> {
    ladder: &'a Ladder,
    places: Vec<Place>,
    /// The lowest thing on either side of each column.
    lowest: Vec<[f64; 2]>,
    /// The lowest words on either side of each column.
    words: Vec<[Option<Words>; 2]>,
    /// The lowest state of each column.
    lowest_state: Vec<f64>,
    /// From one column to the next.
    step: f64,
    pixels_per_ns: f64,
    y: f64,
    time: SimTime,
    to_scale: bool,
}

impl<'a> Layout<'a> {
    fn new(ladder: &'a Ladder, step: f64) -> Self {
        let columns = ladder.columns.len();
        let flight_height = (step * SLOPE).clamp(LEAST_FLIGHT_HEIGHT, MOST_FLIGHT_HEIGHT);
        let flight = usual_flight(&ladder.rows).max(Span::from_nanos(1));
        Self {
            ladder,
            places: vec![Place::default(); ladder.rows.len()],
            lowest: vec![[f64::NEG_INFINITY; 2]; columns],
            words: vec![[None; 2]; columns],
            lowest_state: vec![f64::NEG_INFINITY; columns],
            step,
            pixels_per_ns: flight_height / nanos(flight),
            y: HEAD,
            time: ladder.rows.first().map_or(SimTime::ZERO, Row::at),
            to_scale: true,
        }
    }

    /// Gives one event its height; `next` is the time of the event behind it.
    fn put(&mut self, at: SimTime, moment: Moment, row: usize, next: SimTime) {
        self.advance(at);
        match (&self.ladder.rows[row], moment) {
            (Row::Arrow(_), Moment::Starts) => self.places[row].start = self.y,
            (Row::Arrow(a), Moment::Departs) => {
                let side = if a.points_right() {
                    Side::Right
                } else {
                    Side::Left
                };
                // A flood fans out from one point.
                if !a.sibling {
                    self.clear(a.from, side);
                }
                self.places[row].departs = self.y;
                if departure(a) == a.sent {
                    self.places[row].start = self.y;
                }
            }
            (Row::Arrow(a), _) => {
                let side = if a.points_right() {
                    Side::Left
                } else {
                    Side::Right
                };
                self.clear(a.to, side);
                self.clear_words(a, side, self.places[row].departs);
                self.places[row].end = self.y;
            }
            (Row::Death(d), _) => {
                let is_last = d.column > 0 && d.column + 1 == self.ladder.columns.len();
                let side = if is_last { Side::Left } else { Side::Right };
                self.clear(d.column, side);
                self.note_words(d, side);
                self.point(row);
            }
            (Row::State(s), _) => {
                self.clear_state(s.column);
                self.point(row);
            }
            (Row::Silence(_) | Row::Skipped(_), _) => self.fold(row, next),
        }
    }

    /// Moves on in time: down by the scale, but not further than [`MOST_GAP`].
    fn advance(&mut self, at: SimTime) {
        let gap = nanos(at.since(self.time)) * self.pixels_per_ns;
        self.time = self.time.max(at);
        self.to_scale &= gap <= MOST_GAP;
        self.y += gap.min(MOST_GAP);
    }

    /// Moves down until an arrow's end at this side of a column has room for its label.
    fn clear(&mut self, column: usize, side: Side) {
        let lowest = self.lowest[column][side as usize];
        self.at_least(lowest + LABEL_ROOM);
        self.lowest[column][side as usize] = self.y;
    }

    fn note_words(&mut self, death: &Death, side: Side) {
        let words = Frame::death_words(death, self.step - 20.0);
        self.words[death.column][side as usize] = Some(Words {
            y: self.y,
            reach: 15.0 + text_width(&words, Font::Regular, DEATH_SIZE),
        });
    }

    /// Moves down until an arrow that left at height `departs` passes below the words at its end,
    /// unless it is so steep that this takes too much room.
    fn clear_words(&mut self, arrow: &Arrow, side: Side, departs: f64) {
        let Some(words) = self.words[arrow.to][side as usize] else {
            return;
        };
        let (left, right) = arrow.columns();
        let columns = u32::try_from(right - left).unwrap_or(u32::MAX);
        let part = words.reach / (self.step * f64::from(columns));
        let needed = (words.y + BELOW_WORDS - departs * part) / (1.0 - part).max(0.01);
        if needed < self.y + MOST_BELOW_WORDS {
            self.at_least(needed);
            self.lowest[arrow.to][side as usize] = self.y;
        }
    }

    fn clear_state(&mut self, column: usize) {
        self.at_least(self.lowest_state[column] + STATE_ROOM);
        self.lowest_state[column] = self.y;
        let outer = [0, self.ladder.columns.len().saturating_sub(1)];
        if !outer.contains(&column) {
            self.clear(column, Side::Left);
            self.clear(column, Side::Right);
        }
    }

    fn at_least(&mut self, y: f64) {
        if self.y < y {
            self.y = y;
            self.to_scale = false;
        }
    }

    fn point(&mut self, row: usize) {
        let y = self.y;
        self.places[row] = Place {
            start: y,
            departs: y,
            end: y,
        };
    }

    /// A band; the time until the next event takes no more room than that.
    fn fold(&mut self, row: usize, until: SimTime) {
        self.to_scale = false;
        self.y += ABOVE_FOLD;
        self.point(row);
        self.y += BELOW_FOLD;
        self.time = self.time.max(until);
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a picture shows far fewer digits"
)]
fn nanos(span: Span) -> f64 {
    span.as_nanos() as f64
}

/// How far down a frame comes in the usual flight time, as a part of the way to the next column.
const SLOPE: f64 = 0.2;
const LEAST_FLIGHT_HEIGHT: f64 = 30.0;
const MOST_FLIGHT_HEIGHT: f64 = 60.0;
/// More than this is never left empty.
const MOST_GAP: f64 = 64.0;
/// From one arrow's end to the next on the same side of a lifeline.
const LABEL_ROOM: f64 = 19.0;
/// From the middle of words to a line below them.
const BELOW_WORDS: f64 = 8.0;
/// An arrow is not moved further down than this to pass below words.
const MOST_BELOW_WORDS: f64 = 40.0;
/// From one state to the next.
const STATE_ROOM: f64 = 18.0;
/// Above the middle of a fold.
const ABOVE_FOLD: f64 = 20.0;
/// Below the middle of a fold: the next arrow has its label above it.
const BELOW_FOLD: f64 = 31.0;
/// From the top of the lifelines to the first event.
const HEAD: f64 = 26.0;
/// From the last event to the end of the lifelines.
const TAIL: f64 = 26.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagram::ladder::model::Label, wire::OsiLayer};

    fn arrow(number: usize, from: usize, to: usize, sent_ms: u64, arrives_ms: u64) -> Row {
        let at = |ms| SimTime::ZERO + Span::from_millis(ms);
        Row::Arrow(Arrow {
            number,
            from,
            to,
            sent: at(sent_ms),
            departs: at(sent_ms),
            arrives: at(arrives_ms),
            lost: None,
            label: Label {
                main: "x".to_owned(),
                numbers: None,
                brief: "x".to_owned(),
                layer: OsiLayer::Transport,
            },
            first: true,
            sibling: false,
            mark: None,
        })
    }

    fn timeline(rows: Vec<Row>) -> Timeline {
        let column = |name: &str| crate::diagram::ladder::model::Column {
            node: crate::ids::NodeId(0),
            name: name.to_owned(),
            kind: crate::topology::NodeKind::Host,
            address: None,
        };
        let ladder = Ladder {
            title: String::new(),
            columns: vec![column("a"), column("b")],
            rows,
            left_out: 0,
            end_to_end: false,
            excerpt: None,
            captured: true,
        };
        Timeline::of(&ladder, 250.0)
    }

    #[test]
    fn equal_delays_have_equal_slants_when_there_is_room() {
        let t = timeline(vec![arrow(1, 0, 1, 0, 20), arrow(2, 0, 1, 10, 30)]);
        // 20 ms are a fifth of 250 px: both arrows fall by 50 px, 25 px apart.
        let [a, b] = t.places.as_slice() else {
            panic!("two rows")
        };
        assert!((a.end - a.start - 50.0).abs() < 1e-9);
        assert!((b.end - b.start - 50.0).abs() < 1e-9);
        assert!((b.start - a.start - 25.0).abs() < 1e-9);
        assert!(t.to_scale);
    }

    #[test]
    fn arrows_at_the_same_time_are_moved_apart() {
        let t = timeline(vec![arrow(1, 0, 1, 0, 20), arrow(2, 0, 1, 0, 20)]);
        assert!(t.places[1].start - t.places[0].start >= LABEL_ROOM);
        assert!(t.places[1].end - t.places[0].end >= LABEL_ROOM);
        assert!(!t.to_scale);
    }
}
