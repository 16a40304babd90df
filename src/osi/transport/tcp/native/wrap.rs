//! Sequence numbers wrap: what a connection does must not depend on where they begin.
//!
//! One exchange with everything in it is run again and again with other initial sequence numbers:
//! data both ways, losses, SACK, a delay that makes a time-out spurious, a reader that sleeps until
//! the window is zero, keep-alive probes, FINs. Counted from the first number, every segment has to
//! be the same, at the same time.

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
}

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
        }
    }

    /// The exchange: what was seen on the way, and why the first sender did what it did.
    fn run(mut self) -> (Vec<Seen>, Vec<TcpCause>) {
        let mut causes = vec![];
        while self.now < at_ms(60_000) {
            for from in [0, 1] {
                self.program(from);
                self.send(from);
            }
            if let Some(changes) = self.machines[0].changes() {
                causes.extend(changes.map(|change| change.1));
            }
            let Some(next) = self.next() else { break };
            self.now = next.max(self.now);
            self.deliver();
        }
        assert_eq!(self.got, [LENGTHS[1], LENGTHS[0]], "all bytes came");
        (self.seen, causes)
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
        if self.now >= at_ms(40_000) && machine.state() == TcpState::Established {
            machine.close();
        } else if machine.state() == TcpState::CloseWait {
            machine.close();
        }
    }

    fn send(&mut self, from: usize) {
        let mut pool = FramePool::default();
        while let Some(packet) = self.machines[from].egress(self.now, &mut pool) {
            let packet = packet[HEADER_LEN..].to_vec();
            self.note(from, &packet);
            let lost = self.random.below(100) < 3;
            // Once the way stands still for longer than the time-out, and then all comes.
            let late = (at_ms(300)..at_ms(890)).contains(&self.now);
            let usual = self.now + Span::from_millis(10);
            let at = if late { at_ms(900) } else { usual };
            if !lost || late {
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
