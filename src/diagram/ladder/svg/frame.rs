//! The frame of the picture: where the columns stand, title, heads, lifelines, time axis.

use std::collections::BTreeSet;

use super::{
    place::width,
    timeline::{Place, Timeline},
};
use crate::diagram::{
    icon::icon,
    ladder::{
        model::{Arrow, Column, Ladder, Row},
        text::milliseconds,
    },
    style::{Palette, Theme},
    svg::{Anchor, Element, Font, Page, PathData, Point, ellipsis, text_width},
};

/// A ladder with all that its drawing needs to know.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) ladder: &'a Ladder,
    pub(super) theme: Theme,
    pub(super) palette: Palette,
    pub(super) timeline: Timeline,
    /// The x of every column.
    pub(super) columns: Vec<f64>,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl<'a> Frame<'a> {
    pub(super) fn new(ladder: &'a Ladder, theme: Theme) -> Self {
        let step = column_step(ladder);
        let mut x = LEFT;
        let columns: Vec<f64> = ladder
            .columns
            .iter()
            .map(|_| {
                let here = x;
                x += step;
                here
            })
            .collect();
        let last = columns.last().copied().unwrap_or(LEFT);
        let title = text_width(&ladder.title, Font::Bold, TITLE_SIZE) + 48.0;
        let timeline = Timeline::of(ladder, step);
        Self {
            ladder,
            theme,
            palette: theme.palette(),
            columns,
            width: (last + RIGHT).max(title).max(LEAST_WIDTH),
            height: TOP + timeline.bottom + FOOT,
            timeline,
        }
    }

    /// The rows with their heights.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&'a Row, &Place)> {
        self.ladder.rows.iter().zip(&self.timeline.places)
    }

    /// The arrows with their heights.
    pub(super) fn arrows(&self) -> impl Iterator<Item = (&'a Arrow, &Place)> {
        self.rows().filter_map(|(row, place)| match row {
            Row::Arrow(arrow) => Some((arrow, place)),
            _ => None,
        })
    }

    /// A height of the timeline on the page.
    pub(super) const fn y(&self, height: f64) -> f64 {
        TOP + height
    }

    /// Where an arrow leaves its port, and where it arrives or would have.
    pub(super) fn ends(&self, arrow: &Arrow, place: &Place) -> (Point, Point) {
        (
            Point::new(self.columns[arrow.from], self.y(place.departs)),
            Point::new(self.columns[arrow.to], self.y(place.end)),
        )
    }

    pub(super) fn draw_title(&self, page: &mut Page) {
        let title = Element::text(Point::new(24.0, 34.0), TITLE_SIZE, &self.ladder.title);
        page.add(title.bold().fill(self.palette.ink));
        let caption = Element::text(Point::new(24.0, 54.0), 11.0, &self.caption());
        page.add(caption.fill(self.palette.dim));
    }

    fn caption(&self) -> String {
        let what = if self.ladder.end_to_end {
            "From sender to receiver; time runs downwards."
        } else {
            "Every wire; time runs downwards."
        };
        let scale = if self.timeline.to_scale {
            "Vertical distances are to scale."
        } else {
            "Vertical distances are not to scale where labels need room or nothing is under way."
        };
        match &self.ladder.excerpt {
            Some(excerpt) => format!("{excerpt} {what}"),
            None => format!("{what} {scale}"),
        }
    }

    /// A box with icon, name and address above every lifeline.
    pub(super) fn draw_heads(&self, page: &mut Page) {
        for (column, &x) in self.ladder.columns.iter().zip(&self.columns) {
            page.add(self.head(column, x));
        }
        let unit = Element::text(Point::new(TIME_X, TOP - 8.0), 10.0, "time [ms]");
        page.add(unit.anchor(Anchor::End).fill(self.palette.dim));
    }

    fn head(&self, column: &Column, x: f64) -> Element {
        let room = self.head_width() - 40.0;
        let name = ellipsis(&column.name, Font::Bold, 13.0, room);
        let address = column
            .address
            .as_deref()
            .unwrap_or_else(|| column.kind.name());
        let address = ellipsis(address, Font::Regular, 10.0, room);
        let wide =
            text_width(&name, Font::Bold, 13.0).max(text_width(&address, Font::Regular, 10.0));
        let corner = Point::new(x - (wide + 40.0) / 2.0, HEAD_Y);
        let text_x = corner.x + 33.0;
        Element::group([
            Element::rect(corner, wide + 40.0, HEAD_HEIGHT)
                .rounded(6.0)
                .fill(self.palette.panel)
                .stroke(self.palette.line, 1.0),
            icon(
                column.kind,
                corner.moved(18.0, HEAD_HEIGHT / 2.0),
                18.0,
                self.theme,
            ),
            Element::text(Point::new(text_x, HEAD_Y + 17.0), 13.0, &name)
                .bold()
                .fill(self.palette.ink),
            Element::text(Point::new(text_x, HEAD_Y + 31.0), 10.0, &address).fill(self.palette.dim),
        ])
    }

    fn head_width(&self) -> f64 {
        match self.columns.as_slice() {
            [a, b, ..] => b - a - 10.0,
            _ => 240.0,
        }
    }

    /// Straight lines, broken by a zigzag where time is folded.
    pub(super) fn draw_lifelines(&self, page: &mut Page) {
        let folds: Vec<f64> = self
            .rows()
            .filter(|(row, _)| matches!(row, Row::Silence(_) | Row::Skipped(_)))
            .map(|(_, place)| self.y(place.start))
            .collect();
        for &x in &self.columns {
            let mut path = PathData::new().move_to(Point::new(x, HEAD_Y + HEAD_HEIGHT));
            for &y in &folds {
                path = zigzag(path, x, y);
            }
            path = path.line_to(Point::new(x, self.y(self.timeline.bottom)));
            page.add(Element::path(&path).stroke(self.palette.line, 1.3));
        }
    }

    /// The time of every packet's start at the left edge, as far as they do not touch.
    pub(super) fn draw_times(&self, page: &mut Page) {
        let mut last = (f64::NEG_INFINITY, String::new());
        let mut seen = BTreeSet::new();
        for (row, place) in self.rows() {
            let (column, is_start) = match row {
                Row::Arrow(arrow) => (arrow.from, seen.insert(arrow.number)),
                Row::Death(death) => (death.column, seen.insert(death.number)),
                _ => (0, false),
            };
            let y = self.y(place.start);
            let text = milliseconds(row.at());
            if !is_start || y < last.0 + 11.0 || text == last.1 {
                continue;
            }
            last = (y, text.clone());
            let to = Point::new(self.columns[column], y);
            let leader = Element::line(Point::new(TIME_X + 6.0, y), to);
            page.add(leader.stroke(self.palette.line, 0.7).dashed(1.0, 4.0));
            let label = Element::text(Point::new(TIME_X, y + 3.5), 10.0, &text);
            page.add(label.anchor(Anchor::End).fill(self.palette.dim));
        }
    }
}

/// Teeth of 18 pixels height around `y`.
fn zigzag(path: PathData, x: f64, y: f64) -> PathData {
    let teeth = [
        (0.0, -9.0),
        (6.0, -4.5),
        (-6.0, 0.0),
        (6.0, 4.5),
        (0.0, 9.0),
    ];
    teeth.into_iter().fold(path, |path, (dx, dy)| {
        path.line_to(Point::new(x + dx, y + dy))
    })
}

/// From one column to the next: room for the longest main line, within limits that keep the
/// page readable.
fn column_step(ladder: &Ladder) -> f64 {
    let longest = ladder
        .arrows()
        .filter_map(|arrow| {
            let (left, right) = arrow.columns();
            let form = arrow.label_forms().into_iter().next()?;
            let spans = u32::try_from(right - left).ok().filter(|&n| n > 0)?;
            Some((width(arrow.number, &form) + 40.0) / f64::from(spans))
        })
        .fold(0.0, f64::max);
    let gaps = u32::try_from(ladder.columns.len().saturating_sub(1).max(1)).unwrap_or(u32::MAX);
    let most = (PAGE / f64::from(gaps)).clamp(130.0, 460.0);
    longest.clamp(
        ((LEAST_WIDTH - LEFT - RIGHT) / f64::from(gaps))
            .max(220.0)
            .min(most),
        most,
    )
}

/// The first column. Times and ties stand left of it.
const LEFT: f64 = 168.0;
/// Room right of the last column.
const RIGHT: f64 = 120.0;
/// Where times end.
const TIME_X: f64 = 66.0;
const HEAD_Y: f64 = 72.0;
const HEAD_HEIGHT: f64 = 40.0;
/// Where the timeline begins.
const TOP: f64 = HEAD_Y + HEAD_HEIGHT;
/// Below the timeline: the legend.
const FOOT: f64 = 74.0;
const TITLE_SIZE: f64 = 18.0;
const LEAST_WIDTH: f64 = 760.0;
/// All gaps between columns together are at most this wide.
const PAGE: f64 = 960.0;
