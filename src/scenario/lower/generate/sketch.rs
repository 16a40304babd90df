//! The sketch of a generated network: nodes by role, cables with their addresses, routes over
//! cables.

use ipnet::Ipv4Net;

use super::roles::{Role, Roles};
use crate::{ids::NodeId, scenario::text::Place, topology::NodeKind};

/// A generated network before it has ports.
#[derive(Debug)]
pub(in crate::scenario::lower) struct Sketch {
    /// Where `[generate]` stands; `None` if it does not.
    pub(in crate::scenario::lower) place: Option<Place>,
    /// The nodes.
    pub(in crate::scenario::lower) roles: Roles,
    /// The cables, by number.
    pub(in crate::scenario::lower) cables: Vec<Cable>,
    /// The address blocks that belong to the network alone.
    pub(in crate::scenario::lower) blocks: Vec<Ipv4Net>,
    /// The routes beside those to a node's own subnets; `None` if shortest paths find them.
    pub(in crate::scenario::lower) routes: Option<Vec<Way>>,
}

/// One cable.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario::lower) struct Cable {
    /// Lower end, upper end.
    pub(in crate::scenario::lower) ends: [NodeId; 2],
    /// What it is for.
    pub(in crate::scenario::lower) role: CableRole,
    /// Its /30, whose first address goes to the lower end; `None` on a segment of switches and
    /// hubs, whose addresses are handed out like those of hand-written nodes.
    pub(in crate::scenario::lower) net: Option<Ipv4Net>,
}

/// What a cable is for, which decides its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario::lower) enum CableRole {
    /// From a host to what it hangs on.
    Host,
    /// Between routers.
    Router,
    /// The one in the middle of a dumbbell, which is also its name.
    Bottleneck,
}

/// The number of a cable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario::lower) struct CableId(u32);

/// A route over a cable, from one of its ends to the other.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario::lower) struct Way {
    /// Whose route.
    pub(in crate::scenario::lower) node: NodeId,
    /// Where to.
    pub(in crate::scenario::lower) prefix: Ipv4Net,
    /// By which cable.
    pub(in crate::scenario::lower) by: CableId,
}

impl CableId {
    /// As an index into [`Sketch::cables`].
    pub(in crate::scenario::lower) const fn index(self) -> usize {
        self.0 as usize
    }
}

impl Sketch {
    /// Nothing yet. The first node will be `first`.
    pub(super) const fn new(first: NodeId, place: Option<Place>) -> Self {
        Self {
            place,
            roles: Roles::new(first),
            cables: Vec::new(),
            blocks: Vec::new(),
            routes: Some(Vec::new()),
        }
    }

    /// Adds the hosts `h0`, `h1` ...
    pub(super) fn hosts(&mut self, count: u32) -> Role {
        self.roles.add("hosts", "h", NodeKind::Host, count)
    }

    /// Adds routers called after their `role`.
    pub(super) fn routers(&mut self, role: &'static str, count: u32) -> Role {
        self.roles.add(role, role, NodeKind::Router, count)
    }

    /// Takes an address block.
    pub(super) fn reserve(&mut self, block: Ipv4Net) {
        self.blocks.push(block);
    }

    /// Lays a cable from `lower` up to `upper`.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the size was checked before drawing"
    )]
    pub(super) fn cable(
        &mut self,
        role: CableRole,
        ends: [NodeId; 2],
        net: Option<Ipv4Net>,
    ) -> CableId {
        self.cables.push(Cable { ends, role, net });
        CableId(self.cables.len() as u32 - 1)
    }

    /// `node` reaches `prefix` over `by`.
    pub(super) fn route(&mut self, node: NodeId, prefix: Ipv4Net, by: CableId) {
        let ways = self.routes.get_or_insert_default();
        ways.push(Way { node, prefix, by });
    }

    /// `node` reaches everything else over `by`.
    pub(super) fn default_route(&mut self, node: NodeId, by: CableId) {
        self.route(node, Ipv4Net::default(), by);
    }

    /// Leaves the routes to shortest paths.
    pub(super) fn forget_routes(&mut self) {
        self.routes = None;
    }

    /// True if all cables come with addresses.
    pub(in crate::scenario::lower) fn is_numbered(&self) -> bool {
        self.cables.iter().all(|cable| cable.net.is_some())
    }

    /// How many cables each node has.
    pub(in crate::scenario::lower) fn degrees(&self) -> Vec<usize> {
        let first = self.roles.first().index();
        let mut degrees = vec![0; self.roles.count() as usize];
        for end in self.cables.iter().flat_map(|cable| cable.ends) {
            degrees[end.index() - first] += 1;
        }
        degrees
    }

    /// The block that overlaps `net`.
    pub(in crate::scenario::lower) fn block_over(&self, net: Ipv4Net) -> Option<Ipv4Net> {
        let overlaps = |b: &Ipv4Net| b.contains(&net.network()) || net.contains(&b.network());
        self.blocks.iter().copied().find(overlaps)
    }
}

/// The block of `length` at `address`.
pub(super) fn block(address: u32, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(address.into(), length).trunc()
}

/// The block of `size` addresses, a power of two, at `address`.
pub(super) fn block_of(address: u32, size: u32) -> Ipv4Net {
    let length = u8::try_from(size.leading_zeros() + 1).unwrap_or(32);
    block(address, length)
}

/// The /30 at `address`.
pub(super) fn pair(address: u32) -> Option<Ipv4Net> {
    Some(block(address, 30))
}

/// How large each of `count` blocks in 10.0.0.0/8 is, so that it has `needed` addresses: at least a
/// /24, if so many fit, because such addresses are easier to read.
pub(super) fn roomy(count: u32, needed: u32) -> u32 {
    let needed = needed.next_power_of_two();
    let usual = needed.max(256);
    if count <= (1 << 24) / usual {
        usual
    } else {
        needed
    }
}

/// 10.0.0.0, where the addresses of hosts begin.
pub(super) const TEN: u32 = 0x0a00_0000;

/// 172.16.0.0, where the addresses between routers begin if they are not of a host's block.
pub(super) const MIDDLE: u32 = 0xac10_0000;

/// How many addresses 172.16.0.0/12 has.
pub(super) const MIDDLE_SIZE: u32 = 1 << 20;
