//! What the machine tells of itself, if anybody wants to know: its values whenever they changed,
//! and why. Without a listener it costs one look at a pointer.

use super::{
    congestion::{CongestionControl, Recovery},
    machine::Native,
};
use crate::{
    trace::{TcpCause, TcpRecovery, TcpValues},
    units::SimTime,
};

/// The changes that nobody has fetched yet.
#[derive(Debug, Default)]
pub(super) struct Tracer {
    last: Option<TcpValues>,
    changes: Vec<Change>,
}

/// When, why, and the values from then on.
pub(in super::super) type Change = (SimTime, TcpCause, TcpValues);

impl Native {
    /// The values may have changed, for this reason.
    #[inline]
    pub(super) fn note(&mut self, cause: TcpCause) {
        if self.tracer.is_some() {
            self.tell(cause);
        }
    }

    #[cold]
    fn tell(&mut self, cause: TcpCause) {
        let (now, values) = (self.now, self.values());
        if let Some(tracer) = &mut self.tracer
            && let Some(values) = values
            && (cause.is_event() || tracer.last != Some(values))
        {
            tracer.last = Some(values);
            tracer.changes.push((now, cause, values));
        }
    }

    fn values(&self) -> Option<TcpValues> {
        let control = self.control.as_ref()?;
        Some(TcpValues {
            window: self.window(),
            threshold: Some(control.ssthresh()).filter(|threshold| *threshold != u64::MAX),
            pacing_rate: self.pacing_rate(),
            in_flight: self.board.in_flight(),
            lost: self.board.lost(),
            peer_window: self.tx.edge.saturating_sub(self.tx.una),
            rtt: self.rtt.latest(),
            srtt: self.rtt.srtt(),
            rttvar: self.rtt.rttvar(),
            rto: self.rtt.rto(),
            recovery: match self.told_recovery() {
                Recovery::Open => TcpRecovery::Open,
                Recovery::Reducing => TcpRecovery::Reducing,
                Recovery::Fast => TcpRecovery::Fast,
                Recovery::Timeout => TcpRecovery::Timeout,
            },
            algorithm: control.name(),
            phase: control.phase(),
        })
    }

    /// The changes since the last call; `None` if nobody wants to know.
    pub(in super::super) fn changes(&mut self) -> Option<std::vec::Drain<'_, Change>> {
        self.tracer.as_mut().map(|tracer| tracer.changes.drain(..))
    }
}
