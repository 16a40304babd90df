//! Queue disciplines: who of those that wait for a port is dropped or marked, and who leaves next.
//!
//! Read RFC 7567 (active queue management), RFC 3168 (ECN).

use std::fmt;

use super::QueueLimit;
use crate::units::{Probability, Span};

/// The discipline of the queue of one direction of a link.
///
/// To mark a packet is to set "congestion experienced" in its IP header (RFC 3168). A discipline
/// with `ecn` marks where it would drop, as long as the packet is of an ECN-capable transport.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Discipline {
    /// First in, first out; what finds no room is dropped.
    #[default]
    DropTail,
    /// Marks whatever makes the queue longer than a threshold (RFC 8257, section 3.1).
    Threshold(Threshold),
    /// Random early detection (Floyd and Jacobson, 1993).
    Red(Red),
    /// Controlled delay (RFC 8289).
    Codel(Codel),
    /// Controlled delay and fair queueing (RFC 8290).
    FqCodel(FqCodel),
}

/// A threshold on the length of the queue at this instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// The longest queue that marks nobody, the newcomer included.
    pub above: QueueLimit,
    /// Mark those who can be marked, instead of dropping them.
    pub ecn: bool,
}

/// Random early detection: the longer the queue on average, the more likely a mark.
///
/// # Defaults
/// 5 and 15 packets, 10 %, weight 0.002, gentle, ECN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Red {
    /// Nobody is marked while the average is below.
    pub min: QueueLimit,
    /// From here on the chance is `max_p`. In the same unit as `min`, and more.
    pub max: QueueLimit,
    /// The chance of a mark as the average comes near `max`.
    pub max_p: Probability,
    /// The weight of the newest length in the average; above 0, at most 1.
    pub weight: f64,
    /// Beyond `max` the chance grows to 1 at twice `max`; otherwise everything is dropped.
    pub gentle: bool,
    /// Mark those who can be marked, instead of dropping them.
    pub ecn: bool,
}

impl Default for Red {
    fn default() -> Self {
        Self {
            min: QueueLimit::Packets(5),
            max: QueueLimit::Packets(15),
            max_p: Probability::TENTH,
            weight: 0.002,
            gentle: true,
            ecn: true,
        }
    }
}

/// Controlled delay: a queue whose shortest wait over an interval is above the target drops, first
/// one packet, then more and more often.
///
/// # Defaults
/// Those of RFC 8289, section 4.4: 5 ms and 100 ms; ECN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Codel {
    /// The wait that may stand.
    pub target: Span,
    /// For how long; about the longest round trip.
    pub interval: Span,
    /// Mark those who can be marked, instead of dropping them.
    pub ecn: bool,
}

impl Default for Codel {
    fn default() -> Self {
        Self {
            target: Span::from_millis(5),
            interval: Span::from_millis(100),
            ecn: true,
        }
    }
}

/// A queue for each flow, each with its own controlled delay, served in turn.
///
/// # Defaults
/// Those of RFC 8290, section 5.2: 1024 flows, 1514 bytes a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FqCodel {
    /// Of each flow's queue.
    pub codel: Codel,
    /// How many queues there are; flows that fall on the same one share it. At least 1.
    pub flows: u16,
    /// What a flow may send in its turn \[bytes\]; at least 1.
    pub quantum: u32,
}

impl Default for FqCodel {
    fn default() -> Self {
        Self {
            codel: Codel::default(),
            flows: 1024,
            quantum: 1514,
        }
    }
}

impl Discipline {
    /// Its name, as people write it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::DropTail => "drop-tail",
            Self::Threshold(_) => "threshold",
            Self::Red(_) => "RED",
            Self::Codel(_) => "CoDel",
            Self::FqCodel(_) => "FQ-CoDel",
        }
    }

    /// Whether it marks.
    pub const fn marks(&self) -> bool {
        match self {
            Self::DropTail => false,
            Self::Threshold(threshold) => threshold.ecn,
            Self::Red(red) => red.ecn,
            Self::Codel(codel) => codel.ecn,
            Self::FqCodel(fq) => fq.codel.ecn,
        }
    }
}

impl fmt::Display for Discipline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::DropTail => return Ok(()),
            Self::Threshold(Threshold { above, .. }) => write!(f, " {above}")?,
            Self::Red(red) => {
                let gentle = if red.gentle { ", gentle" } else { "" };
                let Red {
                    min,
                    max,
                    max_p,
                    weight,
                    ..
                } = red;
                write!(f, " {min} to {max}, {max_p}, weight {weight}{gentle}")?;
            }
            Self::Codel(Codel {
                target, interval, ..
            }) => write!(f, " {target}, {interval}")?,
            Self::FqCodel(FqCodel {
                codel,
                flows,
                quantum,
            }) => {
                let Codel {
                    target, interval, ..
                } = codel;
                write!(
                    f,
                    " {target}, {interval}, {flows} flows, quantum {quantum} B"
                )?;
            }
        }
        f.write_str(if self.marks() { ", ECN" } else { ", no ECN" })
    }
}
