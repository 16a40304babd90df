//! Constant-rate streams and what their receiver says of them.

use std::sync::Arc;

use netsim::osi::application::spec::OnOff;

use super::*;

#[test]
fn a_stream_over_a_clean_cable_arrives_whole_and_even() {
    // 160 + 8 + 20 + 14 bytes of frame and 24 of overhead: 226 x 8 / 100 Mbit/s = 18.08 us.
    let outcome = Lab::cable()
        .serve(ServerApp::Udp { port: 5004 })
        .go(stream(100))
        .run();
    let result = measured(&outcome);
    assert_eq!((result.sent, result.received, result.lost), (100, 100, 0));
    assert_eq!((result.reordered, result.duplicates), (0, 0));
    assert_eq!(result.bytes, 16_000);
    let delay = result.delay.unwrap();
    assert_eq!(delay.min, Span::from_nanos(10 * MS + 18_080));
    assert!(
        result.jitter.unwrap() < Span::from_millis(2),
        "{:?}",
        result.jitter
    );
}

#[test]
fn loss_duplication_and_reordering_are_seen_by_the_receiver() {
    let mut lab = Lab::cable()
        .serve(ServerApp::Udp { port: 5004 })
        .go(stream(2_000));
    let profile = Arc::make_mut(&mut lab.topology.links[0].profiles[0]);
    profile.loss = "10%".parse().unwrap();
    profile.duplicate = "5%".parse().unwrap();
    profile.reorder = "5%".parse().unwrap();
    profile.reorder_delay = Span::from_millis(30);
    let outcome = lab.run();
    let result = measured(&outcome);
    assert_eq!(result.sent, 2_000);
    assert_eq!(result.received + result.lost, 2_000);
    // 200 lost with deviation 13.4; five deviations to either side.
    assert!((133..=267).contains(&result.lost), "{} lost", result.lost);
    assert!(result.duplicates > 0 && result.reordered > 0, "{result:?}");
}

#[test]
fn repetitions_continue_the_sequence_numbers() {
    let mut lab = Lab::cable()
        .serve(ServerApp::Udp { port: 5004 })
        .go(stream(10));
    lab.traffic[0].repeat = 3;
    lab.traffic[0].every = Span::from_secs(1);
    lab.traffic[0].start = SimTime::from_nanos(500 * MS);
    let outcome = lab.run();
    let result = measured(&outcome);
    assert_eq!(
        (result.sent, result.received, result.duplicates),
        (30, 30, 0)
    );
    let report = &outcome.reports[0];
    assert_eq!(report.started, Some(SimTime::from_nanos(500 * MS)));
    // The third stream starts at 2.5 s; its last datagram goes 9 x 20 ms later.
    assert_eq!(report.ended, Some(SimTime::from_nanos(2_680 * MS)));
}

#[test]
fn a_stream_with_bursts_is_silent_between_them() {
    // Bursts of 10 ms with 30 ms between, a datagram each ms of burst: those at 0 to 9 ms, 40 to
    // 49 ms and 80 to 89 ms, until the 100 ms are over. The last one arrives 10 ms and its time on
    // the wire, 18.08 us, later.
    let mut lab = Lab::cable()
        .serve(ServerApp::Udp { port: 5004 })
        .go(stream(1000));
    lab.traffic[0].app = Arc::new(App::Udp(UdpStream {
        port: 5004,
        size: 160,
        interval: Span::from_millis(1),
        count: 1000,
        on_off: Some(OnOff {
            on: Span::from_millis(10),
            off: Span::from_millis(30),
            random: false,
            duration: Some(Span::from_millis(100)),
        }),
    }));
    let outcome = lab.run();
    let result = measured(&outcome);
    assert_eq!((result.sent, result.received, result.refused), (30, 30, 0));
    let last = result.arrivals.unwrap().1;
    assert_eq!(last.as_nanos(), 99 * MS + 18_080);
}
