//! What to show in ladders.

use std::net::IpAddr;

use super::facts::{Content, Facts};
use crate::ids::NodeId;

/// Choices for [`ladders`](super::ladders).
///
/// # Defaults
/// All nodes, all traffic, every wire, about 60 rows in each picture, a ladder of its own for
/// each of the first 12 conversations; the whole of a network of at most 64 nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LadderOptions {
    /// Above the overall picture; the name of the scenario, say.
    pub title: String,
    /// Only these nodes get a column; hops over others are joined. Empty means all.
    pub nodes: Vec<NodeId>,
    /// Only frames of this traffic.
    pub only: Option<FlowFilter>,
    /// Every wire, or only from end to end.
    pub detail: Detail,
    /// About how many rows a ladder has at most. Long ladders show their beginning, what was
    /// lost and sent again, and their end.
    pub most_rows: usize,
    /// How many conversations get a ladder of their own.
    pub most_conversations: usize,
    /// In a network of more nodes the overall ladder tells of the first conversation alone.
    pub most_nodes: usize,
    /// True if `all.pcapng` is written, so that a ladder can refer to it.
    pub captured: bool,
}

impl Default for LadderOptions {
    fn default() -> Self {
        Self {
            title: "What was sent, and when".to_owned(),
            nodes: Vec::new(),
            only: None,
            detail: Detail::HopByHop,
            most_rows: 60,
            most_conversations: 12,
            most_nodes: 64,
            captured: true,
        }
    }
}

/// How much of a packet's way is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// Every wire: switches and routers have columns.
    #[default]
    HopByHop,
    /// From the node that made a packet to the node that took it.
    EndToEnd,
}

/// Traffic between two ends, either way. What is `None` may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FlowFilter {
    /// The transport protocol.
    pub protocol: Option<FlowProtocol>,
    /// Address and port of one end.
    pub one: (Option<IpAddr>, Option<u16>),
    /// Address and port of the other end.
    pub other: (Option<IpAddr>, Option<u16>),
}

/// What a flow can be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowProtocol {
    /// TCP segments.
    Tcp,
    /// UDP datagrams.
    Udp,
    /// ICMP messages.
    Icmp,
}

impl FlowFilter {
    /// True if a frame with these facts is part of the flow. ICMP errors count to the flow whose
    /// packet they quote.
    pub(super) fn matches(&self, facts: &Facts) -> bool {
        if let Content::IcmpError(Some(quoted)) = &facts.content
            && self.matches(quoted)
        {
            return true;
        }
        let Some((from, to)) = facts.ends else {
            return false;
        };
        let (protocol, ports) = match &facts.content {
            Content::Tcp(s) => (Some(FlowProtocol::Tcp), Some((s.source, s.destination))),
            Content::Udp {
                source,
                destination,
                ..
            } => (Some(FlowProtocol::Udp), Some((*source, *destination))),
            Content::Echo { .. } | Content::IcmpError(_) => (Some(FlowProtocol::Icmp), None),
            Content::Other => (None, None),
        };
        let source = (from, ports.map(|p| p.0));
        let target = (to, ports.map(|p| p.1));
        (self.protocol.is_none() || self.protocol == protocol)
            && (is_at(self.one, source) && is_at(self.other, target)
                || is_at(self.one, target) && is_at(self.other, source))
    }
}

fn is_at(wanted: (Option<IpAddr>, Option<u16>), actual: (IpAddr, Option<u16>)) -> bool {
    wanted.0.is_none_or(|a| a == actual.0) && (wanted.1.is_none() || wanted.1 == actual.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_is_the_same_in_both_directions() {
        let facts = |from: &str, source, to: &str, destination| Facts {
            ends: Some((from.parse().unwrap(), to.parse().unwrap())),
            content: Content::Udp {
                source,
                destination,
                len: 0,
                stamp: None,
            },
        };
        let filter = FlowFilter {
            protocol: Some(FlowProtocol::Udp),
            one: (Some("10.0.0.2".parse().unwrap()), Some(53)),
            other: (None, None),
        };
        assert!(filter.matches(&facts("10.0.0.1", 5000, "10.0.0.2", 53)));
        assert!(filter.matches(&facts("10.0.0.2", 53, "10.0.0.1", 5000)));
        assert!(!filter.matches(&facts("10.0.0.1", 53, "10.0.0.2", 5000)));
    }
}
