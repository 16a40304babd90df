//! A ladder as a Mermaid sequence diagram, for Markdown pages.
//!
//! Contract: whatever names and labels hold, the output is valid Mermaid. Time is told by notes
//! only: Mermaid has no slanted arrows.

use std::fmt::Write as _;

use super::{
    model::{Arrow, Column, Death, Ladder, Row, State},
    text::milliseconds,
};
use crate::diagram::words::rounded_span;

impl Ladder {
    /// The ladder as the source of a Mermaid `sequenceDiagram`.
    pub fn to_mermaid(&self) -> String {
        let mut out = format!(
            "---\ntitle: {}\n---\nsequenceDiagram\n",
            yaml_text(&self.title)
        );
        for (index, column) in self.columns.iter().enumerate() {
            line(&mut out, &participant(index, column));
        }
        if let Some(excerpt) = &self.excerpt {
            line(&mut out, &self.note_over_all(excerpt));
        }
        for row in &self.rows {
            line(&mut out, &self.row(row));
        }
        if let Some(words) = self.left_out_words() {
            line(&mut out, &self.note_over_all(&words));
        }
        out
    }

    fn row(&self, row: &Row) -> String {
        match row {
            Row::Arrow(arrow) => message(arrow),
            Row::Death(death) => death_note(death),
            Row::State(state) => state_note(state),
            Row::Silence(silence) => {
                let words = format!("{} of silence", rounded_span(silence.length()));
                self.note_over_all(&words)
            }
            Row::Skipped(skipped) => self.note_over_all(&skipped.words()),
        }
    }

    fn note_over_all(&self, words: &str) -> String {
        let last = self.columns.len().saturating_sub(1);
        let over = if last == 0 {
            "n0".to_owned()
        } else {
            format!("n0,n{last}")
        };
        format!("Note over {over}: {}", escape(words))
    }
}

fn line(out: &mut String, text: &str) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "    {text}");
}

fn participant(index: usize, column: &Column) -> String {
    let name = escape(&column.name);
    match &column.address {
        Some(address) => format!("participant n{index} as {name}<br/>{}", escape(address)),
        None => format!("participant n{index} as {name}"),
    }
}

/// `-x` ends in a cross: the frame never arrived.
fn message(arrow: &Arrow) -> String {
    let stroke = if arrow.lost.is_some() { "-x" } else { "->>" };
    let forms = arrow.label_forms();
    let form = forms.first().map_or_else(String::new, ToString::to_string);
    let mut text = format!("{}. {form}", arrow.number);
    if arrow.first {
        text = format!("{} ms, {text}", milliseconds(arrow.sent));
    }
    if let Some(reason) = &arrow.lost {
        text = format!("{text} (lost: {reason})");
    }
    format!("n{}{stroke}n{}: {}", arrow.from, arrow.to, escape(&text))
}

fn death_note(death: &Death) -> String {
    let text = format!("✗ {}: {}. {}", death.reason, death.number, death.label.main);
    format!("Note over n{}: {}", death.column, escape(&text))
}

fn state_note(state: &State) -> String {
    format!("Note over n{}: {}", state.column, escape(state.name))
}

/// Characters with a meaning become Mermaid's entity codes; line ends become blanks.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' | ';' | '<' | '>' | '"' | '%' | '{' | '}' | '&' | '`' | '\\' => {
                out += &format!("#{};", u32::from(c));
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A double-quoted YAML scalar.
fn yaml_text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_end_a_statement() {
        assert_eq!(escape("a;b#c\nd"), "a#59;b#35;c d");
        assert_eq!(yaml_text("say \"hi\": \\"), "\"say \\\"hi\\\": \\\\\"");
    }
}
