//! The world of one run: nodes, wires, events, and the loop that drives them.

use std::{io, net::IpAddr, sync::Arc};

use super::{
    control::RunControl,
    event_queue::{Event, EventQueue, Origin},
    ip_node::HostConfig,
    result::{EndReason, RunError, RunResult},
    slot::{Kind, Slot},
};
use crate::{
    ids::{NodeId, PortId, WireId},
    osi::{
        data_link::{Dropped, Outbox},
        physical::Pipe,
        transport::TcpEvent,
    },
    rng::RootSeed,
    task::{Clock, Doorbell, Host},
    topology::{End, Route, Topology},
    trace::{
        AppEvent, DropReason, Fate, FrameDropped, FrameReceived, FrameSent, Record, Recorder,
        SocketState,
    },
    units::{SimTime, Span},
    wire::Frame,
};

mod build;

/// What a world is made from.
#[derive(Debug, Clone, Copy)]
pub struct WorldSetup<'a> {
    /// The network.
    pub topology: &'a Topology,
    /// Each node's routing table, by [`NodeId`].
    pub routes: &'a [Vec<Route>],
    /// Each node's settings, by [`NodeId`].
    pub hosts: &'a [HostConfig],
    /// Where all randomness grows from.
    pub seed: RootSeed,
    /// How long a switch remembers an address.
    pub mac_ageing: Span,
}

/// Nodes and wires at one moment of virtual time.
///
/// Build it, start programs on its hosts, run it once.
#[derive(Debug)]
pub struct World {
    slots: Vec<Slot>,
    pipes: Vec<Pipe>,
    /// Where each wire ends.
    targets: Vec<End>,
    /// The time of each wire's event in the queue.
    armed: Vec<Option<SimTime>>,
    sequences: Vec<u64>,
    queue: EventQueue,
    clock: Clock,
    doorbell: Doorbell,
    out: Outbox,
    scratch: Scratch,
    tally: Tally,
}

/// Lists that are filled and emptied in every turn.
#[derive(Debug, Default)]
struct Scratch {
    apps: Vec<AppEvent>,
    tcp: Vec<TcpEvent>,
    rung: Vec<NodeId>,
}

/// What decides whether a run is over, kept up to date so that no step has to look around.
#[derive(Debug, Default)]
struct Tally {
    now: SimTime,
    events: u64,
    frames: u64,
    in_flight: u64,
    foreground: usize,
    busy_nodes: usize,
}

impl World {
    /// A world at time zero in which nothing has happened.
    pub fn new(setup: WorldSetup<'_>) -> Self {
        build::build(setup)
    }

    /// The host on `node`, to start programs on; `None` for switches and hubs.
    pub fn host(&self, node: NodeId) -> Option<&Host> {
        match &self.slots[node.index()].kind {
            Kind::Ip(ip) => Some(&ip.host),
            Kind::Switch(_) | Kind::Hub(_) => None,
        }
    }

    /// Runs until the traffic is done, `stop` is reached, or `control` asks to stop.
    ///
    /// # Errors
    /// [`RunError`] if the recorder fails or a node does not come to rest.
    pub fn run<R: Recorder + ?Sized>(
        &mut self,
        stop: Option<SimTime>,
        control: &RunControl,
        recorder: &mut R,
    ) -> Result<RunResult, RunError> {
        self.answer_bell(recorder)?;
        let reason = loop {
            if self.tally.events.is_multiple_of(CONTROL_EVERY) {
                control.report(self.tally.now, self.tally.frames);
                if control.stop_requested() {
                    break EndReason::Interrupted;
                }
            }
            if self.tally.is_done() {
                break EndReason::TrafficDone;
            }
            match self.queue.next_time() {
                None => break self.stalled(),
                Some(time) if stop.is_some_and(|stop| time > stop) => break EndReason::StopTime,
                Some(_) => self.step(recorder)?,
            }
        };
        if let (EndReason::StopTime, Some(stop)) = (reason, stop) {
            self.set_now(stop);
        }
        control.report(self.tally.now, self.tally.frames);
        Ok(self.finish(reason))
    }

    const fn stalled(&self) -> EndReason {
        match self.tally.foreground {
            0 => EndReason::TrafficDone,
            _ => EndReason::Stalled,
        }
    }

    /// Handles the earliest event, and whatever it makes hosts want to do at the same instant.
    fn step<R: Recorder + ?Sized>(&mut self, recorder: &mut R) -> Result<(), RunError> {
        let Some(event) = self.queue.pop() else {
            return Ok(());
        };
        self.tally.events += 1;
        self.set_now(event.time);
        match event.origin {
            Origin::Wire(wire) => self.handle_arrival(wire, event.time, recorder)?,
            Origin::Node(node) => self.handle_deadline(node, event.time, recorder)?,
        }
        self.answer_bell(recorder)
    }

    fn set_now(&mut self, now: SimTime) {
        self.tally.now = now;
        self.clock.set(now);
    }

    /// A frame comes off `wire`, unless the event is stale.
    fn handle_arrival<R: Recorder + ?Sized>(
        &mut self,
        wire: WireId,
        time: SimTime,
        recorder: &mut R,
    ) -> Result<(), RunError> {
        if self.armed[wire.index()] != Some(time) {
            return Ok(());
        }
        self.armed[wire.index()] = None;
        let arrival = self.pipes[wire.index()].take_arrived(time);
        self.arm_wire(wire);
        let Some(arrival) = arrival else {
            return Ok(());
        };
        self.tally.in_flight -= 1;
        self.tally.frames += 1;
        if !arrival.intact {
            // The sender's record has told it already: the wire counts it, the receiver's FCS
            // check throws it away.
            self.out.recycle(arrival.frame);
            return Ok(());
        }
        self.receive(wire, arrival.frame, recorder)
    }

    fn receive<R: Recorder + ?Sized>(
        &mut self,
        wire: WireId,
        frame: Frame,
        recorder: &mut R,
    ) -> Result<(), RunError> {
        let now = self.tally.now;
        let End { node, port } = self.targets[wire.index()];
        recorder.record(&Record::Received(FrameReceived {
            at: now,
            wire,
            node,
            port,
            frame: frame.id,
            bytes: &frame.bytes,
        }))?;
        self.slots[node.index()].handle_frame(now, port, frame, &mut self.out)?;
        self.after_turn(node, recorder)
    }

    /// A deadline of `node` strikes, unless the event is stale.
    fn handle_deadline<R: Recorder + ?Sized>(
        &mut self,
        node: NodeId,
        time: SimTime,
        recorder: &mut R,
    ) -> Result<(), RunError> {
        let slot = &mut self.slots[node.index()];
        if slot.armed != Some(time) {
            return Ok(());
        }
        slot.armed = None;
        slot.handle_wake(time, &mut self.out)?;
        self.after_turn(node, recorder)
    }

    /// Gives a turn to every host that rang, at the same instant, until nobody rings.
    fn answer_bell<R: Recorder + ?Sized>(&mut self, recorder: &mut R) -> Result<(), RunError> {
        loop {
            let mut rung = std::mem::take(&mut self.scratch.rung);
            self.doorbell.take(&mut rung);
            if rung.is_empty() {
                self.scratch.rung = rung;
                return Ok(());
            }
            for node in rung.drain(..) {
                let now = self.tally.now;
                self.slots[node.index()].handle_wake(now, &mut self.out)?;
                self.after_turn(node, recorder)?;
            }
            self.scratch.rung = rung;
        }
    }

    /// Carries away what a node's turn produced and notes what the node wants next.
    fn after_turn<R: Recorder + ?Sized>(
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
    fn arm_wire(&mut self, wire: WireId) {
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

    fn finish(&self, reason: EndReason) -> RunResult {
        for slot in &self.slots {
            if let Kind::Ip(ip) = &slot.kind {
                ip.host.shut_down();
            }
        }
        RunResult {
            end: self.tally.now,
            reason,
            events: self.tally.events,
            frames: self.tally.frames,
            wires: self.pipes.iter().map(|p| *p.counters()).collect(),
            nodes: self.slots.iter().map(Slot::final_counters).collect(),
        }
    }
}

impl Tally {
    const fn is_done(&self) -> bool {
        self.foreground == 0 && self.busy_nodes == 0 && self.in_flight == 0
    }
}

const fn next(sequence: &mut u64) -> u64 {
    let this = *sequence;
    *sequence += 1;
    this
}

/// How many events pass between two looks at the [`RunControl`].
const CONTROL_EVERY: u64 = 256;
