//! An address that a card gets, or loses, while the run goes on.

use std::sync::Arc;

use ipnet::IpNet;

use super::{Fib, OwnAddresses};
use crate::{ids::PortId, topology::Route};

/// What changes for the network floor of a host with one card.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The card.
    pub port: PortId,
    /// Its addresses from now on.
    pub addresses: Vec<IpNet>,
    /// The same, as both floors look them up.
    pub own: OwnAddresses,
    /// The forwarding table from now on.
    pub fib: Arc<Fib>,
}

impl Assignment {
    /// The card `port` has `net` from now on, or nothing; the table holds `routes`.
    pub fn new(port: PortId, net: Option<IpNet>, routes: &[Route]) -> Self {
        Self {
            port,
            own: OwnAddresses::new(net.iter()),
            addresses: net.into_iter().collect(),
            fib: Arc::new(Fib::new(routes)),
        }
    }
}
