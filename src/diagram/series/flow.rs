//! What is kept of one flow.

use std::collections::BTreeMap;

use super::{
    Bins, FlowKey, Thinned,
    flight::Flight,
    packet::{Segment, TcpNumbers},
};
use crate::{ids::WireId, trace::DropReason, units::SimTime};

/// One direction of one conversation, seen at both of its ends.
#[derive(Debug, Clone)]
pub struct Flow {
    /// Who to whom.
    pub key: FlowKey,
    /// Segments or datagrams with a payload that left the source.
    pub packets: u64,
    /// Payload bytes that arrived at the destination, copies and retransmissions included.
    pub arrived: Bins,
    /// Packets that died on the way.
    pub losses: Losses,
    /// Only TCP.
    pub tcp: Option<TcpTrace>,
    /// Only UDP.
    pub udp: Option<UdpTrace>,
}

/// Packets of a flow that died on the way.
#[derive(Debug, Clone, Default)]
pub struct Losses {
    /// When they left the source. The value is the flow's own: the number behind a TCP segment's
    /// last byte, zero for UDP. Segments that only acknowledge are not in it.
    pub points: Thinned,
    /// How many, by the wire they died on or could not enter, and by reason.
    pub places: BTreeMap<(WireId, DropReason), u64>,
}

/// Sequence numbers of one direction of a connection, counted from its first byte.
#[derive(Debug, Clone)]
pub struct TcpTrace {
    /// The initial sequence number.
    initial: u32,
    /// The number behind the last byte sent so far (SYN and FIN count as one each).
    highest: u64,
    /// The last acknowledgement that came back.
    acknowledged: u64,
    /// Segments with new bytes at the sender's card: the number behind their last byte.
    pub sent: Thinned,
    /// The same for segments that repeat bytes.
    pub resent: Thinned,
    /// Acknowledgements as they come back to the sender.
    pub acks: Thinned,
    /// The newest block of each SACK as it comes back: when, from, to. Only the first ones.
    pub sacks: Vec<(SimTime, u64, u64)>,
}

/// Datagrams of one direction.
#[derive(Debug, Clone, Default)]
pub struct UdpTrace {
    /// One-way delay \[ns\] at the time of sending (RFC 7679).
    pub delays: Thinned,
    /// How many were sent.
    pub sent: Bins,
    /// How many arrived, the first copy of each.
    pub delivered: u64,
    /// How many of those sent then were lost.
    pub lost: Bins,
}

impl Flow {
    pub(super) fn new(opening: &Segment) -> Self {
        Self {
            key: opening.key,
            packets: 0,
            arrived: Bins::default(),
            losses: Losses::default(),
            tcp: opening.tcp.map(TcpTrace::new),
            udp: opening.tcp.is_none().then(UdpTrace::default),
        }
    }

    /// True if `segment` opens another connection between the same ports.
    pub(super) fn is_reopened_by(&self, segment: &Segment) -> bool {
        match (&self.tcp, segment.tcp) {
            (Some(trace), Some(numbers)) => numbers.syn && numbers.sequence != trace.initial,
            _ => false,
        }
    }

    /// A packet leaves the source. Returns the value that stands for it if it is lost.
    pub(super) fn sent(&mut self, at: SimTime, segment: &Segment) -> Option<u64> {
        self.packets += u64::from(segment.payload > 0);
        if let (Some(trace), Some(numbers)) = (&mut self.tcp, segment.tcp) {
            return trace.sent(at, numbers, segment.payload);
        }
        if let Some(trace) = &mut self.udp {
            trace.sent.add(at, 1);
        }
        Some(0)
    }

    /// A packet arrives at the destination; `flight` is `None` for a second copy.
    pub(super) fn received(&mut self, at: SimTime, segment: &Segment, flight: Option<&Flight>) {
        if segment.payload > 0 {
            self.arrived.add(at, segment.payload);
        }
        if let (Some(trace), Some(flight)) = (&mut self.udp, flight) {
            trace.delivered += 1;
            trace
                .delays
                .add(flight.sent, at.since(flight.sent).as_nanos());
        }
    }

    /// An acknowledgement for this flow came back to its source.
    pub(super) fn acknowledged(&mut self, at: SimTime, numbers: TcpNumbers) {
        if let (Some(trace), Some(ack)) = (&mut self.tcp, numbers.acknowledgement) {
            trace.acknowledged = trace.unwrapped(ack, trace.acknowledged);
            trace.acks.add(at, trace.acknowledged);
            if let Some(block) = numbers.sacked {
                trace.sacked(at, block);
            }
        }
    }

    /// Nothing more is expected of `flight`.
    pub(super) fn settle(&mut self, flight: &Flight) {
        let Some(death) = flight.death else {
            return;
        };
        if let Some(value) = flight.value {
            self.losses.points.add(flight.sent, value);
        }
        *self.losses.places.entry(death).or_default() += 1;
        if let Some(trace) = &mut self.udp {
            trace.lost.add(flight.sent, 1);
        }
    }

    /// A datagram arrived, but its socket had no room for it.
    pub(super) fn refused(&mut self, at: SimTime, wire: WireId, why: DropReason) {
        self.losses.points.add(at, 0);
        *self.losses.places.entry((wire, why)).or_default() += 1;
        if let Some(trace) = &mut self.udp {
            trace.delivered = trace.delivered.saturating_sub(1);
            trace.lost.add(at, 1);
        }
    }
}

impl TcpTrace {
    const fn empty(initial: u32) -> Self {
        Self {
            initial,
            highest: 0,
            acknowledged: 0,
            sent: Thinned::new(),
            resent: Thinned::new(),
            acks: Thinned::new(),
            sacks: Vec::new(),
        }
    }

    /// A trace whose zero is the opening segment's number: the SYN's, or that before the first
    /// byte if the SYN was not seen.
    const fn new(opening: TcpNumbers) -> Self {
        Self::empty(if opening.syn {
            opening.sequence
        } else {
            opening.sequence.wrapping_sub(1)
        })
    }

    /// Bytes sent so far, each counted once.
    pub const fn bytes(&self) -> u64 {
        self.highest
    }

    fn sent(&mut self, at: SimTime, numbers: TcpNumbers, payload: u64) -> Option<u64> {
        let start = self.unwrapped(numbers.sequence, self.highest);
        let end = start + payload + u64::from(numbers.syn) + u64::from(numbers.fin);
        if end > start {
            if start < self.highest {
                self.resent.add(at, end);
            } else {
                self.sent.add(at, end);
            }
        }
        self.highest = self.highest.max(end);
        (end > start).then_some(end)
    }

    /// Notes a block of a SACK, unless it tells of data that came twice (RFC 2883).
    fn sacked(&mut self, at: SimTime, (start, end): (u32, u32)) {
        let start = self.unwrapped(start, self.acknowledged);
        let end = self.unwrapped(end, self.acknowledged);
        let fits = self.acknowledged <= start && start < end && end <= self.highest;
        if fits && self.sacks.len() < MOST_SACKS {
            self.sacks.push((at, start, end));
        }
    }

    /// The 32-bit number as a count from the initial one, taken near `reference`: numbers wrap
    /// after 4 GiB (RFC 9293, section 3.4).
    fn unwrapped(&self, number: u32, reference: u64) -> u64 {
        let relative = number.wrapping_sub(self.initial);
        #[allow(
            clippy::cast_possible_truncation,
            reason = "only the low 32 bits are compared"
        )]
        let step = relative.wrapping_sub(reference as u32).cast_signed();
        reference.saturating_add_signed(i64::from(step))
    }
}

/// How many SACK blocks of a flow are kept.
const MOST_SACKS: usize = 1024;
