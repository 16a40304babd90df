//! A tree: hosts hang on edge routers, edge routers on one root.
//!
//! Edge router e owns one block, 10.0.0.0 + e times its size, which is at least a /24 if all fit:
//! its hosts have the /30s from the start, its uplink has the last one. The root has one route for
//! each block.

use super::{
    CableRole, Drawing, Size, Sketch,
    keys::Keys,
    sketch::{TEN, block_of, pair, roomy},
};
use crate::{
    scenario::limits::{MAX_NODES, MAX_PORTS},
    topology::NodeKind,
};

struct Tree {
    hosts: u32,
    fan: u32,
}

#[allow(clippy::cast_possible_truncation, reason = "the constants fit")]
pub(super) fn read(keys: &mut Keys<'_>) -> Option<Box<dyn Drawing>> {
    let table = keys.table();
    let hosts = keys.number(&table.hosts, "hosts", 1..=MAX_NODES as u32);
    let fan = keys.number_or(100, &table.fan, "fan", 1..=MAX_PORTS as u32 - 1);
    let (hosts, fan) = (hosts?, fan?);
    Some(Box::new(Tree { hosts, fan }))
}

impl Tree {
    const fn edges(&self) -> u32 {
        self.hosts.div_ceil(self.fan)
    }
}

impl Drawing for Tree {
    fn size(&self) -> Size {
        let below_root = u64::from(self.hosts) + u64::from(self.edges());
        Size {
            nodes: below_root + 1,
            links: below_root,
        }
    }

    fn draw(&self, sketch: &mut Sketch) {
        let hosts = sketch.hosts(self.hosts);
        let edges = sketch.routers("edge", self.edges());
        let root = sketch.roles.add_one("root", "root", NodeKind::Router);
        let size = roomy(self.edges(), 4 * (self.fan.min(self.hosts) + 1));
        for i in 0..self.hosts {
            let (e, x) = (i / self.fan, i % self.fan);
            let net = pair(TEN + e * size + 4 * x);
            let cable = sketch.cable(CableRole::Host, [hosts.nth(i), edges.nth(e)], net);
            sketch.default_route(hosts.nth(i), cable);
        }
        for e in 0..self.edges() {
            let base = TEN + e * size;
            let uplink = pair(base + size - 4);
            let cable = sketch.cable(CableRole::Router, [edges.nth(e), root], uplink);
            sketch.default_route(edges.nth(e), cable);
            let block = block_of(base, size);
            sketch.route(root, block, cable);
            sketch.reserve(block);
        }
    }
}
