//! Meshes: routers r0, r1 ... cabled in some pattern, each with `fan` hosts of its own. Rings and
//! grids; random graphs come from `waxman` and `barabasi_albert`.
//!
//! Host x of router r is h(r fan + x). The hosts of a router are one block of addresses in
//! 10.0.0.0/8; the links between routers are numbered through from 172.16.0.0. There is more than
//! one way from here to there, so shortest paths fill the routing tables.

use super::{
    CableRole, Drawing, Size, Sketch,
    keys::Keys,
    sketch::{MIDDLE, MIDDLE_SIZE, TEN, block_of, pair, roomy},
};
use crate::{
    scenario::limits::{MAX_NODES, MAX_PORTS},
    topology::NodeKind,
};

/// Routers, their hosts and the links between them.
struct Mesh {
    routers: u32,
    fan: u32,
    links: Vec<[u32; 2]>,
}

/// The mesh of `routers` with these links between them, if they can be numbered. How many hosts there
/// are is read from `keys`.
pub(super) fn with_hosts(
    keys: &mut Keys<'_>,
    routers: u32,
    links: Vec<[u32; 2]>,
) -> Option<Box<dyn Drawing>> {
    #[allow(clippy::cast_possible_truncation, reason = "the constant fits")]
    let fan = keys.number_or(1, &keys.table().fan, "fan", 0..=MAX_PORTS as u32)?;
    if 4 * links.len() as u64 > MIDDLE_SIZE.into() {
        let links = links.len();
        let message = format!("{links} links between routers do not fit into 172.16.0.0/12");
        keys.refuse(&keys.table().kind, message, "take fewer routers");
        return None;
    }
    Some(Box::new(Mesh {
        routers,
        fan,
        links,
    }))
}

/// A ring: router i is cabled to router i + 1, and the last to the first.
pub(super) fn ring(keys: &mut Keys<'_>) -> Option<Box<dyn Drawing>> {
    let routers = keys.number(&keys.table().routers, "routers", 3..=most())?;
    let links = (0..routers).map(|i| [i, (i + 1) % routers]).collect();
    with_hosts(keys, routers, links)
}

/// A grid: router (row, column) has the number row x columns + column.
pub(super) fn grid(keys: &mut Keys<'_>) -> Option<Box<dyn Drawing>> {
    let table = keys.table();
    let rows = keys.number(&table.rows, "rows", 1..=most());
    let columns = keys.number(&table.columns, "columns", 1..=most());
    let (rows, columns) = (rows?, columns?);
    let routers = u64::from(rows) * u64::from(columns);
    if !(2..=u64::from(most())).contains(&routers) {
        let message = format!(
            "a grid of {rows} x {columns} has {routers} routers, but must have from 2 to {}",
            most()
        );
        keys.refuse(&table.rows, message, "change `rows` or `columns`");
        return None;
    }
    let routers = rows * columns;
    let right = |i: u32| (!(i + 1).is_multiple_of(columns)).then_some([i, i + 1]);
    let down = |i: u32| (i + columns < routers).then_some([i, i + columns]);
    let links = (0..routers).flat_map(|i| [right(i), down(i)]).flatten();
    with_hosts(keys, routers, links.collect())
}

#[allow(clippy::cast_possible_truncation, reason = "the constant fits")]
const fn most() -> u32 {
    MAX_NODES as u32
}

impl Drawing for Mesh {
    fn size(&self) -> Size {
        let hosts = u64::from(self.routers) * u64::from(self.fan);
        Size {
            nodes: hosts + u64::from(self.routers),
            links: hosts + self.links.len() as u64,
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "the links were counted")]
    fn draw(&self, sketch: &mut Sketch) {
        let hosts = sketch.hosts(self.routers * self.fan);
        let routers = sketch
            .roles
            .add("routers", "r", NodeKind::Router, self.routers);
        let size = roomy(self.routers, 4 * self.fan);
        for r in 0..self.routers {
            for x in 0..self.fan {
                let host = hosts.nth(r * self.fan + x);
                let net = pair(TEN + r * size + 4 * x);
                sketch.cable(CableRole::Host, [host, routers.nth(r)], net);
            }
            sketch.reserve(block_of(TEN + r * size, size));
        }
        for (number, ends) in (0..).zip(&self.links) {
            let ends = ends.map(|i| routers.nth(i));
            sketch.cable(CableRole::Router, ends, pair(MIDDLE + 4 * number));
        }
        let size = (4 * self.links.len() as u32).next_power_of_two();
        sketch.reserve(block_of(MIDDLE, size));
        sketch.forget_routes();
    }
}
