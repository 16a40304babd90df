//! Ladders of hand-made stories, as goldens that a reader can judge.

use super::{Detail, Ladder, LadderOptions, Mark, Row, ladders};
use crate::{
    diagram::{
        sample::{network, page_with_a_loss, stream_with_losses},
        style::Theme,
    },
    trace::Story,
};

fn overall(story: &Story, options: &LadderOptions) -> Ladder {
    ladders(story, &network(), options).remove(0).1
}

fn page() -> Ladder {
    let options = LadderOptions {
        title: "A page over a lossy WAN".to_owned(),
        ..LadderOptions::default()
    };
    overall(&page_with_a_loss(), &options)
}

#[test]
fn a_page_with_a_lost_segment_as_text() {
    insta::assert_snapshot!(page().to_text(120));
}

#[test]
fn a_page_with_a_lost_segment_as_mermaid() {
    insta::assert_snapshot!(page().to_mermaid());
}

#[test]
fn a_stream_from_end_to_end_as_text() {
    let options = LadderOptions {
        title: "Fire and forget".to_owned(),
        detail: Detail::EndToEnd,
        ..LadderOptions::default()
    };
    insta::assert_snapshot!(overall(&stream_with_losses(), &options).to_text(80));
}

#[test]
fn a_narrow_terminal_gets_a_list() {
    insta::assert_snapshot!(page().to_text(60));
}

#[test]
fn the_second_copy_names_the_first_and_a_silence_lies_between() {
    let ladder = page();
    let repeated = ladder.arrows().find(|a| a.number == 8).unwrap();
    assert_eq!(repeated.mark, Some(Mark::RetransmissionOf(6)));
    let silences = ladder.rows.iter().filter(|r| matches!(r, Row::Silence(_)));
    assert_eq!(silences.count(), 1);
}

#[test]
fn a_long_ladder_keeps_its_losses_and_counts_what_it_leaves_out() {
    let options = LadderOptions {
        most_rows: 30,
        ..LadderOptions::default()
    };
    let ladder = overall(&stream_with_losses(), &options);
    // 27 datagrams cross three wires; two are lost on the second; one dies at the first router.
    let all = 27 * 3 + 2 * 2 + 1;
    let shown = ladder.arrows().count() as u64;
    assert_eq!(shown + ladder.left_out, all);
    let losses = ladder.arrows().filter(|a| a.lost.is_some()).count();
    let deaths = ladder.rows.iter().filter(|r| matches!(r, Row::Death(_)));
    assert_eq!((losses, deaths.count()), (2, 1));
    assert!(ladder.rows.iter().any(|r| matches!(r, Row::Skipped(_))));
    assert!(shown <= 36);
}

#[test]
fn a_page_with_a_lost_segment_as_a_picture() {
    insta::assert_snapshot!(page().to_svg(Theme::Dark));
}

#[test]
fn a_stream_with_losses_as_a_picture() {
    let options = LadderOptions {
        title: "Fire and forget".to_owned(),
        ..LadderOptions::default()
    };
    insta::assert_snapshot!(overall(&stream_with_losses(), &options).to_svg(Theme::Light));
}
