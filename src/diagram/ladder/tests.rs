//! Ladders of hand-made stories, as goldens that a reader can judge.

use super::{Detail, Ladder, LadderOptions, Mark, Row, ladders};
use crate::{
    diagram::sample::{network, page_with_a_loss, stream_with_losses},
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
