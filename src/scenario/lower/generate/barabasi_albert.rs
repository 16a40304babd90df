//! A scale-free random graph after Barabasi and Albert (Emergence of scaling in random networks,
//! Science 286, 1999).
//!
//! It begins as a star of m + 1 routers around router 0. Every further router is linked to m
//! different ones before it, each drawn with a chance in proportion to the links it has. So every router
//! is connected to router 0, and there are m (n - m) links.

use super::{Drawing, keys::Keys, mesh};
use crate::rng::RootSeed;

pub(super) fn read(keys: &mut Keys<'_>, seed: RootSeed) -> Option<Box<dyn Drawing>> {
    let table = keys.table();
    let routers = keys.number(&table.routers, "routers", 2..=2000)?;
    let m = keys.number(&table.m, "m", 1..=routers - 1)?;
    mesh::with_hosts(keys, routers, draw(routers, m, seed))
}

fn draw(routers: u32, m: u32, seed: RootSeed) -> Vec<[u32; 2]> {
    let mut stream = seed.stream(&["generate", "barabasi-albert"]);
    let mut links: Vec<[u32; 2]> = (1..=m).map(|i| [i, 0]).collect();
    for router in m + 1..routers {
        // A router stands here once for each of its links.
        let ends = 2 * links.len() as u64;
        let mut chosen: Vec<u32> = Vec::new();
        while chosen.len() < m as usize {
            #[allow(clippy::cast_possible_truncation, reason = "below the number of ends")]
            let at = stream.below(ends) as usize;
            let candidate = links[at / 2][at % 2];
            if !chosen.contains(&candidate) {
                chosen.push(candidate);
            }
        }
        links.extend(chosen.into_iter().map(|to| [router, to]));
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_router_is_linked_to_m_different_ones_before_it() {
        let links = draw(50, 3, RootSeed(1));
        // m (n - m)
        assert_eq!(links.len(), 3 * 47);
        for router in 4..50 {
            let mut to: Vec<u32> = links
                .iter()
                .filter(|l| l[0] == router)
                .map(|l| l[1])
                .collect();
            to.sort_unstable();
            to.dedup();
            assert_eq!(to.len(), 3);
            assert!(to.iter().all(|t| *t < router));
        }
    }

    #[test]
    fn well_linked_routers_get_more_links() {
        // In a graph of 1000 routers with m = 2 the mean degree is 4 and the largest one grows like
        // sqrt(n): about 2 sqrt(1000) = 63. A graph without preference would stay below 25.
        let links = draw(1000, 2, RootSeed(1));
        let mut degrees = vec![0; 1000];
        for end in links.iter().flatten() {
            degrees[*end as usize] += 1;
        }
        let most = degrees.iter().max().copied().unwrap_or(0);
        assert!(most > 35, "the largest degree is {most}");
    }
}
