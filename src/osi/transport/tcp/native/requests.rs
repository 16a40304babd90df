//! What the demultiplexer and the program ask of the machine: its state, to close or abort, to
//! take and to give bytes (RFC 9293, section 3.10).

use super::{machine::Native, parts::Pending, timers::Timers};
use crate::{osi::transport::tcp::machine::Received, trace::TcpState, units::SimTime};

impl Native {
    pub(in super::super) const fn waits_since(&self) -> Option<SimTime> {
        self.waits_since
    }

    pub(in super::super) const fn heard(&self) -> SimTime {
        self.heard
    }

    pub(in super::super) fn state(&self) -> TcpState {
        match self.state {
            TcpState::Listen => TcpState::Closed,
            state => state,
        }
    }

    pub(in super::super) fn has_ended(&self) -> bool {
        self.state() == TcpState::Closed && !self.tx.pending.reset
    }

    pub(in super::super) fn close(&mut self) {
        let next = match self.state {
            TcpState::Established => TcpState::FinWait1,
            TcpState::CloseWait => TcpState::LastAck,
            TcpState::SynSent | TcpState::Listen => TcpState::Closed,
            _ => return,
        };
        self.state = next;
        self.tx.fin = true;
        self.dirty = true;
    }

    /// RFC 9293, section 3.10.5.
    pub(in super::super) fn abort(&mut self) {
        if self.state == TcpState::Closed {
            return;
        }
        let known = !matches!(
            self.state,
            TcpState::Listen
                | TcpState::SynSent
                | TcpState::Closing
                | TcpState::LastAck
                | TcpState::TimeWait
        );
        self.end();
        self.tx.pending.reset = known;
        self.dirty = known;
    }

    /// Nothing more is sent or taken.
    pub(super) fn end(&mut self) {
        self.state = TcpState::Closed;
        self.timers = Timers::default();
        self.tx.pending = Pending::default();
        self.dirty = false;
        self.waits_since = None;
    }

    pub(in super::super) const fn set_nagle(&mut self, on: bool) {
        self.settings.nagle = on;
        self.dirty = true;
    }

    pub(in super::super) fn may_send(&self) -> bool {
        matches!(self.state, TcpState::Established | TcpState::CloseWait) || self.opens_early()
    }

    pub(in super::super) fn may_recv(&self) -> bool {
        self.can_recv() || (self.takes_data() && !self.rx.finished)
    }

    /// True in the states in which the peer may still send.
    pub(super) fn takes_data(&self) -> bool {
        matches!(
            self.state,
            TcpState::Established | TcpState::FinWait1 | TcpState::FinWait2
        ) || (self.state == TcpState::SynReceived && self.opens_early())
    }

    pub(in super::super) const fn can_recv(&self) -> bool {
        self.rx.data.ready() > 0
    }

    pub(in super::super) fn send_queue(&self) -> usize {
        self.tx.buffer.len()
    }

    pub(in super::super) const fn send_capacity(&self) -> usize {
        self.tx.buffer.limit()
    }

    pub(in super::super) fn send(&mut self, data: &[u8]) -> Option<usize> {
        if !self.may_send() {
            return None;
        }
        let taken = self.tx.buffer.write(data);
        self.dirty |= taken > 0;
        Some(taken)
    }

    pub(in super::super) fn recv(&mut self, buf: &mut [u8]) -> Received {
        if self.can_recv() {
            let count = self.rx.data.read(buf);
            self.rx.read = true;
            self.dirty |= self.takes_data();
            return Received::Data(count);
        }
        let opening = matches!(self.state, TcpState::SynSent | TcpState::SynReceived);
        match self.rx.finished {
            true => Received::Finished,
            false if self.takes_data() || opening => Received::Nothing,
            false => Received::Closed,
        }
    }
}
