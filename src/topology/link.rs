//! Links and their properties, each direction its own.

use std::{fmt, str::FromStr, sync::Arc};

use super::Discipline;
use crate::{
    ids::{NodeId, PortId},
    units::{BitRate, ByteSize, Probability, SimTime, Span},
    wire::{MIN_FRAME_LEN, WIRE_OVERHEAD},
};

/// Where a link plugs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The node.
    pub node: NodeId,
    /// Its port.
    pub port: PortId,
}

/// A cable between two ports.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its name, unique: given, or `alice-r1` after its ends.
    pub name: String,
    /// First end, second end. `Forward` goes from the first to the second.
    pub ends: [End; 2],
    /// What shortest paths add up. Default 1.
    pub cost: u32,
    /// Forward, backward. Links that are alike share them.
    pub profiles: [Arc<LinkProfile>; 2],
}

/// How one direction of a link treats its frames.
///
/// # Defaults
/// 1 Gbit/s, 10 µs, no faults, MTU 1500, a queue of 1000 packets.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkProfile {
    /// How fast bits leave the port. Each frame costs its length and 24 bytes of Ethernet
    /// overhead (preamble, FCS, inter-frame gap).
    pub rate: BitRate,
    /// One-way propagation delay.
    pub latency: Span,
    /// Half-width (uniform) or deviation (normal) of the random part of the delay. The sum never
    /// falls below zero.
    pub jitter: Span,
    /// The distribution of the jitter.
    pub jitter_shape: JitterShape,
    /// May jitter let a frame overtake an earlier one? Default no: a cable keeps order.
    pub jitter_reorders: bool,
    /// Chance that a frame vanishes, each frame for itself.
    pub loss: Probability,
    /// Chance that a frame arrives twice.
    pub duplicate: Probability,
    /// Chance that a frame is held back by `reorder_delay`, so that later frames overtake it.
    pub reorder: Probability,
    /// How long a reordered frame is held back. Default 10 ms.
    pub reorder_delay: Span,
    /// Chance that any one bit flips (bit error ratio). The receiver's FCS check drops the frame.
    pub bit_error: Probability,
    /// When the cable is out: frames that are sent then are lost. Default: never.
    pub down: Option<Outage>,
    /// The largest IP packet the link carries \[bytes\]. Ethernet's header and FCS are not counted.
    pub mtu: u16,
    /// How much may wait at the sending port while another frame is being sent.
    pub queue: QueueLimit,
    /// Who is dropped or marked among those who wait. Default drop-tail.
    pub discipline: Discipline,
}

impl LinkProfile {
    /// True if every frame is treated alike: no jitter, loss, duplicates, reordering, bit errors,
    /// outage.
    pub fn is_faultless(&self) -> bool {
        self.jitter.as_nanos() == 0
            && self.loss.is_zero()
            && self.duplicate.is_zero()
            && self.reorder.is_zero()
            && self.bit_error.is_zero()
            && self.down.is_none()
    }

    /// The shortest time between a frame's handing over at one end and its arrival at the other.
    ///
    /// That of a frame of the shortest length that meets an idle port and the least jitter.
    pub fn shortest_passage(&self) -> Span {
        let sending = self
            .rate
            .time_for_bytes((MIN_FRAME_LEN + WIRE_OVERHEAD) as u64);
        sending + self.shortest_delay()
    }

    /// The shortest propagation delay that jitter leaves.
    pub fn shortest_delay(&self) -> Span {
        match self.jitter_shape {
            _ if self.jitter.as_nanos() == 0 => self.latency,
            JitterShape::Uniform => self.latency.saturating_sub(self.jitter),
            // A normal deviation has no bound but zero.
            JitterShape::Normal => Span::ZERO,
        }
    }
}

impl Default for LinkProfile {
    fn default() -> Self {
        Self {
            rate: BitRate::GIGABIT,
            latency: Span::from_micros(10),
            jitter: Span::ZERO,
            jitter_shape: JitterShape::Uniform,
            jitter_reorders: false,
            loss: Probability::ZERO,
            duplicate: Probability::ZERO,
            reorder: Probability::ZERO,
            reorder_delay: Span::from_millis(10),
            bit_error: Probability::ZERO,
            down: None,
            mtu: 1500,
            queue: QueueLimit::Packets(1000),
            discipline: Discipline::DropTail,
        }
    }
}

/// A time in which a link carries nothing: as text, `3s..7s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// The first instant of it.
    pub from: SimTime,
    /// The first instant after it, later than `from`.
    pub until: SimTime,
}

impl Outage {
    /// True if it has anything to do with a frame whose first bit leaves at `departs` and whose last
    /// at `leaves`.
    pub fn hits(self, departs: SimTime, leaves: SimTime) -> bool {
        departs < self.until && leaves >= self.from
    }
}

impl FromStr for Outage {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let hint = || format!("`{text}` is no outage; write something like \"3s..7s\"");
        let (from, until) = text.split_once("..").ok_or_else(hint)?;
        let time = |text: &str| {
            let span: Result<Span, _> = text.trim().parse();
            span.map(|span| SimTime::ZERO + span).map_err(|_| hint())
        };
        let (from, until) = (time(from)?, time(until)?);
        if from >= until {
            return Err(format!("the outage `{text}` ends before it begins"));
        }
        Ok(Self { from, until })
    }
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [from, until] = [self.from, self.until].map(|at| at.since(SimTime::ZERO));
        write!(f, "{from}..{until}")
    }
}

/// The distribution of jitter, as in netem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JitterShape {
    /// Uniform in latency - jitter .. latency + jitter.
    #[default]
    Uniform,
    /// Normal with mean latency and deviation jitter.
    Normal,
}

/// The room of a queue, or another length of it. The frame being sent does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueLimit {
    /// A frame is dropped when the bytes waiting and its own would exceed this.
    Bytes(ByteSize),
    /// A frame is dropped when this many already wait.
    Packets(u32),
}

impl QueueLimit {
    /// The number of its unit.
    pub const fn amount(self) -> u64 {
        match self {
            Self::Bytes(size) => size.bytes(),
            Self::Packets(count) => count as u64,
        }
    }

    /// What this many packets of this many bytes together are in its unit.
    pub const fn measure(self, packets: u64, bytes: u64) -> u64 {
        match self {
            Self::Bytes(_) => bytes,
            Self::Packets(_) => packets,
        }
    }
}

impl fmt::Display for QueueLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(size) => write!(f, "{size}"),
            Self::Packets(1) => f.write_str("1 packet"),
            Self::Packets(n) => write!(f, "{n} packets"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_hits_every_frame_that_is_sent_in_it() {
        let outage: Outage = "3s .. 7s".parse().unwrap();
        assert_eq!(outage.to_string(), "3s..7s");
        let at = |ms: u64| SimTime::from_nanos(ms * 1_000_000);
        assert!(!outage.hits(at(2990), at(2999)));
        assert!(outage.hits(at(2999), at(3000)));
        assert!(outage.hits(at(6999), at(7001)));
        assert!(!outage.hits(at(7000), at(7001)));
        for wrong in ["3s", "7s..3s", "3s..3s", "a..b", "3..7"] {
            assert!(wrong.parse::<Outage>().is_err(), "{wrong}");
        }
    }
}
