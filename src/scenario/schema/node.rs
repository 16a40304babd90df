//! `[node.NAME]`: a host, router, switch or hub.

use std::net::IpAddr;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    field::{Field, List, Named, Table},
    host::with_host_settings,
    value::CardAddress,
    word::Routing,
};
use crate::{scenario::plan::ArpMode, topology::NodeKind, units::Span, wire::Mac};

with_host_settings! {
    /// A host, router, switch or hub.
    Node {
        /// What kind of box it is.
        #[schemars(extend("default" = "host", "examples" = ["router"]))]
        kind: Field<NodeKind>,
        /// The address of its only card, with the prefix length; or "dhcp", to ask for one on the wire.
        /// Left out: the next free one of the subnet.
        #[schemars(extend("examples" = ["10.0.2.10/24"]))]
        address: Field<CardAddress>,
        /// How it gets and keeps its address; only with `address = "dhcp"`.
        dhcp: Table<DhcpClient>,
        /// The addresses of its cards, by the name of the link or of the neighbour. Cards left out
        /// get the next free one.
        #[schemars(extend("examples" = [{"wan": "10.0.1.1/24", "alice": "10.0.0.1/24"}]))]
        addresses: Named<Field<CardAddress>>,
        /// The MAC address of its only card. Left out: a locally administered one with the numbers of
        /// node and port in it.
        #[schemars(extend("examples" = ["02:00:00:00:00:0a"]))]
        mac: Field<Mac>,
        /// The MAC addresses of its cards, by the name of the link or of the neighbour.
        #[schemars(extend("examples" = [{"wan": "02:00:00:00:01:01"}]))]
        macs: Named<Field<Mac>>,
        /// Its default router: short for a route to 0.0.0.0/0. Left out: the cheapest way.
        #[schemars(extend("examples" = ["10.0.0.1"]))]
        gateway: Field<IpAddr>,
        /// Routes written by hand. One to a subnet that shortest paths also know replaces that one.
        #[schemars(extend("examples" = [[{"to": "10.9.0.0/16", "via": "10.0.1.2"}]]))]
        routes: List<Table<StaticRoute>>,
        /// Whether shortest paths fill its routing table ("auto") or only its own subnets and the
        /// routes written here stand in it ("static").
        #[schemars(extend("default" = "auto", "examples" = ["static"]))]
        routing: Field<Routing>,
    }
}

/// What a host does about its address, if that comes by DHCP.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DhcpClient {
    /// Ask by ARP whether somebody has the address already, before it is used; that takes 4 to 7 s.
    /// One that is taken is declined, and everything begins anew after 10 s.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) probe: Field<bool>,
    /// Give the address back at this virtual time, and ask for no other.
    #[schemars(extend("examples" = ["30s"]))]
    pub(crate) release: Field<Span>,
}

/// One route written by hand.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["to", "via"]))]
pub(crate) struct StaticRoute {
    /// The destinations it is for.
    #[schemars(extend("examples" = ["10.9.0.0/16"]))]
    pub(crate) to: Field<IpNet>,
    /// The next router: an address on one of the node's own subnets.
    #[schemars(extend("examples" = ["10.0.1.2"]))]
    pub(crate) via: Field<IpAddr>,
}
