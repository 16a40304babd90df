//! A ladder as text for terminals: box-drawing characters, one line for each row.
//!
//! Contract: no line is longer than the width asked for, or than [`LEAST_WIDTH`] if that is
//! more. If the columns do not fit, the rows become a plain list. Every character is counted as
//! one cell wide.

mod line;
mod list;

use line::Line;

use super::model::{Arrow, Death, Ladder, Row, Silence, Skipped, State};
use crate::{diagram::words::rounded_span, units::SimTime};

/// Narrower ladders are not drawn \[characters\].
pub const LEAST_WIDTH: usize = 60;

impl Ladder {
    /// The ladder as text, at most `width` characters wide.
    pub fn to_text(&self, width: usize) -> String {
        let title = cut(self.title.trim_end(), width.max(LEAST_WIDTH));
        format!("{title}\n\n{}", self.to_untitled_text(width))
    }

    /// The same without the title.
    pub fn to_untitled_text(&self, width: usize) -> String {
        let width = width.max(LEAST_WIDTH);
        let mut lines: Vec<String> = self.excerpt.iter().cloned().collect();
        match Sheet::new(self, width) {
            Some(sheet) => lines.extend(sheet.lines()),
            None => lines.extend(list::lines(self, width)),
        }
        if let Some(words) = self.left_out_words() {
            lines.push(String::new());
            lines.push(words);
        }
        let fitted = lines.iter().map(|line| cut(line.trim_end(), width));
        fitted.map(|line| line + "\n").collect()
    }
}

/// Where the columns stand.
struct Sheet<'a> {
    ladder: &'a Ladder,
    width: usize,
    places: Vec<usize>,
}

impl<'a> Sheet<'a> {
    /// `None` if there are no columns or they do not fit.
    fn new(ladder: &'a Ladder, width: usize) -> Option<Self> {
        let count = ladder.columns.len();
        let half = |name: &str| name.chars().count().div_ceil(2) + 1;
        let left = MARGIN + half(&ladder.columns.first()?.name).max(LIFE_MARGIN);
        let right = half(&ladder.columns.last()?.name).max(LIFE_MARGIN);
        let room = width.checked_sub(left + right)?;
        let step = match count {
            1 => 0,
            _ => (room / (count - 1)).min(MOST_STEP),
        };
        let fits = count == 1 || step >= LEAST_STEP;
        fits.then(|| Self {
            ladder,
            width,
            places: (0..count).map(|i| left + i * step).collect(),
        })
    }

    fn lines(&self) -> Vec<String> {
        let columns = &self.ladder.columns;
        let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
        let addresses: Vec<&str> = columns
            .iter()
            .map(|c| c.address.as_deref().unwrap_or_default())
            .collect();
        let mut lines = vec![self.heads(&names, "time  no."), self.heads(&addresses, "")];
        lines.push(self.lifelines('│').finish());
        for row in &self.ladder.rows {
            lines.push(self.row(row).finish());
        }
        lines.push(self.lifelines('│').finish());
        lines
    }

    /// Texts centred over the columns, cut where they would touch.
    fn heads(&self, texts: &[&str], margin: &str) -> String {
        let mut line = Line::blank(self.width);
        line.write(0, &format!("{margin:>0$}", MARGIN - 2));
        let step = match self.places.as_slice() {
            [a, b, ..] => b - a,
            _ => self.width,
        };
        for (text, &place) in texts.iter().zip(&self.places) {
            line.write_centred(place, &cut(text, step.saturating_sub(1)));
        }
        line.finish()
    }

    fn row(&self, row: &Row) -> Line {
        match row {
            Row::Arrow(arrow) => self.arrow(arrow),
            Row::Death(death) => self.death(death),
            Row::State(state) => self.state(state),
            Row::Silence(silence) => self.silence(silence),
            Row::Skipped(skipped) => self.skipped(skipped),
        }
    }

    fn lifelines(&self, stroke: char) -> Line {
        let mut line = Line::blank(self.width);
        for &place in &self.places {
            line.put(place, stroke);
        }
        line
    }

    /// Lifelines with time and number in the margin.
    fn stamped(&self, at: SimTime, number: Option<usize>) -> Line {
        let mut line = self.lifelines('│');
        let number = number.map_or_else(String::new, |n| n.to_string());
        let time = format!("{} ms", milliseconds(at));
        line.write(0, &format!("{time:>TIME_WIDTH$} {number:>NUMBER_WIDTH$}"));
        line
    }

    fn arrow(&self, arrow: &Arrow) -> Line {
        let mut line = self.stamped(arrow.sent, Some(arrow.number));
        let (a, b) = (self.places[arrow.from], self.places[arrow.to]);
        if a == b {
            return line;
        }
        let (left, right) = (a.min(b), a.max(b));
        let inner = right - left - 1;
        let body = match &arrow.lost {
            None => whole_body(arrow, inner),
            Some(reason) => lost_body(arrow, reason, inner),
        };
        line.overlay(left + 1, &body);
        line.put(a, if arrow.points_right() { '├' } else { '┤' });
        line
    }

    fn death(&self, death: &Death) -> Line {
        let mut line = self.stamped(death.at, Some(death.number));
        let place = self.places[death.column];
        line.put(place, '╳');
        let words = format!("{}: {}", death.reason, death.label.main);
        let right = self.width.saturating_sub(place + 2);
        if right >= words.chars().count() || place < self.width / 2 {
            line.write(place + 2, &cut(&words, right));
        } else {
            let room = place.saturating_sub(MARGIN + 2);
            let words = cut(&words, room);
            line.write(place - 1 - words.chars().count(), &words);
        }
        line
    }

    fn state(&self, state: &State) -> Line {
        let mut line = self.stamped(state.at, None);
        line.write_centred(self.places[state.column], &format!("[{}]", state.name));
        line
    }

    fn silence(&self, silence: &Silence) -> Line {
        self.note(&format!("{} of silence", rounded_span(silence.length())))
    }

    fn skipped(&self, skipped: &Skipped) -> Line {
        self.note(&skipped.words())
    }

    /// Dotted lifelines with words across the middle.
    fn note(&self, words: &str) -> Line {
        let mut line = self.lifelines('┊');
        let first = self.places.first().copied().unwrap_or(MARGIN);
        let last = self.places.last().copied().unwrap_or(first);
        line.write_centred(usize::midpoint(first, last), &format!(" ~ {words} ~ "));
        line
    }
}

/// Dashes with a label in them and a head: `── SYN seq=0 ──▶`.
fn whole_body(arrow: &Arrow, inner: usize) -> String {
    let label = fitting(arrow, inner.saturating_sub(5));
    let dashes = inner.saturating_sub(label.chars().count() + 1);
    let (before, after) = (dashes / 2, dashes - dashes / 2);
    let (before, after) = ("─".repeat(before), "─".repeat(after));
    if arrow.points_right() {
        format!("{before}{label}{after}▶")
    } else {
        format!("◀{before}{label}{after}")
    }
}

/// A line that ends in a cross with the reason behind it: `── SYN ──╳ queue full`.
fn lost_body(arrow: &Arrow, reason: &str, inner: usize) -> String {
    let reason = cut(reason, inner.saturating_sub(6));
    let room = inner.saturating_sub(reason.chars().count() + 7);
    let label = whole_form(arrow, room).unwrap_or_default();
    let used = label.chars().count() + reason.chars().count() + 3;
    let dashes = inner.saturating_sub(used);
    let (outer, near) = ("─".repeat(dashes - dashes / 2), "─".repeat(dashes / 2));
    if arrow.points_right() {
        format!("{outer}{label}{near}╳ {reason} ")
    } else {
        format!(" {reason} ╳{near}{label}{outer}")
    }
}

/// The longest form of an arrow's label that fits `room`, with a blank on either side; the
/// shortest, cut, if none does.
fn fitting(arrow: &Arrow, room: usize) -> String {
    whole_form(arrow, room).unwrap_or_else(|| {
        let shortest = arrow.label_forms().pop();
        let text = cut(&shortest.map_or_else(String::new, |f| f.to_string()), room);
        if text.is_empty() {
            text
        } else {
            format!(" {text} ")
        }
    })
}

/// The longest form of an arrow's label that fits `room`, with a blank on either side.
fn whole_form(arrow: &Arrow, room: usize) -> Option<String> {
    let forms = arrow.label_forms();
    let mut texts = forms.iter().map(ToString::to_string);
    let text = texts.find(|text| text.chars().count() <= room)?;
    Some(format!(" {text} "))
}

/// `text`, ended with `…` if it is longer than `most` characters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    match most {
        0 => String::new(),
        _ => kept + "…",
    }
}

/// Milliseconds with three decimals.
pub(super) fn milliseconds(at: SimTime) -> String {
    let microseconds = (at.as_nanos() + 500) / 1000;
    format!("{}.{:03}", microseconds / 1000, microseconds % 1000)
}

/// Width of a time with its unit: `12345.678 ms`.
const TIME_WIDTH: usize = 12;
const NUMBER_WIDTH: usize = 4;
/// Time, number and a gap.
const MARGIN: usize = TIME_WIDTH + 1 + NUMBER_WIDTH + 2;
/// At least this much beside the first and the last lifeline, for states.
const LIFE_MARGIN: usize = 8;
/// Arrows shorter than this cannot carry a label.
const LEAST_STEP: usize = 18;
/// Longer arrows help nobody.
const MOST_STEP: usize = 60;
