//! A fat tree of routers with k ports each (Al-Fares, Loukissas and Vahdat, SIGCOMM 2008): k pods
//! of k/2 edge and k/2 aggregation routers, (k/2)^2 core routers, k^3/4 hosts.
//!
//! Let m = k/2. Host x at edge e of pod p is host (p m + e) m + x. Aggregation a of every pod is
//! cabled to the cores a m .. a m + m - 1. There is one path between two hosts: up from edge e to
//! aggregation e, from aggregation a to its first core, and down where the destination is. So each
//! edge uses an uplink of its own, but not all cores are used: real fat trees spread flows over
//! all of them, which needs several routes to one prefix.
//!
//! Addresses: 10.p.e.4x for hosts, 10.p.(64 + e).4a for the uplinks of edge e, 10.p.(128 + a).4x
//! for those of aggregation a, so that a pod is one /16.

use super::{
    CableRole, Drawing, Size, Sketch,
    keys::Keys,
    roles::Role,
    sketch::{TEN, block, pair},
};

struct FatTree {
    /// k/2
    m: u32,
}

/// The nodes.
struct Nodes {
    hosts: Role,
    edges: Role,
    aggs: Role,
    cores: Role,
}

pub(super) fn read(keys: &mut Keys<'_>) -> Option<Box<dyn Drawing>> {
    let field = &keys.table().k;
    // With k = 128 the third byte of the addresses is full.
    let k = keys.number(field, "k", 2..=128)?;
    if !k.is_multiple_of(2) {
        let help = "half of a router's ports lead up, half down";
        keys.refuse(field, format!("`k` is {k}, but must be even"), help);
        return None;
    }
    Some(Box::new(FatTree { m: k / 2 }))
}

/// 10.pod.third.4x
const fn address(pod: u32, third: u32, x: u32) -> u32 {
    TEN + (pod << 16) + (third << 8) + 4 * x
}

const UPLINKS: u32 = 64;
const CORE_LINKS: u32 = 128;

impl Drawing for FatTree {
    fn size(&self) -> Size {
        // k pods of m edges, m aggregations, m^2 hosts; m^2 cores. Three layers of k m^2 links.
        let m = u64::from(self.m);
        let hosts = 2 * m * m * m;
        Size {
            nodes: hosts + 4 * m * m + m * m,
            links: 3 * hosts,
        }
    }

    fn draw(&self, sketch: &mut Sketch) {
        let m = self.m;
        let nodes = Nodes {
            hosts: sketch.hosts(2 * m * m * m),
            edges: sketch.routers("edge", 2 * m * m),
            aggs: sketch.routers("agg", 2 * m * m),
            cores: sketch.routers("core", m * m),
        };
        for pod in 0..2 * m {
            for edge in 0..m {
                self.draw_edge(pod, edge, &nodes, sketch);
            }
        }
        for pod in 0..2 * m {
            for agg in 0..m {
                self.draw_agg(pod, agg, &nodes, sketch);
            }
            sketch.reserve(block(address(pod, 0, 0), 16));
        }
    }
}

impl FatTree {
    /// The hosts below an edge router and its uplinks, that to its own aggregation router first.
    fn draw_edge(&self, pod: u32, edge: u32, nodes: &Nodes, sketch: &mut Sketch) {
        let m = self.m;
        let number = pod * m + edge;
        let router = nodes.edges.nth(number);
        for x in 0..m {
            let host = nodes.hosts.nth(number * m + x);
            let net = pair(address(pod, edge, x));
            let cable = sketch.cable(CableRole::Host, [host, router], net);
            sketch.default_route(host, cable);
        }
        for step in 0..m {
            let agg = (edge + step) % m;
            let above = nodes.aggs.nth(pod * m + agg);
            let net = pair(address(pod, UPLINKS + edge, agg));
            let cable = sketch.cable(CableRole::Router, [router, above], net);
            if step == 0 {
                sketch.default_route(router, cable);
            }
            sketch.route(above, block(address(pod, edge, 0), 24), cable);
            sketch.route(above, block(address(pod, UPLINKS + edge, 0), 24), cable);
            // The addresses of the aggregation routers towards the core.
            sketch.route(router, block(address(pod, CORE_LINKS + agg, 0), 24), cable);
            if edge == 0 {
                self.route_across(pod, agg, above, cable, sketch);
            }
        }
    }

    /// An aggregation router finds its neighbours' links to the core by way of the first edge.
    fn route_across(
        &self,
        pod: u32,
        agg: u32,
        router: crate::ids::NodeId,
        down: super::sketch::CableId,
        sketch: &mut Sketch,
    ) {
        for other in (0..self.m).filter(|other| *other != agg) {
            sketch.route(router, block(address(pod, CORE_LINKS + other, 0), 24), down);
        }
    }

    /// The uplinks of an aggregation router, the used one first.
    fn draw_agg(&self, pod: u32, agg: u32, nodes: &Nodes, sketch: &mut Sketch) {
        let m = self.m;
        let router = nodes.aggs.nth(pod * m + agg);
        for x in 0..m {
            let core = nodes.cores.nth(agg * m + x);
            let net = pair(address(pod, CORE_LINKS + agg, x));
            let cable = sketch.cable(CableRole::Router, [router, core], net);
            if x == 0 {
                sketch.default_route(router, cable);
            }
            sketch.route(core, block(address(pod, 0, 0), 16), cable);
        }
    }
}
