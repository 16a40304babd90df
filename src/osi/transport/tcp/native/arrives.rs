//! A segment arrives: what it means by state (RFC 9293, section 3.10.7), up to the point where its
//! ACK and its data are taken.
//!
//! RST, SYN and ACK that only nearly fit are answered with a challenge (RFC 5961); old time stamps
//! are refused (PAWS, RFC 7323, section 5).

use super::{
    machine::Native,
    options::Options,
    segment::{Flags, Segment},
    sequence,
    timers::Alarm,
};
use crate::{
    trace::TcpState,
    units::{SimTime, Span},
};

impl Native {
    /// Takes an IP packet for this connection.
    pub(in super::super) fn ingress(&mut self, now: SimTime, packet: &[u8]) {
        self.now = now;
        let Some(segment) = Segment::parse(packet) else {
            return;
        };
        self.dirty = true;
        match self.state {
            TcpState::Closed => {}
            TcpState::Listen => self.arrives_at_listen(&segment),
            TcpState::SynSent => self.arrives_at_syn_sent(&segment),
            _ => self.arrives_at_synchronized(&segment),
        }
    }

    /// The peer lives: what came fits the connection, which a stranger's guess does not.
    fn hear(&mut self) {
        self.waits_since = None;
        self.heard = self.now;
        self.watch_idle();
    }

    fn arrives_at_listen(&mut self, segment: &Segment<'_>) {
        let opens = segment.flags.has(Flags::SYN) && !segment.flags.has(Flags::ACK);
        if !opens || segment.flags.has(Flags::RST) {
            return;
        }
        self.synchronize(segment.seq, segment.window);
        self.agree(&segment.options);
        self.agree_ecn(segment.flags);
        self.state = TcpState::SynReceived;
        self.tx.pending.syn = true;
        self.hear();
        self.arrives_fast_syn(segment);
    }

    fn arrives_at_syn_sent(&mut self, segment: &Segment<'_>) {
        let ack = sequence::from_wire(segment.ack, self.tx.una);
        let has_ack = segment.flags.has(Flags::ACK);
        let fits = has_ack && ack > self.tx.una && ack <= self.syn_end();
        if has_ack && !fits {
            if !segment.flags.has(Flags::RST) {
                self.tx.pending.refusal = Some(ack);
            }
            return;
        }
        if segment.flags.has(Flags::RST) {
            if fits {
                self.end();
            }
            return;
        }
        if !segment.flags.has(Flags::SYN) {
            return;
        }
        self.synchronize(segment.seq, segment.window);
        self.agree(&segment.options);
        self.agree_ecn(segment.flags);
        if fits {
            self.arrives_fast_answer(ack, segment);
            self.establish(segment, ack);
            self.acks.demand();
            self.take_payload(segment, self.rx.next());
        } else {
            // Both ends open at the same time (RFC 9293, section 3.5).
            self.state = TcpState::SynReceived;
            self.tx.pending.syn = true;
            self.rtt.on_progress();
        }
        self.hear();
    }

    /// The peer's sequence numbers begin with its SYN.
    pub(super) fn synchronize(&mut self, initial: u32, window: u16) {
        let next = sequence::first(initial) + 1;
        self.rx.data.begin(next);
        self.tuning.begin(self.now, next);
        self.rx.begun = true;
        self.rx.told = next;
        self.rx.edge = next + self.first_window();
        self.acks.begin(next);
        self.tx.window_from = (next - 1, self.tx.una);
        self.take_window(u64::from(window));
    }

    /// What the peer offers, as far as we do too.
    fn agree(&mut self, options: &Options) {
        if let Some(mss) = options.mss {
            self.tx.peer_mss = mss;
        }
        let own = self.own_scale();
        self.agreed.scale = options.scale.map(|peer| (peer, own));
        self.agreed.sack = options.sack_permitted;
        self.agreed.timestamps = options.timestamps.is_some();
        if let Some(stamps) = options.timestamps {
            self.agreed.recent = stamps.value;
            self.agreed.recent_at = self.now;
        }
    }

    fn arrives_at_synchronized(&mut self, segment: &Segment<'_>) {
        let seq = sequence::from_wire(segment.seq, self.rx.next());
        if self.is_old(segment) {
            // An old duplicate (RFC 7323, section 5.3, R1).
            return self.note_twice(seq, segment);
        }
        if self.is_crossing(seq, segment) {
            let ack = sequence::from_wire(segment.ack, self.tx.una);
            self.establish(segment, ack);
            self.hear();
            return self.acks.demand();
        }
        if !self.is_acceptable(seq, segment.len()) {
            return self.arrives_outside(seq, segment);
        }
        if segment.flags.has(Flags::RST) {
            return self.arrives_reset(seq);
        }
        if segment.flags.has(Flags::SYN) {
            // RFC 5961, section 4.
            return self.challenge();
        }
        self.note_stamp(seq, segment);
        if !segment.flags.has(Flags::ACK) || !self.arrives_ack(seq, segment) {
            return;
        }
        self.hear();
        self.note_urgent(seq, segment);
        self.take_payload(segment, seq);
    }

    /// RFC 7323, section 5.3, R1: its time stamp is older than that of what came before. After 24
    /// days nothing is known (R4).
    fn is_old(&self, segment: &Segment<'_>) -> bool {
        let Some(stamps) = segment
            .options
            .timestamps
            .filter(|_| self.agreed.timestamps)
        else {
            return false;
        };
        let older = stamps.value.wrapping_sub(self.agreed.recent).cast_signed() < 0;
        older
            && !segment.flags.has(Flags::RST)
            && self.now.since(self.agreed.recent_at) < STAMPS_HOLD
    }

    /// RFC 9293, section 3.10.7.4, first.
    fn is_acceptable(&self, seq: u64, len: u64) -> bool {
        let next = self.rx.next();
        let edge = self.rx.edge.max(next);
        if len == 0 {
            return seq >= next && seq <= edge;
        }
        seq < edge && seq + len > next || (seq == next && edge == next)
    }

    /// The SYN-ACK of a peer that opened at the same time (RFC 9293, figure 8, line 6): its SYN is
    /// known, and what counts is that it acknowledges ours.
    fn is_crossing(&self, seq: u64, segment: &Segment<'_>) -> bool {
        let both = segment.flags.has(Flags::SYN) && segment.flags.has(Flags::ACK);
        let ours = sequence::from_wire(segment.ack, self.tx.una) == self.tx.initial + 1;
        let sent = self.tx.next > self.tx.initial;
        let opening = self.state == TcpState::SynReceived && !segment.flags.has(Flags::RST);
        opening && both && ours && sent && seq + 1 == self.rx.next()
    }

    /// True if a SYN may end TIME-WAIT: it begins above all that came, or its time stamp is newer
    /// (RFC 9293, section 3.6.1; RFC 6191).
    pub(in super::super) fn may_reopen(&self, packet: &[u8]) -> bool {
        let Some(segment) = Segment::parse(packet) else {
            return false;
        };
        let stamps = segment.options.timestamps;
        let newer = |value: u32| value.wrapping_sub(self.agreed.recent).cast_signed() > 0;
        sequence::from_wire(segment.seq, self.rx.next()) > self.rx.next()
            || (self.agreed.timestamps && stamps.is_some_and(|stamps| newer(stamps.value)))
    }

    fn arrives_outside(&mut self, seq: u64, segment: &Segment<'_>) {
        if segment.flags.has(Flags::RST) {
            return;
        }
        if segment.flags.has(Flags::SYN) && self.state == TcpState::SynReceived {
            // The SYN-ACK was lost, or is late.
            self.tx.pending.syn = true;
            return;
        }
        if self.state == TcpState::TimeWait && segment.flags.has(Flags::FIN) {
            self.begin_time_wait();
        }
        self.note_twice(seq, segment);
    }

    /// Answers what has come before, and says what it was.
    fn note_twice(&mut self, seq: u64, segment: &Segment<'_>) {
        let end = seq + segment.payload.len() as u64;
        if self.agreed.sack && end > seq && end <= self.rx.data.next() {
            self.rx.twice = Some((seq, end));
        }
        if segment.flags.has(Flags::RST) {
            return;
        }
        match segment.payload.is_empty() && !segment.flags.has(Flags::FIN) {
            true => self.challenge(),
            // Data is no part of a loop of ACKs.
            false => self.acks.demand(),
        }
    }

    /// RFC 5961, section 3: only a RST that fits exactly ends the connection.
    fn arrives_reset(&mut self, seq: u64) {
        match self.state {
            // RFC 1337: it must not end TIME-WAIT.
            TcpState::TimeWait => {}
            _ if seq == self.rx.next() => self.end(),
            _ => self.challenge(),
        }
    }

    /// An ACK that asks the peer whether it meant this; not too often, so that two ends that
    /// disagree do not answer each other for ever (RFC 5961, section 7; as Linux limits it).
    fn challenge(&mut self) {
        let recent = |at: SimTime| self.now.since(at) < CHALLENGE_INTERVAL;
        if !self.challenged_at.is_some_and(recent) {
            self.challenged_at = Some(self.now);
            self.acks.demand();
        }
    }

    /// RFC 7323, section 4.3: the stamp to echo is that of the segment that moves the window.
    fn note_stamp(&mut self, seq: u64, segment: &Segment<'_>) {
        if let Some(stamps) = segment.options.timestamps
            && self.agreed.timestamps
            && seq <= self.rx.told
        {
            self.agreed.recent = stamps.value;
            self.agreed.recent_at = self.now;
        }
    }

    /// Takes the ACK. False if the segment is to be dropped.
    fn arrives_ack(&mut self, seq: u64, segment: &Segment<'_>) -> bool {
        let ack = sequence::from_wire(segment.ack, self.tx.una);
        if self.state == TcpState::SynReceived {
            // Behind the SYN there is something only with Fast Open.
            let opened = self.tx.initial + 1;
            if ack < opened || ack > self.tx.next || self.tx.next < opened {
                self.tx.pending.refusal = Some(ack);
                return false;
            }
            self.establish(segment, opened);
        }
        // RFC 5961, section 5.
        let too_old = ack + self.tx.largest_window < self.tx.una;
        if ack > self.tx.next || too_old {
            self.challenge();
            return false;
        }
        self.acknowledged(seq, ack, segment);
        self.after_ack();
        true
    }

    /// What the ACK of our FIN changes.
    fn after_ack(&mut self) {
        let fin_acked = self.tx.fin && self.tx.una == self.tx.end();
        if !fin_acked {
            return;
        }
        match self.state {
            TcpState::FinWait1 => self.state = TcpState::FinWait2,
            TcpState::Closing => self.begin_time_wait(),
            TcpState::LastAck => self.end(),
            _ => {}
        }
    }

    /// The handshake is complete.
    fn establish(&mut self, segment: &Segment<'_>, ack: u64) {
        self.state = TcpState::Established;
        self.tx.una = ack;
        if self.timers.is(Alarm::Retransmit) {
            self.timers.clear();
        }
        self.tx.pending.syn = false;
        let seq = sequence::from_wire(segment.seq, self.rx.next());
        self.tx.window_from = (seq, ack);
        let shift = if segment.flags.has(Flags::SYN) {
            0
        } else {
            self.agreed.scale.map_or(0, |(peer, _)| peer)
        };
        self.take_window(u64::from(segment.window) << shift);
        self.start_control();
        if !self.board.is_empty() {
            self.arm_retransmit();
        }
    }

    pub(super) fn begin_time_wait(&mut self) {
        self.state = TcpState::TimeWait;
        self.timers = Default::default();
        self.timers.time_wait = Some(self.now + TIME_WAIT);
    }
}

/// At most one challenge in this time (Linux: `tcp_invalid_ratelimit`).
const CHALLENGE_INTERVAL: Span = Span::from_millis(500);

/// Linux: 60 s (`TCP_TIMEWAIT_LEN`).
pub(in super::super) const TIME_WAIT: Span = Span::from_secs(60);

/// RFC 7323, section 5.5: a time stamp that came 24 days ago says nothing any more.
const STAMPS_HOLD: Span = Span::from_secs(24 * 24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        osi::transport::TcpConfig,
        wire::{FramePool, HEADER_LEN},
    };

    fn machine(own: &str, peer: &str) -> Native {
        let ends = (own.parse().unwrap(), peer.parse().unwrap());
        let mut machine = Native::new(&ends, 1500, 64, &TcpConfig::native());
        machine.connect(SimTime::ZERO, 7);
        machine
    }

    /// All that `from` has to say now, as IP packets.
    fn says(from: &mut Native, now: SimTime) -> Vec<Vec<u8>> {
        let mut pool = FramePool::default();
        let packets = std::iter::from_fn(|| from.egress(now, &mut pool));
        packets.map(|p| p[HEADER_LEN..].to_vec()).collect()
    }

    #[test]
    fn two_ends_that_open_at_once_are_connected_after_two_exchanges() {
        // RFC 9293, figure 8: SYNs cross, SYN-ACKs cross, and both ends are established. What
        // then is left to say is one ACK each, and no answer to that.
        let (mut a, mut b) = (
            machine("10.0.0.1:1000", "10.0.0.2:2000"),
            machine("10.0.0.2:2000", "10.0.0.1:1000"),
        );
        let mut counts = Vec::new();
        for exchange in 0..4 {
            let now = SimTime::ZERO + Span::from_millis(20 * exchange);
            let (from_a, from_b) = (says(&mut a, now), says(&mut b, now));
            counts.push((from_a.len(), from_b.len()));
            let then = now + Span::from_millis(10);
            from_a.iter().for_each(|packet| b.ingress(then, packet));
            from_b.iter().for_each(|packet| a.ingress(then, packet));
            let expected = match exchange {
                0 => TcpState::SynReceived,
                _ => TcpState::Established,
            };
            assert_eq!((a.state(), b.state()), (expected, expected));
        }
        assert_eq!(counts, [(1, 1), (1, 1), (1, 1), (0, 0)]);
    }
}
