//! The world of one run: its parts, and the loop that drives them.

use super::{
    control::RunControl,
    ip_node::HostConfig,
    parallel,
    part::{Incoming, Part},
    partition::Partition,
    result::{EndReason, RunError, RunResult},
    slot::{Kind, Slot},
};
use crate::{
    ids::NodeId,
    rng::RootSeed,
    task::{Host, Ring},
    topology::{RoutingTable, Topology},
    trace::{NodeCounters, Recorder, WireCounters},
    units::{SimTime, Span},
};

mod build;

/// What a world is made from.
#[derive(Debug, Clone, Copy)]
pub struct WorldSetup<'a> {
    /// The network.
    pub topology: &'a Topology,
    /// Each node's routing table, by [`NodeId`].
    pub routes: &'a [RoutingTable],
    /// Each node's settings, by [`NodeId`].
    pub hosts: &'a [HostConfig],
    /// Where all randomness grows from.
    pub seed: RootSeed,
    /// How long a switch remembers an address.
    pub mac_ageing: Span,
}

/// Nodes and wires at one moment of virtual time.
///
/// Build it, start programs on its hosts, run it once. After the run it is empty.
#[derive(Debug)]
pub struct World {
    parts: Vec<Part>,
    partition: Partition,
}

impl World {
    /// A world at time zero in which nothing has happened, to run on one thread.
    pub fn new(setup: WorldSetup<'_>) -> Self {
        Self::divided(setup, Partition::whole(setup.topology))
    }

    /// A world whose parts run on a thread each. The bytes of a run are the same as on one thread.
    ///
    /// Programs on different hosts must then reach each other by the network alone.
    pub fn divided(setup: WorldSetup<'_>, partition: Partition) -> Self {
        Self {
            parts: build::build(setup, &partition),
            partition,
        }
    }

    /// The host on `node`, to start programs on; `None` for switches and hubs, and after the run.
    pub fn host(&self, node: NodeId) -> Option<&Host> {
        let part = self.parts.get(self.partition.part_of(node))?;
        match &part.slots[part.place_of(node)?].kind {
            Kind::Ip(ip) => Some(&ip.host),
            Kind::Switch(_) | Kind::Hub(_) => None,
        }
    }

    /// Who runs where.
    pub const fn partition(&self) -> &Partition {
        &self.partition
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
        self.answer_first_bells(recorder)?;
        let reason = match &mut self.parts[..] {
            [part] => run_alone(part, stop, control, recorder)?,
            parts => {
                let look_ahead = self.partition.look_ahead();
                parallel::run(parts, look_ahead, stop, control, recorder)?
            }
        };
        if let (EndReason::StopTime, Some(stop)) = (reason, stop) {
            self.parts.iter_mut().for_each(|part| part.set_now(stop));
        }
        let result = self.finish(reason);
        self.parts.clear();
        control.report(result.end, result.frames);
        Ok(result)
    }

    /// Gives a turn to every host that rang while programs were started, in the order of ringing.
    fn answer_first_bells<R: Recorder + ?Sized>(
        &mut self,
        recorder: &mut R,
    ) -> Result<(), RunError> {
        loop {
            let mut rung: Vec<Ring> = Vec::new();
            self.parts.iter().for_each(|p| p.doorbell.take(&mut rung));
            if rung.is_empty() {
                return Ok(());
            }
            rung.sort_unstable();
            for Ring { host, .. } in rung {
                let part = self.partition.part_of(host);
                self.parts[part].answer(host, recorder)?;
            }
        }
    }

    /// Ends every program and adds up what was counted.
    fn finish(&self, reason: EndReason) -> RunResult {
        self.parts.iter().for_each(Part::shut_down);
        let tallies = || self.parts.iter().map(|part| &part.tally);
        RunResult {
            end: tallies().map(|t| t.now).max().unwrap_or(SimTime::ZERO),
            reason,
            events: tallies().map(|t| t.events).sum(),
            frames: tallies().map(|t| t.frames).sum(),
            wires: self.wire_counters(),
            nodes: self.node_counters(),
        }
    }

    fn wire_counters(&self) -> Vec<WireCounters> {
        let count = self.parts.iter().map(|part| part.outgoing.len()).sum();
        let mut wires = vec![WireCounters::default(); count];
        for sending in self.parts.iter().flat_map(|part| &part.outgoing) {
            wires[sending.wire.index()] = sending.pipe.counters();
        }
        for part in &self.parts {
            for Incoming { flight, wire, .. } in &part.incoming {
                flight.count(&part.air, &mut wires[wire.index()]);
            }
        }
        wires
    }

    fn node_counters(&self) -> Vec<NodeCounters> {
        let mut slots: Vec<&Slot> = self.parts.iter().flat_map(|part| &part.slots).collect();
        slots.sort_unstable_by_key(|slot| slot.id);
        slots.into_iter().map(Slot::final_counters).collect()
    }
}

/// The loop of a world of one part.
fn run_alone<R: Recorder + ?Sized>(
    part: &mut Part,
    stop: Option<SimTime>,
    control: &RunControl,
    recorder: &mut R,
) -> Result<EndReason, RunError> {
    let stop = stop.unwrap_or(SimTime::MAX);
    loop {
        if part.tally.events.is_multiple_of(CONTROL_EVERY) {
            control.report(part.tally.now, part.tally.frames);
            if control.stop_requested() {
                return Ok(EndReason::Interrupted);
            }
        }
        if part.tally.is_done() {
            return Ok(EndReason::TrafficDone);
        }
        match part.next() {
            None => return Ok(EndReason::without_events(part.tally.foreground)),
            Some(event) if event.time > stop => return Ok(EndReason::StopTime),
            Some(_) => part.step(recorder)?,
        }
    }
}

/// How many events pass between two looks at the [`RunControl`].
const CONTROL_EVERY: u64 = 256;
