//! A node's place in the world: the node itself, its wires, and what the engine keeps about it.

use crate::{
    ids::{NodeId, PortId},
    osi::data_link::{Hub, Outbox, Switch},
    task::Livelock,
    trace::{DropCounts, NodeCounters},
    units::SimTime,
    wire::Frame,
};

use super::ip_node::{IpNode, Stir};

/// The kinds of nodes. Which it is stands before the rest, where [`Slot`] wants it.
#[derive(Debug)]
#[repr(u8)]
#[allow(
    clippy::large_enum_variant,
    reason = "nearly all nodes are of the large kind, and are found without another step"
)]
pub(super) enum Kind {
    Ip(IpNode),
    Switch(Box<Switch>),
    Hub(Hub),
}

/// A node and what the engine keeps about it.
///
/// The fields stand in the order of their use, from the beginning of two cache lines on: they come
/// from memory in pairs.
#[derive(Debug)]
#[repr(C, align(128))]
pub(super) struct Slot {
    pub(super) received_frames: u64,
    pub(super) sent_frames: u64,
    /// The time of the node's event in the queue; [`SimTime::MAX`] if it has none.
    pub(super) armed: SimTime,
    pub(super) id: NodeId,
    /// Where the wires that leave its ports stand, in [`Part::outgoing`](super::part::Part).
    pub(super) first_wire: u32,
    /// Programs that the run waits for, when last looked.
    pub(super) foreground: u32,
    /// Nothing would be cut off by ending the run, when last looked.
    pub(super) quiet: bool,
    pub(super) kind: Kind,
    pub(super) drops: DropCounts,
    /// The ports whose queue has a discipline: it is served when the line is free.
    pub(super) managed: Box<[PortId]>,
}

impl Slot {
    pub(super) fn new(id: NodeId, kind: Kind, first_wire: u32, managed: Box<[PortId]>) -> Self {
        Self {
            id,
            kind,
            first_wire,
            received_frames: 0,
            sent_frames: 0,
            drops: DropCounts::default(),
            managed,
            armed: SimTime::MAX,
            foreground: 0,
            quiet: true,
        }
    }

    /// The fast path of routers: an ordinary packet for somebody else, made ready to leave by the
    /// port that is returned. `None` leaves the frame to [`Slot::handle_frame`].
    // Always: most of what a large run does is this.
    #[inline(always)]
    pub(super) fn pass_on(
        &mut self,
        now: SimTime,
        port: PortId,
        frame: &mut Frame,
    ) -> Option<PortId> {
        let Kind::Ip(node) = &mut self.kind else {
            return None;
        };
        let leaves_by = node.ip.pass_on(now, port, frame)?;
        self.received_frames += 1;
        Some(leaves_by)
    }

    pub(super) fn handle_frame(
        &mut self,
        now: SimTime,
        port: PortId,
        frame: Frame,
        out: &mut Outbox,
    ) -> Result<Stir, Livelock> {
        self.received_frames += 1;
        match &mut self.kind {
            Kind::Ip(node) => return node.receive(now, port, frame, out),
            Kind::Switch(switch) => switch.handle_frame(now, port, frame, out),
            Kind::Hub(hub) => hub.handle_frame(port, frame, out),
        }
        Ok(Stir::Some)
    }

    /// A deadline has struck, or a program has work.
    pub(super) fn handle_wake(&mut self, now: SimTime, out: &mut Outbox) -> Result<(), Livelock> {
        match &mut self.kind {
            Kind::Ip(node) => {
                node.ip.handle_wake(now, out);
                node.turn(now, out)
            }
            Kind::Switch(_) | Kind::Hub(_) => Ok(()),
        }
    }

    pub(super) fn poll_at(&self) -> Option<SimTime> {
        match &self.kind {
            Kind::Ip(node) => node.poll_at(),
            Kind::Switch(_) | Kind::Hub(_) => None,
        }
    }

    /// The counters with what the node itself has counted.
    pub(super) fn final_counters(&self) -> NodeCounters {
        let mut counters = NodeCounters {
            received_frames: self.received_frames,
            sent_frames: self.sent_frames,
            drops: self.drops.clone(),
            ..NodeCounters::default()
        };
        match &self.kind {
            Kind::Ip(node) => node.count(&mut counters),
            Kind::Switch(switch) => counters.forwarded_frames = switch.forwarded + switch.flooded,
            Kind::Hub(_) => counters.forwarded_frames = counters.received_frames,
        }
        counters
    }
}
