//! CUBIC against values worked by hand.

use super::*;
use crate::osi::transport::tcp::native::congestion::{Recovery, sample};

const MSS: u64 = 1000;

/// A CUBIC sender that has just lost with `segments` in flight.
fn after_loss(segments: u64) -> Cubic {
    lose(Cubic::rfc9438(MSS), segments)
}

fn lose(mut cubic: Cubic, segments: u64) -> Cubic {
    cubic.window.cwnd = segments * MSS;
    cubic.on_loss(&sample::loss(segments * MSS));
    cubic
}

/// Acknowledges windows, one each `rtt` ms and segment by segment, for `rounds`.
fn run(cubic: &mut Cubic, rtt: u64, rounds: u64) {
    for round in 0..rounds {
        for _ in 0..cubic.window() / MSS {
            cubic.on_ack(&AckEvent {
                now: sample::at(rtt * round),
                srtt: Some(Span::from_millis(rtt)),
                ..sample::ack(MSS)
            });
        }
    }
}

#[test]
fn a_loss_leaves_seven_tenths() {
    let cubic = after_loss(100);
    assert_eq!((cubic.window(), cubic.ssthresh()), (70 * MSS, 70 * MSS));
}

#[test]
fn the_window_follows_the_curve_on_a_long_path() {
    // Loss at 1000 segments, 200 ms: K = cbrt(300 / 0.4) = 9.086 s. At 5 s (25 rounds) the curve
    // is at 1000 - 0.4 x 4.086^3 = 972.7; the window aims one round trip ahead: 0.4 x 3.886^3
    // gives 976.5. Reno would be at 700 + 0.529 x 25 = 713: not in the Reno-friendly region.
    let mut cubic = after_loss(1000);
    run(&mut cubic, 200, 25);
    let segments = cubic.window() / MSS;
    assert!((966..=978).contains(&segments), "{segments}");
    assert_eq!(cubic.phase(), "concave");
    // At 10 s the curve is past its plateau.
    let mut cubic = after_loss(1000);
    run(&mut cubic, 200, 52);
    assert_eq!(cubic.phase(), "convex");
}

#[test]
fn on_a_short_path_the_window_is_renos() {
    // Loss at 20 segments, 10 ms: 14 left, K = cbrt(6 / 0.4) = 2.466 s. After 10 rounds (0.1 s)
    // the curve is at 20 - 0.4 x 2.366^3 = 14.7; Reno's line at 14 + 10 x 0.529 = 19.3.
    let mut cubic = after_loss(20);
    run(&mut cubic, 10, 10);
    assert_eq!(cubic.phase(), "Reno-friendly");
    let window = cubic.window();
    assert!((18_700..=19_400).contains(&window), "{window}");
}

#[test]
fn beyond_the_old_window_the_reno_line_climbs_a_segment_a_round_trip() {
    // From 14 to 20 at 0.529 a round takes 11.3 rounds; then one segment a round.
    let mut cubic = after_loss(20);
    run(&mut cubic, 10, 14);
    let before = cubic.window();
    for i in 0..cubic.window() / MSS {
        let now = sample::at(150 + i / 4);
        cubic.on_ack(&AckEvent {
            now,
            ..sample::ack(MSS)
        });
    }
    let step = cubic.window() - before;
    assert!((900..=1050).contains(&step), "{step}");
}

#[test]
fn linuxs_window_is_whole_segments_and_follows_renos_a_round_trip_late() {
    // Loss at 15 segments: 10.5 by the RFC, 10 by Linux. After 9 rounds Reno's line is at
    // 10 + 9 x 0.529 = 14.8; the window lags by what one round trip adds, 0.5 segments.
    assert_eq!(after_loss(15).window(), 10_500);
    let mut cubic = lose(Cubic::new(MSS), 15);
    assert_eq!(cubic.window(), 10 * MSS);
    run(&mut cubic, 10, 9);
    let window = cubic.window();
    assert!((13_900..=14_500).contains(&window), "{window}");
}

#[test]
fn the_curve_never_raises_the_window_by_more_than_half_in_a_round_trip() {
    // Hours after the loss the curve is far above: 1.5 times is the most (RFC 9438, 4.2).
    let mut cubic = after_loss(100);
    cubic.on_ack(&sample::ack(MSS));
    let before = cubic.window();
    for _ in 0..before / MSS {
        let now = sample::at(3_600_000);
        cubic.on_ack(&AckEvent {
            now,
            ..sample::ack(MSS)
        });
    }
    // Each ACK adds half a segment as the target moves along: at most e^0.5 - 1, but below 2.
    assert!(cubic.window() <= before / 100 * 166, "{}", cubic.window());
}

#[test]
fn a_timeout_begins_the_curve_anew_where_slow_start_ends() {
    let mut cubic = after_loss(100);
    cubic.on_timeout(&sample::timeout(70 * MSS));
    assert_eq!((cubic.window(), cubic.ssthresh()), (MSS, 49 * MSS));
    run(&mut cubic, 100, 7);
    // 1, 2, 4, .. 49, and then hardly more: the plateau is at 49.
    assert!(
        (49..=52).contains(&(cubic.window() / MSS)),
        "{}",
        cubic.window()
    );
}

#[test]
fn a_reduction_for_nothing_is_taken_back_whole() {
    let mut cubic = after_loss(100);
    run(&mut cubic, 100, 20);
    let (window, curve) = (cubic.window(), cubic.curve);
    cubic.on_recovered(SimTime::ZERO);
    cubic.on_loss(&sample::loss(window));
    cubic.on_spurious(SimTime::ZERO);
    assert_eq!((cubic.window(), cubic.curve), (window, curve));
}

#[test]
fn slow_start_counts_at_most_eight_segments_an_ack() {
    let mut cubic = Cubic::new(MSS);
    cubic.on_ack(&sample::ack(10 * MSS));
    assert_eq!(cubic.window(), 18 * MSS);
}

#[test]
fn the_window_stands_still_in_recovery() {
    let mut cubic = after_loss(100);
    let recovery = Recovery::Fast;
    cubic.on_ack(&AckEvent {
        recovery,
        ..sample::ack(50 * MSS)
    });
    assert_eq!(cubic.window(), 70 * MSS);
}
