//! The way of one frame through the network, and the choice of a frame worth a picture.

use std::{collections::BTreeMap, net::IpAddr};

use crate::{
    dissect::{Dissection, Dissector, Layer},
    ids::{FrameId, NodeId},
    topology::Topology,
    trace::{Fate, Hop, Story, StoryDrop},
    wire::OsiLayer,
};

/// A frame's way from the node that made it to where it arrived or died.
#[derive(Debug, Clone)]
pub struct Journey<'a> {
    /// The hops, each starting where the one before ended. Never empty.
    pub hops: Vec<&'a Hop>,
    /// Its death in the node at the end, if it died there.
    pub drop: Option<&'a StoryDrop>,
    /// The tree of the frame as its maker sent it.
    pub tree: Dissection,
}

impl<'a> Journey<'a> {
    /// The journey of `frame`; `None` if the story does not hold its first hop.
    ///
    /// Where a switch or hub sent copies out of several ports, the way to the destination's node
    /// is taken, or else the longest.
    pub fn of(frame: FrameId, story: &'a Story, topology: &Topology) -> Option<Self> {
        let mut dissector = dissector(story);
        let mut tree = None;
        for hop in first_hops(story) {
            let seen = dissector.dissect(&hop.bytes);
            if hop.frame == frame {
                tree = Some((hop, seen));
                break;
            }
        }
        let (first, tree) = tree?;
        Some(Self::from_first(first, tree, story, topology))
    }

    /// The journey that shows most: the first one with an application's data that crosses the
    /// most nodes; without application data the first that crosses the most nodes.
    pub fn most_telling(story: &'a Story, topology: &Topology) -> Option<Self> {
        let mut dissector = dissector(story);
        let fortunes = fortunes(story);
        let mut best: Option<(Rank, &Hop, Dissection)> = None;
        for hop in first_hops(story).take(MOST_LOOKED_AT) {
            let tree = dissector.dissect(&hop.bytes);
            let fortune = fortunes.get(&hop.frame).copied().unwrap_or_default();
            let rank = rank(&tree, &fortune);
            if best.as_ref().is_none_or(|(top, ..)| rank > *top) {
                best = Some((rank, hop, tree));
            }
        }
        let (_, first, tree) = best?;
        Some(Self::from_first(first, tree, story, topology))
    }

    fn from_first(first: &'a Hop, tree: Dissection, story: &'a Story, topology: &Topology) -> Self {
        let hops: Vec<&Hop> = of_frame(story, first.frame).collect();
        let target = destination(&tree).and_then(|ip| topology.owner(ip));
        let way = longest_way(first, &hops, target, topology);
        let end = way.last().map(|hop| topology.target(hop.wire).node);
        let died = |d: &&StoryDrop| d.frame == first.frame && Some(d.place.node) == end;
        Self {
            drop: story.drops.iter().find(died),
            hops: way,
            tree,
        }
    }

    /// The nodes on the way, the first and the last included. A frame that died on a wire does
    /// not reach the last.
    pub fn nodes(&self, topology: &Topology) -> Vec<NodeId> {
        let first = self.hops.first().map(|hop| hop.from.node);
        let others = self.hops.iter().map(|hop| topology.target(hop.wire).node);
        first.into_iter().chain(others).collect()
    }

    /// What it is about: "GET /api/users/123 HTTP/1.1, alice → bob".
    pub fn caption(&self, topology: &Topology) -> String {
        let about = self.tree.layer("grpc").or_else(|| self.tree.highest());
        let about = about.map_or("a frame", |l| l.summary.as_str());
        let nodes = self.nodes(topology);
        let target = self.destination(topology).or_else(|| nodes.last().copied());
        let name = |node: Option<NodeId>| node.map_or("", |n| topology.node(n).name.as_str());
        format!(
            "{about}, {} → {}",
            name(nodes.first().copied()),
            name(target)
        )
    }

    /// The node that the frame is for, by its IP address.
    pub fn destination(&self, topology: &Topology) -> Option<NodeId> {
        destination(&self.tree).and_then(|ip| topology.owner(ip))
    }

    /// True if its last hop did not arrive.
    pub fn died_on_a_wire(&self) -> bool {
        let last = self.hops.last();
        last.is_some_and(|hop| matches!(hop.fate, Fate::Lost(..)))
    }
}

/// A dissector that knows what the story knows.
pub(super) fn dissector(story: &Story) -> Dissector {
    let mut dissector = Dissector::new();
    story
        .secrets
        .iter()
        .for_each(|line| dissector.add_tls_secrets(line));
    dissector
}

/// The order in which frames are worth a picture, best last.
type Rank = (bool, u8, usize);

fn rank(tree: &Dissection, fortune: &Fortune) -> Rank {
    let has_headers = |l: &Layer| l.protocol == "http3" && l.summary.starts_with("HEADERS[");
    let kind = match tree.highest() {
        Some(layer) if layer.protocol == "websocket" && layer.value("opcode").is_some() => 5,
        Some(_) if tree.layers.iter().any(has_headers) => 4,
        // A message with all of floors 6 and 7.
        Some(layer) if layer.protocol == "http" && tree.layer("coding").is_some() => 5,
        Some(layer) if layer.protocol == "http" || tree.layer("grpc").is_some() => 4,
        Some(layer) if layer.osi == OsiLayer::Application && layer.protocol != "data" => 3,
        Some(layer) if layer.osi == OsiLayer::Application => 2,
        Some(layer) if layer.osi >= OsiLayer::Network => 1,
        _ => 0,
    };
    (!fortune.died, kind, fortune.hops)
}

/// What became of a frame in all.
#[derive(Debug, Clone, Copy, Default)]
struct Fortune {
    hops: usize,
    died: bool,
}

fn fortunes(story: &Story) -> BTreeMap<FrameId, Fortune> {
    let mut all: BTreeMap<FrameId, Fortune> = BTreeMap::new();
    for hop in story.hops.iter().filter(|h| !h.duplicate) {
        let fortune = all.entry(hop.frame).or_default();
        fortune.hops += 1;
        fortune.died |= matches!(hop.fate, Fate::Lost(..));
    }
    for drop in &story.drops {
        all.entry(drop.frame).or_default().died = true;
    }
    all
}

/// Each frame where it begins, in the order of time.
fn first_hops(story: &Story) -> impl Iterator<Item = &Hop> {
    let own = |hop: &&Hop| hop.from.node == hop.frame.origin && !hop.duplicate;
    story.hops.iter().filter(own)
}

fn of_frame(story: &Story, frame: FrameId) -> impl Iterator<Item = &Hop> {
    let same = move |hop: &&Hop| hop.frame == frame && !hop.duplicate;
    story.hops.iter().filter(same)
}

fn destination(tree: &Dissection) -> Option<IpAddr> {
    let layer = tree.layer("ip").or_else(|| tree.layer("ipv6"))?;
    layer.value("dst")?.parse().ok()
}

/// The way from `first` on that ends at `target`, or else the longest.
fn longest_way<'a>(
    first: &'a Hop,
    hops: &[&'a Hop],
    target: Option<NodeId>,
    topology: &Topology,
) -> Vec<&'a Hop> {
    let mut way = vec![first];
    let here = topology.target(first.wire).node;
    let goes_on = |hop: &&&'a Hop| {
        hop.from.node == here && hop.frame == first.frame && hop.sent >= first.fate.time()
    };
    let onward = hops
        .iter()
        .filter(goes_on)
        .filter(|_| matches!(first.fate, Fate::Arrives(_)))
        .map(|hop| longest_way(hop, hops, target, topology));
    let best = onward.reduce(|a, b| {
        let value = |way: &[&Hop]| {
            let end = way.last().map(|hop| topology.target(hop.wire).node);
            (end == target && target.is_some(), way.len())
        };
        if value(&b) > value(&a) { b } else { a }
    });
    way.extend(best.into_iter().flatten());
    way
}

/// Frames after these are not looked at for the most telling one.
const MOST_LOOKED_AT: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diagram::lab::{ALICE, BOB, Ending, Lab},
        units::Span,
    };

    #[test]
    fn the_request_of_a_page_is_the_most_telling_frame() {
        let mut lab = Lab::new();
        let get = lab.page();
        let story = lab.story();
        let journey = Journey::most_telling(&story, &lab.topology).unwrap();
        assert_eq!(journey.hops[0].frame, get);
        let nodes = journey.nodes(&lab.topology);
        assert_eq!((nodes[0], nodes[4], nodes.len()), (ALICE, BOB, 5));
    }

    #[test]
    fn a_lost_frame_ends_on_the_wire_it_died_on() {
        let mut lab = Lab::new();
        let lost = lab.udp(Span::ZERO, Span::ZERO, b"gone", Ending::Lost);
        let story = lab.story();
        let journey = Journey::of(lost, &story, &lab.topology).unwrap();
        // alice, s1, r1, and the wire to r2.
        assert_eq!(journey.hops.len(), 3);
        assert!(journey.died_on_a_wire());
    }

    #[test]
    fn a_frame_that_found_a_queue_full_ends_in_the_node() {
        let mut lab = Lab::new();
        let full = lab.udp(Span::ZERO, Span::ZERO, b"gone", Ending::QueueFull);
        let story = lab.story();
        let journey = Journey::of(full, &story, &lab.topology).unwrap();
        assert_eq!(journey.hops.len(), 2);
        assert!(!journey.died_on_a_wire() && journey.drop.is_some());
    }

    #[test]
    fn without_a_story_there_is_no_journey() {
        let lab = Lab::new();
        assert!(Journey::most_telling(&Story::with_limit(9), &lab.topology).is_none());
    }
}
