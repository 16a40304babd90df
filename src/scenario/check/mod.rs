//! What a plan holds, for a person: `netsim check` prints it.
//!
//! Everything that was filled in, not written, carries a `*`.

mod names;
mod network;
mod programs;

use std::fmt::Write as _;

use super::plan::Plan;

/// One table of the description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What the table shows.
    pub title: &'static str,
    /// The names of the columns.
    pub header: Vec<&'static str>,
    /// The rows, each as long as the header; after very many, one with a single cell says how many
    /// more there are.
    pub rows: Vec<Vec<String>>,
}

/// The plan as tables: cards, links, routes, settings, servers, traffic, capture. Empty tables are
/// left out.
pub fn sections(plan: &Plan) -> Vec<Section> {
    let mut all = vec![
        network::cards(plan),
        network::links(plan),
        network::routes(plan),
        network::settings(plan),
        programs::servers(plan),
        programs::answers(plan),
        programs::names(plan),
        names::zones(plan),
        names::pools(plan),
        programs::traffic(plan),
        programs::captures(plan),
    ];
    all.retain(|section| !section.rows.is_empty());
    all
}

/// The plan as text, with aligned columns and without colour.
pub fn describe(plan: &Plan) -> String {
    let mut text = format!("{}\n{}\n", plan.title, network::general(plan));
    for section in sections(plan) {
        let _ = write!(text, "\n{}\n{}", section.title, section.to_text());
    }
    if text.contains(FILLED_IN) {
        let _ = write!(text, "\n{FILLED_IN} filled in, not written in the file\n");
    }
    for warning in &plan.warnings {
        let _ = write!(text, "\nwarning: {warning}\n");
    }
    text
}

/// A person reads no more, and a large network has millions of routes.
const MOST_ROWS: usize = 5000;

/// Marks what the file left out.
const FILLED_IN: char = '*';

/// `text`, marked if it was filled in.
fn marked(text: impl ToString, filled_in: bool) -> String {
    let mut text = text.to_string();
    if filled_in {
        text.push(FILLED_IN);
    }
    text
}

impl Section {
    /// A table of `total` rows, of which the first [`MOST_ROWS`] are kept.
    fn new(
        title: &'static str,
        header: &[&'static str],
        total: usize,
        rows: impl Iterator<Item = Vec<String>>,
    ) -> Self {
        let mut rows: Vec<Vec<String>> = rows.take(MOST_ROWS).collect();
        let more = total.saturating_sub(rows.len());
        if more > 0 {
            rows.push(vec![format!("... and {more} more")]);
        }
        Self {
            title,
            header: header.to_vec(),
            rows,
        }
    }

    /// The table with aligned columns, each line indented by two.
    fn to_text(&self) -> String {
        let header: Vec<String> = self.header.iter().map(ToString::to_string).collect();
        let rows = || std::iter::once(&header).chain(&self.rows);
        let length = |cell: &String| cell.chars().count();
        let widths: Vec<usize> = (0..header.len())
            .map(|i| {
                rows()
                    .filter_map(|r| r.get(i))
                    .map(length)
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for row in rows() {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let _ = write!(line, "  {cell:<width$}");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{gallery, load_str};

    #[test]
    fn the_description_of_every_example_is_stable() {
        for example in gallery() {
            let plan = load_str(example.name, example.text, &[]).unwrap();
            insta::assert_snapshot!(format!("check_{}", example.name), describe(&plan));
        }
    }
}
