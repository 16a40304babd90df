//! Where the parts of a figure stand \[px\].

use super::figure::{Figure, Key};
use crate::diagram::svg::{Font, ellipsis, text_width};

/// The width of every plot.
pub(super) const WIDTH: i32 = 960;
/// Free space at the left and right edge.
pub(super) const MARGIN: i32 = 28;
/// The middle of the first line of the note.
pub(super) const NOTE_TOP: i32 = 58;
/// From line to line in the note.
pub(super) const LINE: i32 = 18;
/// From line to line in the legend.
pub(super) const LEGEND_LINE: i32 = 22;
/// The width of the sample in front of a legend's text.
pub(super) const SAMPLE: i32 = 24;
/// From the sample to its text.
pub(super) const GAP: i32 = 8;
/// The size of the note's letters.
pub(super) const NOTE_SIZE: i32 = 12;
/// The size of the legend's letters.
pub(super) const KEY_SIZE: i32 = 12;

/// The places of everything around the charts.
pub(super) struct Layout {
    pub(super) note: Vec<String>,
    /// The legend's texts, cut to the page, with left edge and row.
    pub(super) keys: Vec<(String, i32, i32)>,
    pub(super) legend_top: i32,
    /// Left top corner of each panel.
    pub(super) panels: Vec<(i32, i32)>,
    /// Width and height of a panel.
    pub(super) panel: (i32, i32),
    pub(super) height: i32,
}

impl Layout {
    pub(super) fn of(figure: &Figure) -> Self {
        let note = wrapped(&figure.note);
        let keys = flowed(&figure.legend);
        let lines = i32::try_from(note.len()).unwrap_or(0);
        let legend_top = NOTE_TOP + lines * LINE + 6;
        let rows = keys.last().map_or(0, |(.., row)| row + 1);
        let top = legend_top + rows * LEGEND_LINE;
        let count = i32::try_from(figure.panels.len()).unwrap_or(1);
        let columns = if count > 3 { 2 } else { 1 };
        let height = match count {
            1 => 400,
            2 | 3 => 290,
            _ => 260,
        };
        let width = (WIDTH - 2 * MARGIN) / columns;
        let corner = |n: i32| (MARGIN + n % columns * width, top + n / columns * height);
        Self {
            note,
            keys,
            legend_top,
            panels: (0..count).map(corner).collect(),
            panel: (width, height),
            height: top + (count + columns - 1) / columns * height + 10,
        }
    }
}

/// Words filled into lines of the page's width.
fn wrapped(text: &str) -> Vec<String> {
    let room = f64::from(WIDTH - 2 * MARGIN);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match longer.filter(|l| text_width(l, Font::Regular, f64::from(NOTE_SIZE)) <= room) {
            Some(longer) => {
                lines.pop();
                lines.push(longer);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The keys side by side, in as many rows as they need.
fn flowed(legend: &[Key]) -> Vec<(String, i32, i32)> {
    let room = f64::from(WIDTH - 2 * MARGIN - SAMPLE - GAP);
    let (mut x, mut row) = (MARGIN, 0);
    let mut places = Vec::new();
    for key in legend {
        let label = ellipsis(&key.label, Font::Regular, f64::from(KEY_SIZE), room);
        let width = SAMPLE + GAP + pixels(text_width(&label, Font::Regular, f64::from(KEY_SIZE)));
        if x > MARGIN && x + width > WIDTH - MARGIN {
            (x, row) = (MARGIN, row + 1);
        }
        places.push((label, x, row));
        x += width + 26;
    }
    places
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "a text is cut to the page's width"
)]
fn pixels(width: f64) -> i32 {
    libm::ceil(width) as i32
}
