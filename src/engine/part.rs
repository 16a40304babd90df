//! A part of the world: some of its nodes, the wires between them, and their events.
//!
//! A world that runs on one thread is one part. A part never looks at another one: what it sends
//! to nodes elsewhere waits in [`Part::parcels`] for whoever drives the parts.

use super::{
    event_queue::{Event, EventQueue, Origin, Who},
    ip_node::Stir,
    result::RunError,
    slot::{Kind, Slot},
};
use crate::{
    ids::{NodeId, PortId, WireId},
    osi::{
        data_link::Outbox,
        physical::{Airspace, Berth, Flight, Pipe},
        transport::TcpEvent,
    },
    task::{Clock, Doorbell, Ring},
    trace::{AppEvent, FrameReceived, Record, Recorder},
    units::SimTime,
    wire::Frame,
};

mod carry;
pub(super) mod foresight;
mod queues;

/// Nodes and wires at one moment of virtual time.
///
/// Aligned, so that two parts never share a cache line.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Part {
    /// The nodes, in scenario order.
    pub(super) slots: Vec<Slot>,
    /// The wires that begin here: those of a node side by side, by port.
    pub(super) outgoing: Vec<Outgoing>,
    /// Where each of them ends: its place in [`Part::incoming`], or [`ELSEWHERE`]. Not in [`Outgoing`],
    /// so that the receiving end can be asked for before the sending end has come from memory.
    pub(super) ends: Vec<u32>,
    /// The wires that end here, in scenario order.
    pub(super) incoming: Vec<Incoming>,
    /// What is under way on them.
    pub(super) air: Airspace,
    pub(super) queue: EventQueue,
    pub(super) clock: Clock,
    pub(super) doorbell: Doorbell,
    pub(super) out: Outbox,
    pub(super) scratch: Scratch,
    pub(super) tally: Tally,
    /// Frames for other parts, by part.
    pub(super) parcels: Vec<Vec<Parcel>>,
}

/// The sending end of a wire.
#[derive(Debug)]
#[repr(C, align(128))]
pub(super) struct Outgoing {
    pub(super) pipe: Pipe,
    /// Where it ends, if that is in another part.
    pub(super) abroad: Option<Abroad>,
    pub(super) wire: WireId,
}

/// The wire ends in another part.
pub(super) const ELSEWHERE: u32 = u32::MAX;

/// The receiving end of a wire in another part: a place in its [`Part::incoming`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Abroad {
    pub(super) part: u32,
    pub(super) place: u32,
}

/// The receiving end of a wire, in one cache line.
#[derive(Debug)]
#[repr(C, align(64))]
pub(super) struct Incoming {
    /// The time of the wire's event in the queue; [`SimTime::MAX`] if it has none.
    pub(super) armed: SimTime,
    pub(super) flight: Flight,
    /// The node's place in [`Part::slots`].
    pub(super) slot: u32,
    pub(super) port: PortId,
    pub(super) wire: WireId,
}

/// A frame for another part.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) arrives: SimTime,
    /// The wire's place in the other part's [`Part::incoming`].
    pub(super) place: u32,
    pub(super) frame: Frame,
}

/// Lists that are filled and emptied in every turn.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    apps: Vec<AppEvent>,
    tcp: Vec<TcpEvent>,
    rung: Vec<Ring>,
}

/// What decides whether a run is over, kept up to date so that no step has to look around.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) now: SimTime,
    /// Events handled, without the stale ones of wires: how many of those there are depends on
    /// when the receiving end hears of a frame that overtakes another.
    pub(super) events: u64,
    pub(super) frames: u64,
    /// Frames on wires within the part, and on their way to it.
    pub(super) in_flight: u64,
    /// When the last frame for another part arrives there.
    pub(super) abroad_until: SimTime,
    /// Programs that the run waits for.
    pub(super) foreground: usize,
    busy_nodes: usize,
}

impl Tally {
    /// True if nothing here keeps the run from ending.
    pub(super) const fn is_done(&self) -> bool {
        self.foreground == 0 && self.busy_nodes == 0 && self.in_flight == 0
    }

    /// A frame goes to another part: from now on it is in flight there.
    fn sent_abroad(&mut self, arrives: SimTime) {
        self.in_flight -= 1;
        self.abroad_until = self.abroad_until.max(arrives);
    }
}

impl Part {
    /// The earliest event.
    pub(super) fn next(&self) -> Option<Event> {
        self.queue.peek()
    }

    /// Handles the earliest event, and whatever it makes hosts want to do at the same instant.
    pub(super) fn step<R: Recorder + ?Sized>(&mut self, recorder: &mut R) -> Result<(), RunError> {
        let Some(event) = self.queue.peek() else {
            return Ok(());
        };
        self.set_now(event.time);
        match event.origin.who() {
            Who::Wire(place) => self.handle_arrival(place, event.time, recorder),
            Who::Node(slot) => {
                self.queue.drop_first();
                self.foresee();
                self.handle_deadline(slot, event.time, recorder)
            }
        }
    }

    pub(super) fn set_now(&mut self, now: SimTime) {
        self.tally.now = now;
        self.clock.set(now);
    }

    /// A frame comes off a wire, unless the event, the first in the queue, is stale.
    #[inline]
    fn handle_arrival<R: Recorder + ?Sized>(
        &mut self,
        place: usize,
        time: SimTime,
        recorder: &mut R,
    ) -> Result<(), RunError> {
        let incoming = &mut self.incoming[place];
        if incoming.armed != time {
            self.queue.drop_first();
            return Ok(());
        }
        self.tally.events += 1;
        let arrival = incoming.flight.take_arrived(&mut self.air, time);
        match incoming.flight.next_arrival() {
            Some(next) => {
                incoming.armed = next;
                self.queue.replace_first(Event {
                    time: next,
                    origin: Origin::wire(place),
                });
            }
            None => {
                incoming.armed = SimTime::MAX;
                self.queue.drop_first();
            }
        }
        self.foresee();
        let Some(arrival) = arrival else {
            return Ok(());
        };
        self.tally.in_flight -= 1;
        self.tally.frames += 1;
        if !arrival.intact {
            // The sender's record has told it already: the wire counts it, the receiver's FCS
            // check throws it away.
            self.out.recycle(self.air.leave(arrival.berth));
            return Ok(());
        }
        self.receive(place, arrival.berth, recorder)
    }

    /// Hands a frame to its receiver. If that passes it on, it stays in its berth.
    #[inline]
    fn receive<R: Recorder + ?Sized>(
        &mut self,
        place: usize,
        berth: Berth,
        recorder: &mut R,
    ) -> Result<(), RunError> {
        let now = self.tally.now;
        let frame = &mut self.air[berth];
        let incoming = &self.incoming[place];
        let (index, port) = (incoming.slot as usize, incoming.port);
        let slot = &mut self.slots[index];
        recorder.record(&Record::Received(FrameReceived {
            at: now,
            wire: incoming.wire,
            node: slot.id,
            port,
            frame: frame.id,
            bytes: &frame.bytes,
        }))?;
        if let Some(leaves_by) = slot.pass_on(now, port, frame) {
            return Ok(self.transmit(index, leaves_by, berth, recorder)?);
        }
        let frame = self.air.leave(berth);
        if slot.handle_frame(now, port, frame, &mut self.out)? == Stir::None {
            return Ok(());
        }
        self.after_turn(index, recorder)?;
        self.answer_bell(recorder)
    }

    /// A deadline of a node strikes, unless the event is stale.
    fn handle_deadline<R: Recorder + ?Sized>(
        &mut self,
        index: usize,
        time: SimTime,
        recorder: &mut R,
    ) -> Result<(), RunError> {
        self.tally.events += 1;
        let slot = &mut self.slots[index];
        if slot.armed != time {
            return Ok(());
        }
        slot.armed = SimTime::MAX;
        self.give_turn(index, recorder)?;
        self.serve_queues(index, recorder)?;
        self.answer_bell(recorder)
    }

    /// Lets a node do what is due now.
    fn give_turn<R: Recorder + ?Sized>(
        &mut self,
        index: usize,
        recorder: &mut R,
    ) -> Result<(), RunError> {
        let now = self.tally.now;
        self.slots[index].handle_wake(now, &mut self.out)?;
        self.after_turn(index, recorder)?;
        Ok(())
    }

    /// Gives a turn to every host that rang, at the same instant, until nobody rings.
    fn answer_bell<R: Recorder + ?Sized>(&mut self, recorder: &mut R) -> Result<(), RunError> {
        while self.doorbell.has_rung() {
            let mut rung = std::mem::take(&mut self.scratch.rung);
            self.doorbell.take(&mut rung);
            for ring in rung.drain(..) {
                self.answer(ring.host, recorder)?;
            }
            self.scratch.rung = rung;
        }
        Ok(())
    }

    /// Gives a turn to a host that rang.
    pub(super) fn answer<R: Recorder + ?Sized>(
        &mut self,
        host: NodeId,
        recorder: &mut R,
    ) -> Result<(), RunError> {
        match self.place_of(host) {
            Some(index) => self.give_turn(index, recorder),
            None => Ok(()),
        }
    }

    /// Where a node stands in [`Part::slots`].
    pub(super) fn place_of(&self, node: NodeId) -> Option<usize> {
        self.slots.binary_search_by_key(&node, |slot| slot.id).ok()
    }

    /// Takes a frame that another part sent.
    pub(super) fn accept(&mut self, parcel: Parcel) {
        let place = parcel.place as usize;
        let flight = &mut self.incoming[place].flight;
        flight.put(&mut self.air, parcel.arrives, parcel.frame);
        self.tally.in_flight += 1;
        self.arm_wire(place);
    }

    /// Ends every program.
    pub(super) fn shut_down(&self) {
        for slot in &self.slots {
            if let Kind::Ip(ip) = &slot.kind {
                ip.host.shut_down();
            }
        }
    }
}
