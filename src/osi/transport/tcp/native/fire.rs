//! What happens when a timer runs out, and the timers that are not about losses: persist
//! (RFC 9293, section 3.8.6.1), keep-alive (section 3.8.4) and TIME-WAIT.

use super::{machine::Native, timers::Alarm};
use crate::{trace::TcpState, units::Span};

impl Native {
    /// Looks at all timers.
    pub(super) fn fire(&mut self) {
        let now = self.now;
        let due = |at: Option<crate::units::SimTime>| at.is_some_and(|at| at <= now);
        self.acks.expire(now);
        if due(self.timers.paced) {
            self.timers.paced = None;
        }
        if due(self.timers.time_wait) {
            return self.end();
        }
        if due(self.timers.idle) {
            self.on_idle_timer();
        }
        match self.timers.take_due(now) {
            Some(Alarm::Retransmit) => self.on_retransmit(),
            Some(Alarm::TailProbe) => self.on_tail_timer(),
            Some(Alarm::Reorder) => self.on_reorder_timer(),
            Some(Alarm::Persist) => self.on_persist_timer(),
            None => {}
        }
    }

    fn on_retransmit(&mut self) {
        if matches!(self.state, TcpState::SynSent | TcpState::SynReceived) {
            self.rtt.on_timeout();
            self.recovery.timeouts += 1;
            self.tx.pending.syn = true;
        } else if !self.board.is_empty() {
            self.on_retransmit_timer();
        }
    }

    fn on_tail_timer(&mut self) {
        if self.recovery.probe.is_some() {
            // One at a time.
            return self.arm_retransmit();
        }
        self.tx.pending.tail = true;
    }

    /// The window may have opened: the persist timer has had its time.
    pub(super) fn after_probe(&mut self) {
        let fits = self.tx.edge > self.tx.next || self.tx.unsent() == 0;
        if fits {
            self.tx.probes = 0;
            if self.timers.is(Alarm::Persist) {
                self.timers.clear();
            }
        }
    }

    pub(super) fn arm_persist(&mut self) {
        let wait = self.rtt.base_rto().times(1 << self.tx.probes.min(16));
        let at = self.now + wait.min(super::rtt::MAX_RTO);
        self.timers.set(at, Alarm::Persist);
    }

    fn on_persist_timer(&mut self) {
        if self.small_piece() {
            self.tx.piece = true;
        } else {
            self.tx.pending.probe = true;
        }
        self.tx.probes += 1;
        self.arm_persist();
    }

    /// The peer was heard: keep-alive starts anew.
    pub(super) fn watch_idle(&mut self) {
        let open = self.is_open() || self.state == TcpState::FinWait2;
        self.timers.idle = match self.settings.keep_alive {
            Some(after) if open => Some(self.now + after),
            _ => None,
        };
    }

    fn on_idle_timer(&mut self) {
        let after = self.settings.keep_alive.unwrap_or(PROBE_INTERVAL);
        self.timers.idle = Some(self.now + after.min(PROBE_INTERVAL));
        if self.board.is_empty() && self.tx.unsent() == 0 {
            self.tx.pending.probe = true;
        }
    }
}

/// Between keep-alive probes, as on Linux (`tcp_keepalive_intvl`).
const PROBE_INTERVAL: Span = Span::from_secs(75);
