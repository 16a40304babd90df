//! Claims about one direction of a link, its two ends together.

use super::*;
use crate::osi::physical::{Airspace, Flight};
use crate::units::Span;
use crate::{
    ids::{FrameId, NodeId},
    topology::QueueLimit,
    units::{ByteSize, Probability},
};

fn pipe(profile: LinkProfile) -> Pipe {
    Pipe::new(profile, RootSeed(7), "wan", WireId::from_index(0))
}

fn slow() -> LinkProfile {
    LinkProfile {
        rate: "10 Mbit/s".parse().unwrap(),
        latency: Span::from_millis(20),
        ..LinkProfile::default()
    }
}

fn chance(p: f64) -> Probability {
    Probability::new(p).unwrap()
}

fn frame(number: u32, len: usize) -> Frame {
    let id = FrameId {
        origin: NodeId(0),
        number,
    };
    Frame::new(id, vec![0x5a; len])
}

/// The receiving end, with an airspace of its own.
#[derive(Default)]
struct End {
    air: Airspace,
    flight: Flight,
}

impl End {
    fn put(&mut self, at: SimTime, frame: Frame) {
        self.flight.put(&mut self.air, at, frame);
    }

    /// The next frame that has arrived, and whether it is intact.
    fn take_arrived(&mut self, now: SimTime) -> Option<(Frame, bool)> {
        let arrival = self.flight.take_arrived(&mut self.air, now)?;
        Some((self.air.leave(arrival.berth), arrival.intact))
    }
}

/// Sends `count` frames of 1000 bytes, one each `gap`; the numbers that come out, in order.
fn through(pipe: &mut Pipe, count: u32, gap: Span) -> Vec<u32> {
    let mut end = End::default();
    through_to(pipe, &mut end, count, gap)
}

fn through_to(pipe: &mut Pipe, end: &mut End, count: u32, gap: Span) -> Vec<u32> {
    let mut pool = FramePool::default();
    let mut now = SimTime::ZERO;
    for number in 0..count {
        let f = frame(number, 1000);
        if let Ok(passage) = pipe.admit(now, &f.bytes) {
            pipe.launch(passage, f, &mut pool, |at, f| end.put(at, f));
        }
        now += gap;
    }
    let arrived = std::iter::from_fn(|| end.take_arrived(SimTime::MAX));
    arrived
        .filter(|(_, intact)| *intact)
        .map(|(frame, _)| frame.id.number)
        .collect()
}

fn both_ends(pipe: &Pipe, end: &End) -> WireCounters {
    let mut counters = pipe.counters();
    end.flight.count(&end.air, &mut counters);
    counters
}

#[test]
fn a_frame_takes_its_serialisation_and_propagation_time() {
    // (976 + 24) bytes x 8 bits x 100 ns = 800 us, then 20 ms.
    let mut pipe = pipe(slow());
    let passage = pipe.admit(SimTime::ZERO, &[0; 976]).unwrap();
    let expected = SimTime::ZERO + Span::from_micros(20_800);
    assert_eq!(passage.fate, Fate::Arrives(expected));
    assert_eq!(passage.departs, SimTime::ZERO);
}

#[test]
fn a_second_frame_waits_for_the_first() {
    let mut pipe = pipe(slow());
    pipe.admit(SimTime::ZERO, &[0; 976]).unwrap();
    let second = pipe.admit(SimTime::ZERO, &[0; 976]).unwrap();
    assert_eq!(second.departs, SimTime::ZERO + Span::from_micros(800));
    assert_eq!(pipe.counters().queue_peak_frames, 1);
    assert_eq!(pipe.counters().queue_peak_delay, Span::from_micros(800));
}

#[test]
fn a_full_queue_refuses_the_newcomer() {
    // One frame is being sent, two wait; the fourth finds no room.
    let mut pipe = pipe(LinkProfile {
        queue: QueueLimit::Packets(2),
        ..slow()
    });
    let sent = (0..4).map(|_| pipe.admit(SimTime::ZERO, &[0; 976]).is_ok());
    assert_eq!(sent.collect::<Vec<_>>(), [true, true, true, false]);
    assert_eq!(pipe.counters().drops.of(DropReason::QueueFull), 1);
}

#[test]
fn a_byte_queue_holds_what_fits() {
    let mut pipe = pipe(LinkProfile {
        queue: QueueLimit::Bytes(ByteSize::new(2000)),
        ..slow()
    });
    let sent = (0..4).map(|_| pipe.admit(SimTime::ZERO, &[0; 976]).is_ok());
    assert_eq!(sent.collect::<Vec<_>>(), [true, true, true, false]);
}

#[test]
fn a_frame_beyond_the_mtu_is_refused() {
    let mut pipe = pipe(slow());
    assert!(pipe.admit(SimTime::ZERO, &[0; 1514]).is_ok());
    assert_eq!(
        pipe.admit(SimTime::ZERO, &[0; 1515]),
        Err(DropReason::TooBig)
    );
}

#[test]
fn jitter_keeps_order_unless_told_otherwise() {
    let jittery = LinkProfile {
        jitter: Span::from_millis(10),
        ..slow()
    };
    let sorted = |v: &[u32]| v.is_sorted();
    assert!(sorted(&through(
        &mut pipe(jittery.clone()),
        500,
        Span::from_millis(1)
    )));
    let free = LinkProfile {
        jitter_reorders: true,
        ..jittery
    };
    let order = through(&mut pipe(free), 500, Span::from_millis(1));
    assert_eq!(order.len(), 500);
    assert!(!sorted(&order));
}

#[test]
fn a_reordered_frame_is_overtaken() {
    let mut pipe = pipe(LinkProfile {
        reorder: chance(0.1),
        ..slow()
    });
    let order = through(&mut pipe, 500, Span::from_millis(1));
    // Held back 10 ms at one frame per ms: about every tenth frame stands behind later ones.
    let late = order.windows(2).filter(|w| w[1] < w[0]).count();
    assert_eq!(order.len(), 500);
    assert!((20..=80).contains(&late), "{late}");
}

#[test]
fn loss_matches_its_probability() {
    // Binomial: 10 000 x 3 % = 300, deviation 17; within five deviations.
    let mut pipe = pipe(LinkProfile {
        loss: chance(0.03),
        ..slow()
    });
    let arrived = through(&mut pipe, 10_000, Span::from_millis(1)).len();
    assert!((9_615..=9_785).contains(&arrived), "{arrived}");
    assert_eq!(
        pipe.counters().drops.of(DropReason::RandomLoss),
        10_000 - arrived as u64
    );
}

#[test]
fn bit_errors_kill_as_many_frames_as_the_ratio_says() {
    // A frame of (1000 + 4) x 8 = 8032 bits stays whole with (1 - 1e-5)^8032 = 0.9228;
    // of 10 000 frames 9228 arrive, deviation 27; within five deviations.
    let mut pipe = pipe(LinkProfile {
        bit_error: chance(1e-5),
        ..slow()
    });
    let mut end = End::default();
    let arrived = through_to(&mut pipe, &mut end, 10_000, Span::from_millis(1)).len();
    assert!((9_093..=9_363).contains(&arrived), "{arrived}");
    assert_eq!(
        both_ends(&pipe, &end).drops.of(DropReason::BitError),
        10_000 - arrived as u64
    );
}

#[test]
fn duplicates_arrive_beside_the_original() {
    let mut pipe = pipe(LinkProfile {
        duplicate: chance(1.0),
        ..slow()
    });
    assert_eq!(
        through(&mut pipe, 3, Span::from_millis(1)),
        [0, 0, 1, 1, 2, 2]
    );
}

#[test]
fn switching_one_fault_on_does_not_shift_another() {
    let run = |duplicate| {
        let profile = LinkProfile {
            loss: chance(0.2),
            duplicate: chance(duplicate),
            ..slow()
        };
        through(&mut pipe(profile), 300, Span::from_millis(1))
    };
    let plain = run(0.0);
    let mut with_copies = run(0.3);
    with_copies.dedup();
    assert_eq!(plain, with_copies);
}

#[test]
fn what_went_in_came_out_died_or_is_under_way() {
    let mut pipe = pipe(LinkProfile {
        loss: chance(0.1),
        duplicate: chance(0.1),
        bit_error: chance(1e-5),
        reorder: chance(0.1),
        queue: QueueLimit::Packets(5),
        ..slow()
    });
    let mut pool = FramePool::default();
    let mut end = End::default();
    let mut now = SimTime::ZERO;
    for number in 0..2000 {
        now += Span::from_micros(700);
        let f = frame(number, 1000);
        if let Ok(passage) = pipe.admit(now, &f.bytes) {
            pipe.launch(passage, f, &mut pool, |at, f| end.put(at, f));
        }
        while let Some((frame, _)) = end.take_arrived(now) {
            pool.give(frame.bytes);
        }
        let c = both_ends(&pipe, &end);
        let out = c.delivered_frames + c.drops.total() + c.in_flight_frames;
        assert_eq!(c.sent_frames + c.duplicated_frames, out);
    }
    let c = pipe.counters();
    assert!(c.drops.of(DropReason::QueueFull) > 0 && c.duplicated_frames > 0);
}
