//! A host whose address comes while the run goes on: what is known of it, and who waits for it.

use std::{
    net::IpAddr,
    task::{Context, Poll},
};

use super::{Stack, wakers::Wakers};
use crate::osi::network::Assignment;

/// What a host was assigned. Hosts with an address of their own have none of this.
#[derive(Debug, Default)]
pub(super) struct Assigned {
    has_address: bool,
    name_server: Option<IpAddr>,
    /// What the network floor has not heard of yet.
    pending: Option<Assignment>,
    waiting: Wakers,
}

impl Stack {
    /// From now on, programs that ask for it wait until an address is assigned.
    pub fn expect_address(&mut self) {
        self.assigned.get_or_insert_default();
    }

    /// Changes address, routes and the name server that goes with them. The network floor follows
    /// before the next packet leaves. Connections of an address that is gone are left to time out.
    pub fn assign(&mut self, assignment: Assignment, name_server: Option<IpAddr>) {
        self.outbox.paths.assign(&assignment);
        let assigned = self.assigned.get_or_insert_default();
        assigned.has_address = !assignment.addresses.is_empty();
        assigned.name_server = name_server;
        assigned.pending = Some(assignment);
        if assigned.has_address {
            assigned.waiting.wake();
        }
        self.outbox.ring();
    }

    /// What the network floor has to follow. For the engine.
    pub fn take_assignment(&mut self) -> Option<Assignment> {
        self.assigned.as_mut()?.pending.take()
    }

    /// The name server that came with the address.
    pub fn assigned_name_server(&self) -> Option<IpAddr> {
        self.assigned.as_ref()?.name_server
    }

    /// Waits for the address, if there is none yet.
    pub(crate) fn poll_address(&mut self, cx: &Context<'_>) -> Poll<()> {
        match &mut self.assigned {
            Some(assigned) if !assigned.has_address => {
                assigned.waiting.register(cx);
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }
}
