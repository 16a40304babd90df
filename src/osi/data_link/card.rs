//! A network card: Ethernet framing, padding, address filter and ARP.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use super::{
    neighbor::{Due, NeighborCache, Resolution},
    outbox::{FrameIds, Outbox},
};
use crate::{
    ids::PortId,
    trace::DropReason,
    units::SimTime,
    wire::{
        ArpOperation, ArpPacket, EtherType, EthernetHeader, Frame, HEADER_LEN, MIN_FRAME_LEN, Mac,
    },
};

/// One card of a host or router.
#[derive(Debug)]
pub struct Card {
    /// The port it is.
    pub port: PortId,
    /// Its MAC address.
    pub mac: Mac,
    /// Its IP addresses with their prefixes.
    pub addresses: Vec<IpNet>,
    /// The largest IP packet its link carries.
    pub mtu: usize,
    /// Whom it knows.
    pub neighbors: NeighborCache,
    /// The deadline of `neighbors` that the network floor has noted.
    pub noted_deadline: Option<SimTime>,
    /// ARP questions it sent.
    pub arp_requests: u64,
    /// ARP answers it sent.
    pub arp_replies: u64,
}

impl Card {
    /// A card that knows nobody.
    pub fn new(port: PortId, mac: Mac, addresses: Vec<IpNet>, mtu: usize) -> Self {
        Self {
            port,
            mac,
            addresses,
            mtu,
            neighbors: NeighborCache::default(),
            noted_deadline: None,
            arp_requests: 0,
            arp_replies: 0,
        }
    }

    /// The address filter: is this frame for the card?
    pub fn accepts(&self, destination: Mac) -> bool {
        destination == self.mac || destination.is_group()
    }

    /// True if `address` is one of the card's.
    pub fn has_address(&self, address: IpAddr) -> bool {
        self.addresses.iter().any(|net| net.addr() == address)
    }

    /// True if `address` means everybody on the card's segment.
    pub fn is_broadcast(&self, address: IpAddr) -> bool {
        let limited = address == IpAddr::V4(Ipv4Addr::BROADCAST);
        let directed = |net: &IpNet| net.prefix_len() < 31 && net.broadcast() == address;
        limited || self.addresses.iter().any(directed)
    }

    /// Sends an IP packet to `next_hop` on this card's segment. The packet stands in `frame`
    /// behind [`HEADER_LEN`] bytes of room for the Ethernet header.
    pub fn send_ip(
        &mut self,
        now: SimTime,
        next_hop: IpAddr,
        frame: Frame,
        ids: &mut FrameIds,
        out: &mut Outbox,
    ) {
        if self.is_broadcast(next_hop) || next_hop.is_multicast() {
            return self.transmit(group_mac(next_hop), ethertype(next_hop), frame, out);
        }
        match self.neighbors.resolve(now, next_hop, frame) {
            Resolution::Ready(mac, frame) => self.transmit(mac, ethertype(next_hop), frame, out),
            Resolution::Ask => self.ask(next_hop, ids, out),
            Resolution::Wait => {}
            Resolution::Overflow(mut frame) => {
                self.address(Mac([0; 6]), ethertype(next_hop), &mut frame);
                out.drop(self.port, frame, DropReason::NeighborQueueFull);
            }
        }
    }

    /// True if an ARP packet comes from a neighbour that had another MAC address until now.
    pub fn is_news(&self, now: SimTime, packet: &ArpPacket) -> bool {
        let known = self.neighbors.known(now, IpAddr::V4(packet.sender_ip));
        known.is_some_and(|(mac, _)| mac != packet.sender_mac)
    }

    /// Takes an ARP packet that came in (RFC 826, "Packet Reception").
    pub fn handle_arp(
        &mut self,
        now: SimTime,
        packet: &ArpPacket,
        ids: &mut FrameIds,
        out: &mut Outbox,
    ) {
        let sender = IpAddr::V4(packet.sender_ip);
        let for_me = self.has_address(IpAddr::V4(packet.target_ip));
        // A probe comes from nobody (RFC 5227, section 1.1).
        if !packet.sender_ip.is_unspecified() {
            for frame in self.neighbors.learn(now, sender, packet.sender_mac, for_me) {
                self.transmit(packet.sender_mac, EtherType::IPV4, frame, out);
            }
        }
        if for_me && packet.operation == ArpOperation::Request {
            self.answer(packet, ids, out);
        }
    }

    /// Asks again where an answer is overdue. The packets of neighbours that never answered come
    /// back, each with its Ethernet header to nobody.
    pub fn handle_wake(
        &mut self,
        now: SimTime,
        ids: &mut FrameIds,
        out: &mut Outbox,
    ) -> Vec<Frame> {
        let mut undeliverable = Vec::new();
        while let Some(due) = self.neighbors.take_due(now) {
            match due {
                Due::AskAgain(address) => self.ask(address, ids, out),
                Due::GiveUp(frames) => undeliverable.extend(frames),
            }
        }
        for frame in &mut undeliverable {
            self.address(Mac([0; 6]), EtherType::IPV4, frame);
        }
        undeliverable
    }

    fn ask(&mut self, address: IpAddr, ids: &mut FrameIds, out: &mut Outbox) {
        let (IpAddr::V4(target_ip), Some(sender_ip)) = (address, self.ipv4_towards(address)) else {
            return;
        };
        self.request((sender_ip, target_ip), ids, out);
    }

    /// Asks everybody who has `target_ip`, in the name of `sender_ip`.
    pub fn request(
        &mut self,
        (sender_ip, target_ip): (Ipv4Addr, Ipv4Addr),
        ids: &mut FrameIds,
        out: &mut Outbox,
    ) {
        self.arp_requests += 1;
        let request = ArpPacket {
            operation: ArpOperation::Request,
            sender_mac: self.mac,
            sender_ip,
            target_mac: Mac([0; 6]),
            target_ip,
        };
        self.send_arp(Mac::BROADCAST, &request, ids, out);
    }

    fn answer(&mut self, request: &ArpPacket, ids: &mut FrameIds, out: &mut Outbox) {
        self.arp_replies += 1;
        let reply = ArpPacket {
            operation: ArpOperation::Reply,
            sender_mac: self.mac,
            sender_ip: request.target_ip,
            target_mac: request.sender_mac,
            target_ip: request.sender_ip,
        };
        self.send_arp(request.sender_mac, &reply, ids, out);
    }

    fn send_arp(&self, to: Mac, packet: &ArpPacket, ids: &mut FrameIds, out: &mut Outbox) {
        let mut bytes = out.pool.take();
        bytes.resize(HEADER_LEN, 0);
        bytes.extend_from_slice(&packet.emit());
        self.transmit(to, EtherType::ARP, Frame::new(ids.next(), bytes), out);
    }

    /// The card's IPv4 address on the subnet of `address`, or else its first.
    fn ipv4_towards(&self, address: IpAddr) -> Option<Ipv4Addr> {
        let on_subnet = self.addresses.iter().find(|net| net.contains(&address));
        match on_subnet.or_else(|| self.addresses.first())?.addr() {
            IpAddr::V4(v4) => Some(v4),
            IpAddr::V6(_) => None,
        }
    }

    /// Writes the Ethernet header, pads and sends.
    fn transmit(&self, to: Mac, ethertype: EtherType, mut frame: Frame, out: &mut Outbox) {
        self.address(to, ethertype, &mut frame);
        out.send(self.port, frame);
    }

    fn address(&self, destination: Mac, ethertype: EtherType, frame: &mut Frame) {
        if frame.bytes.len() < MIN_FRAME_LEN {
            frame.bytes.resize(MIN_FRAME_LEN, 0);
        }
        let header = EthernetHeader {
            destination,
            source: self.mac,
            ethertype,
        };
        header.emit(&mut frame.bytes);
    }
}

const fn ethertype(address: IpAddr) -> EtherType {
    match address {
        IpAddr::V4(_) => EtherType::IPV4,
        IpAddr::V6(_) => EtherType::IPV6,
    }
}

/// Where broadcasts and multicasts go (RFC 1112, section 6.4; RFC 2464, section 7).
const fn group_mac(address: IpAddr) -> Mac {
    match address {
        IpAddr::V4(v4) if v4.is_multicast() => {
            let [_, b, c, d] = v4.octets();
            Mac([0x01, 0x00, 0x5e, b & 0x7f, c, d])
        }
        IpAddr::V4(_) => Mac::BROADCAST,
        IpAddr::V6(v6) => {
            let o = v6.octets();
            Mac([0x33, 0x33, o[12], o[13], o[14], o[15]])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::NodeId;

    fn card(last: u8) -> Card {
        let net = format!("10.0.0.{last}/24").parse().unwrap();
        Card::new(
            PortId(0),
            Mac::generated(u32::from(last), 0),
            vec![net],
            1500,
        )
    }

    fn packet(ids: &mut FrameIds) -> Frame {
        Frame::new(ids.next(), vec![0x45; HEADER_LEN + 20])
    }

    fn arp_of(out: &Outbox) -> ArpPacket {
        ArpPacket::parse(&out.sends[0].1.bytes[HEADER_LEN..]).unwrap()
    }

    #[test]
    fn question_answer_and_the_waiting_packet_make_three_frames() {
        let (mut a, mut b) = (card(1), card(2));
        let (mut ids, mut out) = (FrameIds::of(NodeId(0)), Outbox::default());
        let bob = "10.0.0.2".parse().unwrap();
        a.send_ip(SimTime::ZERO, bob, packet(&mut ids), &mut ids, &mut out);
        let request = arp_of(&out);
        assert_eq!(request.operation, ArpOperation::Request);
        assert_eq!(out.sends[0].1.bytes.len(), MIN_FRAME_LEN);

        out.sends.clear();
        b.handle_arp(SimTime::ZERO, &request, &mut ids, &mut out);
        let reply = arp_of(&out);
        assert_eq!(
            (reply.operation, reply.target_mac),
            (ArpOperation::Reply, a.mac)
        );

        out.sends.clear();
        a.handle_arp(SimTime::ZERO, &reply, &mut ids, &mut out);
        let header = EthernetHeader::parse(&out.sends[0].1.bytes).unwrap();
        assert_eq!(
            (header.destination, header.ethertype),
            (b.mac, EtherType::IPV4)
        );
    }

    #[test]
    fn a_probe_is_answered_and_teaches_nothing() {
        let (mut a, mut b) = (card(1), card(2));
        let (mut ids, mut out) = (FrameIds::of(NodeId(0)), Outbox::default());
        let nobody = Ipv4Addr::UNSPECIFIED;
        a.request((nobody, [10, 0, 0, 2].into()), &mut ids, &mut out);
        let probe = arp_of(&out);
        out.sends.clear();
        b.handle_arp(SimTime::ZERO, &probe, &mut ids, &mut out);
        assert_eq!(arp_of(&out).operation, ArpOperation::Reply);
        assert_eq!(b.neighbors.known(SimTime::ZERO, nobody.into()), None);
    }

    #[test]
    fn broadcasts_need_no_question() {
        let mut a = card(1);
        let (mut ids, mut out) = (FrameIds::of(NodeId(0)), Outbox::default());
        for address in ["255.255.255.255", "10.0.0.255"] {
            let frame = packet(&mut ids);
            a.send_ip(
                SimTime::ZERO,
                address.parse().unwrap(),
                frame,
                &mut ids,
                &mut out,
            );
        }
        let to_all = |f: &Frame| f.bytes[..6] == [0xff; 6];
        assert!(out.sends.iter().all(|(_, f)| to_all(f)) && out.sends.len() == 2);
    }

    #[test]
    fn a_neighbour_that_never_answers_gives_the_packet_back() {
        let mut a = card(1);
        let (mut ids, mut out) = (FrameIds::of(NodeId(0)), Outbox::default());
        let nobody = "10.0.0.9".parse().unwrap();
        a.send_ip(SimTime::ZERO, nobody, packet(&mut ids), &mut ids, &mut out);
        let mut back = Vec::new();
        while let Some(at) = a.neighbors.poll_at() {
            back.extend(a.handle_wake(at, &mut ids, &mut out));
        }
        assert_eq!((back.len(), a.arp_requests), (1, 3));
    }
}
