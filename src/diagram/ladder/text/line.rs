//! One line of characters that is written from several sides.

/// A line of fixed width.
#[derive(Debug, Clone)]
pub(super) struct Line(Vec<char>);

impl Line {
    pub(super) fn blank(width: usize) -> Self {
        Self(vec![' '; width])
    }

    /// Writes one character; outside of the line nothing happens.
    pub(super) fn put(&mut self, at: usize, c: char) {
        if let Some(cell) = self.0.get_mut(at) {
            *cell = c;
        }
    }

    /// Writes `text` from `at` on; what lies outside of the line is lost.
    pub(super) fn write(&mut self, at: usize, text: &str) {
        for (i, c) in text.chars().enumerate() {
            self.put(at + i, c);
        }
    }

    /// Writes `text` with its middle at `centre`.
    pub(super) fn write_centred(&mut self, centre: usize, text: &str) {
        self.write(centre.saturating_sub(text.chars().count() / 2), text);
    }

    /// Writes `text` from `at` on; its dashes cross lifelines, the blanks around it let them
    /// through.
    pub(super) fn overlay(&mut self, at: usize, text: &str) {
        let blanks = text.chars().take_while(|&c| c == ' ').count();
        for (i, c) in text.trim().chars().enumerate() {
            let place = at + blanks + i;
            match (c, self.0.get(place)) {
                ('─', Some('│')) => self.put(place, '┼'),
                _ => self.put(place, c),
            }
        }
    }

    pub(super) fn finish(self) -> String {
        let text: String = self.0.into_iter().collect();
        text.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_cross_lifelines() {
        let mut line = Line::blank(5);
        line.put(2, '│');
        line.overlay(1, "──▶");
        assert_eq!(line.finish(), " ─┼▶");
    }

    #[test]
    fn words_hide_lifelines_and_blanks_around_them_do_not() {
        let mut line = Line::blank(9);
        line.put(0, '│');
        line.put(4, '│');
        line.overlay(0, "  ─ a b ▶");
        assert_eq!(line.finish(), "│ ─ a b ▶");
    }

    #[test]
    fn nothing_is_written_outside() {
        let mut line = Line::blank(3);
        line.write(2, "abc");
        line.write_centred(0, "xyz");
        assert_eq!(line.finish(), "xyz");
    }
}
