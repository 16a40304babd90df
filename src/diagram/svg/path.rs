//! The `d` attribute of a path, built step by step.

use std::fmt;

use super::{Point, number};

/// Outlines of straight lines and curves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathData(String);

impl PathData {
    /// An empty outline.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a new outline at `p`.
    #[must_use]
    pub fn move_to(self, p: Point) -> Self {
        self.step('M', &[p])
    }

    /// A straight line to `p`.
    #[must_use]
    pub fn line_to(self, p: Point) -> Self {
        self.step('L', &[p])
    }

    /// A quadratic curve to `p`, bent towards `control`.
    #[must_use]
    pub fn quadratic(self, control: Point, p: Point) -> Self {
        self.step('Q', &[control, p])
    }

    /// A cubic curve to `p`, leaving towards `first` and arriving from `second`.
    #[must_use]
    pub fn cubic(self, first: Point, second: Point, p: Point) -> Self {
        self.step('C', &[first, second, p])
    }

    /// An arc of an ellipse with the given radii to `p`, clockwise, the shorter way.
    #[must_use]
    pub fn arc(mut self, rx: f64, ry: f64, p: Point) -> Self {
        let (rx, ry) = (number(rx), number(ry));
        self.0 += &format!("A{rx} {ry} 0 0 1 {} {}", number(p.x), number(p.y));
        self
    }

    /// A straight line back to the start of the outline.
    #[must_use]
    pub fn close(mut self) -> Self {
        self.0.push('Z');
        self
    }

    fn step(mut self, letter: char, points: &[Point]) -> Self {
        self.0.push(letter);
        let pairs: Vec<String> = points
            .iter()
            .map(|p| format!("{} {}", number(p.x), number(p.y)))
            .collect();
        self.0 += &pairs.join(" ");
        self
    }
}

impl fmt::Display for PathData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_written_in_order() {
        let path = PathData::new()
            .move_to(Point::new(0.0, 0.0))
            .line_to(Point::new(1.5, 2.0))
            .quadratic(Point::new(3.0, 3.0), Point::new(4.0, 0.0))
            .close();
        assert_eq!(path.to_string(), "M0 0L1.5 2Q3 3 4 0Z");
    }
}
