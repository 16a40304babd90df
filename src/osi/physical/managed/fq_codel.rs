//! Fair queueing with controlled delay (RFC 8290): a queue for each flow, served in turn.
//!
//! A flow is what has the same addresses, protocol and ports; flows share a queue if chance wants
//! it. A queue that was empty is new and goes before the old ones. Each may send a quantum, then
//! the next one has its turn. If there is no room, the longest queue loses from its head.

use std::collections::VecDeque;

use super::{Codel, Fifo, Turn, Waiting};
use crate::{
    rng::Stream,
    topology::{self, QueueLimit},
    units::SimTime,
    wire::{EtherType, EthernetHeader, HEADER_LEN, Ipv4Packet, Protocol},
};

/// The queues of one port.
#[derive(Debug)]
pub(super) struct FqCodel {
    flows: Vec<Flow>,
    new: VecDeque<u16>,
    old: VecDeque<u16>,
    quantum: i64,
    /// What makes collisions differ from one port to the next (RFC 8290, section 4.1.1).
    perturbation: u64,
    pub(super) frames: u64,
    pub(super) bytes: u64,
    /// Thrown out to make room, and not told of yet.
    pub(super) victims: VecDeque<Waiting>,
}

/// One queue.
#[derive(Debug)]
struct Flow {
    queue: Fifo,
    codel: Codel,
    /// What it may still send in this turn \[bytes\].
    credit: i64,
    /// It stands in one of the lists.
    listed: bool,
}

impl FqCodel {
    pub(super) fn new(settings: topology::FqCodel, longest: u64, mut random: Stream) -> Self {
        let flow = |_| Flow {
            queue: Fifo::default(),
            codel: Codel::new(settings.codel, longest),
            credit: 0,
            listed: false,
        };
        Self {
            flows: (0..settings.flows.max(1)).map(flow).collect(),
            new: VecDeque::new(),
            old: VecDeque::new(),
            quantum: settings.quantum.max(1).into(),
            perturbation: random.next_u64(),
            frames: 0,
            bytes: 0,
            victims: VecDeque::new(),
        }
    }

    /// Puts a frame behind those of its flow.
    pub(super) fn push(&mut self, waiting: Waiting) {
        let number = self.number_of(&waiting.frame.bytes);
        let flow = &mut self.flows[usize::from(number)];
        (self.frames, self.bytes) = (self.frames + 1, self.bytes + waiting.len() as u64);
        flow.queue.push(waiting);
        if !std::mem::replace(&mut flow.listed, true) {
            flow.credit = self.quantum;
            self.new.push_back(number);
        }
    }

    pub(super) fn is_over(&self, limit: QueueLimit) -> bool {
        limit.measure(self.frames, self.bytes) > limit.amount()
    }

    /// Throws half of the longest queue out, but no more than 64 frames (RFC 8290, section 4.1.3).
    pub(super) fn make_room(&mut self) {
        let longest = self.flows.iter_mut().max_by_key(|flow| flow.queue.bytes);
        let Some(Flow { queue, .. }) = longest else {
            return;
        };
        let count = (queue.frames.len() / 2).clamp(1, MOST_AT_ONCE);
        for victim in (0..count).map_while(|_| queue.pop()) {
            self.frames -= 1;
            self.bytes -= victim.len() as u64;
            self.victims.push_back(victim);
        }
    }

    /// Decides about the next frame: new flows first, then the old ones in turn.
    pub(super) fn take(&mut self, now: SimTime) -> Option<Turn> {
        loop {
            let is_new = !self.new.is_empty();
            let list = if is_new { &mut self.new } else { &mut self.old };
            let number = *list.front()?;
            let flow = &mut self.flows[usize::from(number)];
            if flow.credit <= 0 {
                flow.credit += self.quantum;
                list.pop_front();
                self.old.push_back(number);
                continue;
            }
            let Some(turn) = flow.codel.take(&mut flow.queue, now) else {
                list.pop_front();
                // An emptied new flow waits its turn among the old ones, so that it cannot come
                // back as a new one at once and starve them.
                flow.listed = is_new;
                if is_new {
                    self.old.push_back(number);
                }
                continue;
            };
            let (Turn::Leaves(waiting) | Turn::Dropped(waiting, _)) = &turn;
            let len = waiting.len() as u64;
            (self.frames, self.bytes) = (self.frames - 1, self.bytes - len);
            if matches!(turn, Turn::Leaves(_)) {
                flow.credit -= len.cast_signed();
            }
            return Some(turn);
        }
    }

    /// The queue that a frame belongs to.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the remainder of a division by a number of 16 bits"
    )]
    fn number_of(&self, frame: &[u8]) -> u16 {
        let mixed = words(frame).iter().fold(self.perturbation, |mixed, word| {
            let mixed = (mixed ^ u64::from(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed ^ (mixed >> 29)
        });
        (mixed % self.flows.len() as u64) as u16
    }
}

/// What tells flows apart: addresses, protocol and ports. Fragments have no ports; what is not IP
/// is one flow.
fn words(frame: &[u8]) -> [u32; 4] {
    let ip = EthernetHeader::parse(frame).filter(|h| h.ethertype == EtherType::IPV4);
    let packet = ip.and_then(|_| Ipv4Packet::new(&frame[HEADER_LEN..]));
    let Some(packet) = packet else {
        return [0; 4];
    };
    let has_ports = matches!(packet.protocol(), Protocol::TCP | Protocol::UDP);
    let first = packet.payload().first_chunk();
    let ports = first.filter(|_| has_ports && !packet.is_fragment());
    [
        packet.source().to_bits(),
        packet.destination().to_bits(),
        packet.protocol().0.into(),
        ports.map_or(0, |ports| u32::from_be_bytes(*ports)),
    ]
}

/// How many frames leave a queue at once to make room.
const MOST_AT_ONCE: usize = 64;
