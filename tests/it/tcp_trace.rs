//! What the native TCP tells of itself: every change of the values that decide when it sends, and
//! why; nothing if nobody asked.

use netsim::{
    osi::transport::{TcpChange, TcpConfig},
    trace::{TcpCause, TcpRecovery, TcpValues},
    units::SimTime,
};

use crate::support::{Pair, Pipe};

/// The changes that a host with `trace` tells while it sends 300,000 bytes, of which the packet
/// with number 30 is lost.
fn changes(trace: bool) -> Vec<(SimTime, TcpCause, TcpValues)> {
    let tcp = TcpConfig {
        trace,
        ..TcpConfig::native()
    };
    let mut pair = Pair::with(1, Pipe::default(), &tcp);
    pair.pipes[0].drop = |number, _| number == 30;
    pair.upload(300_000);
    let values = pair.states[0].iter().filter_map(|event| match event.what {
        TcpChange::State(_) => None,
        TcpChange::Values(cause, values) => Some((event.at, cause, values)),
    });
    values.collect()
}

#[test]
fn a_lost_segment_shows_with_its_cause_and_its_end() {
    let all = changes(true);
    assert_eq!(all[0].1, TcpCause::Established);
    // Ten segments of 1448 bytes at the start (RFC 6928).
    assert_eq!(all[0].2.window, 14_480);
    assert_eq!(all[0].2.threshold, None);
    let place = |cause| all.iter().position(|change| change.1 == cause).unwrap();
    let (lost, again) = (
        place(TcpCause::LossDetected),
        place(TcpCause::Retransmitted),
    );
    let recovered = place(TcpCause::Recovered);
    assert!(lost < again && again < recovered);
    assert_eq!(all[lost].2.recovery, TcpRecovery::Fast);
    assert!(all[lost].2.threshold.unwrap() < all[lost - 1].2.window);
    assert_eq!(all[recovered].2.recovery, TcpRecovery::Open);
    let causes = |cause| all.iter().filter(|change| change.1 == cause).count();
    assert_eq!(causes(TcpCause::RetransmissionTimeout), 0);
    // Each record is a change.
    assert!(all.windows(2).all(|pair| pair[0].2 != pair[1].2));
}

#[test]
fn nothing_is_told_if_nobody_asked() {
    assert_eq!(changes(false), []);
}
