//! Explicit congestion notification: the handshake for it, marks that are echoed, echoes that are
//! answered (RFC 3168, section 6.1), and the exact echo of DCTCP (RFC 8257, section 3.2).
//!
//! As on Linux, who is asked agrees, and who asks does so in the first SYN only: if that one is
//! lost, the path may not like the bits.

use super::{
    congestion::CongestionControl,
    machine::Native,
    recovery::Phase,
    segment::{Flags, Segment},
};
use crate::trace::TcpState;

#[derive(Debug, Default)]
pub(super) struct Ecn {
    /// To be asked for.
    wanted: bool,
    /// Both ends have agreed on it.
    pub(super) agreed: bool,
    /// ACKs carry ECE.
    echo: bool,
    /// The last segment was marked; kept for the exact echo.
    marked: bool,
    /// Up to here what has come is to be acknowledged with this echo, before anything else.
    pub(super) before: Option<(u64, bool)>,
    /// The next new data carries CWR.
    pub(super) answer: bool,
}

impl Ecn {
    pub(super) fn new(wanted: bool) -> Self {
        Self {
            wanted,
            ..Self::default()
        }
    }
}

impl Native {
    /// What a SYN or SYN-ACK says of ECN.
    pub(super) fn ecn_of_syn(&self, answers: bool) -> Flags {
        let first = self.recovery.timeouts == 0;
        match answers {
            true if self.ecn.agreed => Flags::ECE,
            false if self.ecn.wanted && first => Flags::ECE.with(Flags::CWR),
            _ => Flags::default(),
        }
    }

    /// The peer's SYN or SYN-ACK.
    pub(super) fn agree_ecn(&mut self, flags: Flags) {
        let (ece, cwr) = (flags.has(Flags::ECE), flags.has(Flags::CWR));
        self.ecn.agreed = match self.state {
            TcpState::Listen => ece && cwr,
            _ => self.ecn.wanted && ece && !cwr,
        };
    }

    fn is_exact(&self) -> bool {
        let control = self.control.as_ref();
        control.is_some_and(CongestionControl::wants_accurate_ecn)
    }

    /// A segment came, marked by the network or not.
    pub(super) fn note_mark(&mut self, segment: &Segment<'_>) {
        if !self.ecn.agreed || segment.payload.is_empty() {
            return;
        }
        if self.is_exact() {
            if segment.marked != self.ecn.marked {
                self.note_change_of_marks();
            }
            self.ecn.marked = segment.marked;
            self.ecn.echo = segment.marked;
            return;
        }
        if segment.flags.has(Flags::CWR) {
            self.ecn.echo = false;
        }
        if segment.marked {
            self.ecn.echo = true;
            self.acks.demand();
        }
    }

    /// RFC 8257, section 3.2: an ACK that still waits says what the segments before were. It leaves
    /// at once, and so does that of the segment with the other state (as on Linux).
    fn note_change_of_marks(&mut self) {
        let next = self.rx.next();
        if self.rx.told < next && self.ecn.before.is_none() {
            self.ecn.before = Some((next, self.ecn.echo));
        }
        self.acks.demand();
    }

    /// True if `segment` says that the network has marked what was sent.
    pub(super) fn is_echo(&self, segment: &Segment<'_>) -> bool {
        self.ecn.agreed && segment.flags.has(Flags::ECE)
    }

    /// The bits of a segment with an ACK; `new` data answers an echo.
    pub(super) fn ecn_flags(&mut self, new: bool) -> Flags {
        let mut flags = Flags::default();
        if self.ecn.echo {
            flags = flags.with(Flags::ECE);
        }
        if new && std::mem::take(&mut self.ecn.answer) {
            flags = flags.with(Flags::CWR);
        }
        flags
    }

    /// The network asks for a reduction: at most one a round trip.
    pub(super) fn reduce_for_echo(&mut self, in_flight: u64) -> bool {
        if self.recovery.phase != Phase::Open {
            return false;
        }
        self.recovery.settle();
        self.recovery.enter(Phase::Reducing, self.tx.next);
        self.begin_reduction(super::congestion::LossCause::EcnEcho, in_flight);
        true
    }
}
