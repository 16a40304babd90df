//! Explicit congestion notification between two native hosts (RFC 3168): a mark halves the window
//! without a loss.

use netsim::{
    osi::transport::{TcpChange, TcpConfig},
    trace::TcpCause,
};

use crate::support::{Pair, Pipe};

const ECE: u8 = 0x40;
const CWR: u8 = 0x80;

/// 300,000 bytes from a to b; packets from a are marked as `mark` says.
fn transfer(ecn: bool, mark: fn(usize) -> bool) -> Pair {
    let tcp = TcpConfig {
        ecn,
        trace: true,
        ..TcpConfig::native()
    };
    let mut pair = Pair::with(1, Pipe::default(), &tcp);
    pair.pipes[0].mark = mark;
    pair.upload(300_000);
    pair
}

/// How many segments of `from` carry `flag` and data (or no data).
fn count(pair: &Pair, from: usize, flag: u8, data: bool) -> usize {
    let has = |p: &[u8]| p[33] & flag != 0 && (p.len() > 20 + usize::from(p[32] >> 4) * 4) == data;
    let mine = pair.seen.iter().filter(|seen| seen.from == from);
    mine.filter(|seen| has(&seen.packet)).count()
}

#[test]
fn a_mark_is_echoed_until_it_is_answered_and_halves_the_window_once() {
    let pair = transfer(true, |number| number == 20);
    // The SYN asks with both bits, the SYN-ACK agrees with one.
    assert_eq!(pair.seen[0].packet[33] & (ECE | CWR), ECE | CWR);
    assert_eq!(pair.seen[1].packet[33] & (ECE | CWR), ECE);
    // Data can be marked, ACKs cannot.
    let field = |seen: &crate::support::Seen| seen.packet[1] & 3;
    assert!(
        pair.seen
            .iter()
            .filter(|s| s.packet.len() > 1000)
            .all(|s| field(s) == 2)
    );
    assert!(
        pair.seen
            .iter()
            .filter(|s| s.from == 1)
            .all(|s| field(s) == 0)
    );
    assert_eq!(count(&pair, 0, CWR, true), 1);
    assert!(count(&pair, 1, ECE, false) > 1);
    let causes = pair.states[0].iter().filter_map(|event| match event.what {
        TcpChange::State(_) => None,
        TcpChange::Values(cause, values) => Some((cause, values)),
    });
    let marks: Vec<_> = causes
        .filter(|(c, _)| *c == TcpCause::CongestionMark)
        .collect();
    assert_eq!(marks.len(), 1);
    assert!(marks[0].1.threshold.is_some());
    assert_eq!(marks[0].1.lost, 0);
}

#[test]
fn without_the_wish_nothing_can_be_marked() {
    let pair = transfer(false, |_| true);
    assert!(pair.seen.iter().all(|seen| seen.packet[1] & 3 == 0));
    assert_eq!(pair.seen[0].packet[33], 2);
}
