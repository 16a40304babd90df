//! How many threads a run gets, and which node goes where.

use super::load::load;
use crate::{engine::Partition, scenario::plan::Plan, units::Span};

/// How many threads a run may use. The bytes it leaves do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Threads {
    /// The calling thread alone.
    #[default]
    One,
    /// As many as this, if the network can be divided into as many parts.
    Exactly(usize),
    /// At most as many as this, and only if the run is large enough to gain from them.
    UpTo(usize),
}

impl Threads {
    /// The division of the network that follows.
    pub(super) fn divide(self, plan: &Plan) -> Partition {
        let topology = &plan.topology;
        match self {
            Self::One | Self::Exactly(..=1) | Self::UpTo(..=1) => Partition::whole(topology),
            Self::Exactly(parts) => Partition::new(topology, &load(plan), parts),
            Self::UpTo(parts) if is_large(plan) => {
                let partition = Partition::new(topology, &load(plan), parts);
                if partition.look_ahead() >= WORTHWHILE {
                    partition
                } else {
                    Partition::whole(topology)
                }
            }
            Self::UpTo(_) => Partition::whole(topology),
        }
    }
}

/// With a shorter look-ahead the threads wait for each other too often to gain: docs/performance.md has
/// the figures.
const WORTHWHILE: Span = Span::from_micros(5);

/// Many flows on many nodes, and nobody who wants every record in order: handing those on keeps
/// one thread busy by itself.
fn is_large(plan: &Plan) -> bool {
    plan.traffic.len() >= 64 && plan.topology.nodes.len() >= 32 && plan.capture.is_empty()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::{
        engine::RunControl,
        scenario,
        sim::{RunOptions, Simulation},
    };

    /// Everything that a run counts.
    fn summary(file: &Path, threads: usize) -> String {
        let plan = scenario::load_file(file, &[]).unwrap();
        let simulation = Simulation::on_threads(plan, Threads::Exactly(threads));
        let outcome = simulation.run(&RunOptions::default(), &RunControl::default());
        format!("{:#?}", outcome.unwrap().summary)
    }

    #[test]
    fn runs_that_nobody_listens_to_count_the_same_on_any_threads() {
        // These are the runs whose windows slide.
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/topologies");
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            if file.extension().is_none_or(|e| e != "toml") {
                continue;
            }
            let alone = summary(&file, 1);
            for threads in [2, 3, 8] {
                let beside = summary(&file, threads);
                let lines = alone.lines().zip(beside.lines());
                let difference = lines.into_iter().find(|(one, other)| one != other);
                assert_eq!(difference, None, "{} on {threads} threads", file.display());
            }
        }
    }
}
