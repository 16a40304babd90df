//! What the hostile peer sends: each part of a segment is right, nearly right or nonsense.

use super::{Stage, sequence};
use crate::{
    osi::transport::{checksum::fill_checksum, tcp::native::segment::Flags},
    wire::Checksum,
};

/// The bits of a byte that the peer changes when it sends it once more.
pub(super) const VERSIONS: u8 = 3;

/// The byte that the peer has for a sequence number.
pub(super) fn byte(number: u32, version: u8) -> u8 {
    let mixed = number.wrapping_mul(0x9e37_79b1).to_be_bytes()[0];
    (mixed & !VERSIONS) | (version & VERSIONS)
}

/// The parts of a segment.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    pub(super) flags: u8,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) window: u16,
    pub(super) urgent: u16,
    /// The low bits of the traffic class.
    pub(super) ecn: u8,
    pub(super) options: Vec<u8>,
    pub(super) len: usize,
    pub(super) version: u8,
}

impl Parts {
    /// The IP packet from 10.0.0.2, port 2000, to 10.0.0.1, port 1000. All checksums are right.
    pub(super) fn packet(mut self) -> Vec<u8> {
        self.options.truncate(40);
        self.options
            .resize(self.options.len().next_multiple_of(4), 0);
        let total = u16::try_from(40 + self.options.len() + self.len).unwrap();
        let [high, low] = total.to_be_bytes();
        let mut packet = vec![0x45, self.ecn & 3, high, low, 0, 0, 0x40, 0, 64, 6, 0, 0];
        packet.extend([10, 0, 0, 2, 10, 0, 0, 1]);
        let sum = Checksum::default().over(&packet).finish();
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
        for port in [2_000_u16, 1_000] {
            packet.extend(port.to_be_bytes());
        }
        packet.extend(self.seq.to_be_bytes());
        packet.extend(self.ack.to_be_bytes());
        let words = u8::try_from(5 + self.options.len() / 4).unwrap();
        packet.extend([words << 4, self.flags]);
        packet.extend(self.window.to_be_bytes());
        packet.extend([0, 0]);
        packet.extend(self.urgent.to_be_bytes());
        packet.extend(&self.options);
        // The data of a SYN comes behind it.
        let syn = u32::from(Flags(self.flags).has(Flags::SYN));
        let first = self.seq.wrapping_add(syn);
        let data = (0..self.len).map(|i| first.wrapping_add(u32::try_from(i).unwrap()));
        packet.extend(data.map(|number| byte(number, self.version)));
        fill_checksum(&mut packet);
        packet
    }
}

impl Stage {
    /// An honest handshake, with options drawn at will.
    pub(super) fn shake_hands(&mut self) {
        let (first, window) = (self.number(), self.window());
        let opens = self.machine.rx.begun || self.machine.tx.pending.syn;
        let opens = opens || self.machine.tx.next > self.machine.tx.initial;
        let mut options = vec![];
        if self.one_in(2) {
            let mss = [536, 1460, 1460, 100, 0][self.pick(5)];
            options.extend([2, 4]);
            options.extend(u16::to_be_bytes(mss));
        }
        if !self.one_in(4) {
            options.extend([4, 2]);
        }
        if self.one_in(2) {
            options.extend([3, 3, u8::try_from(self.up_to(15)).unwrap()]);
        }
        if self.one_in(2) {
            let stamp = self.random.next_u64().to_be_bytes();
            options.extend([8, 10, stamp[0], stamp[1], stamp[2], stamp[3]]);
            options.extend(self.machine.stamp().to_be_bytes());
        }
        let len = self.fast_open(&mut options);
        let ecn = [0, 0xc0, 0x40][self.pick(3)];
        let mut syn = Parts {
            flags: Flags::SYN.0 | ecn,
            seq: first,
            window,
            options,
            len,
            ..Parts::default()
        };
        let una = sequence::to_wire(self.machine.tx.initial).wrapping_add(1);
        if opens {
            // Some or all of the data that came with the SYN.
            let early = self.machine.syn_end() - self.machine.tx.initial - 1;
            let taken = u32::try_from(self.up_to(early)).unwrap();
            (syn.flags, syn.ack) = (syn.flags | Flags::ACK.0, una.wrapping_add(taken));
            self.give(syn);
            return;
        }
        self.give(syn);
        if self.one_in(4) {
            // The handshake is left to chance.
            return;
        }
        let options = self.fresh_stamps();
        self.give(Parts {
            flags: Flags::ACK.0,
            seq: sequence::to_wire(self.machine.rx.next()),
            ack: una,
            window,
            options,
            ..Parts::default()
        });
    }

    /// Fast Open on the peer's SYN, if it is to be there; returns how much data comes with it. To a
    /// server it is a wish for a cookie, the right one or a wrong one; to a client a new one.
    fn fast_open(&mut self, options: &mut Vec<u8>) -> usize {
        let key = self.machine.fast.as_ref().and_then(|fast| fast.key);
        let cookie = match (self.random.below(4), key) {
            (0, _) => vec![],
            (1 | 2, Some(key)) => key.of_host(&self.machine.address).as_slice().to_vec(),
            (1, None) => return 0,
            _ => vec![9; 8],
        };
        options.extend([34, 2 + u8::try_from(cookie.len()).unwrap()]);
        options.extend(cookie);
        self.short(1_400).into()
    }

    /// Hands the machine a segment.
    pub(super) fn give(&mut self, parts: Parts) {
        self.machine.ingress(self.now, &parts.packet());
        self.check();
    }

    #[allow(clippy::cast_possible_truncation, reason = "small")]
    fn pick(&mut self, n: u64) -> usize {
        self.random.below(n) as usize
    }

    #[allow(clippy::cast_possible_truncation, reason = "any will do")]
    fn number(&mut self) -> u32 {
        self.random.next_u64() as u32
    }

    fn window(&mut self) -> u16 {
        match self.random.below(6) {
            0 => 0,
            1 => self.short(3),
            2 => self.short(3_000),
            3 => u16::MAX,
            _ => self.short(u16::MAX.into()),
        }
    }

    fn short(&mut self, most: u64) -> u16 {
        u16::try_from(self.up_to(most)).unwrap()
    }

    /// The time stamp option as an honest peer would send it.
    pub(super) fn fresh_stamps(&mut self) -> Vec<u8> {
        if !self.machine.agreed.timestamps {
            return vec![];
        }
        stamps(self.machine.agreed.recent, self.machine.stamp())
    }

    /// A segment at will.
    pub(super) fn draw(&mut self) -> Vec<u8> {
        let len = match self.random.below(8) {
            0..3 => 0,
            3 => 1,
            4 => self.up_to(20),
            5 => 1_448,
            6 => self.up_to(1_500),
            _ => self.up_to(9_000),
        };
        Parts {
            flags: self.flags(),
            seq: self.seq(),
            ack: self.ack(),
            window: self.window(),
            urgent: self.short(5_000),
            ecn: u8::try_from(self.up_to(3)).unwrap(),
            options: self.options(),
            len: usize::try_from(len).unwrap(),
            version: u8::try_from(self.up_to(3)).unwrap(),
        }
        .packet()
    }

    fn flags(&mut self) -> u8 {
        match self.random.below(40) {
            0..28 => 0x10,
            28..32 => 0x18,
            32 | 33 => 0x11,
            34 => 0x02,
            35 => 0x12,
            36 => 0x04,
            37 => 0x30,
            38 => 0xd0,
            _ => u8::try_from(self.up_to(255)).unwrap(),
        }
    }

    /// In order, near an edge of the window, inside it, or far away.
    fn seq(&mut self) -> u32 {
        let (next, edge) = (self.machine.rx.next(), self.machine.rx.edge);
        let position = match self.random.below(12) {
            0..5 => next,
            5 => next.wrapping_add(self.up_to(30)),
            6 => next.wrapping_sub(self.up_to(3_000)),
            7 => edge.wrapping_sub(self.up_to(3_000)),
            8 => edge.wrapping_add(self.up_to(30)),
            9 | 10 => next + self.up_to(edge.saturating_sub(next)),
            _ => return self.number(),
        };
        sequence::to_wire(position)
    }

    fn ack(&mut self) -> u32 {
        let (una, next) = (self.machine.tx.una, self.machine.tx.next);
        let position = match self.random.below(12) {
            0..3 => next,
            3..5 => una,
            5..8 => una + self.up_to(next - una),
            8 => una.wrapping_sub(self.up_to(100_000)),
            9 => next + self.up_to(100),
            10 => una + self.up_to(2_000).min(next - una),
            _ => return self.number(),
        };
        sequence::to_wire(position)
    }

    fn options(&mut self) -> Vec<u8> {
        let mut options = match self.random.below(10) {
            0..6 => self.fresh_stamps(),
            6 => vec![],
            7 => {
                // They jump a little or far, either way.
                let jump = [50, 100_000, 1 << 31, u32::MAX - 50][self.pick(4)];
                let value = self.machine.agreed.recent.wrapping_add(jump);
                let echo = [self.machine.stamp(), self.number()][self.pick(2)];
                stamps(value, echo)
            }
            _ => {
                let count = self.up_to(40);
                (0..count).map(|_| self.number().to_be_bytes()[0]).collect()
            }
        };
        if self.one_in(2) {
            options.extend(self.sack());
        }
        if self.one_in(20) {
            let (kind, len) = ([2, 3, 4, 5, 8][self.pick(5)], self.short(40));
            options.extend([kind, len.to_be_bytes()[1]]);
        }
        options
    }

    /// Blocks that may be true, lie, be upside down, or tell of what came twice.
    fn sack(&mut self) -> Vec<u8> {
        let count = 1 + self.up_to(3);
        let mut bytes = vec![5, 2 + 8 * u8::try_from(count).unwrap()];
        for _ in 0..count {
            let (start, end) = self.block();
            bytes.extend(start.to_be_bytes());
            bytes.extend(end.to_be_bytes());
        }
        bytes
    }

    fn block(&mut self) -> (u32, u32) {
        let (una, next) = (self.machine.tx.una, self.machine.tx.next);
        let inside = una + self.up_to(next - una);
        let (start, end) = match self.random.below(8) {
            0 => (inside, inside + 1),
            1 => (inside, inside + self.up_to(3_000)),
            2 => (inside, una + self.up_to(next - una)),
            3 => (una.wrapping_sub(self.up_to(3_000)), inside),
            4 => (next, next + self.up_to(3_000)),
            5 => (una, next),
            // A whole segment, as an honest peer would have it.
            6 => match self.machine.board.any(self.random.next_u64()) {
                Some(segment) => segment,
                None => (una, una),
            },
            _ => return (self.number(), self.number()),
        };
        (sequence::to_wire(start), sequence::to_wire(end))
    }
}

fn stamps(value: u32, echo: u32) -> Vec<u8> {
    let mut option = vec![1, 1, 8, 10];
    option.extend(value.to_be_bytes());
    option.extend(echo.to_be_bytes());
    option
}
