//! A dumbbell: hosts on two routers with one link between them, the bottleneck.
//!
//! The hosts on the left come first, and each side is one block of addresses. The bottleneck has
//! 172.16.0.0/30.

use super::{
    CableRole, Drawing, Size, Sketch,
    keys::Keys,
    sketch::{MIDDLE, TEN, block_of, pair},
};
use crate::{scenario::limits::MAX_PORTS, topology::NodeKind};

struct Dumbbell {
    left: u32,
    right: u32,
}

#[allow(clippy::cast_possible_truncation, reason = "the constant fits")]
pub(super) fn read(keys: &mut Keys<'_>) -> Option<Box<dyn Drawing>> {
    let table = keys.table();
    let range = 1..=MAX_PORTS as u32 - 1;
    let left = keys.number(&table.left, "left", range.clone())?;
    let right = keys.number_or(left, &table.right, "right", range)?;
    Some(Box::new(Dumbbell { left, right }))
}

impl Drawing for Dumbbell {
    fn size(&self) -> Size {
        let hosts = u64::from(self.left) + u64::from(self.right);
        Size {
            nodes: hosts + 2,
            links: hosts + 1,
        }
    }

    fn draw(&self, sketch: &mut Sketch) {
        let hosts = sketch.hosts(self.left + self.right);
        let ends = ["left", "right"].map(|name| {
            let roles = &mut sketch.roles;
            roles.add_one("routers", name, NodeKind::Router)
        });
        let size = (4 * self.left.max(self.right)).next_power_of_two().max(256);
        for i in 0..self.left + self.right {
            let (router, base, x) = match i.checked_sub(self.left) {
                None => (ends[0], TEN, i),
                Some(x) => (ends[1], TEN + size, x),
            };
            let cable = sketch.cable(CableRole::Host, [hosts.nth(i), router], pair(base + 4 * x));
            sketch.default_route(hosts.nth(i), cable);
        }
        let middle = sketch.cable(CableRole::Bottleneck, ends, pair(MIDDLE));
        sketch.reserve(block_of(MIDDLE, 4));
        for (router, base) in [(ends[1], TEN), (ends[0], TEN + size)] {
            sketch.route(router, block_of(base, size), middle);
            sketch.reserve(block_of(base, size));
        }
    }
}
