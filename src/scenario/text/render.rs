//! Diagnostics as text: file, line, column, the line itself, a caret, the sentences.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Place, Sources};

/// At most this many mistakes are shown.
const SHOWN: usize = 30;

/// Renders `diagnostics` one below the other, separated by empty lines.
pub(super) fn all(sources: &Sources, diagnostics: &[Diagnostic], color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut parts: Vec<String> = diagnostics
        .iter()
        .take(SHOWN)
        .map(|d| renderer.render(&[group(sources, d)]))
        .collect();
    if diagnostics.len() > SHOWN {
        parts.push(format!(
            "error: and {} more mistakes like these",
            diagnostics.len() - SHOWN
        ));
    }
    parts.join("\n\n")
}

fn group<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Group<'a> {
    let Some(place) = &diagnostic.place else {
        return without_place(sources, diagnostic);
    };
    let title = Level::ERROR.primary_title(clean(&diagnostic.message));
    let mut group = Group::with_title(title).element(main_snippet(sources, diagnostic, place));
    for (other, remark) in elsewhere(sources, diagnostic, place) {
        let (source, range) = sources.locate(other);
        let mark = AnnotationKind::Context.span(range).label(clean(remark));
        group = group.element(snippet(&source.name, &source.text).annotation(mark));
    }
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(clean(help))),
        None => group,
    }
}

/// A mistake of the file as a whole.
fn without_place<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Group<'a> {
    let message = format!("{}: {}", sources.file().name, clean(&diagnostic.message));
    let group = Group::with_title(Level::ERROR.primary_title(message));
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(clean(help))),
        None => group,
    }
}

fn main_snippet<'a>(
    sources: &'a Sources,
    diagnostic: &'a Diagnostic,
    place: &Place,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let (source, range) = sources.locate(place);
    let mark = AnnotationKind::Primary.span(first_line(&source.text, range));
    let mut shown = snippet(&source.name, &source.text).annotation(mark);
    for (other, remark) in &diagnostic.related {
        let (its_source, range) = sources.locate(other);
        if its_source.name == source.name {
            let range = first_line(&source.text, range);
            shown = shown.annotation(AnnotationKind::Context.span(range).label(clean(remark)));
        }
    }
    shown
}

/// The related places that lie in another text than `place`.
fn elsewhere<'a>(
    sources: &'a Sources,
    diagnostic: &'a Diagnostic,
    place: &Place,
) -> impl Iterator<Item = (&'a Place, &'a str)> {
    let name = sources.locate(place).0.name.clone();
    diagnostic
        .related
        .iter()
        .filter(move |(other, _)| sources.locate(other).0.name != name)
        .map(|(other, remark)| (other, remark.as_str()))
}

fn snippet<'a>(name: &'a str, text: &'a str) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    Snippet::source(text).path(name).fold(true)
}

/// Only the first line of a range: a whole table would drown the sentence.
fn first_line(text: &str, range: Place) -> Place {
    let end = text[range.clone()].find('\n');
    range.start..end.map_or(range.end, |at| range.start + at)
}

/// Control characters of a hostile file must not reach the terminal.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() && c != '\n' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}
