//! Bad cables: the house's own, between its card and the device.

use netsim::{
    osi::transport::{CongestionControl, TcpConfig},
    topology::{LinkProfile, QueueLimit},
    units::{ByteSize, Probability, SimTime, Span},
    wire::{Checksum, Frame},
};

use super::transfer::{echo_by_linux, send_to_house, send_to_linux};
use crate::{
    judge::linux_counter,
    lab::{Lab, Setup},
    wire::{Mischief, Verdict},
};

const LEN: usize = 1 << 20;

/// 10 ms each way.
fn cable(change: impl FnOnce(&mut LinkProfile)) -> LinkProfile {
    let mut profile = LinkProfile {
        latency: Span::from_millis(10),
        ..LinkProfile::default()
    };
    change(&mut profile);
    profile
}

fn chance(p: f64) -> Probability {
    Probability::new(p).unwrap()
}

fn lossy() -> LinkProfile {
    cable(|profile| profile.loss = chance(0.05))
}

/// Every tenth packet comes 5 ms late: behind some that left after it.
fn reordering() -> LinkProfile {
    cable(|profile| {
        profile.rate = "20 Mbit/s".parse().unwrap();
        profile.reorder = chance(0.1);
        profile.reorder_delay = Span::from_millis(5);
    })
}

fn to_linux(profile: LinkProfile) -> Setup {
    Setup {
        cable: [profile, cable(|_| ())],
        ..Setup::default()
    }
}

fn to_house(profile: LinkProfile) -> Setup {
    Setup {
        cable: [cable(|_| ()), profile],
        ..Setup::default()
    }
}

pub(super) fn data_to_linux_outlasts_5_percent_loss() {
    let mut lab = Lab::new(to_linux(lossy()));
    send_to_linux(&mut lab, LEN);
    let evidence = lab.finish().judge();
    evidence.shows("tcp.analysis.retransmission && ip.src == 10.77.0.2");
}

pub(super) fn data_from_linux_outlasts_5_percent_loss() {
    let mut lab = Lab::new(to_house(lossy()));
    send_to_house(&mut lab, LEN);
    let evidence = lab.finish().judge();
    evidence.shows("tcp.options.sack_le && ip.src == 10.77.0.2");
    assert_ne!(linux_counter("TcpExt", "TCPSackRecovery"), 0);
}

pub(super) fn data_to_linux_outlasts_reordering() {
    let mut lab = Lab::new(to_linux(reordering()));
    send_to_linux(&mut lab, LEN);
    let evidence = lab.finish().judge();
    evidence.shows("tcp.options.sack_le && ip.src == 10.77.0.1");
    assert_ne!(linux_counter("TcpExt", "TCPOFOQueue"), 0);
    // Linux refuses a segment for its old time stamp (PAWS) if it is late and a repeat of what had
    // come before, sent later, arrives first: the stamp that counts is then the repeat's (RFC 7323,
    // section 4.3). Without repeats there is nothing to refuse.
    let again = "ip.src == 10.77.0.2 && (tcp.analysis.retransmission || \
                 tcp.analysis.fast_retransmission || tcp.analysis.out_of_order)";
    let refused = linux_counter("TcpExt", "PAWSEstab");
    assert!(refused <= u64::try_from(evidence.count(again)).unwrap());
}

pub(super) fn data_from_linux_outlasts_reordering() {
    let mut lab = Lab::new(to_house(reordering()));
    send_to_house(&mut lab, LEN);
    let evidence = lab.finish().judge();
    evidence.shows("tcp.options.sack_le && ip.src == 10.77.0.2");
}

pub(super) fn an_echo_outlasts_loss_reordering_and_duplicates_both_ways() {
    let storm = cable(|profile| {
        profile.loss = chance(0.02);
        profile.duplicate = chance(0.05);
        profile.reorder = chance(0.1);
        profile.reorder_delay = Span::from_millis(5);
        profile.bit_error = chance(1e-6);
    });
    let mut lab = Lab::new(Setup {
        cable: [storm.clone(), storm],
        ..Setup::default()
    });
    echo_by_linux(&mut lab, LEN / 2);
    lab.finish().judge();
}

/// The first SYN is lost, and leaves again after 1 s. Then the first SYN-ACK is lost, and Linux says
/// it again at 2 s, before the SYN would leave a third time.
pub(super) fn a_lost_syn_and_a_lost_syn_ack_are_made_good() {
    let mut lab = Lab::new(Setup {
        mischief: [dies_first, dies_first],
        ..Setup::default()
    });
    send_to_linux(&mut lab, 1000);
    let evidence = lab.finish().judge();
    assert_eq!(evidence.count("tcp.flags == 0x002"), 2);
    assert_eq!(evidence.count("tcp.flags == 0x012"), 2);
}

fn dies_first(number: usize, _: SimTime, _: &mut Frame) -> Verdict {
    match number {
        0 => Verdict::Dies,
        _ => Verdict::Passes,
    }
}

/// From 0.3 to 2.3 s nothing comes through, either way; 2 MiB at 4 Mbit/s would take four seconds.
fn cut() -> Setup {
    const OUTAGE: Mischief = |_, now, _| match now.as_nanos() / 1_000_000 {
        300..2300 => Verdict::Dies,
        _ => Verdict::Passes,
    };
    let slow = cable(|profile| profile.rate = "4 Mbit/s".parse().unwrap());
    Setup {
        cable: [slow.clone(), slow],
        mischief: [OUTAGE, OUTAGE],
        ..Setup::default()
    }
}

pub(super) fn the_house_outlasts_a_cut_cable() {
    let mut lab = Lab::new(cut());
    send_to_linux(&mut lab, LEN);
    lab.finish().judge();
}

pub(super) fn linux_outlasts_a_cut_cable() {
    let mut lab = Lab::new(cut());
    send_to_house(&mut lab, LEN);
    lab.finish().judge();
    assert_ne!(linux_counter("TcpExt", "TCPTimeouts"), 0);
}

/// Every 40th packet that may be marked is (RFC 3168, section 5).
fn marks(number: usize, _: SimTime, frame: &mut Frame) -> Verdict {
    let traffic_class = frame.bytes[15];
    if number % 40 == 39 && matches!(traffic_class & 3, 1 | 2) {
        frame.bytes[15] |= 3;
        frame.bytes[24..26].fill(0);
        let sum = Checksum::default().over(&frame.bytes[14..34]).finish();
        frame.bytes[24..26].copy_from_slice(&sum.to_be_bytes());
    }
    Verdict::Passes
}

fn marking() -> Setup {
    Setup {
        tcp: TcpConfig {
            ecn: true,
            ..TcpConfig::native()
        },
        cable: [cable(|_| ()), cable(|_| ())],
        mischief: [marks, marks],
        linux: &[("ipv4.tcp_ecn", "1")],
    }
}

pub(super) fn the_house_heeds_marks_that_linux_echoes() {
    let mut lab = Lab::new(marking());
    send_to_linux(&mut lab, LEN);
    let evidence = lab.finish().judge();
    evidence.shows("tcp.flags.ece == 1 && tcp.flags.syn == 0 && ip.src == 10.77.0.1");
    evidence.shows("tcp.flags.cwr == 1 && tcp.flags.syn == 0 && ip.src == 10.77.0.2");
}

pub(super) fn linux_heeds_marks_that_the_house_echoes() {
    let mut lab = Lab::new(marking());
    send_to_house(&mut lab, LEN);
    let evidence = lab.finish().judge();
    evidence.shows("tcp.flags.ece == 1 && tcp.flags.syn == 0 && ip.src == 10.77.0.2");
    evidence.shows("tcp.flags.cwr == 1 && tcp.flags.syn == 0 && ip.src == 10.77.0.1");
}

/// 1 MiB over 10 Mbit/s with a queue of 50 kB takes at least 0.9 s; four times that is allowed, the
/// machine may be busy.
fn fill(congestion: CongestionControl) {
    let slow = cable(|profile| {
        profile.rate = "10 Mbit/s".parse().unwrap();
        profile.queue = QueueLimit::Bytes(ByteSize::new(50_000));
    });
    let mut setup = to_linux(slow);
    setup.tcp.congestion = congestion;
    let mut lab = Lab::new(setup);
    send_to_linux(&mut lab, LEN);
    assert!(lab.host.now() < SimTime::ZERO + Span::from_millis(3600));
    lab.finish().judge();
}

pub(super) fn reno_fills_a_slow_link() {
    fill(CongestionControl::Reno);
}

pub(super) fn bbr_fills_a_slow_link() {
    fill(CongestionControl::Bbr);
}

pub(super) fn bbr1_fills_a_slow_link() {
    fill(CongestionControl::Bbr1);
}

pub(super) fn vegas_fills_a_slow_link() {
    fill(CongestionControl::Vegas);
}
