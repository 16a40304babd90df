//! Networks with loops: moves nodes until distances on paper are near distances in links.
//!
//! Stress majorization (Gansner, Koren and North, 2004), one node at a time, from the places of
//! the spanning tree, a fixed number of rounds.

use super::Graph;

/// A good layout of the nodes of `part`; `tree` is the spanning tree's, in the same order.
///
/// The method only finds the nearest valley, so it starts from the tree and from rings in two
/// orders; the result with fewest crossings wins, then the one that is nearest to the wanted
/// distances.
pub(super) fn relaxed(graph: &Graph, part: &[usize], tree: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let wanted = distances(graph, part);
    let lines = lines(graph, part);
    let mut starts = vec![tree];
    if part.len() <= MOST_RINGS {
        starts.push(ring(&(0..part.len()).collect::<Vec<_>>()));
        starts.push(ring(&walk(&lines, part.len())));
    }
    let results = starts.into_iter().map(|start| relax(start, &wanted));
    let rank = |places: &Vec<(f64, f64)>| (crossings(places, &lines), misfit(places, &wanted));
    let best = results.min_by(|a, b| {
        let ((crossings_a, misfit_a), (crossings_b, misfit_b)) = (rank(a), rank(b));
        crossings_a
            .cmp(&crossings_b)
            .then(misfit_a.total_cmp(&misfit_b))
    });
    level(best.unwrap_or_default(), &lines)
}

/// Moves nodes one after the other to where they would best stand.
fn relax(mut places: Vec<(f64, f64)>, wanted: &[Vec<f64>]) -> Vec<(f64, f64)> {
    jiggle(&mut places);
    for _ in 0..ROUNDS {
        for i in 0..places.len() {
            places[i] = better(i, &places, wanted);
        }
    }
    for _ in 0..ROUNDS {
        if !push_apart(&mut places) {
            break;
        }
    }
    places
}

/// The links of a part, as positions in it.
fn lines(graph: &Graph, part: &[usize]) -> Vec<(usize, usize)> {
    let mut lines = Vec::new();
    for (i, &node) in part.iter().enumerate() {
        let others = graph.neighbors[node].iter();
        let known = others.filter_map(|other| part.binary_search(other).ok());
        lines.extend(known.filter(|&j| i < j).map(|j| (i, j)));
    }
    lines
}

/// The nodes in the order of a walk that goes on to a new neighbour as long as there is one.
fn walk(lines: &[(usize, usize)], count: usize) -> Vec<usize> {
    let mut order = Vec::with_capacity(count);
    let mut seen = vec![false; count];
    let mut stack: Vec<usize> = (0..count).rev().collect();
    while let Some(node) = stack.pop() {
        if std::mem::replace(&mut seen[node], true) {
            continue;
        }
        order.push(node);
        for &(a, b) in lines.iter().rev() {
            if a == node || b == node {
                stack.push(a + b - node);
            }
        }
    }
    order
}

/// The nodes on a circle, in this order.
fn ring(order: &[usize]) -> Vec<(f64, f64)> {
    let mut places = vec![(0.0, 0.0); order.len()];
    let count = f64::from(u32::try_from(order.len()).unwrap_or(u32::MAX)).max(1.0);
    let turn = std::f64::consts::TAU / count;
    for (&node, step) in order.iter().zip(0u32..) {
        let angle = std::f64::consts::PI + turn * f64::from(step);
        let radius = count / std::f64::consts::TAU;
        places[node] = (radius * libm::cos(angle), radius * libm::sin(angle));
    }
    places
}

/// How many pairs of links cross.
fn crossings(places: &[(f64, f64)], lines: &[(usize, usize)]) -> usize {
    let cross = |&(a, b): &(usize, usize), &(c, d): &(usize, usize)| {
        let shared = a == c || a == d || b == c || b == d;
        let side = |p: usize, q: usize, r: usize| {
            let (p, q, r) = (places[p], places[q], places[r]);
            (q.0 - p.0) * (r.1 - p.1) - (q.1 - p.1) * (r.0 - p.0) > 0.0
        };
        !shared && side(a, b, c) != side(a, b, d) && side(c, d, a) != side(c, d, b)
    };
    let pairs = lines.iter().enumerate();
    pairs
        .map(|(i, one)| lines[..i].iter().filter(|other| cross(one, other)).count())
        .sum()
}

/// The stress: squared relative errors of all distances.
fn misfit(places: &[(f64, f64)], wanted: &[Vec<f64>]) -> f64 {
    let mut sum = 0.0;
    for (i, a) in places.iter().enumerate() {
        for (j, b) in places.iter().enumerate().take(i) {
            let error = libm::hypot(a.0 - b.0, a.1 - b.1) / wanted[i][j] - 1.0;
            sum += error * error;
        }
    }
    sum
}

/// Turns everything so that it is longest from left to right, and links that are nearly level
/// then are level; the first node is not in the right half.
fn level(places: Vec<(f64, f64)>, lines: &[(usize, usize)]) -> Vec<(f64, f64)> {
    let half_turn = std::f64::consts::PI;
    let main = main_angle(&places);
    let near = lines.iter().take(MOST_ANGLES).filter_map(|&(a, b)| {
        let (from, to) = (places[a], places[b]);
        let angle = libm::atan2(to.1 - from.1, to.0 - from.0);
        let turns = libm::round((angle - main) / half_turn);
        let off = angle - main - turns * half_turn;
        (libm::fabs(off) < NEARLY_LEVEL).then_some(main + off)
    });
    let candidates = [main]
        .into_iter()
        .chain(near)
        .map(|angle| turn(&places, angle));
    let best = candidates.min_by(|a, b| slant(a, lines).total_cmp(&slant(b, lines)));
    let mut best = best.unwrap_or_default();
    let right = best.iter().map(|p| p.0).fold(f64::NEG_INFINITY, f64::max);
    let left = best.iter().map(|p| p.0).fold(f64::INFINITY, f64::min);
    if best
        .first()
        .is_some_and(|p| p.0 > f64::midpoint(left, right) + 0.1)
    {
        best.iter_mut().for_each(|p| p.0 = -p.0);
    }
    best
}

/// The direction in which the nodes are spread most (their principal axis).
fn main_angle(places: &[(f64, f64)]) -> f64 {
    let count = f64::from(u32::try_from(places.len()).unwrap_or(u32::MAX)).max(1.0);
    let middle_x = places.iter().map(|p| p.0).sum::<f64>() / count;
    let middle_y = places.iter().map(|p| p.1).sum::<f64>() / count;
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in places {
        let (x, y) = (x - middle_x, y - middle_y);
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    libm::atan2(2.0 * xy, xx - yy) / 2.0
}

fn turn(places: &[(f64, f64)], angle: f64) -> Vec<(f64, f64)> {
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    let turned = places.iter();
    turned
        .map(|&(x, y)| (x * cos + y * sin, y * cos - x * sin))
        .collect()
}

/// How far links are from level or upright.
fn slant(places: &[(f64, f64)], lines: &[(usize, usize)]) -> f64 {
    let of_line = |&(a, b): &(usize, usize)| {
        let (dx, dy) = (places[b].0 - places[a].0, places[b].1 - places[a].1);
        // Half the sine of twice the angle: zero on both axes.
        libm::fabs(dx * dy) / (dx * dx + dy * dy).max(1e-9)
    };
    lines.iter().map(of_line).sum()
}

/// Distances in links between all nodes of a part.
fn distances(graph: &Graph, part: &[usize]) -> Vec<Vec<f64>> {
    part.iter()
        .map(|&from| {
            let search = graph.search(from);
            let links = |to: &usize| search.distance[*to].map_or(1.0, f64::from);
            part.iter().map(links).collect()
        })
        .collect()
}

/// Nodes on one straight line could never leave it: moves each a little, by its number.
fn jiggle(places: &mut [(f64, f64)]) {
    for (place, i) in places.iter_mut().zip(0u32..) {
        place.1 += f64::from(i % 7) * 0.013 - 0.039;
    }
}

/// Where node `i` would best stand, all others being where they are: the mean of the places at
/// the wanted distance from each other node, near nodes weighing more.
fn better(i: usize, places: &[(f64, f64)], wanted: &[Vec<f64>]) -> (f64, f64) {
    let (x, y) = places[i];
    let (mut sum_x, mut sum_y, mut weights) = (0.0, 0.0, 0.0);
    for (j, &(other_x, other_y)) in places.iter().enumerate() {
        if i == j {
            continue;
        }
        let want = wanted[i][j];
        let weight = 1.0 / (want * want);
        let (dx, dy) = (x - other_x, y - other_y);
        let distance = libm::sqrt(dx * dx + dy * dy).max(1e-6);
        sum_x += weight * (other_x + want * dx / distance);
        sum_y += weight * (other_y + want * dy / distance);
        weights += weight;
    }
    if weights == 0.0 {
        return (x, y);
    }
    (sum_x / weights, sum_y / weights)
}

/// Moves pairs that are too close away from each other; true if there were any.
fn push_apart(places: &mut [(f64, f64)]) -> bool {
    let mut moved = false;
    for i in 0..places.len() {
        for j in i + 1..places.len() {
            let (dx, dy) = (places[j].0 - places[i].0, places[j].1 - places[i].1);
            let distance = libm::sqrt(dx * dx + dy * dy);
            if distance >= LEAST {
                continue;
            }
            moved = true;
            let (ux, uy) = if distance < 1e-6 {
                (0.0, 1.0)
            } else {
                (dx / distance, dy / distance)
            };
            let half = (LEAST - distance) / 2.0 + 1e-3;
            places[i] = (places[i].0 - ux * half, places[i].1 - uy * half);
            places[j] = (places[j].0 + ux * half, places[j].1 + uy * half);
        }
    }
    moved
}

const ROUNDS: usize = 120;
/// Links this near to level may be made level \[radians\].
const NEARLY_LEVEL: f64 = 0.27;
/// Only the first links' angles are tried.
const MOST_ANGLES: usize = 60;
/// Larger networks start from the tree only.
const MOST_RINGS: usize = 80;
/// No two nodes stand closer.
const LEAST: f64 = 0.5;
