//! Who is wired to whom: nodes, ports, links, addresses, and what follows from them.
//!
//! A [`Topology`] is plain data in the order of the scenario file. From it come the broadcast
//! segments, the petgraph graph, shortest-path routes and the layout for drawing. It knows nothing
//! of time or traffic.

mod discipline;
mod grouped;
pub mod layout;
mod link;
mod node;
mod owners;
mod routes;
mod segment;
mod table;

pub use discipline::{Codel, Discipline, FqCodel, Red, Threshold};
pub use link::{End, JitterShape, Link, LinkProfile, Outage, QueueLimit};
pub use node::{Node, NodeKind, Port};
pub use owners::Owners;
pub use routes::{RouteSearch, shortest_path_routes};
pub use segment::{SegmentId, Segments};
pub use table::{Route, RouteOrigin, RoutingTable, connected_routes};

use std::{net::IpAddr, sync::Arc};

use crate::ids::{LinkId, NodeId, PortId, WireId};

/// The network of one scenario.
#[derive(Debug, Clone, Default)]
pub struct Topology {
    /// By [`NodeId`].
    pub nodes: Vec<Node>,
    /// By [`LinkId`].
    pub links: Vec<Link>,
}

impl Topology {
    /// The node called `id`.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The link called `id`.
    pub fn link(&self, id: LinkId) -> &Link {
        &self.links[id.index()]
    }

    /// The port `port` of `node`.
    pub fn port(&self, node: NodeId, port: PortId) -> &Port {
        &self.node(node).ports[port.index()]
    }

    /// All node ids, in file order.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the scenario room limits the number of nodes"
    )]
    pub fn node_ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The node called `name`.
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.node_ids().find(|&id| self.node(id).name == name)
    }

    /// The node that owns `address`.
    pub fn owner(&self, address: IpAddr) -> Option<NodeId> {
        self.node_ids()
            .find(|&id| self.node(id).addresses().any(|a| a == address))
    }

    /// The profile of one direction of a link.
    pub fn profile(&self, wire: WireId) -> &Arc<LinkProfile> {
        &self.link(wire.link).profiles[wire.direction.index()]
    }

    /// The end that `wire` leaves from.
    pub fn source(&self, wire: WireId) -> End {
        self.link(wire.link).ends[wire.direction.index()]
    }

    /// The end that `wire` arrives at.
    pub fn target(&self, wire: WireId) -> End {
        self.link(wire.link).ends[wire.direction.reversed().index()]
    }

    /// What hangs on the other side of `port`.
    pub fn neighbor(&self, node: NodeId, port: PortId) -> End {
        self.target(self.port(node, port).wire)
    }

    /// The name of a port as captures and tables show it: `alice` if it is the node's only one,
    /// else `r1:wan` after the link.
    pub fn port_name(&self, node: NodeId, port: PortId) -> String {
        let n = self.node(node);
        if n.ports.len() == 1 {
            return n.name.clone();
        }
        format!(
            "{}:{}",
            n.name,
            self.link(self.port(node, port).wire.link).name
        )
    }
}
