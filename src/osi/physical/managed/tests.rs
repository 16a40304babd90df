//! Claims about queues with a discipline, driven by a line that is busy for a while with each
//! frame.

use proptest::prelude::*;

use super::*;
use crate::{
    ids::{FrameId, NodeId},
    rng::RootSeed,
    topology::{self, Threshold},
    units::{BitRate, ByteSize, Span},
    wire::Checksum,
};

mod codel;
mod fair;
mod red;

/// Not ECN-capable, and ECN-capable.
const NOT_ECT: u8 = 0;
const ECT: u8 = 2;

fn chance(p: f64) -> crate::units::Probability {
    crate::units::Probability::new(p).unwrap()
}

/// A frame of `len` bytes with a UDP packet of flow `flow`.
fn frame(number: u32, len: usize, ecn: u8, flow: u8) -> Frame {
    let total = u16::try_from(len - HEADER_LEN).unwrap().to_be_bytes();
    let mut ip = vec![0x45, ecn, total[0], total[1], 0, 0, 0, 0, 64, 17, 0, 0];
    ip.extend([10, 0, 0, 1, 10, 0, 0, flow]);
    let sum = Checksum::default().over(&ip).finish();
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
    let mut bytes = vec![0; HEADER_LEN];
    bytes[12] = 8;
    bytes.extend(ip);
    bytes.resize(len, 0);
    let origin = NodeId(0);
    Frame::new(FrameId { origin, number }, bytes)
}

fn profile(discipline: Discipline) -> LinkProfile {
    LinkProfile {
        rate: BitRate::new(8_000_000).unwrap(),
        queue: QueueLimit::Packets(1000),
        discipline,
        ..LinkProfile::default()
    }
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Left { at: u64, marked: bool },
    Dropped { at: u64, why: DropReason },
}

/// A queue and its line, which sends a byte in a microsecond.
struct Port {
    queue: Box<Managed>,
    free_at: SimTime,
    fates: Vec<(u32, Fate)>,
}

const BYTE: Span = Span::from_micros(1);

fn at_micros(us: u64) -> SimTime {
    SimTime::ZERO + Span::from_micros(us)
}

impl Port {
    fn new(profile: &LinkProfile) -> Self {
        let random = || RootSeed(7).stream(&["link", "wan", "forward", "queue"]);
        Self {
            queue: Managed::new(profile, random).unwrap(),
            free_at: SimTime::ZERO,
            fates: Vec::new(),
        }
    }

    fn put(&mut self, now: SimTime, frame: Frame) {
        self.run(now);
        if let Err((why, frame)) = self.queue.put(now, frame, self.free_at) {
            self.note(frame.id.number, now, Err(why));
        }
        while let Some(victim) = self.queue.take_victim() {
            self.note(victim.frame.id.number, now, Err(DropReason::QueueFull));
        }
        self.serve(now);
    }

    /// Lets everything happen up to `now`, this instant not included.
    fn run(&mut self, now: SimTime) {
        while self.queue.frames() > 0 && self.free_at < now {
            self.serve(self.free_at);
        }
    }

    fn serve(&mut self, now: SimTime) {
        while self.free_at <= now
            && let Some(turn) = self.queue.take(now)
        {
            match turn {
                Turn::Leaves(waiting) => {
                    self.free_at = now + BYTE.times(waiting.len() as u64);
                    self.note(waiting.frame.id.number, now, Ok(waiting.marked));
                }
                Turn::Dropped(waiting, why) => self.note(waiting.frame.id.number, now, Err(why)),
            }
        }
    }

    fn note(&mut self, number: u32, now: SimTime, what: Result<bool, DropReason>) {
        let at = now.as_nanos() / 1000;
        let fate = match what {
            Ok(marked) => Fate::Left { at, marked },
            Err(why) => Fate::Dropped { at, why },
        };
        self.fates.push((number, fate));
    }

    fn count(&self, which: impl Fn(&Fate) -> bool) -> usize {
        self.fates.iter().filter(|(_, fate)| which(fate)).count()
    }

    fn drops(&self, why: DropReason) -> usize {
        self.count(|f| matches!(f, Fate::Dropped { why: w, .. } if *w == why))
    }

    fn marks(&self) -> usize {
        self.count(|f| matches!(f, Fate::Left { marked: true, .. }))
    }
}

fn threshold(above: QueueLimit, ecn: bool) -> Port {
    let threshold = Threshold { above, ecn };
    Port::new(&profile(Discipline::Threshold(threshold)))
}

#[test]
fn a_threshold_marks_what_makes_the_queue_longer() {
    // One frame is on the line, three wait; the two behind them make it four and five.
    let mut port = threshold(QueueLimit::Packets(3), true);
    (0..6).for_each(|n| port.put(SimTime::ZERO, frame(n, 1000, ECT, 2)));
    port.run(SimTime::MAX);
    let marked: Vec<u32> = port
        .fates
        .iter()
        .filter_map(|(n, f)| matches!(f, Fate::Left { marked: true, .. }).then_some(*n))
        .collect();
    assert_eq!(marked, [4, 5]);
}

#[test]
fn what_cannot_be_marked_is_dropped() {
    // 3000 bytes may wait: of six frames at once two are too much. With ECN off nobody is marked.
    let limit = QueueLimit::Bytes(ByteSize::new(3000));
    for (ecn, bits) in [(true, NOT_ECT), (false, ECT)] {
        let mut port = threshold(limit, ecn);
        (0..6).for_each(|n| port.put(SimTime::ZERO, frame(n, 1000, bits, 2)));
        assert_eq!(
            (port.marks(), port.drops(DropReason::AboveThreshold)),
            (0, 2)
        );
    }
}

#[test]
fn an_idle_line_takes_a_frame_that_no_threshold_lets_wait() {
    let mut port = threshold(QueueLimit::Bytes(ByteSize::new(1)), true);
    port.put(SimTime::ZERO, frame(0, 1000, NOT_ECT, 2));
    assert_eq!(
        port.fates,
        [(
            0,
            Fate::Left {
                at: 0,
                marked: false
            }
        )]
    );
}

#[test]
fn a_full_queue_refuses_whatever_its_discipline() {
    let codel = topology::Codel::default();
    let mut port = Port::new(&LinkProfile {
        queue: QueueLimit::Packets(4),
        ..profile(Discipline::Codel(codel))
    });
    (0..7).for_each(|n| port.put(SimTime::ZERO, frame(n, 1000, ECT, 2)));
    assert_eq!(port.drops(DropReason::QueueFull), 2);
}
