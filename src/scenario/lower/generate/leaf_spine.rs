//! A leaf-spine network: every leaf router is cabled to every spine router.
//!
//! Leaf l sends what is not its own up to spine l mod spines, so the leaves spread over the spines,
//! but all traffic of one leaf takes one of them: real networks would use them all. The hosts of a
//! leaf are one block of addresses in 10.0.0.0/8, its uplinks another one in 172.16.0.0/12, and each
//! spine has a route for both.

use super::{
    CableRole, Drawing, Size, Sketch,
    keys::Keys,
    sketch::{MIDDLE, MIDDLE_SIZE, TEN, block_of, pair, roomy},
};
use crate::scenario::limits::MAX_PORTS;

struct LeafSpine {
    leaves: u32,
    spines: u32,
    fan: u32,
}

#[allow(clippy::cast_possible_truncation, reason = "the constants fit")]
pub(super) fn read(keys: &mut Keys<'_>) -> Option<Box<dyn Drawing>> {
    let table = keys.table();
    let range = 1..=MAX_PORTS as u32;
    let leaves = keys.number(&table.leaves, "leaves", range.clone());
    let spines = keys.number(&table.spines, "spines", range.clone());
    let fan = keys.number_or(4, &table.fan, "fan", range);
    let all = LeafSpine {
        leaves: leaves?,
        spines: spines?,
        fan: fan?,
    };
    if u64::from(all.leaves) * u64::from(all.uplinks_size()) > MIDDLE_SIZE.into() {
        let message = format!(
            "{} leaves with {} uplinks each do not fit into 172.16.0.0/12",
            all.leaves, all.spines
        );
        keys.refuse(&table.leaves, message, "take fewer leaves or fewer spines");
        return None;
    }
    Some(Box::new(all))
}

impl LeafSpine {
    /// How many addresses the uplinks of a leaf have.
    const fn uplinks_size(&self) -> u32 {
        (4 * self.spines).next_power_of_two()
    }
}

impl Drawing for LeafSpine {
    fn size(&self) -> Size {
        let [leaves, spines, fan] = [self.leaves, self.spines, self.fan].map(u64::from);
        Size {
            nodes: leaves * fan + leaves + spines,
            links: leaves * (fan + spines),
        }
    }

    fn draw(&self, sketch: &mut Sketch) {
        let hosts = sketch.hosts(self.leaves * self.fan);
        let leaves = sketch.routers("leaf", self.leaves);
        let spines = sketch.routers("spine", self.spines);
        let size = roomy(self.leaves, 4 * self.fan);
        for l in 0..self.leaves {
            let leaf = leaves.nth(l);
            let base = TEN + l * size;
            for x in 0..self.fan {
                let host = hosts.nth(l * self.fan + x);
                let cable = sketch.cable(CableRole::Host, [host, leaf], pair(base + 4 * x));
                sketch.default_route(host, cable);
            }
            let own = block_of(base, size);
            let uplinks = block_of(MIDDLE + l * self.uplinks_size(), self.uplinks_size());
            for s in 0..self.spines {
                let net = pair(MIDDLE + l * self.uplinks_size() + 4 * s);
                let cable = sketch.cable(CableRole::Router, [leaf, spines.nth(s)], net);
                if s == l % self.spines {
                    sketch.default_route(leaf, cable);
                }
                sketch.route(spines.nth(s), own, cable);
                sketch.route(spines.nth(s), uplinks, cable);
            }
            sketch.reserve(own);
            sketch.reserve(uplinks);
        }
    }
}
