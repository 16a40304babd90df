//! An address for a while, and what it means for the floor below.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

use super::Message;
use crate::{
    ids::PortId,
    osi::network::Assignment,
    topology::{Route, RouteOrigin},
    units::{SimTime, Span},
};

/// An address for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lease {
    pub(super) net: Ipv4Net,
    pub(super) server: Ipv4Addr,
    pub(super) router: Option<Ipv4Addr>,
    pub(super) dns: Vec<Ipv4Addr>,
    pub(super) length: Span,
    pub(super) renew: SimTime,
    pub(super) rebind: SimTime,
    pub(super) end: SimTime,
}

impl Lease {
    /// What an acknowledgment gives, to a request that left at `asked`: the time counts from there.
    /// One for no time at all gives nothing.
    pub(super) fn of(ack: &Message, asked: SimTime) -> Option<Self> {
        let [length, renew, rebind] = ack.times?.map(|s| Span::from_secs(s.into()));
        let mask = ack.mask.unwrap_or(Ipv4Addr::new(255, 255, 255, 0));
        let lease = Self {
            net: Ipv4Net::with_netmask(ack.yours, mask).ok()?,
            server: ack.server?,
            router: ack.router,
            dns: ack.dns.clone(),
            length,
            renew: asked + renew,
            rebind: asked + rebind,
            end: asked + length,
        };
        (length > Span::ZERO).then_some(lease)
    }

    /// The address, and the ways that come with it.
    pub(super) fn assignment(&self) -> Assignment {
        let net = IpNet::V4(self.net);
        let mut routes = vec![limited_broadcast(), route(net.trunc(), None)];
        if let Some(router) = self.router {
            routes.push(route(IpNet::V4(Ipv4Net::default()), Some(router)));
        }
        Assignment::new(CARD, Some(net), &routes)
    }
}

/// No address, and the way to the segment alone.
pub(super) fn nothing() -> Assignment {
    Assignment::new(CARD, None, &[limited_broadcast()])
}

/// How a host without an address reaches its segment.
fn limited_broadcast() -> Route {
    route(IpNet::V4(Ipv4Net::from(Ipv4Addr::BROADCAST)), None)
}

fn route(prefix: IpNet, via: Option<Ipv4Addr>) -> Route {
    Route {
        prefix,
        via: via.map(IpAddr::V4),
        port: CARD,
        origin: RouteOrigin::Static,
    }
}

/// A host that asks for its address has one card.
const CARD: PortId = PortId(0);
