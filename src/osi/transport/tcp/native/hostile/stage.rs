//! A machine under test, the program on it, and what has to hold after each step.

use super::{
    super::{
        cookies::Cookies, machine::Native, options::FastCookie, rtt::MAX_RTO, segment::Segment,
        sequence,
    },
    Case, peer,
};
use crate::{
    osi::transport::{TcpConfig, connection::Ends, tcp::machine::Received},
    rng::{RootSeed, Stream},
    trace::TcpState,
    units::{SimTime, Span},
    wire::{FramePool, HEADER_LEN},
};

/// The machine, the program on it, and the peer.
pub(super) struct Stage {
    pub(super) machine: Native,
    pub(super) now: SimTime,
    pub(super) random: Stream,
    pub(super) pool: FramePool,
    pub(super) tcp: TcpConfig,
    /// The most segments that the scoreboard has held.
    pub(super) most_entries: usize,
    /// What left when it was last drained: where each segment begins and ends.
    pub(super) left: Vec<(u64, u64)>,
}

pub(super) fn ends() -> Ends {
    let [own, peer] = ["10.0.0.1:1000", "10.0.0.2:2000"].map(|end| end.parse().unwrap());
    (own, peer)
}

impl Stage {
    pub(super) fn new(case: &Case) -> Self {
        let mut stage = Self {
            machine: Native::new(&ends(), 1500, 64, &case.tcp),
            now: SimTime::ZERO + Span::from_secs(1),
            random: RootSeed(case.seed).stream(&["hostile"]),
            pool: FramePool::default(),
            tcp: case.tcp.clone(),
            most_entries: 0,
            left: vec![],
        };
        // One in four begins just below the wrap of the sequence numbers.
        let mut drawn = stage.random.next_u64();
        if stage.one_in(4) {
            drawn = drawn & !0xffff_ffff | (0xffff_ffff - stage.random.below(3_000));
        }
        match stage.one_in(2) {
            true => stage.machine.connect(stage.now, drawn),
            false => stage.machine.listen(drawn),
        }
        if stage.one_in(3) {
            stage.want_fast_open();
        }
        stage.check();
        if !stage.one_in(8) {
            stage.shake_hands();
        }
        stage
    }

    /// Fast Open (RFC 7413): a client with a cookie and something to say, or without; or a server.
    pub(super) fn want_fast_open(&mut self) {
        if self.machine.state == TcpState::Listen {
            self.machine
                .serve_fast(Cookies::new(self.random.next_u64()));
        } else if self.one_in(3) {
            self.machine.open_fast(None);
        } else {
            let mss = [0, 536, 1_460][usize::try_from(self.random.below(3)).unwrap()];
            self.machine
                .open_fast(Some((FastCookie::new(&[7; 8]), mss)));
            self.write();
        }
    }

    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.random.below(n) == 0
    }

    pub(super) fn up_to(&mut self, most: u64) -> u64 {
        self.random.below(most + 1)
    }

    pub(super) fn step(&mut self) {
        match self.random.below(20) {
            0..12 => {
                let packet = self.draw();
                self.machine.ingress(self.now, &packet);
            }
            12 | 13 => self.write(),
            14 | 15 => self.read(),
            16 => self.act(),
            _ => self.wait(),
        }
        self.check();
    }

    pub(super) fn write(&mut self) {
        let len = match self.random.below(3) {
            0 => 1,
            1 => self.up_to(3_000),
            _ => self.up_to(200_000),
        };
        let len = usize::try_from(len).unwrap();
        self.machine.send(&vec![7; len]);
    }

    /// Reads, and compares each byte with those that the peer has for its place.
    pub(super) fn read(&mut self) {
        let len = match self.one_in(2) {
            true => self.up_to(10),
            false => self.up_to(100_000),
        };
        let mut out = vec![0; usize::try_from(len).unwrap()];
        let first = self.machine.rx.data.read_to();
        if let Received::Data(count) = self.machine.recv(&mut out) {
            for (byte, position) in out[..count].iter().zip(first..) {
                let expected = peer::byte(sequence::to_wire(position), 0);
                assert_eq!(byte & !peer::VERSIONS, expected, "at {position}");
            }
        }
    }

    pub(super) fn act(&mut self) {
        match self.random.below(12) {
            0..4 => self.machine.close(),
            4 => self.machine.abort(),
            5..8 => {
                let on = self.one_in(2);
                self.machine.set_nagle(on);
            }
            _ => {
                let mtu = u16::try_from(68 + self.up_to(1_500)).unwrap();
                self.machine.lower_mtu(self.now, mtu);
            }
        }
    }

    pub(super) fn wait(&mut self) {
        let next = self.machine.poll_at(self.now);
        let us = match self.random.below(5) {
            0 => self.up_to(3_000),
            1 => self.up_to(500_000),
            2 if self.one_in(10) => self.up_to(100_000_000),
            _ => return self.now = next.unwrap_or(self.now).max(self.now),
        };
        self.now += Span::from_micros(us);
    }

    /// All that leaves now, and what then must hold.
    pub(super) fn check(&mut self) {
        self.come_to_rest();
        self.keeps_to_limits();
    }

    /// A timer may be set to now when all else is said, so there may be a second round.
    pub(super) fn come_to_rest(&mut self) {
        let mut rounds = 0;
        while rounds == 0
            || self
                .machine
                .poll_at(self.now)
                .is_some_and(|at| at <= self.now)
        {
            self.drain();
            rounds += 1;
            assert!(rounds < 4, "it does not come to rest: {:?}", self.machine);
        }
        let machine = &self.machine;
        let opening = matches!(machine.state, TcpState::SynSent | TcpState::SynReceived);
        if opening || self.is_owed() || machine.state == TcpState::TimeWait {
            let next = machine.poll_at(self.now);
            assert!(next.is_some(), "{:?} waits for nothing", machine.state);
        }
    }

    pub(super) fn drain(&mut self) {
        let (mut bytes, mut bare) = (0, 0);
        // All that was out may be lost at once, and all that waits may leave.
        let most = 2 * (self.machine.tx.buffer.len() + 1);
        while let Some(packet) = self.machine.egress(self.now, &mut self.pool) {
            let segment = Segment::parse(&packet[HEADER_LEN..]).expect("a segment");
            match segment.len() {
                0 => bare += 1,
                len => {
                    bytes += usize::try_from(len).unwrap();
                    let start = sequence::from_wire(segment.seq, self.machine.tx.una);
                    self.left.push((start, start + len));
                }
            }
            assert!(bytes <= most, "{bytes} bytes leave at once, of {most}");
            assert!(bare <= 4, "{bare} segments without data leave at once");
            self.pool.give(packet);
        }
    }

    /// Data or a FIN waits to be acknowledged, or to be sent.
    pub(super) fn is_owed(&self) -> bool {
        let machine = &self.machine;
        machine.is_open() && machine.tx.una < machine.tx.end()
    }

    pub(super) fn keeps_to_limits(&mut self) {
        let machine = &self.machine;
        machine.board.audit();
        machine.rx.data.audit();
        let (send, receive) = (
            usize::try_from(self.tcp.send_buffer.bytes()).unwrap(),
            usize::try_from(self.tcp.receive_buffer.bytes()).unwrap(),
        );
        assert!(machine.tx.buffer.len() <= machine.tx.buffer.limit());
        assert!(machine.tx.buffer.limit() <= send);
        // A window is told in units of its scale. Queues grow by doubling; islands take at most
        // 24 of 64 bytes.
        let held = machine.rx.data.held();
        assert!(held.bytes <= receive + (1 << 14), "{held:?} of {receive}");
        assert!(held.islands <= held.bytes / 64 + 8, "{held:?}");
        assert!(
            held.memory <= 3 * receive + (1 << 16),
            "{held:?} of {receive}"
        );
        // The least segment has 16 bytes, but for one that ends what there was to send. The FIN
        // is one more.
        let (count, order) = machine.board.entries();
        let written = machine.tx.buffer.len();
        let most = if self.tcp.nagle { written / 8 } else { written };
        assert!(count <= most + 8, "{count} segments for {written} bytes");
        // Memory is given back when all is acknowledged; until then the most entries count.
        self.most_entries = self.most_entries.max(count);
        let memory = machine.board.memory();
        let most = 512 * (self.most_entries + 32).next_power_of_two();
        assert!(memory <= most, "{memory} bytes of {most}");
        assert!(
            order <= 2 * count + 16,
            "{order} transmissions of {count} segments"
        );
    }

    /// From now on the peer is honest: whatever lies it told, all that was written gets through to
    /// it. It keeps only what comes in order, and says so with empty segments or with data.
    pub(super) fn make_peace(&mut self, with_data: bool) {
        let mut next = self.machine.tx.una;
        self.left.clear();
        for _ in 0..MOST_EVENTS_IN_PEACE {
            if !self.is_owed() {
                return;
            }
            for (start, end) in std::mem::take(&mut self.left) {
                if start <= next {
                    next = next.max(end);
                }
            }
            let seq = self.machine.rx.next().max(self.machine.tx.window_from.0);
            let options = self.fresh_stamps();
            let room = self.machine.rx.edge > seq && seq == self.machine.rx.next();
            let parts = peer::Parts {
                flags: 0x10,
                seq: sequence::to_wire(seq),
                ack: sequence::to_wire(next),
                window: u16::MAX,
                options,
                len: usize::from(with_data && room),
                ..peer::Parts::default()
            };
            self.machine.ingress(self.now, &parts.packet());
            self.read();
            self.come_to_rest();
            if self.left.is_empty()
                && let Some(at) = self.machine.poll_at(self.now)
            {
                self.now = at.max(self.now);
                self.come_to_rest();
            }
        }
        panic!("it does not get through: {:?}", self.machine);
    }

    /// The peer says no more. Whoever is owed an answer asks again, later and later, and counts
    /// since when, so that the host can give up; all others are at rest.
    pub(super) fn fall_silent(&mut self) {
        let began = self.now;
        for _ in 0..MOST_EVENTS {
            let next = self.machine.poll_at(self.now);
            let Some(next) = next.filter(|next| next.since(began) < SILENCE) else {
                break;
            };
            self.now = next;
            self.come_to_rest();
        }
        if self.is_owed() {
            let since = self.machine.waits_since().expect("it counts");
            // The first timer may have had 120 s to go, and the next may have as many still.
            let counted = self.now.since(since);
            assert!(counted + MAX_RTO.times(2) > SILENCE, "{counted:?}");
        }
    }
}

/// Several times as long as any timer (120 s at most).
const SILENCE: Span = Span::from_secs(400);

/// As many timers may run out in that time: pacing has one for each segment.
const MOST_EVENTS: usize = 20_000;

/// A peer whose data is acknowledged after 40 ms makes 3000 events of the longest time-out, and
/// lies may have left the time-out there. Thirty of them may be needed.
const MOST_EVENTS_IN_PEACE: usize = 90_000;
