//! A random graph after Waxman (Routing of multipoint connections, IEEE JSAC 6(9), 1988).
//!
//! The routers lie at random in a square. Two at distance d are linked with probability
//! beta exp(-d / (alpha L)), where L is the largest distance between two routers: a larger beta gives
//! more links, a larger alpha more long ones among them. Parts that stay apart are then joined by the
//! shortest links there are, beginning at router 0, until the graph is connected.

use petgraph::unionfind::UnionFind;

use super::{Drawing, keys::Keys, mesh};
use crate::rng::RootSeed;

/// A place in the unit square.
type Place = (f64, f64);

pub(super) fn read(keys: &mut Keys<'_>, seed: RootSeed) -> Option<Box<dyn Drawing>> {
    let table = keys.table();
    let routers = keys.number(&table.routers, "routers", 2..=2000);
    let alpha = keys.share_or(0.4, &table.alpha, "alpha");
    let beta = keys.share_or(0.4, &table.beta, "beta");
    let (routers, alpha, beta) = (routers?, alpha?, beta?);
    let places = places(routers, seed);
    let mut links = draw(&places, alpha, beta, seed);
    connect(&places, &mut links);
    mesh::with_hosts(keys, routers, links)
}

fn places(routers: u32, seed: RootSeed) -> Vec<Place> {
    let mut stream = seed.stream(&["generate", "waxman", "places"]);
    (0..routers)
        .map(|_| (stream.unit(), stream.unit()))
        .collect()
}

fn distance(a: Place, b: Place) -> f64 {
    let (x, y) = (a.0 - b.0, a.1 - b.1);
    libm::sqrt(x * x + y * y)
}

/// Every pair i < j with their distance.
fn pairs(places: &[Place]) -> impl Iterator<Item = ([u32; 2], f64)> {
    (0..).zip(places).flat_map(move |(i, a)| {
        let later = (i + 1..).zip(&places[i as usize + 1..]);
        later.map(move |(j, b)| ([i, j], distance(*a, *b)))
    })
}

/// Draws one number for each pair, in order.
fn draw(places: &[Place], alpha: f64, beta: f64, seed: RootSeed) -> Vec<[u32; 2]> {
    let mut stream = seed.stream(&["generate", "waxman", "links"]);
    let largest = pairs(places).fold(0.0, |most: f64, (_, d)| most.max(d));
    let near = |d: f64| beta * libm::exp(-d / (alpha * largest));
    let chosen = pairs(places).filter(|(_, d)| stream.unit() < near(*d));
    chosen.map(|(ends, _)| ends).collect()
}

/// Joins the parts of the graph: the router closest to the part of router 0 comes in with its whole
/// part, until none is outside (Prim's algorithm, with parts for nodes).
fn connect(places: &[Place], links: &mut Vec<[u32; 2]>) {
    let mut parts = UnionFind::new(places.len());
    for [a, b] in links.iter() {
        parts.union(*a as usize, *b as usize);
    }
    let part = parts.into_labeling();
    let mut inside = vec![false; places.len()];
    // The closest router inside, and how far it is.
    let mut nearest = vec![(f64::INFINITY, 0); places.len()];
    let mut next = Some((0, None));
    while let Some((router, link)) = next {
        links.extend(link.map(|to| [to, router]));
        let joined: Vec<u32> = numbers(&part, |p| p == part[router as usize]).collect();
        for i in joined {
            inside[i as usize] = true;
            for (to, place) in nearest.iter_mut().zip(places) {
                let d = distance(places[i as usize], *place);
                if d < to.0 {
                    *to = (d, i);
                }
            }
        }
        let outside = numbers(&inside, |is_inside| !is_inside);
        let closest = outside.min_by(|a, b| {
            let far = |i: &u32| nearest[*i as usize].0;
            far(a).total_cmp(&far(b))
        });
        next = closest.map(|i| (i, Some(nearest[i as usize].1)));
    }
}

/// The numbers of the routers for which `wanted` holds.
fn numbers<T: Copy>(all: &[T], wanted: impl Fn(T) -> bool) -> impl Iterator<Item = u32> {
    let each = (0..).zip(all);
    each.filter(move |(_, value)| wanted(**value))
        .map(|(i, _)| i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_by_the_shortest_links() {
        // Two pairs on a line: 0 and 0.1, linked; 0.4 and 1.0, linked. The gap is 0.1 .. 0.4.
        let places = [(1.0, 0.0), (0.0, 0.0), (0.1, 0.0), (0.4, 0.0)];
        let mut links = vec![[1, 2], [0, 3]];
        connect(&places, &mut links);
        assert_eq!(links, [[1, 2], [0, 3], [3, 2]]);
    }

    #[test]
    fn the_share_of_links_is_that_of_the_formula() {
        // Mean of the formula over all pairs; with 19 900 pairs the share of heads deviates by
        // less than sqrt(0.25 / 19 900) = 0.0035.
        let seed = RootSeed(1);
        let places = places(200, seed);
        let largest = pairs(&places).fold(0.0, |m: f64, (_, d)| m.max(d));
        let chances = pairs(&places).map(|(_, d)| 0.6 * libm::exp(-d / (0.3 * largest)));
        let wanted = chances.sum::<f64>() / 19_900.0;
        #[allow(clippy::cast_precision_loss, reason = "small numbers")]
        let found = draw(&places, 0.3, 0.6, seed).len() as f64 / 19_900.0;
        assert!((found - wanted).abs() < 0.014, "{found}, not {wanted}");
    }
}
