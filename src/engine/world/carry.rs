//! After a node's turn: its frames go onto wires, its events to the recorder, its next deadline
//! into the queue.

use std::io;

use super::{Scratch, World};
use crate::{
    engine::{
        event_queue::{Event, Origin},
        result::RunError,
        slot::Kind,
    },
    ids::{NodeId, PortId, WireId},
    osi::data_link::Dropped,
    trace::{DropReason, Fate, FrameDropped, FrameSent, Record, Recorder, SocketState},
    wire::Frame,
};

impl World {
    /// Carries away what a node's turn produced and notes what the node wants next.
    pub(super) fn after_turn<R: Recorder + ?Sized>(
        &mut self,
        node: NodeId,
        recorder: &mut R,
    ) -> Result<(), RunError> {
        self.tell_events(node, recorder)?;
        self.carry_out(node, recorder)?;
        self.refresh(node);
        Ok(())
    }

    /// Tells the recorder what programs and sockets did.
    fn tell_events<R: Recorder + ?Sized>(
        &mut self,
        node: NodeId,
        recorder: &mut R,
    ) -> io::Result<()> {
        let Kind::Ip(ip) = &self.slots[node.index()].kind else {
            return Ok(());
        };
        let Scratch { apps, tcp, .. } = &mut self.scratch;
        ip.take_events(apps, tcp);
        for event in apps.drain(..) {
            recorder.record(&Record::App(event))?;
        }
        for event in tcp.drain(..) {
            recorder.record(&Record::Socket(SocketState {
                at: event.at,
                node,
                local: event.local,
                remote: event.remote,
                state: event.state,
            }))?;
        }
        Ok(())
    }

    /// Puts a node's frames on its wires and its dead frames on record.
    fn carry_out<R: Recorder + ?Sized>(
        &mut self,
        node: NodeId,
        recorder: &mut R,
    ) -> io::Result<()> {
        let mut drops = std::mem::take(&mut self.out.drops);
        for Dropped { port, frame, why } in drops.drain(..) {
            self.slots[node.index()].counters.drops.add(why);
            self.bury(node, port, frame, why, recorder)?;
        }
        self.out.drops = drops;
        let mut sends = std::mem::take(&mut self.out.sends);
        for (port, frame) in sends.drain(..) {
            self.transmit(node, port, frame, recorder)?;
        }
        self.out.sends = sends;
        Ok(())
    }

    /// Hands a frame to a wire.
    fn transmit<R: Recorder + ?Sized>(
        &mut self,
        node: NodeId,
        port: PortId,
        frame: Frame,
        recorder: &mut R,
    ) -> io::Result<()> {
        let now = self.tally.now;
        let slot = &mut self.slots[node.index()];
        slot.counters.sent_frames += 1;
        let wire = slot.wires[port.index()];
        let pipe = &mut self.pipes[wire.index()];
        let passage = match pipe.admit(now, &frame.bytes) {
            Ok(passage) => passage,
            Err(why) => return self.bury(node, port, frame, why, recorder),
        };
        let sent = |duplicate| {
            Record::Sent(FrameSent {
                at: now,
                wire,
                node,
                port,
                frame: frame.id,
                bytes: &frame.bytes,
                departs: passage.departs,
                fate: passage.fate,
                duplicate,
            })
        };
        recorder.record(&sent(false))?;
        if passage.duplicated {
            recorder.record(&sent(true))?;
        }
        let travels = !matches!(passage.fate, Fate::Lost(_, DropReason::RandomLoss));
        self.tally.in_flight += u64::from(travels) + u64::from(passage.duplicated);
        if pipe.launch(passage, frame, &mut self.out.pool) {
            self.arm_wire(wire);
        }
        Ok(())
    }

    /// Records a frame that died before it reached a wire.
    fn bury<R: Recorder + ?Sized>(
        &mut self,
        node: NodeId,
        port: PortId,
        frame: Frame,
        why: DropReason,
        recorder: &mut R,
    ) -> io::Result<()> {
        recorder.record(&Record::Dropped(FrameDropped {
            at: self.tally.now,
            node,
            port,
            frame: frame.id,
            bytes: &frame.bytes,
            why,
        }))?;
        self.out.recycle(frame);
        Ok(())
    }

    /// Puts the next arrival of `wire` into the queue.
    pub(super) fn arm_wire(&mut self, wire: WireId) {
        let Some(time) = self.pipes[wire.index()].next_arrival() else {
            return;
        };
        if self.armed[wire.index()] == Some(time) {
            return;
        }
        self.armed[wire.index()] = Some(time);
        let sequence = next(&mut self.sequences[wire.index()]);
        self.queue.push(Event {
            time,
            origin: Origin::Wire(wire),
            sequence,
        });
    }

    /// Looks at a node after its turn: its next deadline, and whether a run could end.
    fn refresh(&mut self, node: NodeId) {
        let sequence_index = self.pipes.len() + node.index();
        let slot = &mut self.slots[node.index()];
        let Kind::Ip(ip) = &slot.kind else { return };
        let (foreground, quiet) = (ip.host.foreground_tasks(), ip.is_quiet());
        self.tally.foreground = self.tally.foreground + foreground - slot.foreground;
        self.tally.busy_nodes =
            self.tally.busy_nodes + usize::from(slot.quiet) - usize::from(quiet);
        (slot.foreground, slot.quiet) = (foreground, quiet);

        let Some(time) = slot.poll_at().map(|at| at.max(self.tally.now)) else {
            return;
        };
        // A later deadline need not replace an earlier event: that one finds nothing due and
        // looks again.
        if slot.armed.is_none_or(|armed| time < armed) {
            slot.armed = Some(time);
            let sequence = next(&mut self.sequences[sequence_index]);
            self.queue.push(Event {
                time,
                origin: Origin::Node(node),
                sequence,
            });
        }
    }
}

const fn next(sequence: &mut u64) -> u64 {
    let this = *sequence;
    *sequence += 1;
    this
}
