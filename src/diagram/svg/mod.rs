//! A small SVG writer: a page that elements are added to in drawing order.
//!
//! Contract: the same calls give the same bytes on every machine. Numbers are written with at
//! most two decimals, text and attributes are escaped, attributes keep the order of the calls.
//! Text is measured with the metrics of DejaVu Sans, which the crate carries, so that labels can
//! be placed without overlap.
//!
//! Not here: colours and fonts (`style`), kerning, scripts and animation.

mod element;
mod measure;
mod page;
mod path;

pub use element::{Anchor, Element};
pub use measure::{Font, ellipsis, text_width};
pub use page::Page;
pub use path::PathData;

/// A place on the page \[px\]: x to the right, y downwards.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// From the left edge.
    pub x: f64,
    /// From the top edge.
    pub y: f64,
}

impl Point {
    /// The point (x, y).
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// This point moved by (dx, dy).
    #[must_use]
    pub fn moved(self, dx: f64, dy: f64) -> Self {
        Self::new(self.x + dx, self.y + dy)
    }

    /// The point a part `t` (0 to 1) of the way to `other`.
    #[must_use]
    pub fn towards(self, other: Self, t: f64) -> Self {
        self.moved((other.x - self.x) * t, (other.y - self.y) * t)
    }

    /// The length of the straight line to `other`.
    pub fn distance(self, other: Self) -> f64 {
        libm::hypot(other.x - self.x, other.y - self.y)
    }
}

/// A number as it stands in SVG: at most two decimals, no trailing zeros, no minus zero.
pub fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    match short {
        "-0" | "" => "0".to_owned(),
        other => other.to_owned(),
    }
}

/// Text with the characters replaced that XML gives a meaning, and those dropped that XML 1.0
/// forbids (control characters).
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_have_one_zero() {
        assert_eq!(number(1.0), "1");
        assert_eq!(number(-0.001), "0");
        assert_eq!(number(2.345), "2.35");
        assert_eq!(number(100.0), "100");
        assert_eq!(number(-1.5), "-1.5");
    }

    #[test]
    fn text_cannot_break_out_of_its_element() {
        assert_eq!(
            escape("<a href=\"x\">&\u{0}"),
            "&lt;a href=&quot;x&quot;&gt;&amp;"
        );
    }
}
