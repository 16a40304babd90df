//! Two machines, and a network that loses what the test wants it to.

use super::*;
use crate::{
    osi::transport::TcpConfig,
    wire::{FramePool, HEADER_LEN},
};

fn machine(own: &str, peer: &str, tcp: &TcpConfig) -> Native {
    let ends = (own.parse().unwrap(), peer.parse().unwrap());
    Native::new(&ends, 1500, 64, tcp)
}

/// All that `from` has to say at `now`, as IP packets.
pub(in super::super) fn says(from: &mut Native, now: SimTime) -> Vec<Vec<u8>> {
    let mut pool = FramePool::default();
    let packets = std::iter::from_fn(|| from.egress(now, &mut pool));
    packets.map(|p| p[HEADER_LEN..].to_vec()).collect()
}

/// What `from` says at `now` reaches `to` 20 ms later; how many packets that were.
fn exchange(from: &mut Native, to: &mut Native, now: SimTime) -> usize {
    let packets = says(from, now);
    let then = now + Span::from_millis(20);
    packets.iter().for_each(|packet| to.ingress(then, packet));
    packets.len()
}

/// A client and a server, connected, and the time.
fn connected() -> (Native, Native, SimTime) {
    connected_with(&TcpConfig::native())
}

pub(in super::super) fn connected_with(tcp: &TcpConfig) -> (Native, Native, SimTime) {
    let mut a = machine("10.0.0.1:1000", "10.0.0.2:2000", tcp);
    let mut b = machine("10.0.0.2:2000", "10.0.0.1:1000", tcp);
    let mut now = SimTime::ZERO;
    a.connect(now, 7);
    b.listen(9);
    for turn in 0..4 {
        match turn % 2 {
            0 => exchange(&mut a, &mut b, now),
            _ => exchange(&mut b, &mut a, now),
        };
        now += Span::from_millis(20);
    }
    (a, b, now)
}

/// Lets timers run, and loses all that leaves, until the retransmission timer is through. The
/// retransmission is what comes back.
fn time_out(a: &mut Native, mut now: SimTime) -> (SimTime, Vec<Vec<u8>>) {
    for _ in 0..10 {
        now = a.poll_at(now).unwrap();
        let packets = says(a, now);
        if a.recovery.phase == Phase::Loss {
            return (now, packets);
        }
    }
    panic!("no timeout");
}

#[test]
fn new_data_that_arrives_after_a_timeout_does_not_make_it_spurious() {
    // RFC 5682, section 3.1: a whole flight is lost. The retransmission is acknowledged, two new
    // segments leave (step 2b), and what is selectively acknowledged then is those two: nothing
    // of what was out when the timer ran out has arrived, so the timeout was right (step 3a).
    let (mut a, mut b, now) = connected();
    a.send(&[0; 60_000]).unwrap();
    assert_eq!(says(&mut a, now).len(), 10);
    let (mut now, again) = time_out(&mut a, now);
    assert_eq!(again.len(), 1);
    now += Span::from_millis(20);
    again.iter().for_each(|packet| b.ingress(now, packet));
    exchange(&mut b, &mut a, now);
    now += Span::from_millis(20);
    assert!(a.recovery.new_first, "step 2b");
    assert!(exchange(&mut a, &mut b, now) > 0);
    now += Span::from_millis(20);
    exchange(&mut b, &mut a, now);
    assert_eq!(a.recovery.phase, Phase::Loss);
    assert!(a.window() < 10 * a.mss(), "{}", a.window());
    assert!(a.board.lost() > 0);
}

#[test]
fn a_timeout_before_late_acknowledgments_is_taken_back() {
    // The flight is only late: what the retransmission's ACK shows is that originals arrive.
    let (mut a, mut b, now) = connected();
    a.send(&[0; 60_000]).unwrap();
    let late = says(&mut a, now);
    let before = a.window();
    let (now, _) = time_out(&mut a, now);
    assert!(a.window() < before);
    late.iter().for_each(|packet| b.ingress(now, packet));
    exchange(&mut b, &mut a, now);
    assert_eq!(a.recovery.phase, Phase::Open);
    assert!(a.window() >= before, "{} of {before}", a.window());
}

#[test]
fn an_old_acknowledgment_is_no_duplicate() {
    // RFC 5681, section 2: a duplicate acknowledges the greatest number so far. Four ACKs that
    // were overtaken say nothing about losses.
    let (mut a, mut b, now) = connected();
    b.acks.demand();
    b.dirty = true;
    let old = says(&mut b, now);
    assert_eq!(old.len(), 1);
    a.send(&[0; 10_000]).unwrap();
    exchange(&mut a, &mut b, now);
    let then = now + Span::from_millis(20);
    exchange(&mut b, &mut a, then);
    a.send(&[0; 10_000]).unwrap();
    says(&mut a, then + Span::from_millis(20));
    // With time stamps they would not even be looked at (PAWS).
    a.agreed.timestamps = false;
    for _ in 0..4 {
        a.ingress(then + Span::from_millis(21), &old[0]);
    }
    assert_eq!(a.recovery.duplicates, 0);
}
