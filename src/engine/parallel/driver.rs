//! One thread of a parallel run: it drives one part from round to round.

use std::mem;

use super::{
    Table,
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
    /// The latest event handled.
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
            mem::swap(parcels, &mut *lock(&seat.mail[self.seat]));
        }
        seats[self.seat].status.write(&status);
    }

    /// Takes what other parts posted.
    fn collect(&mut self, round: usize) {
        self.part.tally.in_flight -= self.posted;
        for mail in &self.table.seats(round)[self.seat].mail {
            let parcels: &mut Vec<Parcel> = &mut lock(mail);
            for parcel in parcels.drain(..) {
                self.part.accept(parcel);
            }
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
        while let Some(key) = self.next().filter(|next| next.time < window.end) {
            let was_done = self.part.tally.is_done();
            if was_done && key >= window.cleared {
                return;
            }
            self.at = key;
            self.journal.begin(key);
            if let Err(error) = self.part.step(&mut self.journal) {
                return self.fail(error);
            }
            if !was_done && self.part.tally.is_done() {
                self.done_at = key;
            }
        }
    }

    fn fail(&mut self, error: RunError) {
        self.failure.get_or_insert((self.at, error));
    }

    /// The part's next event in the order of the whole world.
    fn next(&self) -> Option<Event> {
        let event = self.part.next()?;
        let origin = match event.origin.who() {
            Who::Wire(place) => Origin::wire(self.part.incoming[place].wire.index()),
            Who::Node(slot) => Origin::node(self.part.slots[slot].id.index()),
        };
        Some(self.at.max(Event { origin, ..event }))
    }
}

/// From this many bytes on, what was recorded is handed over.
const MUCH: usize = 4 << 20;
