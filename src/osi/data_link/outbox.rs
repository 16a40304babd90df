//! Where a node puts what it wants to send and what it had to drop.

use super::Homes;
use crate::{
    ids::{FrameId, NodeId, PortId},
    trace::DropReason,
    wire::{Frame, FramePool},
};

/// The output of one call into a node: frames for its ports, frames that died, and the pool that
/// buffers come from. The engine empties it after every call.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Buffers.
    pub pool: FramePool,
    /// Where buffers belong that came from elsewhere; only in a network that runs in parts.
    pub homes: Option<Box<Homes>>,
    /// Frames to send, in order.
    pub sends: Vec<(PortId, Frame)>,
    /// Frames that died.
    pub drops: Vec<Dropped>,
}

/// A frame that died in a node.
#[derive(Debug)]
pub struct Dropped {
    /// The port it could not leave by, or else the one it came in by.
    pub port: PortId,
    /// The frame.
    pub frame: Frame,
    /// Why.
    pub why: DropReason,
}

impl Outbox {
    /// Sends `frame` out of `port`.
    pub fn send(&mut self, port: PortId, frame: Frame) {
        self.sends.push((port, frame));
    }

    /// Reports the death of `frame`.
    pub fn drop(&mut self, port: PortId, frame: Frame, why: DropReason) {
        self.drops.push(Dropped { port, frame, why });
    }

    /// Takes the buffer of a frame whose life ends in the normal way.
    pub fn recycle(&mut self, frame: Frame) {
        let homes = self.homes.as_mut();
        let away = homes.and_then(|homes| homes.way(frame.id.origin));
        away.unwrap_or(&mut self.pool).give(frame.bytes);
    }
}

/// Hands out the identities of the frames that a node makes.
#[derive(Debug, Clone)]
pub struct FrameIds {
    origin: NodeId,
    next: u32,
}

impl FrameIds {
    /// Identities that begin with `origin`.
    pub const fn of(origin: NodeId) -> Self {
        Self { origin, next: 0 }
    }

    /// The next one. After 2^32 frames of one node the numbers start again.
    pub const fn next(&mut self) -> FrameId {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        FrameId {
            origin: self.origin,
            number,
        }
    }
}
