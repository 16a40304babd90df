//! Trees: the longest path from left to right, branches above and below it.
//!
//! Branches of the left half grow to the left, those of the right half to the right, so hosts
//! end up at the edges and what connects them in the middle.

use std::collections::BTreeMap;

use super::Graph;

/// The places of the nodes of `part`, in the order of `part`. Loops are cut by a spanning tree.
pub(super) fn place(graph: &Graph, part: &[usize]) -> Vec<(f64, f64)> {
    let spine = spine(graph, part);
    let mut planter = Planter::new(graph, &spine);
    planter.place_spine();
    planter.place_branches();
    part.iter()
        .map(|node| {
            let (column, row) = planter.places.get(node).copied().unwrap_or_default();
            (column, row * ROW)
        })
        .collect()
}

/// The longest path of the spanning tree, its lower-numbered end first.
fn spine(graph: &Graph, part: &[usize]) -> Vec<usize> {
    let Some(&start) = part.first() else {
        return Vec::new();
    };
    let one = furthest(graph, start);
    let search = graph.search(one);
    let mut path = Vec::new();
    let mut node = Some(furthest(graph, one));
    while let Some(here) = node {
        path.push(here);
        node = search.parent[here];
    }
    if path.first() > path.last() {
        path.reverse();
    }
    path
}

/// The node furthest from `start`; of several the lowest.
fn furthest(graph: &Graph, start: usize) -> usize {
    let search = graph.search(start);
    let rank = |node: &usize| (search.distance[*node], std::cmp::Reverse(*node));
    search
        .order
        .iter()
        .copied()
        .max_by_key(rank)
        .unwrap_or(start)
}

/// Which way a branch grows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Left,
    Right,
}

/// Gives every node a column and a row.
struct Planter<'a> {
    graph: &'a Graph,
    spine: &'a [usize],
    /// Column and row of the nodes placed so far.
    places: BTreeMap<usize, (f64, f64)>,
    /// How far down, and how far up, each column is taken.
    taken: [BTreeMap<i64, f64>; 2],
}

/// A branch before it has its final rows.
struct Branch {
    /// Node, column and row, the uppermost leaf at row 0.
    nodes: Vec<(usize, i64, f64)>,
    /// How many leaves, one row each.
    leaves: f64,
}

impl<'a> Planter<'a> {
    const fn new(graph: &'a Graph, spine: &'a [usize]) -> Self {
        Self {
            graph,
            spine,
            places: BTreeMap::new(),
            taken: [BTreeMap::new(), BTreeMap::new()],
        }
    }

    fn place_spine(&mut self) {
        for (&node, column) in self.spine.iter().zip(0u32..) {
            self.places.insert(node, (f64::from(column), 0.0));
        }
    }

    /// From the ends of the spine inwards, so that what hangs near an end stays near it.
    fn place_branches(&mut self) {
        let last = self.spine.len().saturating_sub(1);
        let mut inwards: Vec<usize> = (0..self.spine.len()).collect();
        inwards.sort_by_key(|&index| std::cmp::Reverse((index * 2).abs_diff(last)));
        for index in inwards {
            let root = self.spine[index];
            let mut tally = [0.0; 2];
            for &child in &self.graph.neighbors[root] {
                if self.places.contains_key(&child) {
                    continue;
                }
                let way = match (index * 2).cmp(&last) {
                    std::cmp::Ordering::Less => Way::Left,
                    std::cmp::Ordering::Greater => Way::Right,
                    std::cmp::Ordering::Equal if tally[0] < tally[1] => Way::Left,
                    std::cmp::Ordering::Equal => Way::Right,
                };
                let branch = self.grow(child, index, way);
                tally[way as usize] += branch.leaves;
                self.plant(branch);
            }
        }
    }

    /// The branch that hangs on spine node `index` by `child`.
    fn grow(&mut self, child: usize, index: usize, way: Way) -> Branch {
        let step = if way == Way::Left { -1 } else { 1 };
        let column = i64::try_from(index).unwrap_or(0) + step;
        let mut branch = Branch {
            nodes: Vec::new(),
            leaves: 0.0,
        };
        self.grow_node(child, column, step, &mut branch);
        branch
    }

    /// Places `node` and what hangs on it; gives back its row. Leaves take a row each, others
    /// stand in the middle of their children.
    fn grow_node(&mut self, node: usize, column: i64, step: i64, branch: &mut Branch) -> f64 {
        self.places.insert(node, (0.0, 0.0));
        let mut rows = Vec::new();
        for &child in &self.graph.neighbors[node] {
            if !self.places.contains_key(&child) {
                rows.push(self.grow_node(child, column + step, step, branch));
            }
        }
        let row = match (rows.first(), rows.last()) {
            (Some(first), Some(last)) => f64::midpoint(*first, *last),
            _ => {
                branch.leaves += 1.0;
                branch.leaves - 1.0
            }
        };
        branch.nodes.push((node, column, row));
        row
    }

    /// Gives a branch its rows: below or above the spine, where there is more room.
    fn plant(&mut self, branch: Branch) {
        let free = |taken: &BTreeMap<i64, f64>| {
            let columns = branch.nodes.iter().map(|(_, column, _)| column);
            let used = columns.filter_map(|c| taken.get(c).copied());
            used.fold(0.0, f64::max)
        };
        let [below, above] = [free(&self.taken[0]), free(&self.taken[1])];
        let (side, used, sign) = if below <= above {
            (0, below, 1.0)
        } else {
            (1, above, -1.0)
        };
        for (node, column, row) in branch.nodes {
            #[allow(clippy::cast_precision_loss, reason = "a page has few columns")]
            let x = column as f64;
            self.places.insert(node, (x, sign * (used + 1.0 + row)));
            self.taken[side].insert(column, used + branch.leaves);
        }
    }
}

/// From one row to the next, in lengths of a horizontal link.
const ROW: f64 = 0.5;
