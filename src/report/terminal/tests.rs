//! What the tables look like, as goldens, and what they promise.

use super::*;
use crate::{osi::application::report::AppResult, report::sample};

#[test]
fn the_terminal_summary_reads_well() {
    insta::assert_snapshot!(render(&sample::summary(), &Look::default()));
}

#[test]
fn eighty_columns_are_enough() {
    let look = Look {
        width: 80,
        ..Look::default()
    };
    let text = render(&sample::summary(), &look);
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn plain_text_has_no_escape_codes_and_colour_adds_nothing_but_them() {
    let summary = sample::summary();
    let plain = render(&summary, &Look::default());
    let look = Look {
        colour: true,
        ..Look::default()
    };
    let coloured = render(&summary, &look);
    assert!(!plain.contains('\u{1b}'));
    assert!(coloured.contains('\u{1b}'));
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
}

#[test]
fn a_long_table_is_cut_and_says_by_how_much() {
    let mut summary = sample::summary();
    let AppResult::Http(list) = &mut summary.facts.traffic[0].result else {
        panic!("the first entry is http");
    };
    *list = vec![list[0].clone(); 140];
    let text = render(&summary, &Look::default());
    // And the request of "users", which stands in the same table.
    assert!(text.contains("... 121 more in summary.json"), "{text}");
    assert_eq!(text.matches("GET /api").count(), 20);
}

#[test]
fn one_row_over_is_shown_rather_than_announced() {
    let mut summary = sample::summary();
    let AppResult::Http(list) = &mut summary.facts.traffic[0].result else {
        panic!("the first entry is http");
    };
    // With the request of "users" there are 21.
    *list = vec![list[0].clone(); 20];
    let text = render(&summary, &Look::default());
    assert!(!text.contains("more in summary.json"));
}

#[test]
fn files_that_differ_only_in_their_ending_share_a_line() {
    let file = |name: &str, what: &str| OutputFile {
        name: name.to_owned(),
        what: what.to_owned(),
    };
    let twins = [
        file("ladder.txt", "ladder as text"),
        file("ladder.mmd", "ladder for Mermaid"),
    ];
    let line = ["ladder.txt .mmd", "ladder as text, ladder for Mermaid"];
    assert_eq!(one_line(&twins), line);
    let twins = [file("x.svg", "plot"), file("x.png", "plot")];
    assert_eq!(one_line(&twins), ["x.svg .png", "plot"]);
}
