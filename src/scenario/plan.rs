//! The plan: a scenario with everything filled in and nothing left to doubt.
//!
//! A plan can only be made by `scenario` (from a file) or by a program of one's own; whoever gets
//! one need not check it again.

use std::{collections::BTreeSet, ops::Range};

use crate::{
    ids::{LinkId, NodeId, PortId, TrafficId},
    osi::application::spec::{DhcpClient, Server, Traffic},
    rng::RootSeed,
    topology::{RoutingTable, Topology},
    units::{SimTime, Span},
};

pub use crate::{engine::HostConfig, osi::data_link::ArpMode};

/// A whole scenario, checked.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What it is about, in one line.
    pub title: String,
    /// Where all randomness grows from. Default 1.
    pub seed: RootSeed,
    /// End the run then at the latest; `None`: when the traffic is done.
    pub stop: Option<SimTime>,
    /// The calendar time of virtual time zero \[ns since 1970-01-01 UTC\], for captures and
    /// `Date` headers. Default 2025-01-01T00:00:00Z.
    pub epoch: u64,
    /// The network.
    pub topology: Topology,
    /// The generated nodes by role; nodes written by hand are in no group.
    pub groups: Vec<NodeGroup>,
    /// Each node's routing table, by [`NodeId`]; empty for switches and hubs.
    pub routes: Vec<RoutingTable>,
    /// Each node's settings, by [`NodeId`].
    pub hosts: Vec<HostConfig>,
    /// How long a switch remembers an address. Default 300 s (802.1D).
    pub mac_ageing: Span,
    /// Every server, each (node, application, port) once.
    pub servers: Vec<Server>,
    /// Every traffic entry, by [`TrafficId`].
    pub traffic: Vec<Traffic>,
    /// The entries of the file that stand for many flows.
    pub traffic_groups: Vec<TrafficGroup>,
    /// The host whose DNS server answers for the whole network, if there is one.
    pub dns_server: Option<NodeId>,
    /// The hosts that get their address by DHCP, each with one card.
    pub dhcp_clients: Vec<(NodeId, DhcpClient)>,
    /// What is captured and how.
    pub capture: CapturePlan,
    /// What is written about the inside of protocols.
    pub trace: TracePlan,
    /// What is strange but allowed, for `check` and the start of a run.
    pub warnings: Vec<String>,
    /// What the file left out and the scenario room filled in, for `check`.
    pub filled_in: FilledIn,
}

impl Plan {
    /// The settings of the host or router called `name`, to change before the run: what a file
    /// cannot say, such as a congestion control of one's own.
    pub fn host_mut(&mut self, name: &str) -> Option<&mut HostConfig> {
        let node = self.topology.find(name)?;
        self.hosts.get_mut(node.index())
    }
}

/// Generated nodes of one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeGroup {
    /// The role: `hosts`, `edge`, `core` ...
    pub name: String,
    /// The nodes, in order.
    pub members: Vec<NodeId>,
}

/// The flows that one entry with a pattern stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrafficGroup {
    /// The name of the entry; its flows are called `name.1`, `name.2` ...
    pub name: String,
    /// The places of its flows in [`Plan::traffic`].
    pub entries: Range<usize>,
}

/// What the file left out. Everything about generated nodes and links is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilledIn {
    /// Cards whose address was handed out.
    pub addresses: BTreeSet<(NodeId, PortId)>,
    /// Cards whose MAC address was generated.
    pub macs: BTreeSet<(NodeId, PortId)>,
    /// Links that are called after their ends.
    pub link_names: BTreeSet<LinkId>,
    /// Traffic entries that are called after their application.
    pub traffic_names: BTreeSet<TrafficId>,
    /// Servers that some traffic implies, by their place in [`Plan::servers`].
    pub servers: BTreeSet<usize>,
    /// True if nothing is captured because the network is large and the file does not ask.
    pub no_captures: bool,
    /// The generated nodes, by number; their cards are in none of the sets.
    pub generated_nodes: Range<usize>,
    /// The generated links, by number; they are in none of the sets.
    pub generated_links: Range<usize>,
}

impl FilledIn {
    /// True if the address of `card` was handed out.
    pub fn address(&self, card: (NodeId, PortId)) -> bool {
        self.generated_nodes.contains(&card.0.index()) || self.addresses.contains(&card)
    }

    /// True if the MAC address of `card` was generated.
    pub fn mac(&self, card: (NodeId, PortId)) -> bool {
        self.generated_nodes.contains(&card.0.index()) || self.macs.contains(&card)
    }

    /// True if `link` is called after its ends.
    pub fn link_name(&self, link: LinkId) -> bool {
        self.generated_links.contains(&link.index()) || self.link_names.contains(&link)
    }
}

/// What is captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturePlan {
    /// The format.
    pub format: CaptureFormat,
    /// Keep at most this many bytes of each frame; `None` keeps all.
    pub snap_length: Option<u32>,
    /// The cards that get a capture of their own. Default: every card of every host, or none in
    /// a network of more than [`CapturePlan::MANY_CARDS`].
    pub vantage: Vec<(NodeId, PortId)>,
    /// Write `all.pcapng`, every interface of the network in one file. Default: true, or false in
    /// a network of more than [`CapturePlan::MANY_CARDS`].
    pub all: bool,
}

impl CapturePlan {
    /// A network with more cards (and ports of switches and hubs) than this is captured only
    /// where it is asked for.
    pub const MANY_CARDS: usize = 64;

    /// True if nothing is captured.
    pub const fn is_empty(&self) -> bool {
        self.vantage.is_empty() && !self.all
    }
}

/// What is written about the inside of protocols.
///
/// # Defaults
/// Nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TracePlan {
    /// Write `tcp.jsonl`: every change of the values of TCP senders, with its cause.
    pub tcp: bool,
    /// Write a qlog of every QUIC connection and each of its ends.
    pub qlog: bool,
}

/// The file format of captures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaptureFormat {
    /// pcapng, with names, comments and nanoseconds.
    #[default]
    Pcapng,
    /// Classic pcap with nanoseconds: no names, no comments.
    Pcap,
}
