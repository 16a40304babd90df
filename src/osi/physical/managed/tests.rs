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

#[test]
fn red_marks_as_often_as_the_average_says() {
    // The queue is kept at ten frames between 5 and 15: the chance is half of 10 %. The distance
    // between marks is uniform from 1 to 1/p = 20, on average 10.5 frames: 10 000 frames bring 952
    // marks, deviation 0.58 x sqrt(952) = 18. The first frames, while the average grows (500 of
    // them with a weight of 0.002), bring fewer.
    let settings = topology::Red::default();
    let mut red = Red::new(settings, Span::from_millis(1), RootSeed(3).stream(&["red"]));
    (0..5000).for_each(|_| {
        red.judge(10, None);
    });
    let judged = (0..10_000).map(|_| red.judge(10, None));
    let marks = judged.filter(|c| *c == Chance::Early).count();
    assert!((860..=1044).contains(&marks), "{marks}");
}

#[test]
fn red_spreads_its_marks_evenly() {
    // With p = 1/20 no two marks are more than 20 frames apart (Floyd and Jacobson, section 7).
    let mut red = Red::new(
        topology::Red::default(),
        Span::from_millis(1),
        RootSeed(3).stream(&["red"]),
    );
    (0..20_000).for_each(|_| {
        red.judge(10, None);
    });
    let (mut gap, mut longest) = (0, 0);
    for _ in 0..10_000 {
        gap += 1;
        if red.judge(10, None) == Chance::Early {
            longest = longest.max(gap);
            gap = 0;
        }
    }
    assert!((15..=20).contains(&longest), "{longest}");
}

#[test]
fn red_beyond_its_thresholds_drops_gently_or_at_once() {
    // An average of 20 of 15: gentle is at 10 % + 90 % / 3 = 40 %, the other one drops all.
    for (gentle, early, beyond) in [(true, true, false), (false, false, true)] {
        let settings = topology::Red {
            gentle,
            weight: 1.0,
            ..topology::Red::default()
        };
        let mut red = Red::new(settings, Span::from_millis(1), RootSeed(3).stream(&["red"]));
        let judged: Vec<Chance> = (0..100).map(|_| red.judge(20, None)).collect();
        assert_eq!(judged.contains(&Chance::Early), early);
        assert_eq!(judged.iter().all(|c| *c == Chance::Beyond), beyond);
    }
}

#[test]
fn red_forgets_while_the_line_is_idle() {
    // An average of 40 after 1000 idle frame times with weight 0.002: 40 x 0.998^1000 = 5.4; after
    // 1100: 4.4, below the least threshold. One of 1 % passes of its own accord too rarely to tell.
    let settings = topology::Red {
        max_p: chance(1.0),
        ..topology::Red::default()
    };
    for (frames, passes) in [(900, false), (1100, true)] {
        let mut red = Red::new(settings, Span::from_millis(1), RootSeed(3).stream(&["red"]));
        (0..20_000).for_each(|_| {
            red.judge(40, None);
        });
        red.judge(0, Some(Span::from_millis(frames)));
        let average_is_low = (0..50).all(|_| red.judge(0, Some(Span::ZERO)) == Chance::Passes);
        assert_eq!(average_is_low, passes, "{frames}");
    }
}

/// CoDel as RFC 8289, section 5, writes it down: a function that is called when the line is free,
/// loops over the frames that it drops, and returns the one that leaves.
struct Reference {
    settings: topology::Codel,
    queue: VecDeque<(u32, u64, SimTime)>,
    bytes: u64,
    first_above: Option<SimTime>,
    drop_next: SimTime,
    count: u32,
    last_count: u32,
    dropping: bool,
    dropped: Vec<u32>,
}

impl Reference {
    fn new(settings: topology::Codel) -> Self {
        Self {
            settings,
            queue: VecDeque::new(),
            bytes: 0,
            first_above: None,
            drop_next: SimTime::ZERO,
            count: 0,
            last_count: 0,
            dropping: false,
            dropped: Vec::new(),
        }
    }

    fn do_dequeue(&mut self, now: SimTime) -> (Option<(u32, u64)>, bool) {
        let Some((number, len, since)) = self.queue.pop_front() else {
            self.first_above = None;
            return (None, false);
        };
        self.bytes -= len;
        let mut ok = false;
        if now.since(since) < self.settings.target || self.bytes <= 1514 {
            self.first_above = None;
        } else if let Some(first) = self.first_above {
            ok = now >= first;
        } else {
            self.first_above = Some(now + self.settings.interval);
        }
        (Some((number, len)), ok)
    }

    fn control_law(&self, t: SimTime) -> SimTime {
        #[allow(clippy::cast_precision_loss)]
        let interval = self.settings.interval.as_nanos() as f64;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let gap = libm::round(interval / libm::sqrt(self.count.into())) as u64;
        t + Span::from_nanos(gap)
    }

    fn dequeue(&mut self, now: SimTime) -> Option<(u32, u64)> {
        let (mut head, mut ok) = self.do_dequeue(now);
        if self.dropping {
            if !ok {
                self.dropping = false;
            }
            while self.dropping && now >= self.drop_next {
                self.dropped.extend(head.map(|(number, _)| number));
                self.count += 1;
                (head, ok) = self.do_dequeue(now);
                if ok {
                    self.drop_next = self.control_law(self.drop_next);
                } else {
                    self.dropping = false;
                }
            }
        } else if ok {
            self.dropped.extend(head.map(|(number, _)| number));
            (head, _) = self.do_dequeue(now);
            self.dropping = true;
            let delta = self.count.saturating_sub(self.last_count);
            let recent = now.since(self.drop_next) < self.settings.interval.times(16);
            self.count = if delta > 1 && recent { delta } else { 1 };
            self.drop_next = self.control_law(now);
            self.last_count = self.count;
        }
        head
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn codel_does_what_rfc_8289_writes_down(
        arrivals in prop::collection::vec((0u64..3000, 60usize..1514), 200..1500),
        target in 1u64..20,
        busy in 1u64..4,
    ) {
        // Short intervals, so that rows begin and end often.
        let settings = topology::Codel {
            target: Span::from_millis(target),
            interval: Span::from_millis(target * 4),
            ecn: true,
        };
        let mut port = Port::new(&profile(Discipline::Codel(settings)));
        let mut reference = Reference::new(settings);
        let (mut now, mut free_at, mut left) = (0, SimTime::ZERO, Vec::new());
        // Nothing more comes at the end, and all that waits leaves.
        for (number, (gap, len)) in (0..).zip(arrivals) {
            now += gap / busy;
            let at = at_micros(now);
            port.put(at, frame(number, len, NOT_ECT, 2));
            while free_at < at && !reference.queue.is_empty() {
                if let Some((n, len)) = reference.dequeue(free_at) {
                    left.push((n, free_at));
                    free_at += BYTE.times(len);
                }
            }
            if reference.queue.is_empty() {
                // The line asked when it became free, and there was nothing.
                reference.dequeue(free_at);
            }
            reference.queue.push_back((number, len as u64, at));
            reference.bytes += len as u64;
            if free_at <= at && let Some((n, len)) = reference.dequeue(at) {
                left.push((n, at));
                free_at = at + BYTE.times(len);
            }
        }
        port.run(SimTime::MAX);
        while !reference.queue.is_empty() {
            if let Some((n, len)) = reference.dequeue(free_at) {
                left.push((n, free_at));
                free_at += BYTE.times(len);
            }
        }
        let ours: Vec<(u32, SimTime)> = port.fates.iter().filter_map(|(n, fate)| match fate {
            Fate::Left { at, .. } => Some((*n, at_micros(*at))),
            Fate::Dropped { .. } => None,
        }).collect();
        prop_assert_eq!(ours, left);
        prop_assert_eq!(port.drops(DropReason::Codel), reference.dropped.len());
    }
}

#[test]
fn codel_strikes_ever_faster_while_the_queue_stands() {
    // Frames of 1000 us come every 500 us, so that the wait grows by 1 ms each ms of which half is
    // served: it passes the target of 5 ms after 10 ms, and the interval ends 100 ms later. Strikes
    // follow after 100 / sqrt(n) ms: at about 110, 210, 281, 338, 388, 433, 474, 512, 547, 580, 612,
    // 642, 671, 699, 726, 751, 777, 801, 825, 848, 870, 892, 913, 934, 955, 975 and 994 ms.
    let mut port = Port::new(&LinkProfile {
        queue: QueueLimit::Packets(10_000),
        ..profile(Discipline::Codel(topology::Codel::default()))
    });
    (0..2000u32).for_each(|n| port.put(at_micros(u64::from(n) * 500), frame(n, 1000, ECT, 2)));
    assert!((26..=28).contains(&port.marks()), "{}", port.marks());
    let first = port.fates.iter().find_map(|(_, f)| match f {
        Fate::Left { at, marked: true } => Some(*at),
        _ => None,
    });
    assert!((109_000..=112_000).contains(&first.unwrap()), "{first:?}");
}

#[test]
fn codel_leaves_one_frame_in_the_queue_alone() {
    // Each frame comes 600 us before the line is free, which is longer than the target. But when
    // its turn comes nothing waits behind it: no standing queue.
    let mut port = Port::new(&profile(Discipline::Codel(topology::Codel {
        target: Span::from_micros(500),
        ..topology::Codel::default()
    })));
    port.put(SimTime::ZERO, frame(1000, 1000, NOT_ECT, 2));
    for n in 0..400u32 {
        port.put(
            at_micros(u64::from(n) * 1000 + 400),
            frame(n, 1000, NOT_ECT, 2),
        );
    }
    assert_eq!(port.drops(DropReason::Codel), 0);
}

fn fair(limit: QueueLimit) -> Port {
    Port::new(&LinkProfile {
        queue: limit,
        ..profile(Discipline::FqCodel(topology::FqCodel::default()))
    })
}

#[test]
fn a_new_flow_goes_before_a_long_queue() {
    // Twenty frames of one flow are there when another flow comes. The first frame is on the line
    // and the flow has 514 bytes of its quantum left; a new flow goes first all the same.
    let mut port = fair(QueueLimit::Packets(1000));
    (0..20).for_each(|n| port.put(SimTime::ZERO, frame(n, 1000, ECT, 2)));
    port.put(at_micros(10), frame(100, 100, ECT, 3));
    port.run(SimTime::MAX);
    let place = port.fates.iter().position(|(n, _)| *n == 100).unwrap();
    assert!((1..=2).contains(&place), "{place}");
}

#[test]
fn flows_get_the_same_share_whatever_they_send() {
    // Flow 2 sends twice as much as flow 3, in frames half as long: the line carries a byte a
    // microsecond, so half a second is 500 000 bytes, 250 000 each.
    let mut port = fair(QueueLimit::Packets(10_000));
    for n in 0..1000u32 {
        let now = at_micros(u64::from(n) * 500);
        (0..4).for_each(|k| port.put(now, frame(n * 10 + k, 500, ECT, 2)));
        port.put(now, frame(n * 10 + 5, 1000, ECT, 3));
    }
    let sent = |flow_3: bool| {
        port.fates
            .iter()
            .filter(|(n, f)| (n % 10 == 5) == flow_3 && matches!(f, Fate::Left { .. }))
            .count()
    };
    let (two, three) = (sent(false) * 500, sent(true) * 1000);
    assert!(two.abs_diff(three) < 5_000, "{two} {three}");
}

#[test]
fn the_longest_flow_makes_room() {
    // A hundred packets may wait. Flow 2 fills the queue, then flow 3 comes with one packet: half of
    // flow 2's are thrown out from its head, and flow 3 loses none. It leaves after the second frame
    // of flow 2, which had 514 bytes of its first turn left.
    let mut port = fair(QueueLimit::Packets(100));
    (0..101).for_each(|n| port.put(SimTime::ZERO, frame(n, 1000, ECT, 2)));
    port.put(SimTime::ZERO, frame(200, 100, ECT, 3));
    assert_eq!(port.drops(DropReason::QueueFull), 50);
    assert_eq!(port.fates[1].0, 1, "the head goes");
    port.run(SimTime::MAX);
    assert!(port.fates.contains(&(
        200,
        Fate::Left {
            at: 2000,
            marked: false
        }
    )));
}

#[test]
fn what_is_not_ip_is_neither_marked_nor_told_apart() {
    let mut arp = vec![0; 60];
    arp[12..14].copy_from_slice(&[8, 6]);
    assert!(!mark(&mut arp));
    assert!(!mark(&mut [0; 4]));
    let mut port = fair(QueueLimit::Packets(1000));
    let id = FrameId {
        origin: NodeId(0),
        number: 0,
    };
    port.put(SimTime::ZERO, Frame::new(id, arp));
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
