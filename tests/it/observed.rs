//! What a run observes agrees with what its file asks for, within bounds that are derived here.

use netsim::{
    engine::{RunControl, RunResult},
    osi::application::report::{AppResult, UdpResult},
    scenario,
    sim::Simulation,
    trace::{DropReason, NoRecorder},
    units::Span,
};

/// A stream of `count` datagrams of 1000 bytes, one a millisecond, over one link with `faults`.
fn stream(count: u32, faults: &str) -> (UdpResult, RunResult) {
    let text = format!(
        r#"
        [node.a]
        arp = "static"
        [node.b]
        arp = "static"
        [[link]]
        between = ["a", "b"]
        rate = "100 Mbit/s"
        latency = "20ms"
        forward = {{ {faults} }}
        [[traffic]]
        app = "udp"
        from = "a"
        to = "b"
        size = "1000 B"
        interval = "1ms"
        count = {count}
        "#
    );
    let plan = scenario::load_str("stream.toml", &text, &[]).unwrap();
    let mut simulation = Simulation::new(plan);
    let control = RunControl::default();
    let run = simulation.run_quietly(&control, &mut NoRecorder).unwrap();
    let reports = simulation.reports().collect();
    let AppResult::Udp(result) = reports[0].result.clone() else {
        panic!("not a udp stream");
    };
    (result, run)
}

/// (1000 + 8 + 20 + 14 + 24) bytes at 100 Mbit/s, then 20 ms.
const UNDISTURBED: Span = Span::from_nanos(85_280 + 20_000_000);

#[test]
fn without_faults_every_datagram_takes_the_same_time() {
    let (udp, _) = stream(100, "");
    assert_eq!((udp.sent, udp.received, udp.lost), (100, 100, 0));
    let delay = udp.delay.unwrap();
    assert_eq!((delay.min, delay.max), (UNDISTURBED, UNDISTURBED));
    assert_eq!(udp.jitter, Some(Span::ZERO));
}

#[test]
fn observed_loss_lies_within_five_deviations() {
    // Binomial: 20 000 x 5 % = 1000, deviation sqrt(20 000 x 0.05 x 0.95) = 30.8.
    let (udp, run) = stream(20_000, r#"loss = "5%""#);
    assert!((846..=1154).contains(&udp.lost), "{}", udp.lost);
    assert_eq!(run.wires[0].drops.of(DropReason::RandomLoss), udp.lost);
}

#[test]
fn observed_delay_has_the_mean_and_the_range_of_the_jitter() {
    // Uniform on 18..22 ms. Frames are 1 ms apart and must keep order, so a frame may wait for the
    // one before it: the mean can only rise. Without the rule it is 20.085 ms.
    let (udp, _) = stream(20_000, r#"jitter = "2ms", jitter_reorders = true"#);
    let delay = udp.delay.unwrap();
    let off = |ns: u64, from: Span| ns.abs_diff(from.as_nanos());
    // The mean of 20 000 draws has deviation 1.1547 ms / sqrt(20 000) = 8.2 us.
    assert!(
        off(delay.mean.as_nanos(), UNDISTURBED) < 5 * 8_200,
        "{}",
        delay.mean
    );
    assert!(delay.min >= UNDISTURBED.saturating_sub(Span::from_millis(2)));
    assert!(delay.max <= UNDISTURBED + Span::from_millis(2));
    assert!(udp.reordered > 0);
}

#[test]
fn jitter_that_keeps_order_reorders_nothing() {
    let (udp, _) = stream(5_000, r#"jitter = "5ms""#);
    assert_eq!((udp.reordered, udp.lost), (0, 0));
}

#[test]
fn rfc_3550_jitter_settles_near_the_mean_difference_of_two_delays() {
    // |difference| of two independent uniforms on an interval of 4 ms has mean 4/3 ms. The
    // estimator averages over about 16 differences: its deviation is about 0.94 ms / sqrt(31).
    let (udp, _) = stream(5_000, r#"jitter = "2ms", jitter_reorders = true"#);
    let ms = udp.jitter.unwrap().as_secs_f64() * 1e3;
    assert!((0.5..2.2).contains(&ms), "{ms} ms");
}

#[test]
fn duplicates_and_reordering_are_counted_as_configured() {
    // Binomial: 10 000 x 2 % = 200, deviation 14.
    let (udp, run) = stream(10_000, r#"duplicate = "2%""#);
    assert!((130..=270).contains(&udp.duplicates), "{}", udp.duplicates);
    assert_eq!(run.wires[0].duplicated_frames, udp.duplicates);
    assert_eq!(udp.received, 10_000);
    // A frame held back 10 ms is overtaken by ten others; it counts once (RFC 4737).
    let (udp, _) = stream(10_000, r#"reorder = "2%""#);
    assert!((130..=270).contains(&udp.reordered), "{}", udp.reordered);
}

#[test]
fn bit_errors_show_as_loss_with_their_own_cause() {
    // (1042 + 4) x 8 = 8368 bits at 1e-5: 1 - (1 - 1e-5)^8368 = 8.03 %; of 10 000 that is 803,
    // deviation 27.
    let (udp, run) = stream(10_000, r#"bit_error = "1e-5""#);
    assert!((668..=938).contains(&udp.lost), "{}", udp.lost);
    assert_eq!(run.wires[0].drops.of(DropReason::BitError), udp.lost);
}
