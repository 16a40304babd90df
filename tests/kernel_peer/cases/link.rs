//! Bad cables: the house's own, between its card and the device.

use netsim::{
    topology::LinkProfile,
    units::{Probability, Span},
};

use super::transfer::{echo_by_linux, send_to_house, send_to_linux};
use crate::{
    judge::linux_counter,
    lab::{Lab, Setup},
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
