//! The world of one run: nodes, wires, events, and the loop that drives them.

use super::{
    control::RunControl,
    event_queue::{EventQueue, Origin},
    ip_node::HostConfig,
    result::{EndReason, RunError, RunResult},
    slot::{Kind, Slot},
};
use crate::{
    ids::{NodeId, WireId},
    osi::{data_link::Outbox, physical::Pipe, transport::TcpEvent},
    rng::RootSeed,
    task::{Clock, Doorbell, Host},
    topology::{End, Route, Topology},
    trace::{AppEvent, FrameReceived, Record, Recorder},
    units::{SimTime, Span},
    wire::Frame,
};

mod build;
mod carry;

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

/// How many events pass between two looks at the [`RunControl`].
const CONTROL_EVERY: u64 = 256;
