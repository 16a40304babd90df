//! What hosts and routers do with IP packets: deliver, forward, split, or explain why not.
//!
//! Sans-I/O. Frames go in by [`IpLayer::handle_frame`], packets of the node's own transport floor
//! by [`IpLayer::send`]; frames come out in the [`Outbox`], packets for the transport floor by
//! [`IpLayer::take_local`].

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use smallvec::SmallVec;

mod adjacencies;
mod fast_path;

use self::adjacencies::Adjacencies;
use super::{
    assign::Assignment,
    claim::Watch,
    fib::{Fib, NextHop},
    fragment::fragment,
    icmp::{IcmpError, may_complain_about},
    own::OwnAddresses,
};
use crate::{
    ids::PortId,
    osi::data_link::{Card, FrameIds, Outbox},
    trace::DropReason,
    units::SimTime,
    wire::{ArpPacket, EtherType, EthernetHeader, Frame, HEADER_LEN, Ipv4Packet, Mac},
};

/// The network floor of one host or router.
///
/// The fields stand in the order of their use.
#[derive(Debug)]
#[repr(C)]
pub struct IpLayer {
    adjacencies: Adjacencies,
    /// The first of `deadlines`; [`SimTime::MAX`] if there is none.
    next_deadline: SimTime,
    /// The MAC addresses of the cards, side by side.
    macs: SmallVec<[Mac; 2]>,
    fib: Arc<Fib>,
    forwarding: bool,
    silent: bool,
    icmp_ident: u16,
    own: OwnAddresses,
    pub(super) ids: FrameIds,
    counters: IpCounters,
    local: VecDeque<LocalPacket>,
    /// Where the node's own packets from these addresses go, if that decides.
    source_ways: Option<Box<SourceWays>>,
    /// Who else has an address that is to be used.
    pub(super) watch: Option<Box<Watch>>,
    pub(super) cards: Box<[Card]>,
    /// Which cards' neighbour caches have something to do, and when.
    deadlines: BTreeSet<(SimTime, PortId)>,
}

/// Ways by the address that packets come from.
type SourceWays = BTreeMap<IpAddr, NextHop>;

/// A packet for the node itself.
#[derive(Debug)]
pub struct LocalPacket {
    /// The port it came in by (port 0 if the node sent it to itself).
    pub port: PortId,
    /// The packet, behind [`HEADER_LEN`] bytes of Ethernet header.
    pub frame: Frame,
}

/// What the network floor has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IpCounters {
    /// Packets handed up to the node's own transport floor.
    pub delivered: u64,
    /// Packets passed on for others.
    pub forwarded: u64,
    /// Packets of the node's own transport floor.
    pub originated: u64,
    /// Packets cut into fragments.
    pub fragmented: u64,
    /// ICMP errors sent.
    pub icmp_errors: u64,
}

impl IpLayer {
    /// A network floor with `cards`, in port order.
    pub fn new(
        cards: Vec<Card>,
        fib: impl Into<Arc<Fib>>,
        forwarding: bool,
        ids: FrameIds,
    ) -> Self {
        let nets = cards.iter().flat_map(|card| &card.addresses);
        Self {
            own: OwnAddresses::new(nets),
            next_deadline: SimTime::MAX,
            deadlines: BTreeSet::new(),
            macs: cards.iter().map(|card| card.mac).collect(),
            adjacencies: Adjacencies::default(),
            cards: cards.into(),
            fib: fib.into(),
            forwarding,
            ids,
            icmp_ident: 0,
            silent: false,
            source_ways: None,
            watch: None,
            local: VecDeque::new(),
            counters: IpCounters {
                delivered: 0,
                forwarded: 0,
                originated: 0,
                fragmented: 0,
                icmp_errors: 0,
            },
        }
    }

    /// From now on, no ICMP error tells what became of a packet.
    pub const fn keep_silent(&mut self) {
        self.silent = true;
    }

    /// From now on, the node's own packets from these addresses go there, whatever the forwarding
    /// table says.
    pub fn route_by_source(&mut self, ways: &BTreeMap<IpAddr, NextHop>) {
        self.source_ways = (!ways.is_empty()).then(|| Box::new(ways.clone()));
    }

    /// Where the packet in `frame` goes by its source, if that decides.
    fn way_by_source(&self, frame: &Frame) -> Option<(NextHop, IpAddr)> {
        let ways = self.source_ways.as_ref()?;
        let packet = Ipv4Packet::new(&frame.bytes[HEADER_LEN..])?;
        let destination = IpAddr::V4(packet.destination());
        let way = ways.get(&IpAddr::V4(packet.source()))?;
        (!self.own.contain(destination)).then_some((*way, destination))
    }

    /// From now on a card has other addresses, and the table other routes.
    pub fn assign(&mut self, assignment: Assignment) {
        let Assignment {
            port,
            addresses,
            own,
            fib,
        } = assignment;
        if let Some(card) = self.cards.get_mut(port.index()) {
            card.addresses = addresses;
        }
        self.own = own;
        self.fib = fib;
        self.adjacencies = Adjacencies::default();
    }

    /// The cards, in port order.
    pub fn cards(&self) -> &[Card] {
        &self.cards
    }

    /// The addresses of all cards.
    pub const fn own_addresses(&self) -> &OwnAddresses {
        &self.own
    }

    /// The forwarding table.
    pub const fn fib(&self) -> &Arc<Fib> {
        &self.fib
    }

    /// The cards, to fill their neighbour caches.
    pub fn cards_mut(&mut self) -> &mut [Card] {
        self.adjacencies.forget();
        &mut self.cards
    }

    /// What has been counted so far.
    pub const fn counters(&self) -> &IpCounters {
        &self.counters
    }

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
    fn send_by(
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
    fn note_deadline(&mut self, port: PortId) {
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

    /// True if no packet waits for a neighbour's answer.
    pub fn is_quiet(&self) -> bool {
        self.local.is_empty() && self.next_deadline == SimTime::MAX
    }

    /// True if [`IpLayer::take_local`] or [`IpLayer::take_conflict`] has something to give.
    pub fn has_local(&self) -> bool {
        !self.local.is_empty() || self.watch.as_ref().is_some_and(|w| w.has_conflict())
    }

    /// The next packet for the node's own transport floor.
    pub fn take_local(&mut self) -> Option<LocalPacket> {
        self.local.pop_front()
    }

    /// Drops a packet and tells its source why, if that is allowed.
    fn refuse(
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

    fn is_local(&self, port: PortId, destination: IpAddr) -> bool {
        self.cards[port.index()].is_broadcast(destination)
            || destination.is_multicast()
            || self.own.contain(destination)
    }
}

#[cfg(test)]
mod tests;
