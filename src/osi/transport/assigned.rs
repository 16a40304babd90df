//! A host whose address comes while the run goes on: what is known of it, and who waits for it.

use std::{
    net::IpAddr,
    task::{Context, Poll},
};

use super::{Stack, wakers::Wakers};
use crate::{
    osi::network::{Assignment, Claim},
    wire::Mac,
};

/// What a host was assigned. Hosts with an address of their own have none of this.
#[derive(Debug, Default)]
pub(super) struct Assigned {
    has_address: bool,
    name_server: Option<IpAddr>,
    /// What the network floor has not heard of yet.
    pending: Option<Assignment>,
    waiting: Wakers,
    /// ARP packets about an address, to be sent.
    claims: Vec<Claim>,
    /// Who else has the address that is probed.
    conflict: Option<Mac>,
    watching: Wakers,
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

    /// Sends an ARP packet about an address of the host's only card.
    pub fn claim(&mut self, claim: Claim) {
        let assigned = self.assigned.get_or_insert_default();
        assigned.claims.push(claim);
        self.outbox.ring();
    }

    /// Gives `send` the ARP packets that the network floor has to send. For the engine.
    pub fn take_claims(&mut self, send: impl FnMut(Claim)) {
        if let Some(assigned) = &mut self.assigned {
            assigned.claims.drain(..).for_each(send);
        }
    }

    /// Somebody else has the address that is probed. For the engine.
    pub fn note_conflict(&mut self, with: Mac) {
        let assigned = self.assigned.get_or_insert_default();
        assigned.conflict = Some(with);
        assigned.watching.wake();
    }

    /// Waits for somebody who has the address that is probed; tells of each once.
    pub(crate) fn poll_conflict(&mut self, cx: &Context<'_>) -> Poll<Mac> {
        let assigned = self.assigned.get_or_insert_default();
        if let Some(with) = assigned.conflict.take() {
            return Poll::Ready(with);
        }
        assigned.watching.register(cx);
        Poll::Pending
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
