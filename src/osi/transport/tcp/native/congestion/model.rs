//! A link with a queue, and a sender that always has data: what an algorithm does with them.
//!
//! The link has a rate, a delay each way, a drop-tail queue and independent random loss (data
//! only). The receiver acknowledges each segment by itself, as SACK would. The sender takes a
//! segment for lost when one that left three segments later (or more) is delivered, retransmits
//! it, bounds recovery by proportional rate reduction, and paces. One event is handled at a time,
//! so the runs are exact and repeat.
//!
//! Not here: delayed ACKs, the tail loss probe, headers (a segment is its payload on the link).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        pacing::Pacer,
        prr::{Prr, PrrAck},
        rate::{RateEstimator, Stamp},
        rtt::{Floor, RttEstimator},
    },
    AckEvent, CongestionControl, Controller, LossCause, LossEvent, LostSegment, Path, Recovery,
    SentEvent,
};
use crate::{
    rng::{RootSeed, Stream},
    units::{Probability, SimTime, Span},
};

pub(super) const MSS: u64 = 1448;

/// What the receiver takes [bytes].
const RECEIVE_WINDOW: u64 = 1 << 20;

/// The link and how long to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    /// Bytes of payload a second.
    pub(super) rate: u64,
    /// One way.
    pub(super) delay: Span,
    /// Bytes.
    pub(super) queue: u64,
    pub(super) loss: f64,
    /// Bytes in the queue above which segments are marked; `u64::MAX` marks none.
    pub(super) mark_above: u64,
}

impl Link {
    /// 10 Mbit/s less headers, 20 ms each way, 125 000 bytes: the link of the measurements of
    /// Linux that docs/tcp.md compares with.
    pub(super) fn reference(loss: f64) -> Self {
        Self {
            // 1448 of 1514 + 24 bytes.
            rate: 1_250_000 * 1448 / 1538,
            delay: Span::from_millis(20),
            queue: 125_000,
            loss,
            mark_above: u64::MAX,
        }
    }
}

/// What a run showed.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    /// Bytes delivered in order.
    pub(super) acked: u64,
    pub(super) retransmitted: u64,
    pub(super) timeouts: u64,
    /// Mean bytes in the queue as each segment arrived.
    pub(super) mean_queue: u64,
    /// Time, window, phase: one entry each 10 ms.
    pub(super) story: Vec<(SimTime, u64, &'static str)>,
}

#[derive(Debug)]
enum Event {
    Send,
    Ack { id: u64, marked: bool },
    Timeout { armed: u64 },
    Look,
}

#[derive(Debug, Clone, Copy)]
struct Flying {
    position: u64,
    stamp: Stamp,
    retransmission: bool,
}

pub(super) struct Model {
    link: Link,
    random: Stream,
    pub(super) control: Controller,
    now: SimTime,
    events: BTreeMap<(SimTime, u64), Event>,
    sequence: u64,
    link_free: SimTime,
    /// In order of leaving; ids rise.
    flying: BTreeMap<u64, Flying>,
    next_id: u64,
    to_repair: BTreeSet<u64>,
    delivered: BTreeSet<u64>,
    una: u64,
    nxt: u64,
    recovery: Recovery,
    recover_to: u64,
    prr: Option<Prr>,
    pacer: Pacer,
    rate: RateEstimator,
    rtt: RttEstimator,
    timer: u64,
    wake_at: SimTime,
    limited_until: u64,
    max_in_flight: (u64, u64),
    queue_sum: u128,
    arrivals: u64,
    pub(super) outcome: Outcome,
}

impl Model {
    pub(super) fn new(link: Link, control: Controller, seed: u64) -> Self {
        let mut model = Self {
            link,
            random: RootSeed(seed).stream(&["model"]),
            control,
            now: SimTime::ZERO,
            events: BTreeMap::new(),
            sequence: 0,
            link_free: SimTime::ZERO,
            flying: BTreeMap::new(),
            next_id: 0,
            to_repair: BTreeSet::new(),
            delivered: BTreeSet::new(),
            una: 0,
            nxt: 0,
            recovery: Recovery::Open,
            recover_to: 0,
            prr: None,
            pacer: Pacer::default(),
            rate: RateEstimator::default(),
            rtt: RttEstimator::new(Floor::default()),
            timer: 0,
            wake_at: SimTime::ZERO,
            limited_until: 0,
            max_in_flight: (0, 0),
            queue_sum: 0,
            arrivals: 0,
            outcome: Outcome::default(),
        };
        let rtt = link.delay + link.delay;
        model.rtt.on_sample(SimTime::ZERO, rtt, 0, 0);
        let path = Path {
            mss: MSS,
            rtt: Some(rtt),
            ecn: link.mark_above < u64::MAX,
        };
        model.control.on_established(SimTime::ZERO, &path);
        model.push(SimTime::ZERO, Event::Send);
        model.push(SimTime::ZERO, Event::Look);
        model
    }

    /// Runs up to `end` after the start.
    pub(super) fn run(&mut self, end: Span) -> &Outcome {
        let end = SimTime::ZERO + end;
        while let Some(entry) = self.events.first_entry() {
            if entry.key().0 > end {
                break;
            }
            let ((at, _), event) = entry.remove_entry();
            self.now = at;
            self.handle(event);
        }
        self.outcome.acked = self.una;
        let mean = self.queue_sum / u128::from(self.arrivals.max(1));
        self.outcome.mean_queue = u64::try_from(mean).unwrap();
        &self.outcome
    }

    /// Goodput in bit/s of payload, over `length`.
    pub(super) fn goodput(&self, length: Span) -> f64 {
        self.una as f64 * 8.0 / length.as_secs_f64()
    }

    fn push(&mut self, at: SimTime, event: Event) {
        self.sequence += 1;
        self.events.insert((at, self.sequence), event);
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Send => self.send(),
            Event::Ack { id, marked } => self.on_ack(id, marked),
            Event::Timeout { armed } if armed == self.timer => self.on_timeout(),
            Event::Timeout { .. } => (),
            Event::Look => {
                let entry = (self.now, self.control.window(), self.control.phase());
                self.outcome.story.push(entry);
                self.push(self.now + Span::from_millis(10), Event::Look);
            }
        }
    }

    fn in_flight(&self) -> u64 {
        self.flying.len() as u64 * MSS
    }

    fn window(&self) -> u64 {
        let window = match &self.prr {
            Some(prr) => prr.window(self.in_flight()),
            None => self.control.window(),
        };
        window.min(RECEIVE_WINDOW.saturating_sub(self.nxt - self.una - self.in_flight()))
    }

    fn send(&mut self) {
        while self.in_flight() + MSS <= self.window() {
            let ready = self.pacer.ready_at(self.now);
            if ready > self.now {
                self.wake(ready);
                return;
            }
            self.send_one();
        }
        self.limited_until = self.nxt;
    }

    /// One wakeup at a time: the pacer's times do not fall.
    fn wake(&mut self, at: SimTime) {
        if self.wake_at != at {
            self.wake_at = at;
            self.push(at, Event::Send);
        }
    }

    fn send_one(&mut self) {
        let repaired = self.to_repair.pop_first();
        let position = repaired.unwrap_or(self.nxt);
        if repaired.is_none() {
            self.nxt += MSS;
        } else {
            self.outcome.retransmitted += 1;
        }
        let flight = self.in_flight();
        let stamp = self.rate.on_sent(self.now, MSS, flight);
        let flying = Flying {
            position,
            stamp,
            retransmission: repaired.is_some(),
        };
        self.next_id += 1;
        self.flying.insert(self.next_id, flying);
        self.control.on_sent(&SentEvent {
            now: self.now,
            bytes: MSS,
            in_flight: flight + MSS,
            delivered_total: self.rate.delivered(),
            app_limited: stamp.app_limited,
            retransmission: repaired.is_some(),
        });
        self.pacer
            .on_sent(self.now, MSS, self.control.pacing_rate());
        if let Some(prr) = &mut self.prr {
            prr.on_sent(MSS);
        }
        self.transmit(self.next_id);
        self.arm();
    }

    /// Onto the link: the queue, the wire, the far end and back.
    fn transmit(&mut self, id: u64) {
        let wait = self.link_free.since(self.now);
        let queued = u128::from(self.link.rate) * u128::from(wait.as_nanos()) / 1_000_000_000;
        self.queue_sum += queued;
        self.arrivals += 1;
        let queued = u64::try_from(queued).unwrap();
        if queued > self.link.queue {
            return;
        }
        let serialization = Span::from_nanos(MSS * 1_000_000_000 / self.link.rate);
        self.link_free = self.link_free.max(self.now) + serialization;
        let lost = Probability::new(self.link.loss).unwrap();
        if self.random.happens(lost) {
            return;
        }
        let back = self.link_free + self.link.delay + self.link.delay;
        let marked = queued > self.link.mark_above;
        self.push(back, Event::Ack { id, marked });
    }

    fn on_ack(&mut self, id: u64, marked: bool) {
        let prior = (self.in_flight(), self.una, self.rate.delivered());
        let flying = self.flying.remove(&id);
        self.to_repair
            .remove(&flying.map_or(u64::MAX, |f| f.position));
        if let Some(f) = &flying {
            self.rate.on_delivered(self.now, MSS, &f.stamp);
            self.deliver(f.position);
        }
        let rtt = flying
            .filter(|f| !f.retransmission)
            .map(|f| self.now.since(f.stamp.sent_at));
        if let Some(rtt) = rtt {
            self.rtt.on_sample(self.now, rtt, self.una, self.nxt);
        }
        let lost = self.detect(id);
        self.change_recovery(lost, marked, prior);
        let delivered = self.rate.delivered() - prior.2;
        let rate = self.rate.sample(self.rtt.min_rtt());
        self.note_flight(prior.0);
        let ack = AckEvent {
            now: self.now,
            mss: MSS,
            delivered,
            acked: self.una - prior.1,
            lost,
            ce_marked: if marked { delivered } else { 0 },
            prior_in_flight: prior.0,
            in_flight: self.in_flight(),
            delivered_total: self.rate.delivered(),
            lost_total: self.rate.lost(),
            acked_to: self.una,
            sent_to: self.nxt,
            rtt,
            srtt: self.rtt.srtt(),
            min_rtt: self.rtt.min_rtt(),
            rate,
            recovery: self.recovery,
            window_limited: self.una < self.limited_until,
            max_in_flight: self.max_in_flight.1,
        };
        self.control.on_ack(&ack);
        self.reduce(&ack);
        self.arm();
        self.send();
    }

    fn note_flight(&mut self, flight: u64) {
        if self.una >= self.max_in_flight.0 {
            self.max_in_flight = (self.nxt, 0);
        }
        self.max_in_flight.1 = self.max_in_flight.1.max(flight);
    }

    fn deliver(&mut self, position: u64) {
        self.delivered.insert(position);
        while self.delivered.remove(&self.una) {
            self.una += MSS;
        }
    }

    /// Takes what left three segments before `id` for lost; how many bytes.
    fn detect(&mut self, id: u64) -> u64 {
        let old: Vec<u64> = self
            .flying
            .range(..id.saturating_sub(2))
            .map(|(id, _)| *id)
            .collect();
        for id in &old {
            let f = self.flying.remove(id).unwrap();
            self.rate.on_lost(MSS);
            self.to_repair.insert(f.position);
            self.control.on_segment_lost(&LostSegment {
                now: self.now,
                position: f.position,
                bytes: MSS,
                tx_in_flight: f.stamp.tx_in_flight,
                lost_before: f.stamp.lost,
                delivered_before: f.stamp.delivered,
                lost_total: self.rate.lost(),
                delivered_total: self.rate.delivered(),
                app_limited: f.stamp.app_limited,
            });
        }
        old.len() as u64 * MSS
    }

    fn change_recovery(&mut self, lost: u64, marked: bool, prior: (u64, u64, u64)) {
        if self.recovery != Recovery::Open && self.una >= self.recover_to {
            self.recovery = Recovery::Open;
            self.prr = None;
            self.control.on_recovered(self.now);
        }
        if lost > 0 && !matches!(self.recovery, Recovery::Fast | Recovery::Timeout) {
            self.begin(LossCause::Rack, Recovery::Fast, prior);
        } else if marked && self.recovery == Recovery::Open {
            self.begin(LossCause::EcnEcho, Recovery::Reducing, prior);
        }
    }

    fn begin(&mut self, cause: LossCause, recovery: Recovery, prior: (u64, u64, u64)) {
        let start = self.control.window();
        self.control.on_loss(&self.loss(cause, prior));
        self.recovery = recovery;
        self.recover_to = self.nxt;
        let prr = Prr::new(start, self.control.ssthresh(), MSS);
        self.prr = self.control.uses_prr().then_some(prr);
    }

    fn loss(&self, cause: LossCause, prior: (u64, u64, u64)) -> LossEvent {
        LossEvent {
            now: self.now,
            cause,
            mss: MSS,
            flight_size: self.nxt - prior.1,
            in_flight: prior.0,
            lost_total: self.rate.lost(),
            delivered_total: self.rate.delivered(),
            sent_to: self.nxt,
            reduced: false,
        }
    }

    fn reduce(&mut self, ack: &AckEvent) {
        if let Some(prr) = &mut self.prr {
            prr.on_ack(&PrrAck {
                delivered: ack.delivered,
                in_flight: ack.in_flight,
                mss: MSS,
                progress: ack.acked > 0 && ack.lost == 0,
            });
        }
    }

    fn arm(&mut self) {
        self.timer += 1;
        let armed = self.timer;
        self.push(self.now + self.rtt.rto(), Event::Timeout { armed });
    }

    fn on_timeout(&mut self) {
        self.outcome.timeouts += 1;
        self.rtt.on_timeout();
        let mut loss = self.loss(LossCause::Timeout, (0, self.una, 0));
        loss.reduced = matches!(self.recovery, Recovery::Fast | Recovery::Reducing);
        for (_, f) in std::mem::take(&mut self.flying) {
            self.rate.on_lost(MSS);
            self.to_repair.insert(f.position);
        }
        self.control.on_timeout(&loss);
        (self.recovery, self.recover_to, self.prr) = (Recovery::Timeout, self.nxt, None);
        self.arm();
        self.send();
    }
}
