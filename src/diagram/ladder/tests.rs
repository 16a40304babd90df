//! Ladders of hand-made stories, as goldens that a reader can judge.

use proptest::prelude::*;

use super::{Detail, FlowFilter, FlowProtocol, Ladder, LadderOptions, Mark, Row, ladders};
use crate::{
    diagram::{
        sample::{ALICE, BOB, network, page_with_a_loss, stream_with_losses},
        style::Theme,
    },
    ids::NodeId,
    trace::{Story, TcpCause, TcpProgress, TcpRecovery, TcpValues},
    units::{SimTime, Span},
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
fn in_a_large_network_only_the_first_conversation_is_told() {
    // The network has four nodes; nothing is captured.
    let options = LadderOptions {
        title: "Fire and forget".to_owned(),
        most_nodes: 3,
        most_rows: 12,
        captured: false,
        ..LadderOptions::default()
    };
    let text = overall(&stream_with_losses(), &options).to_text(100);
    assert!(text.contains("Of 4 nodes only the first conversation: UDP alice ↔ bob:5004."));
    assert!(text.contains("more frames are not shown"), "{text}");
    insta::assert_snapshot!(text);
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
fn a_repeat_says_what_made_its_sender_send_it() {
    // Packet 8 carries again what packet 6 carried; what its sender tells of that moment names it.
    let at = page().arrows().find(|a| a.number == 8).unwrap().sent;
    let marked = |cause, recovery| {
        let mut story = page_with_a_loss();
        story.repeats.push(told(at, cause, recovery));
        let ladder = overall(&story, &LadderOptions::default());
        ladder.arrows().find(|a| a.number == 8).unwrap().mark
    };
    use TcpCause::{Retransmitted, TailLossProbe};
    let fast = marked(Retransmitted, TcpRecovery::Fast);
    assert_eq!(fast, Some(Mark::FastRetransmit(6)));
    let late = marked(Retransmitted, TcpRecovery::Timeout);
    assert_eq!(late, Some(Mark::TimeoutRetransmit(6)));
    let probe = marked(TailLossProbe, TcpRecovery::Open);
    assert_eq!(probe, Some(Mark::TailLossProbe(Some(6))));
}

#[test]
fn a_segment_that_tries_the_path_says_so() {
    let at = page().arrows().find(|a| a.number == 6).unwrap().sent;
    let mut story = page_with_a_loss();
    let cause = TcpCause::MtuProbe;
    story.repeats.push(told(at, cause, TcpRecovery::Open));
    let ladder = overall(&story, &LadderOptions::default());
    let probe = ladder.arrows().find(|a| a.number == 6).unwrap();
    assert_eq!(probe.mark, Some(Mark::MtuProbe));
}

/// What the sender of packets 6 and 8 of [`page`] may tell.
fn told(at: SimTime, cause: TcpCause, recovery: TcpRecovery) -> TcpProgress {
    let ladder = page();
    let arrow = ladder.arrows().find(|a| a.number == 8).unwrap();
    let (alice, bob) = (
        "10.0.1.10:49152".parse().unwrap(),
        "10.0.2.10:80".parse().unwrap(),
    );
    let (local, remote) = match arrow.points_right() {
        true => (alice, bob),
        false => (bob, alice),
    };
    TcpProgress {
        at,
        node: NodeId(0),
        local,
        remote,
        cause,
        values: TcpValues {
            window: 1000,
            threshold: None,
            pacing_rate: None,
            in_flight: 1000,
            lost: 0,
            peer_window: 65_535,
            rtt: None,
            srtt: None,
            rttvar: Span::ZERO,
            rto: Span::from_secs(1),
            recovery,
            algorithm: "reno",
            phase: "slow start",
        },
    }
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
fn a_band_of_packets_not_shown_stands_below_what_was_sent_before_them() {
    let options = LadderOptions {
        most_rows: 30,
        ..LadderOptions::default()
    };
    let ladder = overall(&stream_with_losses(), &options);
    let bands = ladder.rows.iter().enumerate();
    let bands: Vec<_> = bands
        .filter(|(_, row)| matches!(row, Row::Skipped(_)))
        .collect();
    assert!(!bands.is_empty());
    // A datagram takes 43 ms, and at least two that follow at 20 ms each are left out.
    for (index, band) in bands {
        let (above, below) = ladder.rows.split_at(index);
        let arrived = above.iter().all(|row| match row {
            Row::Arrow(arrow) => arrow.arrives <= band.at(),
            row => row.at() <= band.at(),
        });
        assert!(arrived && below[1..].iter().all(|row| row.at() >= band.at()));
    }
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

#[test]
fn a_loss_on_a_hidden_stretch_is_told_with_its_place() {
    let options = LadderOptions {
        detail: Detail::EndToEnd,
        ..LadderOptions::default()
    };
    let ladder = overall(&stream_with_losses(), &options);
    let names: Vec<&str> = ladder.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["alice", "bob"]);
    let lost: Vec<&str> = ladder.arrows().filter_map(|a| a.lost.as_deref()).collect();
    assert_eq!(
        lost,
        [
            "random loss on wan",
            "queue full at r1",
            "random loss on wan"
        ]
    );
}

#[test]
fn chosen_nodes_get_columns_and_hops_over_others_are_joined() {
    let options = LadderOptions {
        nodes: vec![ALICE, NodeId(2), BOB],
        ..LadderOptions::default()
    };
    let ladder = overall(&page_with_a_loss(), &options);
    let names: Vec<&str> = ladder.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["alice", "r2", "bob"]);
    // The SYN takes alice - r1 - r2 in one arrow: 1 ms and 20 ms, and its bits twice.
    let syn = ladder.arrows().next().unwrap();
    assert_eq!((syn.from, syn.to), (0, 1));
    assert!(syn.flight() > Span::from_millis(21) && syn.flight() < Span::from_millis(22));
}

#[test]
fn a_filter_keeps_one_flow_and_nothing_else() {
    let mut story = page_with_a_loss();
    story
        .hops
        .extend(stream_with_losses().hops.into_iter().map(|mut hop| {
            hop.frame.number += 1000;
            hop
        }));
    story.hops.sort_by_key(|hop| hop.sent);
    let everything = ladders(&story, &network(), &LadderOptions::default());
    let stems: Vec<&str> = everything.iter().map(|(stem, _)| stem.as_str()).collect();
    let expected = [
        "ladder",
        "ladder-1-tcp-alice-bob-80",
        "ladder-2-udp-alice-bob-5004",
    ];
    assert_eq!(stems, expected);
    let options = LadderOptions {
        only: Some(FlowFilter {
            protocol: Some(FlowProtocol::Tcp),
            ..FlowFilter::default()
        }),
        ..LadderOptions::default()
    };
    let only = overall(&story, &options);
    assert!(only.arrows().count() > 0);
    assert!(only.arrows().all(|a| !a.label.main.contains("datagram")));
}

#[test]
fn a_second_copy_is_marked_and_a_long_wait_is_drawn() {
    let mut story = stream_with_losses();
    let mut copy = story.hops[1].clone();
    copy.duplicate = true;
    story.hops.insert(2, copy);
    story.hops[0].departs = story.hops[0].sent + Span::from_micros(900);
    let ladder = overall(&story, &LadderOptions::default());
    let copies = ladder.arrows().filter(|a| a.mark == Some(Mark::Duplicate));
    assert_eq!(copies.count(), 1);
    let svg = ladder.to_svg(Theme::Light);
    assert!(svg.contains("duplicated by the link"));
    assert!(svg.contains("waits in the port"));
}

#[test]
fn an_empty_story_gives_an_empty_ladder() {
    let ladder = overall(&Story::default(), &LadderOptions::default());
    assert!(ladder.columns.is_empty() && ladder.rows.is_empty());
    assert!(ladder.to_svg(Theme::Dark).ends_with("</svg>\n"));
    assert!(ladder.to_mermaid().contains("sequenceDiagram"));
    assert!(!ladder.to_text(80).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the frames hold, every renderer gives something.
    #[test]
    fn any_bytes_can_be_drawn(bytes in prop::collection::vec(any::<u8>(), 0..120), at in 0usize..40) {
        let mut story = page_with_a_loss();
        let hop = at % story.hops.len();
        story.hops[hop].bytes = bytes;
        story.hops[hop].frame.number += 500;
        for (_, ladder) in ladders(&story, &network(), &LadderOptions::default()) {
            let text = ladder.to_text(70);
            prop_assert!(text.lines().all(|line| line.chars().count() <= 70));
            prop_assert!(!ladder.to_mermaid().is_empty());
            prop_assert!(!ladder.to_svg(Theme::Dark).is_empty());
        }
    }
}
