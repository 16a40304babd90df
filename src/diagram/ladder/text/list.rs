//! A ladder whose columns do not fit, as a list: one line says who sent what to whom.

use super::{cut, milliseconds};
use crate::diagram::{
    ladder::model::{Arrow, Ladder, Row},
    words::rounded_span,
};

pub(super) fn lines(ladder: &Ladder, width: usize) -> Vec<String> {
    let longest = ladder
        .columns
        .iter()
        .map(|column| column.name.chars().count())
        .max();
    let list = List {
        ladder,
        who: longest.unwrap_or(0).min(MOST_NAME) * 2 + 3,
    };
    let lines = ladder.rows.iter().map(|row| list.line(row));
    lines.map(|line| cut(&line, width)).collect()
}

struct List<'a> {
    ladder: &'a Ladder,
    /// The width of "alice → bob".
    who: usize,
}

impl List<'_> {
    fn line(&self, row: &Row) -> String {
        let name = |column: usize| cut(&self.ladder.columns[column].name, MOST_NAME);
        let time = format!("{:>9} ms", milliseconds(row.at()));
        let who = self.who;
        match row {
            Row::Arrow(a) => {
                let way = format!("{} → {}", name(a.from), name(a.to));
                format!("{time} {:>4}  {way:<who$}  {}", a.number, arrow_words(a))
            }
            Row::Death(d) => {
                let what = format!("{}: {}", d.reason, d.label.main);
                let place = format!("╳ {}", name(d.column));
                format!("{time} {:>4}  {place:<who$}  {what}", d.number)
            }
            Row::State(s) => format!("{time}       {:<who$}  [{}]", name(s.column), s.name),
            Row::Silence(s) => {
                format!("{:>12}       {} of silence", "~", rounded_span(s.length()))
            }
            Row::Skipped(s) => format!("{:>12}       {}", "~", s.words()),
        }
    }
}

fn arrow_words(arrow: &Arrow) -> String {
    let forms = arrow.label_forms();
    let label = forms.first().map_or_else(String::new, ToString::to_string);
    match &arrow.lost {
        Some(reason) => format!("{label}  ╳ {reason}"),
        None => label,
    }
}

/// Longer names are cut.
const MOST_NAME: usize = 16;
