//! What goes out: by which card, to whom, in how many pieces.

use std::net::IpAddr;

use super::{IpLayer, LocalPacket};
use crate::{
    ids::PortId,
    osi::{
        data_link::Outbox,
        network::{fib::NextHop, fragment::fragment, icmp::IcmpError},
    },
    trace::DropReason,
    units::SimTime,
    wire::{Frame, HEADER_LEN, Ipv4Packet},
};

impl IpLayer {
    /// Sends a packet of the node's own transport floor. `bytes` holds it behind [`HEADER_LEN`]
    /// bytes of room.
    #[inline]
    pub fn send(&mut self, now: SimTime, bytes: Vec<u8>, out: &mut Outbox) {
        let mut frame = Frame::new(self.ids.next(), bytes);
        if self.source_ways.is_none()
            && let Some(port) = self.send_on(now, &mut frame)
        {
            return out.send(port, frame);
        }
        self.send_with_care(now, frame, out);
    }

    /// Sends a packet that is not the ordinary one: to nobody who is known, say.
    fn send_with_care(&mut self, now: SimTime, mut frame: Frame, out: &mut Outbox) {
        if let Some((way, destination)) = self.way_by_source(&frame) {
            self.counters.originated += 1;
            return self.send_by(now, way, destination, way.port, frame, out);
        }
        if let Some(port) = self.send_on(now, &mut frame) {
            return out.send(port, frame);
        }
        let port = PortId(0);
        let Some(packet) = Ipv4Packet::new(&frame.bytes[HEADER_LEN..]) else {
            return out.drop(port, frame, DropReason::Malformed);
        };
        let destination = IpAddr::V4(packet.destination());
        self.counters.originated += 1;
        if self.own.contain(destination) {
            return self.local.push_back(LocalPacket { port, frame });
        }
        match self.fib.lookup(destination) {
            Some(next_hop) => self.send_by(now, next_hop, destination, port, frame, out),
            None => {
                let error = IcmpError::NetworkUnreachable;
                self.refuse(now, port, frame, DropReason::NoRoute, error, out);
            }
        }
    }

    /// Sends a routed packet out of a card, in pieces if need be.
    pub(super) fn send_by(
        &mut self,
        now: SimTime,
        next_hop: NextHop,
        destination: IpAddr,
        came_in: PortId,
        frame: Frame,
        out: &mut Outbox,
    ) {
        let card = &mut self.cards[next_hop.port.index()];
        let neighbor = next_hop.via.unwrap_or(destination);
        if frame.bytes.len() - HEADER_LEN <= card.mtu {
            card.send_ip(now, neighbor, frame, &mut self.ids, out);
            return self.note_deadline(next_hop.port);
        }
        let mtu = card.mtu;
        let may_split =
            Ipv4Packet::new(&frame.bytes[HEADER_LEN..]).is_some_and(|p| !p.dont_fragment());
        let pieces = if may_split {
            fragment(&frame, mtu, &mut self.ids, out)
        } else {
            None
        };
        let Some(pieces) = pieces else {
            let error = IcmpError::FragmentationNeeded {
                mtu: u16::try_from(mtu).unwrap_or(u16::MAX),
            };
            let why = DropReason::FragmentationNeeded;
            return self.refuse(now, came_in, frame, why, error, out);
        };
        out.recycle(frame);
        self.counters.fragmented += 1;
        for piece in pieces {
            card.send_ip(now, neighbor, piece, &mut self.ids, out);
        }
        self.note_deadline(next_hop.port);
    }

    /// Where the packet in `frame` goes by its source, if that decides.
    fn way_by_source(&self, frame: &Frame) -> Option<(NextHop, IpAddr)> {
        let ways = self.source_ways.as_ref()?;
        let packet = Ipv4Packet::new(&frame.bytes[HEADER_LEN..])?;
        let destination = IpAddr::V4(packet.destination());
        let way = ways.get(&IpAddr::V4(packet.source()))?;
        (!self.own.contain(destination)).then_some((*way, destination))
    }
}
