//! Asking for an address before it is used, and saying so (RFC 5227, sections 2.1.1 and 2.3).
//!
//! When to probe and what to do about a conflict is a program's business; this floor sends the ARP
//! packets and watches for those of others. Not here: the defence of an address in use (section 2.4).

use std::net::Ipv4Addr;

use super::IpLayer;
use crate::{
    osi::data_link::Outbox,
    wire::{ArpOperation, ArpPacket, Mac},
};

/// An ARP packet about an address of one's own, to be sent by the only card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Does anybody have it? From now on the floor watches for somebody who does.
    Probe(Ipv4Addr),
    /// It is mine. The watch is over.
    Announce(Ipv4Addr),
}

/// What is watched for.
#[derive(Debug)]
pub(super) struct Watch {
    address: Ipv4Addr,
    /// Who has it, or wants it too.
    conflict: Option<Mac>,
}

impl Watch {
    pub(super) const fn has_conflict(&self) -> bool {
        self.conflict.is_some()
    }

    /// Takes an ARP packet that came to the card `own`.
    pub(super) fn hear(&mut self, packet: &ArpPacket, own: Mac) {
        let is_taken = packet.sender_ip == self.address;
        let is_wanted = packet.operation == ArpOperation::Request
            && packet.sender_ip.is_unspecified()
            && packet.target_ip == self.address;
        if packet.sender_mac != own && (is_taken || is_wanted) {
            self.conflict.get_or_insert(packet.sender_mac);
        }
    }
}

impl IpLayer {
    /// Sends an ARP packet about an address.
    pub fn claim(&mut self, claim: Claim, out: &mut Outbox) {
        let about = match claim {
            Claim::Probe(address) => {
                let watched = self.watch.take().filter(|watch| watch.address == address);
                let conflict = watched.and_then(|watch| watch.conflict);
                self.watch = Some(Box::new(Watch { address, conflict }));
                (Ipv4Addr::UNSPECIFIED, address)
            }
            Claim::Announce(address) => {
                self.watch = None;
                (address, address)
            }
        };
        if let Some(card) = self.cards.first_mut() {
            card.request(about, &mut self.ids, out);
        }
    }

    /// Who has the address that was probed, once.
    pub fn take_conflict(&mut self) -> Option<Mac> {
        self.watch.as_mut()?.conflict.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_the_address_or_probes_it_too_is_a_conflict_and_nobody_else() {
        // RFC 5227, section 2.1.1; one's own probe may come back from a hub.
        let [own, other] = [1, 2].map(|n| Mac::generated(n, 0));
        let [address, elsewhere] = [7, 8].map(|n| Ipv4Addr::new(10, 0, 0, n));
        let nobody = Ipv4Addr::UNSPECIFIED;
        let (ask, say) = (ArpOperation::Request, ArpOperation::Reply);
        for (operation, sender_mac, sender_ip, target_ip, conflict) in [
            (say, other, address, nobody, Some(other)),
            (ask, other, address, elsewhere, Some(other)),
            (ask, other, nobody, address, Some(other)),
            (ask, own, nobody, address, None),
            (ask, other, elsewhere, address, None),
            (say, other, elsewhere, nobody, None),
        ] {
            let mut watch = Watch {
                address,
                conflict: None,
            };
            let packet = ArpPacket {
                operation,
                sender_mac,
                sender_ip,
                target_mac: Mac([0; 6]),
                target_ip,
            };
            watch.hear(&packet, own);
            assert_eq!(watch.conflict, conflict, "{packet:?}");
        }
    }
}
