//! A node's own addresses, sorted: a router with ten thousand cards asks for them on every packet.
//! The network floor and the transport floor of a node share one list.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use ipnet::IpNet;

/// What a node must not pass on.
#[derive(Debug, Clone)]
pub enum OwnAddresses {
    /// Most nodes have one address, and it is found without another step.
    One(IpNet),
    /// Clones share the lists.
    Many(Arc<Lists>),
}

impl Default for OwnAddresses {
    fn default() -> Self {
        Self::Many(Arc::default())
    }
}

/// Addresses, sorted.
#[derive(Debug, Default)]
pub struct Lists {
    all: Box<[IpAddr]>,
    /// Its IPv4 addresses and the directed broadcasts of its subnets.
    special_v4: Box<[u32]>,
}

impl OwnAddresses {
    /// The addresses of a node whose cards have `nets`.
    pub fn new<'a>(mut nets: impl Iterator<Item = &'a IpNet> + Clone) -> Self {
        let all = nets.clone();
        match (nets.next(), nets.next()) {
            (Some(only), None) => Self::One(*only),
            _ => Self::Many(Arc::new(Lists::new(all))),
        }
    }

    /// Is it one of the node's addresses?
    pub fn contain(&self, address: IpAddr) -> bool {
        match self {
            Self::One(net) => net.addr() == address,
            Self::Many(lists) => lists.all.binary_search(&address).is_ok(),
        }
    }

    /// Does it mean everybody on one of the node's segments? A /31 has no such address (RFC 3021).
    pub fn is_directed_broadcast(&self, address: Ipv4Addr) -> bool {
        self.concern(address.to_bits()) && !self.contain(IpAddr::V4(address))
    }

    /// Is it one of the node's IPv4 addresses, or does it mean everybody on one of its segments?
    #[inline]
    pub(super) fn concern(&self, address: u32) -> bool {
        self.concern_any(address, address)
    }

    /// [`OwnAddresses::concern`] for any address from `first` to `last`.
    pub(super) fn concern_any(&self, first: u32, last: u32) -> bool {
        match self {
            Self::One(net) => {
                let mut special = special_v4(net);
                special.any(|address| (first..=last).contains(&address))
            }
            Self::Many(lists) => {
                let special = &lists.special_v4;
                let place = special.partition_point(|&address| address < first);
                special.get(place).is_some_and(|&address| address <= last)
            }
        }
    }
}

impl Lists {
    fn new<'a>(nets: impl Iterator<Item = &'a IpNet> + Clone) -> Self {
        let mut all: Vec<IpAddr> = nets.clone().map(IpNet::addr).collect();
        let mut special_v4: Vec<u32> = nets.flat_map(special_v4).collect();
        all.sort_unstable();
        special_v4.sort_unstable();
        special_v4.dedup();
        Self {
            all: all.into(),
            special_v4: special_v4.into(),
        }
    }
}

/// The IPv4 address of a card and the directed broadcast of its subnet.
fn special_v4(net: &IpNet) -> impl Iterator<Item = u32> + use<> {
    let own = [Some(net.addr()), broadcast(net)];
    own.into_iter().flatten().filter_map(bits)
}

fn broadcast(net: &IpNet) -> Option<IpAddr> {
    (net.prefix_len() < 31).then(|| net.broadcast())
}

const fn bits(address: IpAddr) -> Option<u32> {
    match address {
        IpAddr::V4(v4) => Some(v4.to_bits()),
        IpAddr::V6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_to_point_prefix_has_no_broadcast_address() {
        // RFC 3021: both addresses of a /31 are hosts.
        let nets = ["10.0.0.1/24", "10.0.9.1/31"].map(|net| net.parse().unwrap());
        let own = OwnAddresses::new(nets.iter());
        let everybody = |address: &str| own.is_directed_broadcast(address.parse().unwrap());
        assert!(everybody("10.0.0.255"));
        assert!(!everybody("10.0.9.1") && !everybody("10.0.9.0") && !everybody("10.0.0.1"));
        assert!(own.contain("10.0.9.1".parse().unwrap()));
        assert!(!own.contain("10.0.0.255".parse().unwrap()));
    }
}
