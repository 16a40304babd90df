//! A node's own addresses, sorted: a router with ten thousand cards asks for them on every packet.

use std::net::IpAddr;

use crate::osi::data_link::Card;

/// What a node must not pass on.
#[derive(Debug)]
pub(super) struct OwnAddresses {
    all: Box<[IpAddr]>,
    /// Its IPv4 addresses and the directed broadcasts of its subnets.
    special_v4: Box<[u32]>,
}

impl OwnAddresses {
    pub(super) fn of(cards: &[Card]) -> Self {
        let nets = || cards.iter().flat_map(|card| &card.addresses);
        let mut all: Vec<IpAddr> = nets().map(|net| net.addr()).collect();
        let mut special_v4: Vec<u32> = nets()
            .flat_map(|net| [net.addr(), net.broadcast()])
            .filter_map(|address| match address {
                IpAddr::V4(v4) => Some(v4.to_bits()),
                IpAddr::V6(_) => None,
            })
            .collect();
        all.sort_unstable();
        special_v4.sort_unstable();
        special_v4.dedup();
        Self {
            all: all.into(),
            special_v4: special_v4.into(),
        }
    }

    /// Is it one of the node's addresses?
    pub(super) fn contain(&self, address: IpAddr) -> bool {
        self.all.binary_search(&address).is_ok()
    }

    /// Is it one of the node's IPv4 addresses, or does it mean everybody on one of its segments?
    #[inline]
    pub(super) fn concern(&self, address: u32) -> bool {
        match self.special_v4.len() {
            0..=8 => self.special_v4.contains(&address),
            _ => self.special_v4.binary_search(&address).is_ok(),
        }
    }
}
