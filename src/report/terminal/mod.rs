//! The summary as tables for a terminal: aligned, with units for people, one line per row.
//!
//! Long tables are cut and say so. A network with many links or flows is told by group, with the
//! worst few by name. `summary.json` has everything. Colour is ANSI codes in the text, only if
//! asked for: whoever prints decides.

mod calls;
mod crowds;
mod groups;
mod live;
mod network;
mod sheet;
mod traffic;
mod words;
mod worst;

use anstyle::{AnsiColor, Style};

use super::{SUMMARY_FILE, facts::OutputFile, summary::Summary};
use crate::engine::EndReason;
use sheet::{Column, Mark, Sheet};

/// How the tables should look.
#[derive(Debug, Clone)]
pub struct Look {
    /// How many columns the terminal has. Tables that would be wider shorten their longest texts.
    pub width: usize,
    /// With ANSI colour codes.
    pub colour: bool,
    /// Rows that a table may have before it is cut.
    pub rows: usize,
    /// The output folder, to be named above the list of files.
    pub folder: Option<String>,
}

impl Default for Look {
    /// 100 columns, no colour, 20 rows, no folder.
    fn default() -> Self {
        Self {
            width: 100,
            colour: false,
            rows: 20,
            folder: None,
        }
    }
}

impl Look {
    /// `text` in `style`, if there is colour.
    fn paint(&self, style: Style, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        format!("{style}{text}{style:#}")
    }
}

const TITLE: Style = Style::new().bold();
const HEADING: Style = AnsiColor::Cyan.on_default().bold();
const FAINT: Style = Style::new().dimmed();
const BAD: Style = AnsiColor::Red.on_default();
const ODD: Style = AnsiColor::Yellow.on_default();

/// The whole summary as text, with a newline at its end.
pub fn render(summary: &Summary, look: &Look) -> String {
    let mut text = head(summary, look);
    let mut sheets = traffic::sheets(summary);
    sheets.extend(network::sheets(summary));
    for sheet in sheets.iter().filter(|s| !s.is_empty()) {
        text.push('\n');
        text.push_str(&sheet.render(look));
    }
    text.push_str(&files(summary, look));
    text.push_str(&the_rest(summary, look));
    text
}

fn head(summary: &Summary, look: &Look) -> String {
    let title = look.paint(TITLE, summary.title());
    let end = match summary.end_reason() {
        EndReason::TrafficDone => summary.end_reason().words().to_owned(),
        reason => look.paint(ODD, reason.words()),
    };
    let facts = format!(
        "seed {}, {} of virtual time, {} events, ",
        summary.seed(),
        words::span(summary.ended_at().as_nanos()),
        words::count(summary.events()),
    );
    format!("{title}\n{}{end}\n", look.paint(FAINT, &facts))
}

/// Where the numbers are that the tables do not show.
fn the_rest(summary: &Summary, look: &Look) -> String {
    let plan = &summary.plan;
    if !groups::many(summary.facts.run.wires.len()) && !groups::many(plan.traffic.len()) {
        return String::new();
    }
    let file = look.folder.as_ref().map_or_else(
        || SUMMARY_FILE.to_owned(),
        |folder| format!("{folder}/{SUMMARY_FILE}"),
    );
    let line = format!(
        "Each of the {} nodes, {} links and {} traffic entries: {file}",
        words::count(plan.topology.nodes.len() as u64),
        words::count(plan.topology.links.len() as u64),
        words::count(plan.traffic.len() as u64),
    );
    format!("\n{}\n", look.paint(FAINT, &line))
}

fn files(summary: &Summary, look: &Look) -> String {
    if summary.files().is_empty() {
        return String::new();
    }
    let title = match &look.folder {
        Some(folder) => format!("Files in {folder}"),
        None => "Files".to_owned(),
    };
    let mut sheet = Sheet::new(title, vec![Column::left(""), Column::long("")]);
    for twins in summary
        .files()
        .chunk_by(|a, b| stem(&a.name) == stem(&b.name))
    {
        sheet.row(Mark::Usual, one_line(twins));
    }
    format!("\n{}", sheet.render(look))
}

/// Files that differ only in their ending share a line: `ladder.txt .mmd`.
fn one_line(twins: &[OutputFile]) -> Vec<String> {
    let mut name = twins[0].name.clone();
    let mut what = twins[0].what.clone();
    for (before, twin) in twins.iter().zip(&twins[1..]) {
        name = name + " " + &twin.name[stem(&twin.name).len()..];
        if before.what != twin.what {
            what = what + ", " + &twin.what;
        }
    }
    vec![name, what]
}

/// The name without its last ending.
fn stem(name: &str) -> &str {
    name.rfind('.').map_or(name, |dot| &name[..dot])
}

#[cfg(test)]
mod tests;
