//! What comes in: handed up, passed on, answered, or thrown away.

use std::net::IpAddr;

use super::{IpLayer, LocalPacket};
use crate::{
    ids::PortId,
    osi::{data_link::Outbox, network::icmp::IcmpError},
    trace::DropReason,
    units::SimTime,
    wire::{ArpPacket, EtherType, EthernetHeader, Frame, HEADER_LEN, Ipv4Packet},
};

impl IpLayer {
    /// Takes a frame that came in by `port`.
    pub fn handle_frame(&mut self, now: SimTime, port: PortId, frame: Frame, out: &mut Outbox) {
        let Some(header) = EthernetHeader::parse(&frame.bytes) else {
            return out.drop(port, frame, DropReason::Malformed);
        };
        let card = &mut self.cards[port.index()];
        if !card.accepts(header.destination) {
            return out.recycle(frame);
        }
        match header.ethertype {
            EtherType::IPV4 => self.handle_ipv4(now, port, frame, out),
            EtherType::ARP => {
                let Some(packet) = ArpPacket::parse(&frame.bytes[HEADER_LEN..]) else {
                    return out.drop(port, frame, DropReason::Malformed);
                };
                if card.is_news(now, &packet) {
                    self.adjacencies.forget();
                }
                if let Some(watch) = &mut self.watch {
                    watch.hear(&packet, card.mac);
                }
                card.handle_arp(now, &packet, &mut self.ids, out);
                self.note_deadline(port);
                out.recycle(frame);
            }
            _ => out.recycle(frame),
        }
    }

    fn handle_ipv4(&mut self, now: SimTime, port: PortId, mut frame: Frame, out: &mut Outbox) {
        let Some(packet) = Ipv4Packet::new(&frame.bytes[HEADER_LEN..]) else {
            return out.drop(port, frame, DropReason::Malformed);
        };
        // Only noise can have changed a header, and only noise that the FCS did not notice.
        if frame.noisy_fcs.is_some() && !packet.checksum_is_right() {
            return out.drop(port, frame, DropReason::BadChecksum);
        }
        let destination = IpAddr::V4(packet.destination());
        let (len, ttl) = (packet.total_len(), packet.ttl());
        frame.bytes.truncate(HEADER_LEN + len);
        if self.is_local(port, destination) {
            self.counters.delivered += 1;
            self.local.push_back(LocalPacket { port, frame });
        } else if !self.forwarding {
            out.drop(port, frame, DropReason::NotForwarding);
        } else if ttl <= 1 {
            self.refuse(
                now,
                port,
                frame,
                DropReason::TtlExceeded,
                IcmpError::TimeExceeded,
                out,
            );
        } else {
            self.forward(now, port, destination, frame, out);
        }
    }

    fn forward(
        &mut self,
        now: SimTime,
        port: PortId,
        destination: IpAddr,
        mut frame: Frame,
        out: &mut Outbox,
    ) {
        let Some(next_hop) = self.fib.lookup(destination) else {
            let error = IcmpError::NetworkUnreachable;
            return self.refuse(now, port, frame, DropReason::NoRoute, error, out);
        };
        if let Some(mut packet) = Ipv4Packet::new(&mut frame.bytes[HEADER_LEN..]) {
            packet.decrement_ttl();
        }
        self.counters.forwarded += 1;
        self.send_by(now, next_hop, destination, port, frame, out);
    }

    fn is_local(&self, port: PortId, destination: IpAddr) -> bool {
        self.cards[port.index()].is_broadcast(destination)
            || destination.is_multicast()
            || self.own.contain(destination)
    }
}
