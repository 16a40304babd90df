//! The plan: a scenario with everything filled in and nothing left to doubt.
//!
//! A plan can only be made by `scenario` (from a file) or by a program of one's own; whoever gets
//! one need not check it again.

use crate::{
    ids::{NodeId, PortId},
    osi::application::spec::{Server, Traffic},
    rng::RootSeed,
    topology::{Route, Topology},
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
    /// Each node's routing table, by [`NodeId`]; empty for switches and hubs.
    pub routes: Vec<Vec<Route>>,
    /// Each node's settings, by [`NodeId`].
    pub hosts: Vec<HostConfig>,
    /// How long a switch remembers an address. Default 300 s (802.1D).
    pub mac_ageing: Span,
    /// Every server, each (node, application, port) once.
    pub servers: Vec<Server>,
    /// Every traffic entry, by [`TrafficId`](crate::ids::TrafficId).
    pub traffic: Vec<Traffic>,
    /// The host whose DNS server answers for the whole network, if there is one.
    pub dns_server: Option<NodeId>,
    /// What is captured and how.
    pub capture: CapturePlan,
    /// What is strange but allowed, for `check` and the start of a run.
    pub warnings: Vec<String>,
}

/// What is captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturePlan {
    /// The format.
    pub format: CaptureFormat,
    /// Keep at most this many bytes of each frame; `None` keeps all.
    pub snap_length: Option<u32>,
    /// The cards that get a capture of their own. Default: every card of every host.
    pub vantage: Vec<(NodeId, PortId)>,
    /// Write `all.pcapng`, every interface of the network in one file.
    pub all: bool,
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
