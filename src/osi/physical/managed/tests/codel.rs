//! Claims about CoDel, which is compared with the text of RFC 8289.

use super::*;

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
