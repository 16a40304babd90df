//! What hosts and routers do with IP packets: deliver, forward, split, or explain why not.
//!
//! Sans-I/O. Frames go in by [`IpLayer::handle_frame`], packets of the node's own transport floor
//! by [`IpLayer::send`]; frames come out in the [`Outbox`](crate::osi::data_link::Outbox), packets for the transport floor by
//! [`IpLayer::take_local`].

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::IpAddr,
    sync::Arc,
};

use smallvec::SmallVec;

mod adjacencies;
mod deadlines;
mod fast_path;
mod receive;
mod refuse;
mod send;

use self::adjacencies::Adjacencies;
use super::{
    assign::Assignment,
    claim::Watch,
    fib::{Fib, NextHop},
    own::OwnAddresses,
};
use crate::{
    ids::PortId,
    osi::data_link::{Card, FrameIds},
    units::SimTime,
    wire::{Frame, Mac},
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
    /// The packet, behind [`HEADER_LEN`](crate::wire::HEADER_LEN) bytes of Ethernet header.
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

    /// True if it passes packets on for others.
    pub const fn is_router(&self) -> bool {
        self.forwarding
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
}

#[cfg(test)]
mod tests;
