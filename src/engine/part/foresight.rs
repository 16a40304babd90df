//! What events will need is asked for ahead of time, as they come nearer to the head of the queue.
//!
//! The state of a network of thousands of hosts lies far from the processor, and much of it is found
//! only through the rest: an event leads to a node, the node to its stack and to the wire it sends by.
//! So what an event needs is asked for in steps, some sixteen events before its turn, some four, and
//! one. Contract: hints alone; it decides nothing.

use super::Part;
use crate::{
    engine::{
        event_queue::{Event, EventQueue, Who},
        slot::Kind,
    },
    prefetch::prefetch,
};

/// The queue of a part with so many nodes.
pub(in crate::engine) fn queue_for(nodes: usize) -> EventQueue {
    if nodes < LARGE {
        EventQueue::default()
    } else {
        EventQueue::watched()
    }
}

impl Part {
    /// Follows the queue, from which the earliest event was just taken.
    #[inline]
    pub(super) fn foresee(&self) {
        if self.queue.is_watched() {
            self.look_ahead();
        }
    }

    #[inline(never)]
    fn look_ahead(&self) {
        let [next, near, far] = self.queue.brought_nearer();
        if let Some(event) = far {
            prefetch(&self.slots[self.place_of_node(event)]);
        }
        if let Some(event) = near {
            self.prefetch_host(self.place_of_node(event));
        }
        if let Some(event) = next
            && let Who::Node(index) = event.origin.who()
        {
            self.prefetch_wire(index);
        }
    }

    /// Where the node stands that an event concerns.
    fn place_of_node(&self, event: Event) -> usize {
        match event.origin.who() {
            Who::Wire(place) => self.incoming[place].slot as usize,
            Who::Node(index) => index,
        }
    }

    /// What is above the network floor of a host. Nothing above that of a router hears of most packets.
    fn prefetch_host(&self, index: usize) {
        let slot = &self.slots[index];
        if let Kind::Ip(node) = &slot.kind
            && !node.ip.is_router()
        {
            node.host.prefetch();
        }
        if let Some(end) = self.ends.get(slot.first_wire as usize) {
            prefetch(end);
        }
    }

    /// Both ends of a node's first wire, by which most frames leave.
    fn prefetch_wire(&self, index: usize) {
        let first = self.slots[index].first_wire as usize;
        if let (Some(begin), Some(&end)) = (self.outgoing.get(first), self.ends.get(first)) {
            prefetch(begin);
            if let Some(end) = self.incoming.get(end as usize) {
                prefetch(end);
            }
        }
    }
}

/// Fewer nodes than that are never far away.
const LARGE: usize = 1000;
