//! The bytes in rows of sixteen, coloured by layer; a thin gap where a field ends.

use super::{Canvas, MARGIN, WIDTH, field::shown, part::Part};
use crate::{
    diagram::{
        style::{Colour, ON_LAYER},
        svg::{Anchor, Element, Font, Point, ellipsis},
    },
    dissect::{Dissection, Field},
};

/// Draws the dump and moves the canvas below it.
pub(super) fn draw(canvas: &mut Canvas, bytes: &[u8], parts: &[Part], dissection: &Dissection) {
    let note = "Offset, bytes, letters, and the fields that begin in the row. A gap ends a field.";
    canvas.heading("The bytes", note);
    let dump = Dump {
        bytes,
        parts,
        fields: dissection.layers.iter().flat_map(shown).collect(),
    };
    let rows = bytes.len().div_ceil(PER_ROW);
    for row in 0..rows.min(MOST_ROWS) {
        dump.row(canvas, row);
    }
    let left = bytes.len().saturating_sub(MOST_ROWS * PER_ROW);
    if left > 0 {
        let at = Point::new(HEX_LEFT, canvas.y + 14.0);
        let text = format!("… and {left} more bytes");
        let ink = canvas.theme.palette().dim;
        canvas.page.add(Element::text(at, 12.0, &text).fill(ink));
        canvas.y += ROW;
    }
}

struct Dump<'a> {
    bytes: &'a [u8],
    parts: &'a [Part],
    fields: Vec<&'a Field>,
}

impl Dump<'_> {
    fn row(&self, canvas: &mut Canvas, row: usize) {
        let from = row * PER_ROW;
        let to = (from + PER_ROW).min(self.bytes.len());
        let palette = canvas.theme.palette();
        let base = canvas.y + 14.5;
        let offset = Element::text(Point::new(MARGIN, base), SIZE, &format!("{from:04x}"));
        canvas.page.add(offset.mono().fill(palette.dim));
        for run in self.runs(from, to) {
            self.draw_run(canvas, from, &run);
        }
        for at in from..to {
            self.draw_byte(canvas, at - from, self.bytes[at]);
        }
        self.draw_names(canvas, from, to);
        canvas.y += ROW;
    }

    /// Neighbouring bytes of one field, or of no field, in one part.
    fn runs(&self, from: usize, to: usize) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for at in from..to {
            let (part, field) = (self.part_at(at), self.field_at(at));
            match runs.last_mut() {
                Some(run) if run.part == part && run.field == field => run.to = at + 1,
                _ => runs.push(Run {
                    part,
                    field,
                    from: at,
                    to: at + 1,
                }),
            }
        }
        runs
    }

    fn part_at(&self, at: usize) -> Option<usize> {
        self.parts.iter().position(|p| p.range.contains(&at))
    }

    /// The field at a byte: the shortest one that covers it.
    fn field_at(&self, at: usize) -> Option<usize> {
        let covering = self.fields.iter().enumerate();
        covering
            .filter(|(_, f)| f.range.contains(&at))
            .min_by_key(|(_, f)| f.range.len())
            .map(|(number, _)| number)
    }

    fn draw_run(&self, canvas: &mut Canvas, row_start: usize, run: &Run) {
        let colour = self.colour(canvas, run);
        let (first, last) = (run.from - row_start, run.to - row_start - 1);
        let starts_field = self.begins(run);
        let left = hex_x(first) - if starts_field { 9.5 } else { 11.0 };
        let right = hex_x(last) + 11.0;
        let corner = Point::new(left, canvas.y);
        let cell = Element::rect(corner, right - left, ROW - 2.0).fill(colour);
        canvas.page.add(match run.field.map(|f| self.fields[f]) {
            Some(field) => cell.hint(&format!("{}: {}", field.label, field.value)),
            None => cell,
        });
        let corner = Point::new(text_x(first), canvas.y);
        let width = text_x(last + 1) - text_x(first);
        let cell = Element::rect(corner, width, ROW - 2.0).fill(colour);
        canvas.page.add(cell);
    }

    /// True if the run is the beginning of its field (or of bytes without one).
    fn begins(&self, run: &Run) -> bool {
        match run.field {
            Some(field) => self.fields[field].range.start == run.from,
            None => run.from == 0 || self.field_at(run.from - 1).is_some(),
        }
    }

    fn colour(&self, canvas: &Canvas, run: &Run) -> Colour {
        let part = run.part.and_then(|p| self.parts.get(p));
        part.map_or_else(|| canvas.theme.palette().line, |p| p.colour(canvas.theme))
    }

    fn draw_byte(&self, canvas: &mut Canvas, column: usize, byte: u8) {
        let y = canvas.y + 14.5;
        let hex = Element::text(Point::new(hex_x(column), y), SIZE, &format!("{byte:02x}"));
        let hex = hex.mono().fill(ON_LAYER).anchor(Anchor::Middle);
        canvas.page.add(hex);
        let letter = match byte {
            0x20..=0x7e => char::from(byte),
            _ => '·',
        };
        let x = text_x(column) + LETTER / 2.0;
        let letter = Element::text(Point::new(x, y), SIZE, &letter.to_string());
        let letter = letter.mono().fill(ON_LAYER).anchor(Anchor::Middle);
        canvas.page.add(letter);
    }

    /// The names of the fields that begin between `from` and `to`.
    fn draw_names(&self, canvas: &mut Canvas, from: usize, to: usize) {
        let begin = self
            .fields
            .iter()
            .filter(|f| (from..to).contains(&f.range.start));
        let mut names: Vec<&str> = begin.map(|f| f.label.trim_end_matches(" (raw)")).collect();
        names.dedup();
        let left = text_x(PER_ROW) + 14.0;
        let text = ellipsis(
            &names.join(", "),
            Font::Regular,
            10.5,
            WIDTH - MARGIN - left,
        );
        let at = Point::new(left, canvas.y + 14.0);
        let ink = canvas.theme.palette().dim;
        canvas.page.add(Element::text(at, 10.5, &text).fill(ink));
    }
}

struct Run {
    part: Option<usize>,
    field: Option<usize>,
    from: usize,
    to: usize,
}

/// The middle of the byte in a column.
#[allow(clippy::cast_precision_loss, reason = "there are sixteen columns")]
fn hex_x(column: usize) -> f64 {
    let half = if column >= PER_ROW / 2 { 8.0 } else { 0.0 };
    HEX_LEFT + 11.0 + column as f64 * 22.0 + half
}

/// The left edge of the letter in a column.
#[allow(clippy::cast_precision_loss, reason = "there are sixteen columns")]
fn text_x(column: usize) -> f64 {
    hex_x(PER_ROW - 1) + 28.0 + column as f64 * LETTER
}

const PER_ROW: usize = 16;
/// A frame of 1514 bytes is not shown to its end.
const MOST_ROWS: usize = 20;
const ROW: f64 = 21.0;
const SIZE: f64 = 12.0;
const LETTER: f64 = 9.0;
const HEX_LEFT: f64 = MARGIN + 44.0;
