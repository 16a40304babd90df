//! Finding losses and what follows: fast recovery, time-outs, and taking a reduction back when it
//! was for nothing.
//!
//! With SACK losses are found by RACK; without, three duplicate ACKs show one, and each ACK in
//! recovery that does not end it shows the next (NewReno, RFC 6582).

use super::{
    acks::News,
    congestion::{CongestionControl, Controller, LossCause, LossEvent, LostSegment},
    machine::Native,
    prr::{Prr, PrrAck},
    rate::RateEstimator,
    recovery::Phase,
    scoreboard::Sent,
    timers::Alarm,
};
use crate::{
    trace::{TcpCause, TcpState},
    units::{SimTime, Span},
};

impl Native {
    /// Looks at what an ACK says about losses. True if the reordering timer is set.
    pub(super) fn find_losses(&mut self, echo: Option<u32>, news: &mut News) -> bool {
        self.judge_probe(news);
        self.count_duplicates(news);
        if self.recovery.ends_at(self.tx.una) {
            self.reach_high(echo, news);
        } else if self.recovery.phase != Phase::Open {
            self.progress(echo, news);
        }
        let waits = self.detect(news);
        self.judge_lost_probe(news);
        if self.shows_congestion(news) {
            self.enter_fast(news.before.in_flight, self.cause());
            news.cause = Some(match self.agreed.sack {
                true => TcpCause::LossDetected,
                false => TcpCause::ThirdDuplicate,
            });
        }
        if news.marked && self.reduce_for_echo(news.before.in_flight) {
            news.cause = Some(TcpCause::CongestionMark);
        }
        self.reduce(news);
        waits
    }

    /// Something is lost that nobody has reduced the window for.
    fn shows_congestion(&self, news: &News) -> bool {
        match self.recovery.phase {
            Phase::Open | Phase::Reducing => self.board.lost() > 0,
            Phase::Loss => self.mends_probe() && news.lost > 0,
            Phase::Fast => false,
        }
    }

    const fn cause(&self) -> LossCause {
        if self.agreed.sack {
            LossCause::Rack
        } else {
            LossCause::DuplicateAcks
        }
    }

    /// Everything that was out when the phase began is acknowledged.
    fn reach_high(&mut self, echo: Option<u32>, news: &mut News) {
        let nothing = self.recovery.all_for_nothing() || self.recovery.answers_original(echo);
        let was = self.recovery.phase;
        if nothing && was != Phase::Reducing {
            self.take_back(was == Phase::Loss);
            news.cause = Some(TcpCause::Spurious);
        } else {
            news.cause = Some(TcpCause::Recovered);
            self.recovery.settle();
            if let Some(control) = &mut self.control {
                control.on_recovered(self.now);
            }
        }
        self.leave();
    }

    fn leave(&mut self) {
        self.recovery.leave();
        self.rack.recovered();
        if self.board.again() == 0 {
            self.recovery.forget_first_again();
        }
    }

    /// A part of it is acknowledged, or nothing.
    fn progress(&mut self, echo: Option<u32>, news: &mut News) {
        let for_nothing = self.recovery.all_for_nothing();
        let original = news.acked > 0 && self.recovery.answers_original(echo);
        match self.recovery.phase {
            Phase::Fast if for_nothing || original => {
                self.take_back(true);
                news.cause = Some(TcpCause::Spurious);
                self.leave();
            }
            Phase::Fast if !self.agreed.sack && news.acked > 0 => self.lose_next(news),
            Phase::Loss if for_nothing || original => {
                self.take_back(true);
                news.cause = Some(TcpCause::Spurious);
                self.leave();
            }
            Phase::Loss => self.watch_timeout(news),
            _ => {}
        }
    }

    /// F-RTO (RFC 5682, section 3.1): data that was sent once arrives, so the time-out came too
    /// early.
    fn watch_timeout(&mut self, news: &mut News) {
        self.recovery.new_first = false;
        if self.recovery.frto {
            if news.original {
                self.take_back(true);
                news.cause = Some(TcpCause::Spurious);
                return self.leave();
            }
            if self.tx.next > self.recovery.high {
                if news.sacked > 0 || self.recovery.duplicates > 0 {
                    self.recovery.frto = false;
                }
            } else if news.acked > 0 {
                self.recovery.high = self.tx.next;
                if self.tx.unsent() > 0 && self.tx.edge > self.tx.next {
                    // Step 2b: new data goes first.
                    self.recovery.new_first = true;
                    return;
                }
                self.recovery.frto = false;
            }
        }
        if !self.agreed.sack && news.acked > 0 {
            self.lose_next(news);
        }
    }

    /// The reduction was for nothing.
    fn take_back(&mut self, unlose: bool) {
        if unlose {
            self.board.lose_nothing();
        }
        self.recovery.settle();
        if let Some(control) = &mut self.control {
            control.on_spurious(self.now);
        }
    }

    /// What came back for a tail loss probe (RFC 8985, section 7.4.2).
    fn judge_probe(&mut self, news: &mut News) {
        let Some((high, again)) = self.recovery.probe else {
            return;
        };
        let reached = self.tx.una >= high;
        let twice = news.twice.is_some_and(|end| end == high);
        if !again {
            if reached {
                self.recovery.probe = None;
            }
        } else if twice {
            self.recovery.probe = None;
        } else if self.tx.una > high {
            self.recovery.probe = None;
            self.reduce_for_probe();
        } else if reached && news.acked == 0 && news.pure && news.sacked == 0 {
            self.recovery.probe = None;
        }
    }

    /// The probe repaired a loss that nobody saw: the window is reduced all the same.
    fn reduce_for_probe(&mut self) {
        if self.recovery.phase != Phase::Open {
            return;
        }
        let event = self.loss_event(LossCause::TailLossProbe, self.board.in_flight());
        if let Some(control) = &mut self.control {
            control.on_loss(&event);
            control.on_recovered(self.now);
        }
    }

    fn count_duplicates(&mut self, news: &mut News) {
        if news.acked > 0 || !news.pure || self.board.is_empty() {
            return;
        }
        self.recovery.duplicates += 1;
        if self.agreed.sack {
            return;
        }
        // Each says that one segment more has left the network.
        let mss = self.mss();
        news.delivered += mss.min(self.board.in_flight());
        if self.recovery.duplicates == DUPLICATES && self.recovery.phase == Phase::Open {
            self.lose_next(news);
        }
    }

    /// Takes the first segment for lost.
    fn lose_next(&mut self, news: &mut News) {
        let (now, initial) = (self.now, self.tx.initial);
        let (rate, control) = (&mut self.rate, &mut self.control);
        self.board.lose_first(|s| {
            note_lost(now, s, rate, control, initial, news);
        });
    }

    /// RACK. True if the reordering timer is set.
    fn detect(&mut self, news: &mut News) -> bool {
        if !self.agreed.sack || !std::mem::take(&mut self.rack.advanced) {
            return false;
        }
        let wait = self.detect_by_time(news);
        if wait > Span::ZERO {
            self.timers.set(self.now + wait, Alarm::Reorder);
        }
        wait > Span::ZERO
    }

    fn detect_by_time(&mut self, news: &mut News) -> Span {
        let hurry = matches!(self.recovery.phase, Phase::Fast | Phase::Loss)
            || self.board.sacked_count() >= DUPLICATES as usize;
        let window = self.rack.window(hurry, self.rtt.min_rtt(), self.rtt.srtt());
        let (now, rack, mut wait) = (self.now, &self.rack, Span::ZERO);
        let (rate, control, initial) = (&mut self.rate, &mut self.control, self.tx.initial);
        self.board.lose_by_time(
            |segment| rack.judge(now, window, segment, &mut wait),
            |segment| note_lost(now, segment, rate, control, initial, news),
        );
        wait
    }

    /// A lost probe of the path MTU (RFC 4821, section 7.6): by itself it was too large, and nothing
    /// else follows from it. Among other losses it is one of them.
    fn judge_lost_probe(&mut self, news: &mut News) {
        let Some(lost) = news.lost_probe.take() else {
            return;
        };
        if self.recovery.phase == Phase::Open && self.board.lost() == lost.len() {
            news.cause = Some(TcpCause::MtuProbeLost);
            return self.refuse_probe(lost.len());
        }
        news.probe = None;
        let initial = self.tx.initial;
        let (rate, control) = (&mut self.rate, &mut self.control);
        note_lost(self.now, &lost, rate, control, initial, news);
    }

    fn loss_event(&self, cause: LossCause, in_flight: u64) -> LossEvent {
        LossEvent {
            now: self.now,
            cause,
            mss: self.mss(),
            // As it was when the ACK came that shows the loss.
            flight_size: (self.tx.next - self.tx.una).max(in_flight),
            in_flight,
            lost_total: self.rate.lost(),
            delivered_total: self.rate.delivered(),
            sent_to: self.tx.next - self.tx.initial,
            reduced: false,
        }
    }

    fn enter_fast(&mut self, in_flight: u64, cause: LossCause) {
        let was_reducing = self.recovery.phase == Phase::Reducing;
        self.recovery.remember(self.tx.una, self.board.again() > 0);
        self.recovery.enter(Phase::Fast, self.tx.next);
        if !was_reducing {
            self.begin_reduction(cause, in_flight);
        }
    }

    /// Congestion control sets the threshold, and the way there is proportional.
    pub(super) fn begin_reduction(&mut self, cause: LossCause, in_flight: u64) {
        let (event, mss) = (self.loss_event(cause, in_flight), self.mss());
        let Some(control) = &mut self.control else {
            return;
        };
        let before = control.window();
        control.on_loss(&event);
        self.ecn.answer = self.ecn.agreed;
        if control.uses_prr() {
            let target = control.ssthresh().min(before);
            self.recovery.prr = Some(Prr::new(before, target, mss));
        }
    }

    /// Proportional rate reduction counts along.
    fn reduce(&mut self, news: &News) {
        let mss = self.mss();
        let in_flight = self.board.in_flight();
        if let Some(prr) = &mut self.recovery.prr {
            prr.on_ack(&PrrAck {
                delivered: news.delivered,
                in_flight,
                mss,
                progress: news.acked > 0 && news.lost == 0,
            });
        }
    }

    /// The reordering timer (RFC 8985, section 6.3).
    pub(super) fn on_reorder_timer(&mut self) {
        let before = self.board.in_flight();
        let mut news = News::beside(self.probe());
        let wait = self.detect_by_time(&mut news);
        self.judge_lost_probe(&mut news);
        if news.lost > 0 && self.shows_congestion(&news) {
            self.enter_fast(before, self.cause());
        }
        if news.lost > 0 {
            self.reduce(&news);
        }
        self.note(news.cause.unwrap_or(TcpCause::ReorderingTimeout));
        match wait {
            Span::ZERO => self.arm_retransmit_from_head(),
            wait => self.timers.set(self.now + wait, Alarm::Reorder),
        }
    }

    /// The retransmission timer (RFC 6298, section 5.4 to 5.7; RFC 5682, section 2.1).
    pub(super) fn on_retransmit_timer(&mut self) {
        let fresh = self.recovery.phase != Phase::Loss || self.recovery.timeouts == 0;
        let mut event = self.loss_event(LossCause::Timeout, self.board.in_flight());
        // The window was reduced for the same data already: the threshold stays (as on Linux).
        event.reduced = matches!(self.recovery.phase, Phase::Fast | Phase::Reducing);
        if self.board.first().is_some_and(|first| first.sacked) {
            // The peer has thrown away what it had (RFC 2018, section 8).
            self.board.forget_sacks();
        }
        let recovering = matches!(self.recovery.phase, Phase::Fast | Phase::Loss);
        let (now, first) = (self.now, self.board.first().map_or(0, |first| first.start));
        let rack = &self.rack;
        let sack = self.agreed.sack;
        let lost = self
            .board
            .lose_if(|s| !sack || s.start == first || rack.is_old(now, s));
        self.rate.on_lost(lost);
        event.lost_total = self.rate.lost();
        // What left too recently to be lost may be followed by one segment.
        event.in_flight = self.board.in_flight();
        if fresh {
            if !event.reduced {
                self.recovery.remember(self.tx.una, self.board.again() > 0);
            }
            if let Some(control) = &mut self.control {
                control.on_timeout(&event);
            }
        }
        let again = self.recovery.timeouts;
        self.mend_all();
        self.recovery.leave();
        self.recovery.enter(Phase::Loss, self.tx.next);
        self.recovery.frto = !recovering || again > 0;
        self.recovery.timeouts = again + 1;
        self.rtt.on_timeout();
        self.note(TcpCause::RetransmissionTimeout);
        self.suspect_black_hole();
        self.arm_retransmit();
    }

    /// Arms the tail loss probe if there may be one (RFC 8985, section 7.2). After an ACK
    /// (`advancing`) the retransmission timer would start anew.
    pub(super) fn arm_tail_probe(&mut self, advancing: bool) -> bool {
        let may = self.agreed.sack
            && self.state != TcpState::SynReceived
            && !self.board.is_empty()
            && matches!(self.recovery.phase, Phase::Open | Phase::Reducing);
        if !may {
            return false;
        }
        let timeout = match self.rtt.srtt() {
            Some(srtt) if self.board.count() == 1 => srtt.times(2) + self.settings.ack_delay,
            Some(srtt) => srtt.times(2) + TICK,
            None => Span::from_secs(1),
        };
        let rto = self.rtt.rto();
        let head = self
            .board
            .first()
            .map_or(self.now, |first| first.stamp.sent_at);
        let limit = if advancing {
            self.now + rto
        } else {
            head + rto
        };
        let at = (self.now + timeout).min(limit.max(self.now));
        self.timers.set(at, Alarm::TailProbe);
        true
    }
}

/// A segment is taken for lost: everybody who counts hears of it, unless it is a probe of the path
/// MTU, which has to be judged first.
fn note_lost(
    now: SimTime,
    s: &Sent,
    rate: &mut RateEstimator,
    control: &mut Option<Controller>,
    initial: u64,
    news: &mut News,
) {
    if news.probe == Some((s.start, s.end)) {
        news.lost_probe = Some(*s);
        return;
    }
    news.lost += s.len();
    rate.on_lost(s.len());
    if let Some(control) = control {
        control.on_segment_lost(&LostSegment {
            now,
            position: s.start - initial,
            bytes: s.len(),
            tx_in_flight: s.stamp.tx_in_flight,
            lost_before: s.stamp.lost,
            delivered_before: s.stamp.delivered,
            lost_total: rate.lost(),
            delivered_total: rate.delivered(),
            app_limited: s.stamp.app_limited,
        });
    }
}

/// So many duplicate ACKs, or segments delivered out of order, show a loss (RFC 5681).
const DUPLICATES: u32 = 3;

/// Two ticks of Linux's clock.
const TICK: Span = Span::from_millis(2);

#[cfg(test)]
pub(super) mod tests;
