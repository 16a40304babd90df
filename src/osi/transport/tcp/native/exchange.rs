//! Two machines and all that may happen to one exchange between them.
//!
//! Data both ways, losses, SACK, a way that stands still so that a time-out is spurious, a reader
//! that sleeps until the window is zero, keep-alive probes, FINs. Told from other initial sequence
//! numbers it must be the same, segment by segment and counted from the first number. Somebody who
//! plays games with the windows on the way must not lose a byte, nor make anybody hoard them.

use super::{machine::Native, segment::Segment};
use crate::{
    osi::transport::{
        TcpConfig,
        tcp::{machine::Received, native::parts::Sender},
    },
    rng::{RootSeed, Stream},
    trace::{TcpCause, TcpState},
    units::{ByteSize, SimTime, Span},
    wire::{FramePool, HEADER_LEN},
};

/// A segment, counted from the first numbers of both ends.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    at: SimTime,
    from: usize,
    flags: u8,
    seq: u32,
    ack: u32,
    window: u16,
    len: usize,
    sack: Vec<(u32, u32)>,
}

/// Two machines and the way between them.
struct Way {
    machines: [Native; 2],
    first: [u32; 2],
    now: SimTime,
    random: Stream,
    flying: Vec<(SimTime, usize, Vec<u8>)>,
    seen: Vec<Seen>,
    got: [usize; 2],
    written: [usize; 2],
    meddle: Meddle,
    /// Larger packets do not come through \[bytes\].
    widest: usize,
}

/// What somebody on the way does to the window of a segment.
type Meddle = fn(SimTime, &mut Stream, u16) -> u16;

/// All is said by then; the ends close; and it is over.
const SILENCE: SimTime = SimTime::from_nanos(130_000_000_000);
const CLOSE: SimTime = SimTime::from_nanos(150_000_000_000);
const END: SimTime = SimTime::from_nanos(200_000_000_000);

/// Bytes that each end writes.
const LENGTHS: [usize; 2] = [1_500_000, 200_000];

impl Way {
    fn new(first: [u32; 2], laps: u64) -> Self {
        let ends = ["10.0.0.1:1000", "10.0.0.2:2000"].map(|end| end.parse().unwrap());
        let tcp = TcpConfig {
            keep_alive: Some(Span::from_secs(5)),
            receive_buffer: ByteSize::new(100_000),
            trace: true,
            ..TcpConfig::native()
        };
        let machine = |own: usize| Native::new(&(ends[own], ends[1 - own]), 1500, 64, &tcp);
        let mut machines = [machine(0), machine(1)];
        machines[0].connect(SimTime::ZERO, first[0].into());
        machines[1].listen(first[1].into());
        for machine in &mut machines {
            move_on(&mut machine.tx, laps << 32);
        }
        Self {
            machines,
            first,
            now: SimTime::ZERO,
            random: RootSeed(1).stream(&["way"]),
            flying: vec![],
            seen: vec![],
            got: [0; 2],
            written: [0; 2],
            meddle: |_, _, window| window,
            widest: 1500,
        }
    }

    /// The exchange: what was seen on the way, and why the first sender did what it did.
    fn run(mut self) -> (Vec<Seen>, Vec<TcpCause>) {
        let mut causes = vec![];
        while self.now < END {
            for from in [0, 1] {
                self.program(from);
                self.send(from);
            }
            if let Some(changes) = self.machines[0].changes() {
                causes.extend(changes.map(|change| change.1));
            }
            self.keep_to_limits();
            let Some(next) = self.next() else { break };
            self.now = next.max(self.now);
            self.deliver();
        }
        assert_eq!(self.got, [LENGTHS[1], LENGTHS[0]], "all bytes came");
        let ended = self
            .machines
            .iter()
            .all(|m| m.state() != TcpState::Established);
        assert!(ended, "it goes on");
        (self.seen, causes)
    }

    /// Nobody holds more than its buffers, and a connection at rest holds nothing.
    fn keep_to_limits(&self) {
        let silent = (SILENCE..CLOSE).contains(&self.now);
        for machine in &self.machines {
            let held = machine.rx.data.held();
            assert!(held.bytes <= 100_000 + 128, "{held:?}");
            assert!(machine.tx.buffer.len() <= 4 << 20);
            if silent && machine.tx.buffer.len() == 0 {
                assert_eq!((held.bytes, machine.tx.buffer.capacity()), (0, 0));
                let rest = held.memory + machine.board.memory();
                assert!(rest < 2_000, "{rest} bytes at rest");
            }
        }
    }

    fn next(&self) -> Option<SimTime> {
        let flying = self.flying.iter().map(|(at, ..)| *at);
        let timers = self.machines.iter().filter_map(|m| m.poll_at(self.now));
        // The programs look every 10 ms.
        let tick = at_ms(10 * (self.now.as_nanos() / 10_000_000 + 1));
        flying.chain(timers).chain([tick]).min()
    }

    fn deliver(&mut self) {
        self.flying.sort_by_key(|(at, ..)| *at);
        let due = self.flying.partition_point(|(at, ..)| *at <= self.now);
        for (_, to, packet) in self.flying.drain(..due) {
            self.machines[to].ingress(self.now, &packet);
        }
    }

    /// Writes what there is, reads unless it sleeps, and closes after a long silence.
    fn program(&mut self, of: usize) {
        let machine = &mut self.machines[of];
        let left = LENGTHS[of] - self.written[of];
        self.written[of] += machine.send(&vec![7; left]).unwrap_or(0);
        let sleeps = of == 1 && (at_ms(1_000)..at_ms(3_000)).contains(&self.now);
        let mut out = [0; 4_096];
        while !sleeps && let Received::Data(count) = machine.recv(&mut out) {
            self.got[of] += count;
        }
        let closes = match machine.state() {
            TcpState::Established => self.now >= CLOSE,
            TcpState::CloseWait => true,
            _ => false,
        };
        if closes {
            machine.close();
        }
    }

    fn send(&mut self, from: usize) {
        let mut pool = FramePool::default();
        while let Some(packet) = self.machines[from].egress(self.now, &mut pool) {
            let mut packet = packet[HEADER_LEN..].to_vec();
            self.note(from, &packet);
            let window = u16::from_be_bytes([packet[34], packet[35]]);
            let window = (self.meddle)(self.now, &mut self.random, window);
            packet[34..36].copy_from_slice(&window.to_be_bytes());
            let lost = self.random.below(100) < 3;
            // Once the way stands still for longer than the time-out, and then all comes.
            let late = (at_ms(300)..at_ms(890)).contains(&self.now);
            let usual = self.now + Span::from_millis(10);
            let at = if late { at_ms(900) } else { usual };
            if (!lost || late) && packet.len() <= self.widest {
                self.flying.push((at, 1 - from, packet));
            }
        }
    }

    fn note(&mut self, from: usize, packet: &[u8]) {
        let segment = Segment::parse(packet).unwrap();
        let (own, peer) = (self.first[from], self.first[1 - from]);
        let counts = |number: u32, first: u32| number.wrapping_sub(first);
        let sack = segment.options.sack.as_slice().iter();
        let acknowledges = segment.flags.has(super::segment::Flags::ACK);
        self.seen.push(Seen {
            at: self.now,
            from,
            flags: segment.flags.0,
            seq: counts(segment.seq, own),
            ack: if acknowledges {
                counts(segment.ack, peer)
            } else {
                0
            },
            window: segment.window,
            len: segment.payload.len(),
            sack: sack
                .map(|b| (counts(b.0, peer), counts(b.1, peer)))
                .collect(),
        });
    }
}

/// The positions of a sender that has not begun, `by` later.
fn move_on(tx: &mut Sender, by: u64) {
    let positions = [
        &mut tx.initial,
        &mut tx.una,
        &mut tx.next,
        &mut tx.edge,
        &mut tx.small_end,
        &mut tx.usage_end,
    ];
    positions.into_iter().for_each(|position| *position += by);
    tx.buffer.begin(tx.initial + 1);
}

fn at_ms(ms: u64) -> SimTime {
    SimTime::ZERO + Span::from_millis(ms)
}

#[test]
fn the_exchange_has_all_in_it_that_counts_sequence_numbers() {
    let (seen, causes) = Way::new([7, 9], 0).run();
    for cause in [
        TcpCause::LossDetected,
        TcpCause::RetransmissionTimeout,
        TcpCause::Spurious,
        TcpCause::TailLossProbe,
        TcpCause::Recovered,
    ] {
        assert!(causes.contains(&cause), "{cause:?}");
    }
    assert!(
        seen.iter().any(|s| s.window == 0 && s.len == 0),
        "no zero window"
    );
    assert!(seen.iter().any(|s| !s.sack.is_empty()), "no SACK");
    // Keep-alive: one before what was sent last, and nothing in it.
    let data = u32::try_from(LENGTHS[0]).unwrap();
    assert!(
        seen.iter()
            .any(|s| s.from == 0 && s.len == 0 && s.seq == data)
    );
    assert_eq!(seen.iter().filter(|s| s.flags & 1 != 0).count(), 2, "FINs");
}

#[test]
fn a_connection_does_the_same_wherever_its_numbers_begin() {
    let (expected, _) = Way::new([7, 9], 0).run();
    // The wrap falls into the handshake, the first flight, the late segments, the zero window; on
    // either side, or both; and far on, the position has more than 32 bits.
    let below = |n: u32| 0_u32.wrapping_sub(n);
    for (a, b) in [
        (1, 1),
        (2, 5_000),
        (20_000, 7),
        (300_000, 100_000),
        (1_000_000, 199_000),
    ] {
        for (first, laps) in [
            ([below(a), 9], 0),
            ([7, below(b)], 1),
            ([below(a), below(b)], 5),
        ] {
            let (seen, _) = Way::new(first, laps).run();
            let differs = seen.iter().zip(&expected).find(|(a, b)| a != b);
            assert!(differs.is_none(), "{first:?}: {differs:?}");
            assert_eq!(seen.len(), expected.len());
        }
    }
    // And where the sign of the distance to zero turns.
    let (seen, _) = Way::new([(1 << 31) - 500, (1 << 31) - 50_000], 0).run();
    assert!(seen == expected);
}

/// The exchange with somebody on the way who changes windows for the first minute.
fn meddled(meddle: Meddle) -> Vec<Seen> {
    let mut way = Way::new([7, 9], 0);
    way.meddle = meddle;
    way.run().0
}

#[test]
fn a_way_that_is_too_narrow_for_probes_loses_no_byte() {
    // 3 % are lost besides, so what the search finds is a matter of luck; that it goes on is not.
    let mut way = Way::new([7, 9], 0);
    way.widest = 1_300;
    for machine in &mut way.machines {
        machine.search = Some(Box::default());
    }
    let (seen, causes) = way.run();
    assert!(causes.contains(&TcpCause::MtuProbe));
    assert!(causes.contains(&TcpCause::MtuProbeLost));
    // 1236 bytes is the first probe, 1248 the most that comes through.
    assert!(seen.iter().any(|s| s.from == 0 && s.len >= 1_236));
}

const MINUTE: SimTime = SimTime::from_nanos(60_000_000_000);

#[test]
fn windows_that_shrink_at_random_lose_no_byte() {
    meddled(|now, random, window| match random.below(4) {
        0 if now < MINUTE => window / 2,
        1 if now < MINUTE => u16::try_from(random.below(10)).unwrap(),
        2 if now < MINUTE => 0,
        _ => window,
    });
}

#[test]
fn a_window_that_is_zero_for_a_minute_is_probed_later_and_later() {
    // After the handshake nothing may leave for a minute. Probes come after 0.2, 0.4, 0.8 ... s:
    // nine would take 102 s, so there are eight at most, and repeats of what was out at the start.
    let seen = meddled(|now, _, window| match now < MINUTE && now > at_ms(15) {
        true => 0,
        false => window,
    });
    let early = seen.iter().filter(|s| s.from == 0 && s.at < MINUTE);
    let (data, probes): (Vec<&Seen>, Vec<&Seen>) = early.partition(|s| s.len > 0);
    assert!(data.len() <= 20, "{}", data.len());
    assert!((5..=30).contains(&probes.len()), "{}", probes.len());
}

#[test]
fn silly_windows_do_not_make_silly_segments() {
    // The window is 500 bytes for a minute, less than half of what was offered before: nobody sends
    // that little at a time unless the timer runs out (RFC 9293, section 3.8.6.2.1).
    let seen = meddled(|now, _, window| match now < MINUTE && now > at_ms(100) {
        true => window.min(4),
        false => window,
    });
    let silly = |s: &&Seen| (at_ms(1_000)..MINUTE).contains(&s.at) && (1..500).contains(&s.len);
    let count = seen.iter().filter(silly).count();
    assert!(count < 300, "{count} in a minute");
}
