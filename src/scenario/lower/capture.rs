//! What is captured.

use super::vantage;
use crate::{
    scenario::{
        plan::{CapturePlan, FilledIn},
        schema::File,
        text::Findings,
    },
    topology::Topology,
    units::ByteSize,
};

use super::ranges;

/// An Ethernet header at least; a quarter of a megabyte, as tcpdump has it, at most.
const SNAP: std::ops::RangeInclusive<ByteSize> = ByteSize::new(14)..=ByteSize::new(256 << 10);

/// Reads `[capture]`.
pub(super) fn read(
    file: &File,
    topology: &Topology,
    filled: &mut FilledIn,
    findings: &mut Findings,
) -> CapturePlan {
    let keys = &file.capture;
    let cards: usize = topology.nodes.iter().map(|n| n.ports.len()).sum();
    let large = cards > CapturePlan::MANY_CARDS;
    filled.no_captures = large && keys.vantage.place.is_none() && !keys.all.is_given();
    let mut words = Vec::new();
    for field in &keys.vantage.items {
        words.extend(field.read(findings));
    }
    let mut vantage = Vec::new();
    if !findings.failed() {
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        if keys.vantage.place.is_none() && !large {
            words.push("all hosts");
        }
        match vantage::vantage_points(topology, &words) {
            Ok(cards) => vantage = cards,
            Err((number, why)) => {
                let place = keys.vantage.items.get(number).and_then(|f| f.place());
                findings
                    .error(place, why)
                    .help("a vantage point is a node, a card such as \"r1:wan\", \"all hosts\", \"all routers\", \"all switches\", \"all hubs\" or \"all\"");
            }
        }
    }
    let snap = ranges::size(&keys.snap_length, "snap_length", SNAP, findings);
    CapturePlan {
        format: keys.format.read(findings).unwrap_or_default(),
        snap_length: snap.and_then(|size| u32::try_from(size.bytes()).ok()),
        vantage,
        all: keys.all.read(findings).unwrap_or(!large),
    }
}
