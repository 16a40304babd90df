//! The texts that make a scenario: the file, then one line for each `--set`.

use super::Place;

/// One text.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// How errors call it: the file's name, or `--set`.
    pub(crate) name: String,
    /// What stands in it.
    pub(crate) text: String,
    start: usize,
}

/// All texts of one scenario, numbered through.
#[derive(Debug, Clone)]
pub(crate) struct Sources(Vec<Source>);

/// A line and a column, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Sources {
    /// Starts with the file.
    pub(crate) fn new(name: &str, text: &str) -> Self {
        Self(vec![Source {
            name: name.to_owned(),
            text: text.to_owned(),
            start: 0,
        }])
    }

    /// Adds a text and returns the number of its first byte.
    pub(crate) fn add(&mut self, name: &str, text: &str) -> usize {
        let start = self.0.last().map_or(0, |s| s.start + s.text.len() + 1);
        self.0.push(Source {
            name: name.to_owned(),
            text: text.to_owned(),
            start,
        });
        start
    }

    /// The file.
    pub(crate) fn file(&self) -> &Source {
        &self.0[0]
    }

    /// Every text with the number of its first byte; the file is the first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        self.0.iter().map(|s| (s.start, s.text.as_str()))
    }

    /// The text that `place` lies in, and the range within that text.
    pub(crate) fn locate(&self, place: &Place) -> (&Source, Place) {
        let index = self.0.partition_point(|s| s.start <= place.start);
        let source = &self.0[index.saturating_sub(1)];
        let clamp = |at: usize| {
            let mut at = at.saturating_sub(source.start).min(source.text.len());
            while !source.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = clamp(place.start);
        (source, start..clamp(place.end).max(start))
    }

    /// Name, line and column of the start of `place`, as in `lossy.toml:12:8`.
    pub(crate) fn describe(&self, place: &Place) -> String {
        let at = self.position(place);
        format!("{}:{}:{}", self.locate(place).0.name, at.line, at.column)
    }

    /// Line and column of the start of `place`.
    pub(crate) fn position(&self, place: &Place) -> Position {
        let (source, range) = self.locate(place);
        let before = &source.text[..range.start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Position {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_finds_its_text_line_and_column() {
        // "é" has two bytes and is one column.
        let mut sources = Sources::new("a.toml", "x = 1\né = 2\n");
        let start = sources.add("--set", "seed=7");
        assert_eq!(start, 14);
        assert_eq!(sources.position(&(11..12)), Position { line: 2, column: 5 });
        let (source, range) = sources.locate(&(start + 5..start + 6));
        assert_eq!((source.name.as_str(), range), ("--set", 5..6));
    }

    #[test]
    fn a_place_outside_any_text_or_inside_a_character_is_pulled_in() {
        let sources = Sources::new("a.toml", "é");
        assert_eq!(sources.locate(&(1..2)).1, 0..2);
        assert_eq!(sources.locate(&(50..60)).1, 2..2);
    }
}
