//! A star: every host hangs on one router, switch or hub.
//!
//! Around a router, host i has 10.0.0.0 + 4i /30. Around a switch or hub all hosts share one subnet.

use super::{
    CableRole, Drawing, Size, Sketch,
    keys::Keys,
    sketch::{TEN, block_of, pair},
};
use crate::scenario::{limits::MAX_PORTS, schema::Center};

struct Star {
    hosts: u32,
    center: Center,
}

#[allow(clippy::cast_possible_truncation, reason = "the constant fits")]
pub(super) fn read(keys: &mut Keys<'_>) -> Option<Box<dyn Drawing>> {
    let center = keys.center();
    let hosts = keys.number(&keys.table().hosts, "hosts", 1..=MAX_PORTS as u32)?;
    Some(Box::new(Star { hosts, center }))
}

impl Drawing for Star {
    fn size(&self) -> Size {
        Size {
            nodes: u64::from(self.hosts) + 1,
            links: self.hosts.into(),
        }
    }

    fn draw(&self, sketch: &mut Sketch) {
        let hosts = sketch.hosts(self.hosts);
        let center = sketch.roles.add_one("center", "center", self.center.kind());
        let routed = self.center == Center::Router;
        for i in 0..self.hosts {
            let net = pair(TEN + 4 * i).filter(|_| routed);
            let cable = sketch.cable(CableRole::Host, [hosts.nth(i), center], net);
            if routed {
                sketch.default_route(hosts.nth(i), cable);
            }
        }
        if routed {
            let size = (4 * self.hosts).next_power_of_two().max(256);
            sketch.reserve(block_of(TEN, size));
        }
    }
}
