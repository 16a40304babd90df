//! A hostile peer against the machine: it knows every number of the connection and sends what it
//! likes, in every state and both roles.
//!
//! Claims, after each step: no panic; what leaves at one instant is bounded and then the machine is
//! at rest; whoever is owed something has a timer, so that a connection never just falls silent;
//! every byte that the program reads is one that the peer sent for that place; and memory keeps to
//! the limits of the configuration, counted.
//!
//! `PROPTEST_CASES` and `PROPTEST_RNG_SEED` choose more, or other, cases.

use std::collections::BTreeSet;

use proptest::{prelude::*, test_runner::RngSeed};

use super::{machine::Native, sequence};
use crate::{
    osi::transport::{MtuProbing, TcpConfig},
    rng::RootSeed,
    trace::TcpState,
    units::{ByteSize, SimTime, Span},
    wire::FramePool,
};

mod peer;
mod stage;

use stage::{Stage, ends};

/// What a case is made of; the rest is drawn from the seed.
#[derive(Debug, Clone)]
struct Case {
    seed: u64,
    /// More steps with one seed begin with the same ones, so a failure shrinks to its first step.
    steps: usize,
    tcp: TcpConfig,
}

prop_compose! {
    fn case()(
        seed: u64,
        steps in 1usize..400,
        buffers in prop::array::uniform2(prop::sample::select(vec![1_u64, 1_000, 20_000, 300_000])),
        congestion in prop::sample::select(super::congestion::Kind::ALL.to_vec()),
        (nagle, ecn, delayed, keep_alive) in any::<(bool, bool, bool, bool)>(),
    ) -> Case {
        let tcp = TcpConfig {
            congestion,
            nagle,
            ecn,
            delayed_ack: delayed.then(|| Span::from_millis(40)),
            keep_alive: keep_alive.then(|| Span::from_secs(10)),
            send_buffer: ByteSize::new(buffers[0]),
            receive_buffer: ByteSize::new(buffers[1]),
            mtu_probing: match seed % 4 {
                0 => MtuProbing::Off,
                1 => MtuProbing::BlackHole,
                _ => MtuProbing::Always,
            },
            ..TcpConfig::native()
        };
        Case { seed, steps, tcp }
    }
}

/// 256 cases of seed 7, unless the environment says otherwise.
pub(super) fn cases() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig {
        rng_seed: match usual.rng_seed {
            RngSeed::Random => RngSeed::Fixed(7),
            fixed @ RngSeed::Fixed(_) => fixed,
        },
        failure_persistence: None,
        ..usual
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_peer_makes_the_machine_panic_hang_fall_silent_or_hoard(case in case()) {
        let mut stage = Stage::new(&case);
        for _ in 0..case.steps {
            stage.step();
        }
        match case.seed % 3 {
            0 => stage.make_peace(false),
            1 => stage.make_peace(true),
            _ => {}
        }
        stage.fall_silent();
    }
}

#[test]
fn the_hostile_peer_meets_every_state() {
    // All eleven of RFC 9293, section 3.3.2, within a hundred seeds; and Fast Open lets a peer in,
    // and lets this end write, before the handshake ends.
    let mut met = BTreeSet::new();
    let (mut let_in, mut early) = (0, 0);
    for seed in 0..100 {
        let mut stage = Stage::new(&Case {
            seed,
            steps: 0,
            tcp: TcpConfig::native(),
        });
        for _ in 0..100 {
            met.insert(stage.machine.state);
            match stage.machine.state {
                TcpState::SynReceived => let_in += u32::from(stage.machine.opens_early()),
                TcpState::SynSent => early += u32::from(stage.machine.opens_early()),
                _ => {}
            }
            stage.step();
        }
    }
    assert_eq!(met.len(), 11, "{met:?}");
    assert!(let_in > 0 && early > 0, "{let_in} let in, {early} early");
}

/// A machine with large buffers, connected to a peer that offers 64 KiB times 2^7.
fn connected() -> Stage {
    let mut stage = Stage {
        machine: Native::new(&ends(), 1500, 64, &TcpConfig::native()),
        now: SimTime::ZERO + Span::from_secs(1),
        random: RootSeed(1).stream(&["hostile"]),
        pool: FramePool::default(),
        tcp: TcpConfig::native(),
        most_entries: 0,
        left: vec![],
    };
    stage.machine.connect(stage.now, 7);
    stage.check();
    stage.give(peer::Parts {
        flags: 0x12,
        seq: 999,
        ack: 8,
        window: u16::MAX,
        // MSS 1460, SACK permitted, window scale 7.
        options: vec![2, 4, 5, 180, 4, 2, 3, 3, 7],
        ..peer::Parts::default()
    });
    assert_eq!(stage.machine.state, TcpState::Established);
    stage
}

#[test]
fn a_peer_that_sends_every_second_byte_takes_no_more_memory_than_the_window() {
    // The first window has 64 KiB. An island of each of 32,768 bytes would take 24 bytes: 786 KB.
    // One for each 64 bytes is kept, and what was not comes again.
    let mut stage = connected();
    let part = |seq: u32, len: usize| peer::Parts {
        flags: 0x10,
        seq,
        ack: 8,
        window: u16::MAX,
        len,
        ..peer::Parts::default()
    };
    for place in (1..65_000).step_by(2) {
        stage
            .machine
            .ingress(stage.now, &part(1_000 + place, 1).packet());
    }
    stage.check();
    let held = stage.machine.rx.data.held();
    assert!((1_000..=1_024).contains(&held.islands), "{held:?}");
    for place in (0..65_000).step_by(1_000) {
        stage.give(part(1_000 + place, 1_000));
    }
    assert_eq!(stage.machine.rx.data.ready(), 65_000);
    stage.read();
}

#[test]
fn a_peer_that_acknowledges_every_second_byte_does_not_make_a_list_of_them() {
    // 14,480 bytes are out (ten segments): at most 14,480 / 128 = 113 pieces of them.
    let mut stage = connected();
    stage.machine.send(&[7; 60_000]);
    stage.check();
    let out = u32::try_from(stage.machine.tx.next - stage.machine.tx.una).unwrap();
    assert_eq!(out, 14_600);
    for place in (1..out).step_by(2) {
        let mut options = vec![5, 10];
        options.extend((8 + place).to_be_bytes());
        options.extend((9 + place).to_be_bytes());
        let parts = peer::Parts {
            flags: 0x10,
            seq: 1_000,
            ack: 8,
            window: u16::MAX,
            options,
            ..peer::Parts::default()
        };
        stage.machine.ingress(stage.now, &parts.packet());
    }
    stage.machine.board.audit();
    let (count, _) = stage.machine.board.entries();
    assert!(count <= 14_600 / 128 + 1, "{count}");
}

#[test]
fn junk_does_not_keep_a_dead_connection_alive() {
    // The peer has died with data on its way to it. A stranger who guesses wrong numbers is not
    // the peer: what was unanswered before stays so.
    let mut stage = connected();
    stage.machine.send(&[7; 100]);
    stage.check();
    let since = stage.machine.waits_since();
    assert!(since.is_some());
    for seq in [5_000_000, 3_000_000_000] {
        stage.now += Span::from_secs(1);
        stage.give(peer::Parts {
            flags: 0x10,
            seq,
            ack: 12_345,
            window: 100,
            ..peer::Parts::default()
        });
        assert_eq!(stage.machine.waits_since(), since);
    }
    stage.give(peer::Parts {
        flags: 0x10,
        seq: 1_000,
        ack: 8,
        window: 100,
        ..peer::Parts::default()
    });
    assert_eq!(stage.machine.waits_since(), None);
}

#[test]
fn an_ack_of_what_a_lying_peer_has_told_already_stops_the_timers() {
    // Everything is told by SACK, the first byte included, and acknowledged later: nothing is out,
    // so no timer may run on.
    let mut stage = connected();
    stage.machine.send(&[7; 100]);
    stage.check();
    let parts = |ack: u32, options: Vec<u8>| peer::Parts {
        flags: 0x10,
        seq: 1_000,
        ack,
        window: u16::MAX,
        options,
        ..peer::Parts::default()
    };
    stage.give(parts(8, vec![5, 10, 0, 0, 0, 8, 0, 0, 0, 108]));
    stage.give(parts(108, vec![]));
    assert_eq!(
        (stage.machine.tx.una, stage.machine.tx.end()),
        ((1 << 32) + 108, (1 << 32) + 108)
    );
    assert_eq!(stage.machine.poll_at(stage.now), None);
}
