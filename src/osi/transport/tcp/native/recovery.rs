//! What the sender thinks of its losses: the phase it is in, up to where, and whether the
//! reduction of the window can be taken back.

use super::{congestion::Recovery as Told, prr::Prr};

/// The phase, as Linux has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Phase {
    /// All is well.
    #[default]
    Open,
    /// The window is being reduced for an ECN echo or a tail loss probe (Linux: CWR).
    Reducing,
    /// Fast recovery.
    Fast,
    /// After a retransmission time-out.
    Loss,
}

impl Phase {
    /// As congestion control is told.
    pub(super) const fn told(self) -> Told {
        match self {
            Self::Open => Told::Open,
            Self::Reducing => Told::Reducing,
            Self::Fast => Told::Fast,
            Self::Loss => Told::Timeout,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Recovery {
    pub(super) phase: Phase,
    /// The phase ends when all before this is acknowledged.
    pub(super) high: u64,
    pub(super) prr: Option<Prr>,
    /// F-RTO watches whether the time-out was spurious (RFC 5682).
    pub(super) frto: bool,
    /// F-RTO has new data sent before anything is sent again.
    pub(super) new_first: bool,
    /// Time-outs in a row without progress.
    pub(super) timeouts: u32,
    /// Duplicate ACKs in a row, for peers without SACK.
    pub(super) duplicates: u32,
    undo: Option<Undo>,
    /// The time stamp of the first retransmission of this phase \[ms\].
    first_again: Option<u32>,
    /// A tail loss probe is under way, sent when SND.NXT was here; was it a retransmission?
    pub(super) probe: Option<(u64, bool)>,
}

/// A reduction that may turn out to be for nothing.
#[derive(Debug)]
struct Undo {
    /// SND.UNA at the reduction.
    from: u64,
    /// Retransmissions less DSACKs; `None` before the first.
    retransmissions: Option<u64>,
}

impl Recovery {
    /// A phase begins whose reduction may be taken back.
    pub(super) const fn enter(&mut self, phase: Phase, high: u64) {
        self.phase = phase;
        self.high = high;
        self.probe = None;
    }

    /// True if the phase ends as all before `una` is acknowledged. A reduction for an echo lasts
    /// until something behind is: what is acknowledged then has told the peer, by its CWR, that the
    /// echo was heard, and an echo that still comes is of another mark (RFC 3168, section 6.1.2).
    pub(super) const fn ends_at(&self, una: u64) -> bool {
        match self.phase {
            Phase::Open => false,
            Phase::Reducing => una > self.high,
            Phase::Fast | Phase::Loss => una >= self.high,
        }
    }

    /// Notes the state before a reduction; `again` retransmissions are still under way.
    pub(super) fn remember(&mut self, from: u64, again: bool) {
        let retransmissions = again.then_some(1);
        self.undo = Some(Undo {
            from,
            retransmissions,
        });
    }

    /// A retransmission left at time stamp `stamp`.
    pub(super) fn retransmitted(&mut self, stamp: u32) {
        self.first_again.get_or_insert(stamp);
        if let Some(undo) = &mut self.undo {
            *undo.retransmissions.get_or_insert(0) += 1;
        }
    }

    /// The peer got a segment twice. True if it is one of this phase's retransmissions.
    pub(super) fn got_twice(&mut self, start: u64, high: u64) -> bool {
        let Some(undo) = &mut self.undo else {
            return false;
        };
        if start < undo.from || start >= high {
            return false;
        }
        undo.retransmissions = undo.retransmissions.map(|n| n.saturating_sub(1));
        true
    }

    /// True if every retransmission was for nothing: the peer got all of them twice.
    pub(super) fn all_for_nothing(&self) -> bool {
        let undo = self.undo.as_ref();
        undo.is_some_and(|undo| undo.retransmissions == Some(0))
    }

    /// True if the ACK at hand, which echoes `echo`, answers an original that left before the
    /// first retransmission (RFC 3522, Eifel).
    pub(super) fn answers_original(&self, echo: Option<u32>) -> bool {
        let (Some(first), Some(echo)) = (self.first_again, echo) else {
            return false;
        };
        self.undo.is_some() && echo.wrapping_sub(first).cast_signed() < 0
    }

    /// Nothing will be taken back any more.
    pub(super) fn settle(&mut self) {
        self.undo = None;
    }

    /// All is well again.
    pub(super) fn leave(&mut self) {
        self.phase = Phase::Open;
        self.prr = None;
        (self.frto, self.new_first) = (false, false);
        self.timeouts = 0;
        self.duplicates = 0;
    }

    /// Nothing is under way twice: the next retransmission is the first.
    pub(super) const fn forget_first_again(&mut self) {
        self.first_again = None;
    }
}
