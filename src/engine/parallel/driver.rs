//! One thread of a parallel run: it drives one part from round to round.

use super::{
    Table,
    barrier::Broken,
    head::Head,
    journal::Journal,
    mail::{Mail, MailBox},
    patience::Patience,
    round::{Decision, Status, Window, are_aligned, decide},
};
use crate::{
    engine::{
        event_queue::{Event, Origin, Who},
        part::Part,
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
    room: Mail,
    patience: Patience,
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
            room: Mail::default(),
            patience: Patience::of(table.beacons.len()),
        }
    }

    /// Runs to the end.
    pub(super) fn drive(mut self, mut head: impl Head) -> Result<EndReason, Failure> {
        let mut window = Window::EMPTY;
        let mut all = Vec::new();
        for round in 0.. {
            self.report(round, &head);
            self.table.barrier.meet(&mut self.patience)?;
            self.collect();
            self.table.statuses(round, &mut all);
            let decision = decide(&all, &self.table.rules);
            if !matches!(decision, Decision::GoOn(_)) || are_aligned(&all, window) {
                self.hand_over(&all, decision, &mut head)?;
            }
            match decision {
                Decision::GoOn(next) => window = next,
                Decision::End(reason) if self.failure.is_none() => return Ok(reason),
                Decision::End(_) | Decision::GiveUp => break,
            }
            self.run(round + 1, window);
        }
        Err(Failure {
            cause: self.failure,
        })
    }

    /// Posts what goes to other parts and says how things are.
    fn report(&mut self, round: usize, head: &impl Head) {
        self.post();
        let boxes = self.table.boxes_from(self.seat).iter();
        let status = Status {
            next: self.next().unwrap_or(Event::NEVER),
            posted: boxes.map(MailBox::earliest).min().unwrap_or(SimTime::MAX),
            busy: !self.part.tally.is_done(),
            done_at: self.done_at,
            foreground: self.part.tally.foreground,
            frames: self.part.tally.frames,
            recorded: self.journal.size(),
            failed_at: self.failure.as_ref().map_or(Event::NEVER, |(at, _)| *at),
            interrupted: head.wants_to_stop(),
        };
        self.table.notice(round, self.seat).write(&status);
    }

    /// Posts frames for other parts, and buffers that belong to them.
    fn post(&mut self) {
        let frames = self.part.parcels.iter_mut();
        let each = frames.zip(self.table.boxes_from(self.seat));
        for (parcels, mailbox) in each.filter(|(parcels, _)| !parcels.is_empty()) {
            mailbox.post_parcels(parcels);
        }
        let homes = self.part.out.homes.iter_mut();
        let buffers = homes.flat_map(|homes| &mut homes.waiting);
        let each = buffers.zip(self.table.boxes_from(self.seat));
        for (buffers, mailbox) in each.filter(|(buffers, _)| !buffers.is_empty()) {
            mailbox.post_buffers(buffers);
        }
    }

    /// Takes what other parts posted.
    fn collect(&mut self) {
        for mailbox in self.table.boxes_to(self.seat) {
            mailbox.collect(&mut self.room, self.part);
        }
    }

    /// Where all parts are equally far: gives the leader what was recorded, if it is much or the
    /// last.
    fn hand_over(
        &mut self,
        all: &[Status],
        decision: Decision,
        head: &mut impl Head,
    ) -> Result<(), Broken> {
        head.look(all);
        let recorded: usize = all.iter().map(|s| s.recorded).sum();
        let is_last = !matches!(decision, Decision::GoOn(_));
        if recorded < MUCH && (recorded == 0 || !is_last) {
            return Ok(());
        }
        self.journal
            .hand_over(&mut lock(&self.table.logs[self.seat]));
        self.table.barrier.meet(&mut self.patience)?;
        if let Err(error) = head.publish(&self.table.logs) {
            self.fail(error.into());
        }
        Ok(())
    }

    /// Handles what a window allows, up to the meeting that opens `round`.
    fn run(&mut self, round: usize, mut window: Window) {
        if !window.slides {
            self.handle(window, usize::MAX);
            return;
        }
        for _ in 0..STRETCH {
            let has_more = self.handle(window, FEW);
            self.show(window);
            if self.failure.is_some() {
                break;
            }
            if self.table.is_called(round) || !has_more && !self.wait(round, &mut window) {
                return;
            }
        }
        self.table.call(round);
    }

    /// Handles at most so many events of a window. True if some are left.
    fn handle(&mut self, window: Window, at_most: usize) -> bool {
        for _ in 0..at_most {
            let Some(at) = self.due(window) else {
                return false;
            };
            let was_done = self.part.tally.is_done();
            self.at = at;
            self.journal.begin(|| in_whole(self.part, at));
            if let Err(error) = self.part.step(&mut self.journal) {
                self.fail(error);
                return false;
            }
            if !was_done && self.part.tally.is_done() {
                self.done_at = in_whole(self.part, at);
            }
        }
        true
    }

    /// The next event, if the window allows it. A part that is done waits where the run may end.
    fn due(&self, window: Window) -> Option<Event> {
        let next = self.part.next().filter(|next| next.time < window.end)?;
        let at = self.at.max(next);
        let waits = self.part.tally.is_done() && self.may_be_over(at, window);
        (!waits && self.failure.is_none()).then_some(at)
    }

    /// Whether the run may end before `at` as far as this part knows, which is done.
    #[cold]
    fn may_be_over(&self, at: Event, window: Window) -> bool {
        at.time >= self.part.tally.abroad_until && in_whole(self.part, at) >= window.cleared
    }

    /// Shows the others how far this part is.
    fn show(&mut self, window: Window) {
        self.post();
        let tally = &self.part.tally;
        let next = self.part.next().map_or(SimTime::MAX, |next| next.time);
        let clock = next.min(window.end);
        let goes_on = if tally.is_done() {
            tally.abroad_until
        } else {
            clock
        };
        self.table.beacons[self.seat].show(clock, goes_on);
    }

    /// Waits until the others are far enough for something to be due here. False if all have to
    /// meet first.
    fn wait(&mut self, round: usize, window: &mut Window) -> bool {
        for _ in 0..STEPS {
            let (table, seat) = (self.table, self.seat);
            let is_over = || table.is_called(round) || table.widen(seat, window);
            if !self.patience.look(is_over) {
                break;
            }
            if table.is_called(round) {
                return false;
            }
            self.collect();
            if self.due(*window).is_some() {
                return true;
            }
            self.show(*window);
        }
        self.table.call(round);
        false
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

/// From this many bytes on, what was recorded is handed over.
const MUCH: usize = 4 << 20;
/// After so many events a part shows how far it is.
const FEW: usize = 32;
/// After so many times this many events the parts meet in any case: somebody may want to know how
/// far the run is, or to end it.
const STRETCH: usize = 1 << 12;
/// How often a part waits a little longer, before it takes a meeting to leap over a long silence.
const STEPS: u32 = 8;
