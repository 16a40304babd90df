//! `[generate]`: networks drawn by rule.
//!
//! [`read`] turns the keys into a [`Sketch`]: which nodes there are, who is cabled to whom with
//! which addresses, and which routes lead over which cable. The other passes of lowering take from
//! it what they need beside what the file writes by hand. A sketch costs a few bytes for each
//! node, so that networks of 100,000 hosts are cheap to load.
//!
//! Each kind of network has a file of its own. Its [`Drawing`] says first how large it would get, so
//! that nothing too large is ever drawn.

mod barabasi_albert;
mod dumbbell;
mod fat_tree;
mod keys;
mod leaf_spine;
mod mesh;
mod roles;
mod sketch;
mod star;
mod tree;
mod waxman;

pub(super) use roles::{Role, Roles};
pub(super) use sketch::{CableRole, Sketch, Way};

use keys::Keys;

use crate::{
    ids::NodeId,
    rng::RootSeed,
    scenario::{
        limits::{MAX_LINKS, MAX_NODES},
        schema::{File, Shape},
        text::Findings,
    },
};

/// One kind of network with its numbers.
trait Drawing {
    /// How many nodes and links it has.
    fn size(&self) -> Size;
    /// Draws it. The numbers are within the limits.
    fn draw(&self, sketch: &mut Sketch);
}

/// How large a network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Size {
    nodes: u64,
    links: u64,
}

/// Draws what `[generate]` asks for; an empty sketch if it is absent or wrong. Too many nodes or
/// links are reported, whoever makes them.
pub(super) fn read(file: &File, seed: RootSeed, findings: &mut Findings) -> Sketch {
    let written = u32::try_from(file.node.0.len()).unwrap_or(u32::MAX);
    let mut sketch = Sketch::new(NodeId(written), file.generate.place.clone());
    let Some(place) = &file.generate.place else {
        fits(Size::default(), file, findings);
        return sketch;
    };
    let generate = &file.generate.value;
    if !generate.kind.is_given() {
        findings
            .missing(Some(place.clone()), "`[generate]` has no `kind`")
            .help("write something like `kind = \"star\"`");
    }
    let Some(shape) = generate.kind.read(findings) else {
        return sketch;
    };
    let mut keys = Keys::new(generate, shape, place, findings);
    let drawing: Option<Box<dyn Drawing>> = match shape {
        Shape::Star => star::read(&mut keys),
        Shape::Tree => tree::read(&mut keys),
        Shape::FatTree => fat_tree::read(&mut keys),
        Shape::LeafSpine => leaf_spine::read(&mut keys),
        Shape::Dumbbell => dumbbell::read(&mut keys),
        Shape::Ring => mesh::ring(&mut keys),
        Shape::Grid => mesh::grid(&mut keys),
        Shape::Waxman => waxman::read(&mut keys, seed),
        Shape::BarabasiAlbert => barabasi_albert::read(&mut keys, seed),
    };
    let compact = keys.compact();
    if let Some(drawing) = drawing
        && fits(drawing.size(), file, findings)
    {
        drawing.draw(&mut sketch);
        if !compact {
            sketch.forget_routes();
        }
    }
    sketch
}

/// True if the network with all that stands beside it is not too large.
fn fits(size: Size, file: &File, findings: &mut Findings) -> bool {
    let nodes = size.nodes + file.node.0.len() as u64;
    let links = size.links + file.link.items.len() as u64;
    for (found, most, what) in [
        (nodes, MAX_NODES as u64, "nodes"),
        (links, MAX_LINKS as u64, "links"),
    ] {
        if found > most {
            let message = format!("{found} {what} are too many: at most {most} are possible");
            findings.error(file.generate.place.clone(), message);
            return false;
        }
    }
    true
}
