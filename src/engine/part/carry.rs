//! After a node's turn: its frames go onto wires, its events to the recorder, its next deadline
//! into the queue.

use std::io;

use super::{Abroad, Incoming, Outgoing, Parcel, Part, Scratch, queues::Leaving};
use crate::{
    engine::{
        event_queue::{Event, Origin},
        slot::Kind,
    },
    ids::{NodeId, PortId},
    osi::{
        data_link::Dropped,
        physical::{Berth, Passage},
        transport::{TcpChange, TcpEvent},
    },
    trace::{DropReason, FrameDropped, FrameSent, Record, Recorder, SocketState, TcpProgress},
    units::SimTime,
    wire::Frame,
};

impl Part {
    /// Carries away what a node's turn produced and notes what the node wants next.
    pub(super) fn after_turn<R: Recorder + ?Sized>(
        &mut self,
        index: usize,
        recorder: &mut R,
    ) -> io::Result<()> {
        self.tell_events(index, recorder)?;
        self.carry_out(index, recorder)?;
        self.refresh(index);
        Ok(())
    }

    /// Tells the recorder what programs and sockets did.
    fn tell_events<R: Recorder + ?Sized>(
        &mut self,
        index: usize,
        recorder: &mut R,
    ) -> io::Result<()> {
        let slot = &mut self.slots[index];
        let Kind::Ip(ip) = &mut slot.kind else {
            return Ok(());
        };
        let Scratch { apps, tcp, .. } = &mut self.scratch;
        ip.take_events(apps, tcp);
        for event in apps.drain(..) {
            recorder.record(&Record::App(event))?;
        }
        for event in tcp.drain(..) {
            recorder.record(&socket_record(slot.id, &event))?;
        }
        Ok(())
    }

    /// Puts a node's frames on its wires and its dead frames on record.
    fn carry_out<R: Recorder + ?Sized>(
        &mut self,
        index: usize,
        recorder: &mut R,
    ) -> io::Result<()> {
        if !self.out.drops.is_empty() {
            let mut drops = std::mem::take(&mut self.out.drops);
            for Dropped { port, frame, why } in drops.drain(..) {
                self.slots[index].drops.add(why);
                self.bury(index, port, frame, why, recorder)?;
            }
            self.out.drops = drops;
        }
        if !self.out.sends.is_empty() {
            let mut sends = std::mem::take(&mut self.out.sends);
            for (port, frame) in sends.drain(..) {
                let berth = self.air.enter(frame);
                self.transmit(index, port, berth, recorder)?;
            }
            self.out.sends = sends;
        }
        Ok(())
    }

    /// The place of the wire that leaves a port of a node.
    #[inline(always)]
    pub(super) fn wire_of(&self, index: usize, port: PortId) -> usize {
        self.slots[index].first_wire as usize + port.index()
    }

    /// Hands a frame to a wire.
    #[inline]
    pub(super) fn transmit<R: Recorder + ?Sized>(
        &mut self,
        index: usize,
        port: PortId,
        berth: Berth,
        recorder: &mut R,
    ) -> io::Result<()> {
        let now = self.tally.now;
        self.slots[index].sent_frames += 1;
        let place = self.wire_of(index, port);
        let pipe = &mut self.outgoing[place].pipe;
        if pipe.is_managed() {
            return self.queue_up(index, port, berth, recorder);
        }
        match pipe.admit(now, &self.air[berth].bytes) {
            Ok(passage) => {
                let leaving = Leaving {
                    berth,
                    passage,
                    queued: now,
                    marked: false,
                };
                self.launch((index, port), place, leaving, recorder)
            }
            Err(why) => {
                let frame = self.air.leave(berth);
                self.bury(index, port, frame, why, recorder)
            }
        }
    }

    /// Records a frame that a node puts on a wire, and sends it off.
    #[inline(always)]
    pub(super) fn launch<R: Recorder + ?Sized>(
        &mut self,
        (index, port): (usize, PortId),
        place: usize,
        leaving: Leaving,
        recorder: &mut R,
    ) -> io::Result<()> {
        let node = self.slots[index].id;
        let Outgoing { wire, pipe, .. } = &mut self.outgoing[place];
        let wire = *wire;
        let Leaving {
            berth,
            passage,
            queued,
            marked,
        } = leaving;
        let frame = &self.air[berth];
        let sent = |duplicate| {
            Record::Sent(FrameSent {
                at: self.tally.now,
                wire,
                node,
                port,
                frame: frame.id,
                bytes: &frame.bytes,
                queued,
                departs: passage.departs,
                marked,
                fate: passage.fate,
                duplicate,
            })
        };
        recorder.record(&sent(false))?;
        if passage.duplicated {
            recorder.record(&sent(true))?;
        }
        self.tally.in_flight += passage.travellers();
        let end = self.ends[place] as usize;
        match self.incoming.get_mut(end) {
            Some(Incoming { flight, .. }) if pipe.carries_as_it_is(frame) => {
                flight.join(&mut self.air, passage.fate.time(), berth);
                self.arm_wire(end);
            }
            _ => self.send_off(place, passage, berth),
        }
        Ok(())
    }

    /// Sends an admitted frame on a way that is not the ordinary one: with faults, or to another
    /// part.
    #[inline(never)]
    fn send_off(&mut self, place: usize, passage: Passage, berth: Berth) {
        let frame = self.air.leave(berth);
        let Outgoing { pipe, abroad, .. } = &mut self.outgoing[place];
        let pool = &mut self.out.pool;
        match *abroad {
            None => {
                let end = self.ends[place] as usize;
                let flight = &mut self.incoming[end].flight;
                let air = &mut self.air;
                pipe.launch(passage, frame, pool, |at, frame| flight.put(air, at, frame));
                self.arm_wire(end);
            }
            Some(Abroad { part, place }) => {
                let parcels = &mut self.parcels[part as usize];
                let tally = &mut self.tally;
                pipe.launch(passage, frame, pool, |arrives, frame| {
                    tally.sent_abroad(arrives);
                    parcels.push(Parcel {
                        arrives,
                        place,
                        frame,
                    });
                });
            }
        }
    }

    /// Records a frame that died before it reached a wire.
    pub(super) fn bury<R: Recorder + ?Sized>(
        &mut self,
        index: usize,
        port: PortId,
        frame: Frame,
        why: DropReason,
        recorder: &mut R,
    ) -> io::Result<()> {
        recorder.record(&Record::Dropped(FrameDropped {
            at: self.tally.now,
            node: self.slots[index].id,
            port,
            frame: frame.id,
            bytes: &frame.bytes,
            why,
        }))?;
        self.out.recycle(frame);
        Ok(())
    }

    /// Puts the next arrival of a wire into the queue, unless its event stands there already.
    #[inline]
    pub(super) fn arm_wire(&mut self, place: usize) {
        let incoming = &mut self.incoming[place];
        let next = incoming.flight.next_arrival().unwrap_or(SimTime::MAX);
        if incoming.armed != next {
            incoming.armed = next;
            self.queue.push(Event {
                time: next,
                origin: Origin::wire(place),
            });
        }
    }

    /// Looks at a node after its turn: its next deadline, and whether a run could end.
    fn refresh(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        let Kind::Ip(ip) = &slot.kind else { return };
        let (foreground, quiet) = (ip.host.foreground_tasks(), ip.is_quiet());
        self.tally.foreground =
            self.tally.foreground + foreground as usize - slot.foreground as usize;
        self.tally.busy_nodes =
            self.tally.busy_nodes + usize::from(slot.quiet) - usize::from(quiet);
        (slot.foreground, slot.quiet) = (foreground, quiet);

        let Some(time) = slot.poll_at().map(|at| at.max(self.tally.now)) else {
            return;
        };
        self.arm_node(index, time);
    }

    /// Puts an event of a node into the queue.
    pub(super) fn arm_node(&mut self, index: usize, time: SimTime) {
        let slot = &mut self.slots[index];
        // A later deadline need not replace an earlier event: that one finds nothing due and
        // looks again.
        if time < slot.armed {
            slot.armed = time;
            self.queue.push(Event {
                time,
                origin: Origin::node(index),
            });
        }
    }
}

/// The record of what a node's TCP says.
const fn socket_record(node: NodeId, event: &TcpEvent) -> Record<'static> {
    let TcpEvent {
        at,
        local,
        remote,
        what,
    } = *event;
    match what {
        TcpChange::State(state) => Record::Socket(SocketState {
            at,
            node,
            local,
            remote,
            state,
        }),
        TcpChange::Values(cause, values) => Record::Tcp(TcpProgress {
            at,
            node,
            local,
            remote,
            cause,
            values,
        }),
    }
}
