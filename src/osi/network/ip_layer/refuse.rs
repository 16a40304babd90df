//! Packets that die here, and the ICMP errors about them (RFC 792, RFC 1812).

use std::net::{IpAddr, Ipv4Addr};

use super::IpLayer;
use crate::{
    ids::PortId,
    osi::{
        data_link::Outbox,
        network::icmp::{IcmpError, may_complain_about},
    },
    trace::DropReason,
    units::SimTime,
    wire::{EtherType, EthernetHeader, Frame, HEADER_LEN, Ipv4Packet, Mac},
};

impl IpLayer {
    /// Drops a packet and tells its source why, if that is allowed.
    pub(super) fn refuse(
        &mut self,
        now: SimTime,
        port: PortId,
        mut frame: Frame,
        why: DropReason,
        error: IcmpError,
        out: &mut Outbox,
    ) {
        if let Some(complaint) = self.complaint(&frame, error, out) {
            self.counters.icmp_errors += 1;
            self.send(now, complaint, out);
        }
        self.make_readable(port, &mut frame);
        out.drop(port, frame, why);
    }

    /// The ICMP error about `frame`, as a packet behind room for its Ethernet header.
    fn complaint(&mut self, frame: &Frame, error: IcmpError, out: &mut Outbox) -> Option<Vec<u8>> {
        if self.silent {
            return None;
        }
        let original = &frame.bytes[HEADER_LEN..];
        let packet = Ipv4Packet::new(original).filter(may_complain_about)?;
        let source = self.address_towards(packet.source())?;
        self.icmp_ident = self.icmp_ident.wrapping_add(1);
        let mut bytes = out.pool.take();
        error.write(original, source, self.icmp_ident, &mut bytes);
        Some(bytes)
    }

    /// The address of the card by which packets to `destination` leave (RFC 1812, section
    /// 4.3.2.4), or the node's first.
    fn address_towards(&self, destination: Ipv4Addr) -> Option<Ipv4Addr> {
        let by_route = self
            .fib
            .lookup(IpAddr::V4(destination))
            .and_then(|hop| self.cards.get(hop.port.index()));
        let card = by_route.or_else(|| self.cards.first())?;
        card.addresses.iter().find_map(|net| match net.addr() {
            IpAddr::V4(v4) => Some(v4),
            IpAddr::V6(_) => None,
        })
    }

    /// A packet that dies before it got an Ethernet header gets one to nobody, so that a capture
    /// can show it.
    fn make_readable(&self, port: PortId, frame: &mut Frame) {
        if frame.bytes[12..HEADER_LEN] == [0, 0] {
            let header = EthernetHeader {
                destination: Mac([0; 6]),
                source: self.cards[port.index()].mac,
                ethertype: EtherType::IPV4,
            };
            header.emit(&mut frame.bytes);
        }
    }
}
