//! The network's part of the summary: totals, links, nodes.

use std::fmt::Write as _;

use ipnet::IpNet;
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::facts::RunFacts;
use crate::{
    ids::{Direction, WireId},
    scenario::plan::Plan,
    trace::{DropCounts, DropReason, NodeCounters, WireCounters},
    units::{SimTime, Span},
};

/// Drops by cause. In `summary.json` an object with a key for each cause that struck.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drops(pub DropCounts);

impl Serialize for Drops {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (why, frames) in self.0.iter() {
            map.serialize_entry(why.key(), &frames)?;
        }
        map.end()
    }
}

/// Sums over every wire, and the drops in nodes.
///
/// `sent + duplicated = delivered + (dropped on wires) + in flight`. A frame is counted once per
/// wire that it crosses.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Totals {
    /// Frames handed to wires.
    pub sent_frames: u64,
    /// Their bytes, from the destination address to the padding.
    pub sent_bytes: u64,
    /// Frames that came off wires whole.
    pub delivered_frames: u64,
    /// Their bytes.
    pub delivered_bytes: u64,
    /// Extra copies made by links.
    pub duplicated_frames: u64,
    /// Frames that died on wires or in their queues.
    pub dropped_on_wires_frames: u64,
    /// Frames that died inside nodes.
    pub dropped_in_nodes_frames: u64,
    /// Both, by cause.
    pub drops: Drops,
    /// Frames queued or under way at the end.
    pub in_flight_frames: u64,
    /// Frames that queues marked "congestion experienced".
    pub marked_frames: u64,
}

impl Totals {
    pub(super) fn new(facts: &RunFacts) -> Self {
        let mut all = WireCounters::default();
        for wire in &facts.run.wires {
            all += wire;
        }
        let mut totals = Self::of(all);
        for node in &facts.run.nodes {
            totals.dropped_in_nodes_frames += node.drops.total();
            totals.drops.0 += &node.drops;
        }
        totals
    }

    fn of(wires: WireCounters) -> Self {
        Self {
            sent_frames: wires.sent_frames,
            sent_bytes: wires.sent_bytes,
            delivered_frames: wires.delivered_frames,
            delivered_bytes: wires.delivered_bytes,
            duplicated_frames: wires.duplicated_frames,
            dropped_on_wires_frames: wires.drops.total(),
            dropped_in_nodes_frames: 0,
            drops: Drops(wires.drops),
            in_flight_frames: wires.in_flight_frames,
            marked_frames: wires.marked_frames,
        }
    }
}

/// What became of the frames of one direction of a link, or of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FrameCounts {
    /// Frames handed to the port, those included that its queue had no room for.
    pub sent_frames: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Frames that arrived whole, duplicates included.
    pub delivered_frames: u64,
    /// Their bytes.
    pub delivered_bytes: u64,
    /// Extra copies that the link made.
    pub duplicated_frames: u64,
    /// Frames that died at the port or on the wire.
    pub dropped_frames: u64,
    /// The same by cause.
    pub drops: Drops,
    /// Frames queued or under way at the end.
    pub in_flight_frames: u64,
    /// Frames that the queue marked "congestion experienced".
    pub marked_frames: u64,
}

impl FrameCounts {
    pub(super) fn new(c: &WireCounters) -> Self {
        Self {
            sent_frames: c.sent_frames,
            sent_bytes: c.sent_bytes,
            delivered_frames: c.delivered_frames,
            delivered_bytes: c.delivered_bytes,
            duplicated_frames: c.duplicated_frames,
            dropped_frames: c.drops.total(),
            drops: Drops(c.drops.clone()),
            in_flight_frames: c.in_flight_frames,
            marked_frames: c.marked_frames,
        }
    }
}

/// One direction of one link.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WireSummary {
    /// The link's name.
    pub link: String,
    /// `forward` or `backward`.
    pub direction: String,
    /// The sending node.
    pub from: String,
    /// The receiving node.
    pub to: String,
    /// Its rate.
    pub rate_bits_per_second: u64,
    /// Its propagation delay.
    pub latency_ns: u64,
    /// What became of its frames.
    #[serde(flatten)]
    pub frames: FrameCounts,
    /// How long the port was sending.
    pub busy_ns: u64,
    /// `busy_ns` as a share of the whole run, two decimals.
    pub utilization_percent: f64,
    /// The most bytes that ever waited in the queue.
    pub queue_peak_bytes: u64,
    /// The most frames that ever waited in the queue.
    pub queue_peak_frames: u64,
    /// The longest wait in the queue.
    pub queue_peak_delay_ns: u64,
}

impl WireSummary {
    pub(super) fn new(plan: &Plan, wire: WireId, c: &WireCounters, ended_at: SimTime) -> Self {
        let topology = &plan.topology;
        let profile = topology.profile(wire);
        Self {
            link: topology.link(wire.link).name.clone(),
            direction: wire.direction.to_string(),
            from: topology.node(topology.source(wire).node).name.clone(),
            to: topology.node(topology.target(wire).node).name.clone(),
            rate_bits_per_second: profile.rate.bits_per_second(),
            latency_ns: profile.latency.as_nanos(),
            frames: FrameCounts::new(c),
            busy_ns: c.busy.as_nanos(),
            utilization_percent: percent(c.busy.as_nanos(), (ended_at - SimTime::ZERO).as_nanos()),
            queue_peak_bytes: c.queue_peak_bytes,
            queue_peak_frames: c.queue_peak_frames,
            queue_peak_delay_ns: c.queue_peak_delay.as_nanos(),
        }
    }

    /// True for the direction from the first end to the second.
    pub fn is_forward(&self) -> bool {
        self.direction == Direction::Forward.to_string()
    }
}

/// One node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NodeSummary {
    /// Its name.
    pub name: String,
    /// `host`, `router`, `switch` or `hub`.
    pub kind: String,
    /// Its IP addresses with their prefix lengths.
    pub addresses: Vec<String>,
    /// Frames that came off its wires whole.
    pub received_frames: u64,
    /// Frames that it handed to its ports.
    pub sent_frames: u64,
    /// Frames or packets passed on for others.
    pub forwarded_frames: u64,
    /// Frames that died inside it.
    pub dropped_frames: u64,
    /// The same by cause.
    pub drops: Drops,
    /// ARP requests sent.
    pub arp_requests: u64,
    /// ARP replies sent.
    pub arp_replies: u64,
}

impl NodeSummary {
    pub(super) fn new(node: &crate::topology::Node, c: &NodeCounters) -> Self {
        let addresses = node.ports.iter().flat_map(|p| &p.addresses);
        Self {
            name: node.name.clone(),
            kind: node.kind.to_string(),
            addresses: addresses.map(with_prefix).collect(),
            received_frames: c.received_frames,
            sent_frames: c.sent_frames,
            forwarded_frames: c.forwarded_frames,
            dropped_frames: c.drops.total(),
            drops: Drops(c.drops.clone()),
            arp_requests: c.arp_requests,
            arp_replies: c.arp_replies,
        }
    }
}

/// An address with its prefix length, in a text that does not grow while it is written: there are
/// many.
fn with_prefix(net: &IpNet) -> String {
    let mut text = String::with_capacity("255.255.255.255/32".len());
    let _ = write!(text, "{}/{}", net.addr(), net.prefix_len());
    text
}

/// `part` of `whole` in per cent, rounded to two decimals; 0 of nothing.
pub(super) fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    let hundredths = (u128::from(part) * 10_000 + u128::from(whole) / 2) / u128::from(whole);
    #[allow(clippy::cast_precision_loss, reason = "a few digits of a percentage")]
    let percent = hundredths as f64 / 100.0;
    percent
}

/// A few words for a table column.
pub(super) const fn short(why: DropReason) -> &'static str {
    match why {
        DropReason::RandomLoss => "loss",
        DropReason::BitError => "bit error",
        DropReason::LinkDown => "down",
        DropReason::QueueFull => "queue",
        DropReason::RedEarly => "RED",
        DropReason::AboveThreshold => "threshold",
        DropReason::TooBig => "MTU",
        other => other.words(),
    }
}

/// `bytes` over `time` as whole bits per second, rounded; `None` if no time passed.
pub(super) fn rate(bytes: u64, time: Span) -> Option<u64> {
    let ns = u128::from(time.as_nanos());
    let bits = u128::from(bytes) * 8 * 1_000_000_000;
    let rounded = (bits + ns / 2).checked_div(ns)?;
    Some(u64::try_from(rounded).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_rounded_to_two_decimals() {
        // 1/3 = 33.333... %, 2/3 = 66.666... %
        assert_eq!(percent(1, 3), 33.33);
        assert_eq!(percent(2, 3), 66.67);
        assert_eq!(percent(5, 0), 0.0);
        assert_eq!(percent(u64::MAX, u64::MAX), 100.0);
    }

    #[test]
    fn a_rate_is_bits_over_seconds() {
        // 125 000 bytes are 1 000 000 bits; in 0.5 s that is 2 Mbit/s.
        assert_eq!(rate(125_000, Span::from_millis(500)), Some(2_000_000));
        assert_eq!(rate(1, Span::ZERO), None);
    }
}
