//! What leaves: the next packet, as often as there is one.
//!
//! In this order: a RST, the SYN, a tail loss probe, an ACK that says more than data could, what
//! is lost, what is new, a probe, an ACK.

use super::{
    congestion::{CongestionControl, IdleEvent, SentEvent},
    machine::Native,
    pacing::window_rate,
    rate::Stamp,
    recovery::Phase,
    segment::Flags,
    timers::Alarm,
};
use crate::{
    trace::{TcpCause, TcpState},
    units::SimTime,
    wire::FramePool,
};

impl Native {
    /// The next packet to send now.
    pub(in super::super) fn egress(
        &mut self,
        now: SimTime,
        pool: &mut FramePool,
    ) -> Option<Vec<u8>> {
        self.now = now;
        self.fire();
        let packet = self.next_packet(pool);
        match packet {
            // There may be more behind it.
            Some(_) => self.dirty = self.state != TcpState::Closed,
            None => self.settle(),
        }
        packet
    }

    fn next_packet(&mut self, pool: &mut FramePool) -> Option<Vec<u8>> {
        if let Some(ack) = self.tx.pending.refusal.take() {
            return Some(self.bare(Flags::RST, ack, pool));
        }
        if std::mem::take(&mut self.tx.pending.reset) {
            let flags = Flags::RST.with(Flags::ACK);
            return Some(self.bare(flags, self.tx.next, pool));
        }
        match self.state {
            TcpState::Closed | TcpState::Listen => None,
            TcpState::SynReceived if self.opens_early() => {
                let syn = self.syn(pool);
                syn.or_else(|| self.next_of_open(pool))
            }
            TcpState::SynSent | TcpState::SynReceived => self.syn(pool),
            _ => self.next_of_open(pool),
        }
    }

    fn next_of_open(&mut self, pool: &mut FramePool) -> Option<Vec<u8>> {
        if let Some(before) = self.ecn.before.take() {
            return Some(self.ack_before(before, pool));
        }
        if std::mem::take(&mut self.tx.pending.tail)
            && let Some(packet) = self.tail_probe(pool)
        {
            return Some(packet);
        }
        let tells = self.rx.data.has_gaps() || self.rx.twice.is_some();
        if self.acks.due && tells {
            return Some(self.ack(pool));
        }
        if let Some(packet) = self.next_data(pool) {
            return Some(packet);
        }
        if std::mem::take(&mut self.tx.pending.probe) {
            self.waits_since.get_or_insert(self.now);
            self.note(TcpCause::WindowProbe);
            return Some(self.bare(Flags::ACK, self.tx.una - 1, pool));
        }
        (self.acks.due || self.window_grew()).then(|| self.ack(pool))
    }

    /// What was lost, else what is new, if the window and the pace let it go.
    fn next_data(&mut self, pool: &mut FramePool) -> Option<Vec<u8>> {
        if self.tx.unsent() == 0 && self.board.lost() == 0 {
            return None;
        }
        if self.pacing_rate().is_some() {
            let ready = self.pacer.ready_at(self.now);
            if ready > self.now {
                self.timers.paced = Some(ready);
                return None;
            }
        }
        match self.next_again(pool) {
            Some(packet) => Some(packet),
            None => self.next_new(pool),
        }
    }

    fn next_again(&mut self, pool: &mut FramePool) -> Option<Vec<u8>> {
        if self.board.lost() == 0 || self.recovery.new_first {
            return None;
        }
        let segment = self.board.next_lost(self.mss())?;
        if !self.fits_window(segment.len()) {
            self.tx.stopped = true;
            return None;
        }
        let why = TcpCause::Retransmitted;
        Some(self.again(segment.start, segment.end, why, pool))
    }

    /// Sends a segment again.
    fn again(&mut self, start: u64, end: u64, why: TcpCause, pool: &mut FramePool) -> Vec<u8> {
        let stamp = self.note_data(end - start, true);
        self.forget_probe();
        let head = self.board.first().is_some_and(|first| first.start == start);
        self.board.sent_again(start, stamp);
        self.recovery.retransmitted(self.stamp());
        self.note(why);
        if head && !self.timers.is(Alarm::Reorder) {
            self.arm_retransmit();
        }
        self.segment(start, end, false, pool)
    }

    /// How fast data may leave \[bytes/s\]: as the congestion control says, or, where pacing is
    /// asked for, as its window does. `None`: at once.
    pub(super) fn pacing_rate(&self) -> Option<u64> {
        let control = self.control.as_ref()?;
        control.pacing_rate().or_else(|| {
            let srtt = self.rtt.srtt().filter(|_| self.settings.pacing)?;
            Some(window_rate(self.window(), control.ssthresh(), srtt))
        })
    }

    /// Counts data that leaves now.
    fn note_data(&mut self, len: u64, retransmission: bool) -> Stamp {
        let in_flight = self.board.in_flight();
        let stamp = self.rate.on_sent(self.now, len, in_flight);
        if let Some(prr) = &mut self.recovery.prr {
            prr.on_sent(len);
        }
        if let Some(control) = &mut self.control {
            control.on_sent(&SentEvent {
                now: self.now,
                bytes: len,
                in_flight: in_flight + len,
                delivered_total: self.rate.delivered(),
                app_limited: self.rate.is_app_limited(),
                retransmission,
            });
        }
        if let Some(rate) = self.pacing_rate() {
            // Rates are of payload, so headers do not count.
            self.pacer.on_sent(self.now, len, Some(rate));
        }
        self.tx.last_at = self.now;
        self.waits_since.get_or_insert(self.now);
        self.acks.data_sent(self.now);
        stamp
    }

    pub(super) fn fits_window(&self, len: u64) -> bool {
        let in_flight = self.board.in_flight().saturating_sub(self.left_unseen());
        in_flight == 0 || in_flight + len <= self.window()
    }

    /// Without SACK each duplicate ACK says that a segment has left the network, but not which.
    /// After a time-out that counts once new data was sent (RFC 5682, step 3a): before, it may be
    /// what the time-out has taken for lost.
    fn left_unseen(&self) -> u64 {
        let tells = self.tx.next > self.recovery.high && !self.agreed.sack;
        let counts = tells && self.recovery.phase == Phase::Loss;
        let segments = if counts { self.recovery.duplicates } else { 0 };
        u64::from(segments) * self.mss()
    }

    fn next_new(&mut self, pool: &mut FramePool) -> Option<Vec<u8>> {
        if std::mem::take(&mut self.tx.piece) && self.small_piece() {
            let room = self.tx.edge - self.tx.next;
            let data = self.tx.buffer.end() - self.tx.next;
            return Some(self.new_segment(room.min(data).min(self.mss()), TcpCause::Sent, pool));
        }
        if let Some(len) = self.next_probe() {
            return self.probe_path(len, pool);
        }
        let len = self.new_len()?;
        if !self.fits_window(len) {
            self.tx.stopped = true;
            return None;
        }
        Some(self.new_segment(len, TcpCause::Sent, pool))
    }

    /// The length of the next new segment, the FIN included; `None` if it has to wait for the
    /// peer's window or, being small, for company (RFC 896; as Minshall has it, only while
    /// another small one is under way).
    fn new_len(&self) -> Option<u64> {
        let mss = self.mss();
        let data = self.tx.buffer.end().saturating_sub(self.tx.next);
        let len = data.min(mss);
        let fin = self.tx.fin && len == data && self.tx.next <= self.tx.buffer.end();
        let total = len + u64::from(fin);
        if total == 0 || (len > 0 && self.tx.next + len > self.tx.edge) {
            return None;
        }
        let small_out = self.tx.small_end > self.tx.una;
        if len < mss && !fin && self.settings.nagle && small_out {
            return None;
        }
        Some(total)
    }

    pub(super) fn new_segment(&mut self, len: u64, why: TcpCause, pool: &mut FramePool) -> Vec<u8> {
        self.wake_control();
        let (start, end) = (self.tx.next, self.tx.next + len);
        let first = self.board.is_empty();
        let stamp = self.note_data(len, false);
        self.board.push(start, end, stamp);
        self.tx.next = end;
        self.note(why);
        self.tx.burst = true;
        if len < self.mss() {
            self.tx.small_end = end;
        }
        if first || self.timers.is(Alarm::TailProbe) {
            self.arm_retransmit_from_head();
        }
        self.segment(start, end, true, pool)
    }

    /// After a long silence the window is what it was at the start (RFC 5681, section 4.1).
    fn wake_control(&mut self) {
        let idle = self.now.since(self.tx.last_at);
        let rto = self.rtt.rto();
        if !self.board.is_empty() || idle <= rto {
            return;
        }
        if let Some(control) = &mut self.control {
            control.on_idle(&IdleEvent {
                now: self.now,
                idle,
                rto,
            });
        }
    }

    /// The end of the flight once more, or what comes next (RFC 8985, section 7.3).
    fn tail_probe(&mut self, pool: &mut FramePool) -> Option<Vec<u8>> {
        let mss = self.mss();
        let data = self.tx.buffer.end().saturating_sub(self.tx.next).min(mss);
        let packet = if data > 0 && self.tx.next + data <= self.tx.edge {
            let len = self.new_len().unwrap_or(data);
            self.recovery.probe = Some((self.tx.next + len, false));
            self.new_segment(len, TcpCause::TailLossProbe, pool)
        } else {
            let last = self.board.last_cut(mss)?;
            self.recovery.probe = Some((self.tx.next, true));
            self.again(last.start, last.end, TcpCause::TailLossProbe, pool)
        };
        self.tx.burst = false;
        self.arm_retransmit();
        Some(packet)
    }

    /// What the window has room for, though it is small (RFC 9293, section 3.8.6.2.1).
    pub(super) fn small_piece(&self) -> bool {
        let data = self.tx.buffer.end().saturating_sub(self.tx.next);
        self.board.is_empty() && data > 0 && self.tx.edge > self.tx.next
    }

    /// Nothing more leaves now: what that means for timers and the use of the window.
    fn settle(&mut self) {
        self.dirty = false;
        if std::mem::take(&mut self.tx.burst) {
            self.arm_tail_probe(false);
        }
        self.note_use();
        let waits = self.tx.unsent() > 0 && self.board.is_empty();
        if waits && self.timers.alarm.is_none() && self.is_open() {
            self.arm_persist();
        }
    }

    /// How far the window is used (RFC 7661; as Linux counts it, `tcp_cwnd_validate`).
    fn note_use(&mut self) {
        let stopped = std::mem::take(&mut self.tx.stopped);
        let out = self.tx.next - self.tx.una;
        if self.tx.una >= self.tx.usage_end
            || stopped
            || (!self.tx.limited && out > self.tx.most_out)
        {
            self.tx.limited = stopped;
            self.tx.most_out = out;
            self.tx.usage_end = self.tx.next;
        }
        let in_flight = self.board.in_flight();
        if !stopped
            && self.tx.unsent() == 0
            && !self.board.owes()
            && !self.rate.is_app_limited()
            && in_flight < self.window()
        {
            self.rate.on_app_limited(in_flight);
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        matches!(
            self.state,
            TcpState::Established
                | TcpState::CloseWait
                | TcpState::FinWait1
                | TcpState::Closing
                | TcpState::LastAck
        )
    }
}
