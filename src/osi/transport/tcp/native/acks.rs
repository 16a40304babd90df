//! What an ACK says: how far the peer has come, what it has beyond, how long that took, and how
//! much more it takes. Then losses are looked for (`losses`), and congestion control hears of it.

use super::{
    congestion::{AckEvent, CongestionControl, Path},
    machine::Native,
    rack::Rack,
    rate::RateEstimator,
    recovery::Phase,
    scoreboard::Sent,
    segment::{Flags, Segment},
    sequence,
    timers::Alarm,
};
use crate::{
    trace::TcpCause,
    units::{SimTime, Span},
};

/// What one ACK has told so far.
#[derive(Debug, Default)]
pub(super) struct News {
    /// How far SND.UNA moved.
    pub(super) acked: u64,
    /// Newly delivered, by either way.
    pub(super) delivered: u64,
    /// Of that, by SACK.
    pub(super) sacked: u64,
    /// Newly taken for lost.
    pub(super) lost: u64,
    /// The probe of the path MTU under way: where it begins, and ends; and if it is lost.
    pub(super) probe: Option<(u64, u64)>,
    pub(super) lost_probe: Option<Sent>,
    /// Data was delivered that was sent only once, and before the phase began (RFC 5682).
    pub(super) original: bool,
    /// A retransmission was acknowledged.
    pub(super) again: bool,
    /// The round trips of the first and the last segment delivered that were sent once.
    first_rtt: Option<Span>,
    last_rtt: Option<Span>,
    /// When the segment of `last_rtt` left.
    last_left: SimTime,
    /// A DSACK came, for this start; and it answers a tail loss probe.
    pub(super) twice: Option<u64>,
    /// Neither data nor a new window: a duplicate, if it acknowledges nothing new.
    pub(super) pure: bool,
    pub(super) before: Before,
    /// It says that the network has marked what was sent (ECE).
    pub(super) marked: bool,
    /// What it has led to.
    pub(super) cause: Option<TcpCause>,
}

/// The state before the ACK.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Before {
    pub(super) in_flight: u64,
    pub(super) delivered: u64,
    /// The end of the highest byte delivered.
    highest: u64,
    /// Where the phase of recovery ends.
    high: u64,
}

impl News {
    /// Nothing yet, with this probe of the path MTU under way.
    pub(super) fn beside(probe: Option<(u64, u64)>) -> Self {
        Self {
            probe,
            ..Self::default()
        }
    }

    /// What it is about, in one word.
    fn cause(&self) -> TcpCause {
        match self.cause {
            Some(cause) => cause,
            None if self.acked > 0 => TcpCause::Acknowledged,
            None if self.sacked > 0 => TcpCause::SelectivelyAcknowledged,
            None => TcpCause::DuplicateAck,
        }
    }

    /// A segment, or a part of one, is delivered for the first time.
    fn deliver(
        &mut self,
        now: SimTime,
        s: &Sent,
        rack: &mut Rack,
        rate: &mut RateEstimator,
        least: Option<Span>,
    ) {
        self.delivered += s.len();
        rate.on_delivered(now, s.len(), &s.stamp);
        rack.deliver(now, s, self.before.highest, least);
        if s.ever_again {
            self.again = true;
            return;
        }
        // What was sent since says nothing of what was out when the timer ran out.
        self.original |= s.end <= self.before.high;
        let rtt = now.since(s.stamp.sent_at);
        self.first_rtt.get_or_insert(rtt);
        if s.stamp.sent_at >= self.last_left {
            self.last_left = s.stamp.sent_at;
            self.last_rtt = Some(rtt);
        }
    }
}

impl Native {
    /// Takes an ACK of everything before `ack`, which is at most SND.NXT.
    pub(super) fn acknowledged(&mut self, seq: u64, ack: u64, segment: &Segment<'_>) {
        let mut news = News {
            before: Before {
                in_flight: self.board.in_flight(),
                delivered: self.rate.delivered(),
                highest: self.rack.highest(),
                high: self.recovery.high,
            },
            ..News::beside(self.probe())
        };
        // Data carries windows too.
        let moved = self.update_window(seq, ack, segment);
        news.pure = ack >= self.tx.una
            && segment.payload.is_empty()
            && !segment.flags.has(Flags::FIN)
            && !moved;
        self.take_sacks(ack, segment, &mut news);
        self.take_cumulative(ack, &mut news);
        let nothing = news.acked == 0 && news.delivered == 0 && news.twice.is_none();
        if self.board.is_empty() && nothing {
            return self.after_probe();
        }
        self.measure(segment, &mut news);
        let echo = segment.options.timestamps.map(|stamps| stamps.echo);
        news.marked = self.is_echo(segment);
        let waits = self.find_losses(echo, &mut news);
        self.tell_control(segment, &news);
        self.tune_sender();
        self.note(news.cause());
        self.rearm(&news, waits);
        self.after_probe();
    }

    /// RFC 9293, section 3.10.7.4: takes the window if the segment is newer than the one before.
    /// True if it changed.
    fn update_window(&mut self, seq: u64, ack: u64, segment: &Segment<'_>) -> bool {
        let (last_seq, last_ack) = self.tx.window_from;
        let newer = last_seq < seq || (last_seq == seq && last_ack <= ack);
        if ack < self.tx.una || !newer {
            return false;
        }
        self.tx.window_from = (seq, ack);
        let shift = self.agreed.scale.map_or(0, |(peer, _)| peer);
        let window = u64::from(segment.window) << shift;
        let before = (self.tx.una, self.tx.edge);
        let changed = window != before.1.saturating_sub(before.0);
        self.tx.edge = ack + window;
        self.tx.largest_window = self.tx.largest_window.max(window);
        changed
    }

    /// The peer offers `window` bytes behind SND.UNA.
    pub(super) fn take_window(&mut self, window: u64) {
        self.tx.edge = self.tx.una + window;
        self.tx.largest_window = self.tx.largest_window.max(window);
    }

    fn take_sacks(&mut self, ack: u64, segment: &Segment<'_>, news: &mut News) {
        if !self.agreed.sack || segment.options.sack.is_empty() {
            return;
        }
        let mut blocks = [(0, 0); 4];
        let mut count = 0;
        for (number, &(start, end)) in segment.options.sack.as_slice().iter().enumerate() {
            let start = sequence::from_wire(start, self.tx.una);
            let end = sequence::from_wire(end, self.tx.una);
            if start >= end || end > self.tx.next {
                continue;
            }
            if number == 0 && self.is_twice(start, end, ack, segment) {
                self.got_twice(start, end, news);
                continue;
            }
            if end > self.tx.una {
                blocks[count] = (start.max(self.tx.una), end);
                count += 1;
            }
        }
        let blocks = &mut blocks[..count];
        blocks.sort_unstable();
        self.take_blocks(blocks, news);
    }

    /// RFC 2883, section 4: a first block that is below the ACK, or inside the second block.
    fn is_twice(&self, start: u64, end: u64, ack: u64, segment: &Segment<'_>) -> bool {
        let second = segment.options.sack.as_slice().get(1);
        let inside = second.is_some_and(|&(from, to)| {
            let from = sequence::from_wire(from, self.tx.una);
            let to = sequence::from_wire(to, self.tx.una);
            from <= start && end <= to
        });
        start < ack || inside
    }

    fn got_twice(&mut self, start: u64, end: u64, news: &mut News) {
        news.twice = Some(end);
        if self.recovery.got_twice(start, self.tx.next) {
            self.rack
                .widen(news.before.delivered, self.rate.delivered());
        }
    }

    fn take_blocks(&mut self, blocks: &[(u64, u64)], news: &mut News) {
        let (now, least) = (self.now, self.rtt.min_rtt());
        let (rack, rate) = (&mut self.rack, &mut self.rate);
        for &(start, end) in blocks {
            self.board
                .sack(start, end, |s| news.deliver(now, s, rack, rate, least));
        }
        news.sacked = news.delivered;
    }

    fn take_cumulative(&mut self, ack: u64, news: &mut News) {
        if ack <= self.tx.una {
            return;
        }
        let (now, least) = (self.now, self.rtt.min_rtt());
        let (rack, rate) = (&mut self.rack, &mut self.rate);
        self.board.acknowledge(ack, |s| {
            if !s.sacked {
                news.deliver(now, s, rack, rate, least);
            }
        });
        news.acked = ack - self.tx.una;
        self.tx.una = ack;
        self.tx.buffer.forget_to(ack);
        self.recovery.duplicates = 0;
        self.recovery.timeouts = 0;
        self.confirm_probe();
    }

    /// Round trips, by segments that were sent once (Karn), else by the echoed time stamp.
    fn measure(&mut self, segment: &Segment<'_>, news: &mut News) {
        let stamps = segment
            .options
            .timestamps
            .filter(|_| self.agreed.timestamps);
        let by_stamp = stamps.filter(|_| news.acked > 0).and_then(|stamps| {
            let ms = self.stamp().wrapping_sub(stamps.echo);
            (ms < 1 << 31).then(|| Span::from_millis(ms.into()))
        });
        let sample = match news.first_rtt {
            Some(rtt) if !news.again => Some(rtt),
            Some(rtt) if news.acked == 0 => Some(rtt),
            _ => by_stamp,
        };
        if let Some(rtt) = sample {
            self.rtt.on_sample(self.now, rtt, self.tx.una, self.tx.next);
        }
    }

    /// Congestion control hears of every ACK that delivers something, and of all in recovery.
    fn tell_control(&mut self, segment: &Segment<'_>, news: &News) {
        let recovery = self.told_recovery();
        if news.delivered == 0 && self.recovery.phase == Phase::Open {
            return;
        }
        let mss = self.mss();
        let rate = self.rate.sample(self.rtt.min_rtt());
        let echoes = self.is_echo(segment);
        let Some(control) = &mut self.control else {
            return;
        };
        control.on_ack(&AckEvent {
            now: self.now,
            mss,
            delivered: news.delivered,
            acked: news.acked,
            lost: news.lost,
            ce_marked: if echoes { news.delivered } else { 0 },
            prior_in_flight: news.before.in_flight,
            in_flight: self.board.in_flight(),
            delivered_total: self.rate.delivered(),
            lost_total: self.rate.lost(),
            acked_to: self.tx.una - self.tx.initial,
            sent_to: self.tx.next - self.tx.initial,
            rtt: news.last_rtt,
            srtt: self.rtt.srtt(),
            min_rtt: self.rtt.min_rtt(),
            rate,
            recovery,
            window_limited: self.tx.limited,
            max_in_flight: self.tx.most_out,
        });
    }

    /// Sets the alarm after an ACK; `waits` says that the reordering timer is set.
    fn rearm(&mut self, news: &News, waits: bool) {
        if self.board.is_empty() {
            if !self.timers.is(Alarm::Persist) {
                self.timers.clear();
            }
            return;
        }
        let head_left = self.board.first().map(|first| first.stamp.sent_at);
        let later = news.sacked > 0 && head_left.is_some_and(|at| news.last_left > at);
        if (news.acked > 0 || later) && !waits {
            self.arm_after_ack();
        }
    }

    /// The tail loss probe if there may be one, else the retransmission timer.
    fn arm_after_ack(&mut self) {
        if !self.arm_tail_probe(true) {
            self.arm_retransmit_from_head();
        }
    }

    /// The retransmission timer; if another one stood there, less what has passed since the
    /// oldest segment left.
    pub(super) fn arm_retransmit_from_head(&mut self) {
        let other = self.timers.is(Alarm::Reorder) || self.timers.is(Alarm::TailProbe);
        let head = self.board.first().map(|first| first.stamp.sent_at);
        match head.filter(|_| other) {
            Some(left) => {
                let at = (left + self.rtt.rto()).max(self.now + TICK);
                self.timers.set(at, Alarm::Retransmit);
            }
            None => self.arm_retransmit(),
        }
    }

    /// The handshake is done: congestion control begins.
    pub(super) fn start_control(&mut self) {
        let (now, mss) = (self.now, self.mss());
        let once = self.recovery.timeouts == 0 && !self.agreed.unmeasured;
        let rtt = once.then(|| now.since(self.tx.last_at));
        match rtt {
            Some(rtt) => self.rtt.on_sample(now, rtt, self.tx.una, self.tx.next),
            None if self.agreed.unmeasured => {}
            None => self.rtt.fall_back(),
        }
        self.recovery.timeouts = 0;
        if self.control.is_some() {
            // Fast Open: it has begun with the SYN.
            return;
        }
        self.tx.usage_end = self.tx.next;
        let mut control = self.make_control(mss);
        control.on_established(
            now,
            &Path {
                mss,
                rtt,
                ecn: self.ecn.agreed,
            },
        );
        self.control = Some(control);
        self.tune_sender();
        self.note(TcpCause::Established);
        self.recovery.high = self.tx.una;
    }
}

/// The least time to a retransmission (Linux: two ticks of its clock).
const TICK: Span = Span::from_millis(2);
