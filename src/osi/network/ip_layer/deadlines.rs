//! When neighbours have to be asked again, and what becomes of packets that waited for them.

use super::IpLayer;
use crate::{
    ids::PortId,
    osi::{data_link::Outbox, network::icmp::IcmpError},
    trace::DropReason,
    units::SimTime,
};

impl IpLayer {
    /// Asks again for neighbours that did not answer, and refuses what waited in vain.
    pub fn handle_wake(&mut self, now: SimTime, out: &mut Outbox) {
        if now < self.next_deadline {
            return;
        }
        for port in self.cards_due(now) {
            let undeliverable = self.cards[port.index()].handle_wake(now, &mut self.ids, out);
            self.note_deadline(port);
            for frame in undeliverable {
                let why = DropReason::NeighborUnreachable;
                self.refuse(now, port, frame, why, IcmpError::HostUnreachable, out);
            }
        }
    }

    /// The cards whose deadline has come, in port order.
    fn cards_due(&self, now: SimTime) -> Vec<PortId> {
        let due = self.deadlines.iter().take_while(|&&(at, _)| at <= now);
        let mut ports: Vec<PortId> = due.map(|&(_, port)| port).collect();
        ports.sort_unstable();
        ports
    }

    /// Keeps [`IpLayer::deadlines`] in step with a card that was just used.
    pub(super) fn note_deadline(&mut self, port: PortId) {
        let card = &mut self.cards[port.index()];
        let (noted, now) = (card.noted_deadline, card.neighbors.poll_at());
        if noted == now {
            return;
        }
        card.noted_deadline = now;
        if let Some(at) = noted {
            self.deadlines.remove(&(at, port));
        }
        if let Some(at) = now {
            self.deadlines.insert((at, port));
        }
        let first = self.deadlines.first();
        self.next_deadline = first.map_or(SimTime::MAX, |&(at, _)| at);
    }

    /// When [`IpLayer::handle_wake`] has something to do.
    pub fn poll_at(&self) -> Option<SimTime> {
        (self.next_deadline != SimTime::MAX).then_some(self.next_deadline)
    }
}
