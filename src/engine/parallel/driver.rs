//! One thread of a parallel run: it drives one part from round to round.

use std::{hint::black_box, mem};

use super::{
    Mail, Seat, Table,
    barrier::Broken,
    head::Head,
    journal::Journal,
    round::{Decision, Status, Window, decide},
};
use crate::{
    engine::{
        event_queue::{Event, Origin, Who},
        part::{Parcel, Part},
        result::{EndReason, RunError},
    },
    osi::transport::lock,
    units::SimTime,
};

/// A part, its thread's seat at the table, and where it is.
#[derive(Debug)]
pub(super) struct Driver<'a, J> {
    seat: usize,
    part: &'a mut Part,
    table: &'a Table,
    journal: J,
    /// The latest event handled, in the order of the part.
    at: Event,
    done_at: Event,
    failure: Option<(Event, RunError)>,
    /// Frames handed over in this round.
    posted: u64,
}

/// Why a thread gave up; no cause if it was for another's sake.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) cause: Option<(Event, RunError)>,
}

impl From<Broken> for Failure {
    fn from(_: Broken) -> Self {
        Self { cause: None }
    }
}

impl<'a, J: Journal> Driver<'a, J> {
    pub(super) fn new(seat: usize, part: &'a mut Part, table: &'a Table) -> Self {
        Self {
            seat,
            part,
            table,
            journal: J::default(),
            at: Event::FIRST,
            done_at: Event::FIRST,
            failure: None,
            posted: 0,
        }
    }

    /// Runs to the end.
    pub(super) fn drive(mut self, mut head: impl Head) -> Result<EndReason, Failure> {
        let Table {
            look_ahead, stop, ..
        } = *self.table;
        let mut window = Window::EMPTY;
        let mut all = Vec::new();
        for round in 0.. {
            self.report(round, &head);
            self.table.barrier.meet()?;
            self.collect(round);
            self.table.statuses(round, &mut all);
            let decision = decide(&all, window, look_ahead, stop);
            if !matches!(decision, Decision::GoOn(_)) {
                self.hand_over(&all, decision, &mut head)?;
            }
            match decision {
                Decision::GoOn(next) | Decision::Next(next) => window = next,
                Decision::End(reason) if self.failure.is_none() => return Ok(reason),
                Decision::End(_) | Decision::GiveUp => break,
            }
            self.run(window);
        }
        Err(Failure {
            cause: self.failure,
        })
    }

    /// Posts what goes to other parts and says how things are.
    fn report(&mut self, round: usize, head: &impl Head) {
        let seats = self.table.seats(round);
        let mut status = Status {
            next: self.next().unwrap_or(Event::NEVER),
            posted: SimTime::MAX,
            busy: !self.part.tally.is_done(),
            done_at: self.done_at,
            foreground: self.part.tally.foreground,
            frames: self.part.tally.frames,
            recorded: self.journal.size(),
            failed: self.failure.is_some(),
            interrupted: head.wants_to_stop(),
        };
        self.posted = 0;
        let others = self.part.parcels.iter_mut().zip(seats);
        for (parcels, seat) in others.filter(|(parcels, _)| !parcels.is_empty()) {
            self.posted += parcels.len() as u64;
            let earliest = parcels.iter().map(|p| p.arrives).min();
            status.posted = status.posted.min(earliest.unwrap_or(SimTime::MAX));
            // The box is empty since its owner collected two rounds ago; its room is reused.
            mem::swap(parcels, &mut lock(&seat.mail[self.seat]).parcels);
        }
        self.send_home(seats);
        seats[self.seat].status.write(&status);
    }

    /// Posts the buffers that belong to other parts.
    fn send_home(&mut self, seats: &[Seat]) {
        let homes = self.part.out.homes.iter_mut();
        let waiting = homes.flat_map(|homes| &mut homes.waiting).zip(seats);
        for (buffers, seat) in waiting.filter(|(buffers, _)| !buffers.is_empty()) {
            mem::swap(buffers, &mut lock(&seat.mail[self.seat]).buffers);
        }
    }

    /// Takes what other parts posted.
    fn collect(&mut self, round: usize) {
        self.part.tally.in_flight -= self.posted;
        for mail in &self.table.seats(round)[self.seat].mail {
            let mut mail = lock(mail);
            let Mail { parcels, buffers } = &mut *mail;
            touch(parcels);
            for parcel in parcels.drain(..) {
                self.part.accept(parcel);
            }
            self.part.out.pool.absorb(buffers);
        }
    }

    /// Between two windows: gives the leader what was recorded, if it is much or the last.
    fn hand_over(
        &mut self,
        all: &[Status],
        decision: Decision,
        head: &mut impl Head,
    ) -> Result<(), Broken> {
        head.look(all);
        let recorded: usize = all.iter().map(|s| s.recorded).sum();
        let is_last = !matches!(decision, Decision::Next(_));
        if recorded < MUCH && (recorded == 0 || !is_last) {
            return Ok(());
        }
        self.journal
            .hand_over(&mut lock(&self.table.logs[self.seat]));
        self.table.barrier.meet()?;
        if let Err(error) = head.publish(&self.table.logs) {
            self.fail(error.into());
        }
        Ok(())
    }

    /// Handles the events of a window.
    fn run(&mut self, window: Window) {
        while let Some(next) = self.part.next().filter(|next| next.time < window.end) {
            let was_done = self.part.tally.is_done();
            let at = self.at.max(next);
            if was_done && in_whole(self.part, at) >= window.cleared {
                return;
            }
            self.at = at;
            self.journal.begin(|| in_whole(self.part, at));
            if let Err(error) = self.part.step(&mut self.journal) {
                return self.fail(error);
            }
            if !was_done && self.part.tally.is_done() {
                self.done_at = in_whole(self.part, at);
            }
        }
    }

    fn fail(&mut self, error: RunError) {
        let at = in_whole(self.part, self.at);
        self.failure.get_or_insert((at, error));
    }

    /// The part's next event in the order of the whole world.
    fn next(&self) -> Option<Event> {
        let event = self.part.next()?;
        Some(in_whole(self.part, self.at.max(event)))
    }
}

/// An event of a part in the order of the whole world. The later of two is the same in both orders,
/// as the wires and nodes of a part stand in that of the scenario.
fn in_whole(part: &Part, event: Event) -> Event {
    let origin = match event.origin.who() {
        Who::Wire(place) => {
            let end = part.incoming.get(place);
            end.map(|end| Origin::wire(end.wire.index()))
        }
        Who::Node(place) => {
            let slot = part.slots.get(place);
            slot.map(|slot| Origin::node(slot.id.index()))
        }
    };
    Event {
        origin: origin.unwrap_or(event.origin),
        ..event
    }
}

/// Looks at the heads of frames that another processor wrote: they come from its cache all at once,
/// where each would be waited for alone when its turn comes.
fn touch(parcels: &[Parcel]) {
    let head = |parcel: &Parcel| {
        let bytes = &parcel.frame.bytes;
        [0, 64].map(|at| bytes.get(at).copied().unwrap_or_default())
    };
    for parcel in parcels {
        black_box(head(parcel));
    }
}

/// From this many bytes on, what was recorded is handed over.
const MUCH: usize = 4 << 20;
