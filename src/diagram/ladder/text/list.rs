//! A ladder whose columns do not fit, as a list: one line says who sent what to whom.

use super::{cut, milliseconds};
use crate::diagram::{
    ladder::model::{Arrow, Ladder, Row},
    words::rounded_span,
};

pub(super) fn lines(ladder: &Ladder, width: usize) -> Vec<String> {
    let lines = ladder.rows.iter().map(|row| line(ladder, row));
    lines.map(|line| cut(&line, width)).collect()
}

fn line(ladder: &Ladder, row: &Row) -> String {
    let name = |column: usize| ladder.columns[column].name.as_str();
    let time = format!("{:>9} ms", milliseconds(row.at()));
    match row {
        Row::Arrow(a) => {
            let way = format!("{} → {}", name(a.from), name(a.to));
            format!("{time} {:>4}  {way}  {}", a.number, arrow_words(a))
        }
        Row::Death(d) => {
            let what = format!("{}: {}", d.reason, d.label.main);
            format!("{time} {:>4}  ╳ {}  {what}", d.number, name(d.column))
        }
        Row::State(s) => format!("{time}       {} [{}]", name(s.column), s.name),
        Row::Silence(s) => format!("{:>12}       {} of silence", "~", rounded_span(s.length())),
        Row::Skipped(s) => format!("{:>12}       {}", "~", s.words()),
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
