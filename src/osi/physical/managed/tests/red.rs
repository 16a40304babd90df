//! Claims about RED.

use super::*;

#[test]
fn red_marks_as_often_as_the_average_says() {
    // The queue is kept at ten frames between 5 and 15: the chance is half of 10 %. The distance
    // between marks is uniform from 1 to 1/p = 20, on average 10.5 frames: 10 000 frames bring 952
    // marks, deviation 0.58 x sqrt(952) = 18. The first frames, while the average grows (500 of
    // them with a weight of 0.002), bring fewer.
    let settings = topology::Red::default();
    let mut red = Red::new(settings, Span::from_millis(1), RootSeed(3).stream(&["red"]));
    (0..5000).for_each(|_| {
        red.judge(10, None);
    });
    let judged = (0..10_000).map(|_| red.judge(10, None));
    let marks = judged.filter(|c| *c == Chance::Early).count();
    assert!((860..=1044).contains(&marks), "{marks}");
}

#[test]
fn red_spreads_its_marks_evenly() {
    // With p = 1/20 no two marks are more than 20 frames apart (Floyd and Jacobson, section 7).
    let mut red = Red::new(
        topology::Red::default(),
        Span::from_millis(1),
        RootSeed(3).stream(&["red"]),
    );
    (0..20_000).for_each(|_| {
        red.judge(10, None);
    });
    let (mut gap, mut longest) = (0, 0);
    for _ in 0..10_000 {
        gap += 1;
        if red.judge(10, None) == Chance::Early {
            longest = longest.max(gap);
            gap = 0;
        }
    }
    assert!((15..=20).contains(&longest), "{longest}");
}

#[test]
fn red_beyond_its_thresholds_drops_gently_or_at_once() {
    // An average of 20 of 15: gentle is at 10 % + 90 % / 3 = 40 %, the other one drops all.
    for (gentle, early, beyond) in [(true, true, false), (false, false, true)] {
        let settings = topology::Red {
            gentle,
            weight: 1.0,
            ..topology::Red::default()
        };
        let mut red = Red::new(settings, Span::from_millis(1), RootSeed(3).stream(&["red"]));
        let judged: Vec<Chance> = (0..100).map(|_| red.judge(20, None)).collect();
        assert_eq!(judged.contains(&Chance::Early), early);
        assert_eq!(judged.iter().all(|c| *c == Chance::Beyond), beyond);
    }
}

#[test]
fn red_forgets_while_the_line_is_idle() {
    // An average of 40 after 1000 idle frame times with weight 0.002: 40 x 0.998^1000 = 5.4; after
    // 1100: 4.4, below the least threshold. One of 1 % passes of its own accord too rarely to tell.
    let settings = topology::Red {
        max_p: chance(1.0),
        ..topology::Red::default()
    };
    for (frames, passes) in [(900, false), (1100, true)] {
        let mut red = Red::new(settings, Span::from_millis(1), RootSeed(3).stream(&["red"]));
        (0..20_000).for_each(|_| {
            red.judge(40, None);
        });
        red.judge(0, Some(Span::from_millis(frames)));
        let average_is_low = (0..50).all(|_| red.judge(0, Some(Span::ZERO)) == Chance::Passes);
        assert_eq!(average_is_low, passes, "{frames}");
    }
}
