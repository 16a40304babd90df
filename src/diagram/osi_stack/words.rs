//! What stands on the floors: read from the frame's own bytes, hop by hop.

use super::building::{Floor, Room};
use crate::{
    diagram::{encapsulation::short_name, journey::Journey},
    dissect::{Dissection, Dissector, Layer},
    topology::{NodeKind, Topology},
    trace::{DropReason, Hop},
    wire::{EthernetHeader, OsiLayer, WIRE_OVERHEAD},
};

/// The highest floor that looks at the frame in a box of this kind.
pub(super) fn top_floor(journey: &Journey<'_>, kind: NodeKind, passes: bool) -> OsiLayer {
    let own = journey.tree.highest().map_or(OsiLayer::DataLink, |l| l.osi);
    let most = match kind {
        NodeKind::Host if !passes => OsiLayer::Application,
        NodeKind::Host | NodeKind::Router => OsiLayer::Network,
        NodeKind::Switch => OsiLayer::DataLink,
        NodeKind::Hub => OsiLayer::Physical,
    };
    own.min(most)
}

/// "sends it at 0.051s", "+1.011ms", "dropped: queue full".
pub(super) fn time(
    journey: &Journey<'_>,
    arrival: Option<&Hop>,
    departure: Option<&Hop>,
    death: Option<DropReason>,
    never_comes: bool,
) -> String {
    if never_comes {
        return "never gets it".to_owned();
    }
    if let Some(why) = death {
        return format!("drops it: {why}");
    }
    let start = journey.hops.first().map(|hop| hop.sent);
    match (arrival, departure, start) {
        (None, Some(hop), _) => format!("sends it at {}", trimmed(&hop.sent.to_string())),
        (Some(hop), _, Some(start)) => format!("has it after {}", hop.fate.time().since(start)),
        _ => String::new(),
    }
}

/// "0.051000000s" as "0.051s".
fn trimmed(time: &str) -> String {
    let digits = time.trim_end_matches('s').trim_end_matches('0');
    format!("{}s", digits.trim_end_matches('.'))
}

/// The lines under a cable: name, rate and latency, faults.
pub(super) fn cable(hop: &Hop, topology: &Topology) -> Vec<String> {
    let profile = topology.profile(hop.wire);
    let mut lines = vec![
        topology.link(hop.wire.link).name.clone(),
        format!("{}, {}", profile.rate, profile.latency),
    ];
    if !profile.loss.is_zero() {
        lines.push(format!("loss {}", profile.loss));
    }
    lines
}

/// The floors of a box, from the lowest.
pub(super) fn floors(
    journey: &Journey<'_>,
    topology: &Topology,
    kind: NodeKind,
    arrival: Option<&Hop>,
    departure: Option<&Hop>,
    never_comes: bool,
) -> Vec<Floor> {
    let scene = Scene {
        tree: &journey.tree,
        topology,
        kind,
        sides: [arrival.map(Side::of), departure.map(Side::of)],
    };
    let layers = OsiLayer::ALL.into_iter().take(kind.floors().into());
    let top = top_floor(journey, kind, arrival.is_some() && departure.is_some());
    layers
        .map(|layer| {
            let used = !never_comes && layer <= top;
            let rooms = match (used, never_comes) {
                (true, _) => scene.rooms(layer),
                (false, true) => Vec::new(),
                (false, false) => vec![idle()],
            };
            Floor { layer, rooms, used }
        })
        .collect()
}

/// One box and the frame before and behind it.
struct Scene<'a> {
    tree: &'a Dissection,
    topology: &'a Topology,
    kind: NodeKind,
    sides: [Option<Side<'a>>; 2],
}

/// The frame as it is on one of the cables.
struct Side<'a> {
    hop: &'a Hop,
    tree: Dissection,
}

impl<'a> Side<'a> {
    fn of(hop: &'a Hop) -> Self {
        // What is read here, MAC addresses and TTL, needs no memory of earlier frames.
        Self {
            hop,
            tree: Dissector::new().dissect(&hop.bytes),
        }
    }

    fn value(&self, layer: &str, field: &str) -> &str {
        let layer = self.tree.layer(layer);
        layer.and_then(|l| l.value(field)).unwrap_or("?")
    }
}

impl Scene<'_> {
    fn rooms(&self, layer: OsiLayer) -> Vec<Room> {
        let sides = || self.sides.iter().flatten();
        match layer {
            OsiLayer::Physical if self.kind == NodeKind::Hub => vec![self.repeated()],
            OsiLayer::Physical => sides().map(|s| self.physical(s)).collect(),
            OsiLayer::DataLink if self.kind == NodeKind::Switch => vec![self.switched()],
            OsiLayer::DataLink => sides().map(|s| self.data_link(s)).collect(),
            OsiLayer::Network => vec![self.network()],
            OsiLayer::Transport => vec![self.transport()],
            OsiLayer::Session => vec![self.unused_between(layer, SESSION)],
            OsiLayer::Presentation => vec![self.unused_between(layer, PRESENTATION)],
            OsiLayer::Application => vec![self.application()],
        }
    }

    fn physical(&self, side: &Side<'_>) -> Room {
        let profile = self.topology.profile(side.hop.wire);
        let bytes = side.hop.bytes.len() + WIRE_OVERHEAD;
        let time = profile.rate.time_for_bytes(bytes as u64);
        let bits = side.hop.bytes.iter().take(2).map(|b| format!("{b:08b}"));
        Room {
            title: profile.rate.to_string(),
            lines: vec![format!("{bytes} B in {time}")],
            bits: bits.collect::<Vec<_>>().join(" "),
            ..Room::default()
        }
    }

    fn repeated(&self) -> Room {
        let side = self.sides.iter().flatten().next();
        Room {
            title: "repeats the bits".to_owned(),
            lines: vec!["out of every other port".to_owned()],
            bits: side.map(|s| self.physical(s).bits).unwrap_or_default(),
            ..Room::default()
        }
    }

    fn data_link(&self, side: &Side<'_>) -> Room {
        Room {
            title: match side.tree.layer("arp") {
                Some(arp) => format!("ARP: {}", arp.summary),
                None => "Ethernet".to_owned(),
            },
            lines: vec![
                side.value("eth", "src").to_owned(),
                format!("→ {}", side.value("eth", "dst")),
            ],
            unit: self.unit(OsiLayer::DataLink),
            ..Room::default()
        }
    }

    fn switched(&self) -> Room {
        let side = self.sides.iter().flatten().next();
        let header = side.and_then(|s| EthernetHeader::parse(&s.hop.bytes));
        let lines = match header.map(|h| h.destination) {
            Some(all) if all.is_group() => vec!["to every other port".to_owned()],
            Some(one) => vec!["to the port of".to_owned(), one.to_string()],
            None => Vec::new(),
        };
        Room {
            title: "forwards the same frame".to_owned(),
            lines,
            unit: self.unit(OsiLayer::DataLink),
            ..Room::default()
        }
    }

    fn network(&self) -> Room {
        let name = |s: &Side<'_>| match s.tree.layer("ipv6") {
            Some(_) => ("ipv6", "hlim", "Hop limit"),
            None => ("ip", "ttl", "TTL"),
        };
        let ends = |s: &Side<'_>| {
            let (layer, ..) = name(s);
            format!("{} → {}", s.value(layer, "src"), s.value(layer, "dst"))
        };
        let ttl = |s: &Side<'_>| {
            let (layer, field, words) = name(s);
            (words, s.value(layer, field).to_owned())
        };
        let (title, lines) = match &self.sides {
            [Some(a), Some(b)] => {
                let ((words, before), (_, after)) = (ttl(a), ttl(b));
                let link = &self.topology.link(b.hop.wire.link).name;
                let title = format!("{words} {before} → {after}");
                (title, vec![ends(a), format!("by its route over {link}")])
            }
            [Some(s), None] | [None, Some(s)] => {
                let (words, left) = ttl(s);
                let icmp = self.tree.layer("icmp").map(icmp_title);
                let title = icmp.unwrap_or_else(|| match name(s).0 {
                    "ipv6" => "IPv6".to_owned(),
                    _ => "IPv4".to_owned(),
                });
                (title, vec![ends(s), format!("{words} {left}")])
            }
            [None, None] => (String::new(), Vec::new()),
        };
        Room {
            title,
            lines,
            unit: self.unit(OsiLayer::Network),
            ..Room::default()
        }
    }

    fn transport(&self) -> Room {
        let tcp = self.tree.layer("tcp");
        let layer = tcp.or_else(|| self.tree.layer("udp"));
        let value = |name| layer.and_then(|l| l.value(name)).unwrap_or("?");
        let ports = format!("{} → {}", value("srcport"), value("dstport"));
        let lines = match tcp {
            Some(_) => vec![
                format!("port {ports}"),
                format!(
                    "[{}] Seq {} Ack {}",
                    flags(value("flags")),
                    value("seq"),
                    value("ack")
                ),
            ],
            None => vec![
                format!("port {ports}"),
                format!("{} bytes", value("length")),
            ],
        };
        Room {
            title: layer.map(short_name).unwrap_or_default(),
            lines,
            unit: self.unit(OsiLayer::Transport),
            ..Room::default()
        }
    }

    /// Floors 5 and 6: a protocol of their own, or words on why there is none.
    fn unused_between(&self, layer: OsiLayer, none: [&str; 2]) -> Room {
        if let Some(own) = self.nearest_to_application(layer) {
            return Room {
                title: short_name(own),
                lines: vec![own.summary.clone()],
                unit: self.unit(layer),
                ..Room::default()
            };
        }
        let over_tcp = self.tree.layer("tcp").is_some();
        Room {
            lines: vec![if over_tcp { none[0] } else { none[1] }.to_owned()],
            unit: self.unit(layer),
            ..Room::default()
        }
    }

    /// The layer of this floor; of several (records of TLS in one segment) the one that holds the
    /// application's bytes, or else the first.
    fn nearest_to_application(&self, floor: OsiLayer) -> Option<&Layer> {
        let layers = &self.tree.layers;
        let application = layers.iter().position(|l| l.osi == OsiLayer::Application);
        let mut before = layers[..application.unwrap_or(0)].iter();
        before
            .rfind(|l| l.osi == floor)
            .or_else(|| layers.iter().find(|l| l.osi == floor))
    }

    fn application(&self) -> Room {
        let mut layers = self.tree.layers.iter();
        let own = layers.find(|l| l.osi == OsiLayer::Application);
        Room {
            title: own.map(short_name).unwrap_or_default(),
            lines: own.map(|l| l.summary.clone()).into_iter().collect(),
            unit: self.unit(OsiLayer::Application),
            ..Room::default()
        }
    }

    /// What is packed into each other on a floor, the outermost first.
    fn unit(&self, floor: OsiLayer) -> Vec<OsiLayer> {
        let all = self.tree.layers.iter().map(|l| l.osi);
        let mut inner: Vec<OsiLayer> = all.filter(|&osi| osi >= floor).collect();
        // Records of TLS stand beside each other, not in each other.
        inner.dedup_by(|a, b| a == b && *a == OsiLayer::Presentation);
        inner
    }
}

/// A floor that this frame does not come to.
fn idle() -> Room {
    Room {
        lines: vec!["not used by this frame".to_owned()],
        ..Room::default()
    }
}

fn icmp_title(layer: &Layer) -> String {
    layer
        .value("type")
        .map_or_else(|| "ICMP".to_owned(), |kind| format!("ICMP {kind}"))
}

/// "0x018 (PSH, ACK)" as "PSH, ACK".
fn flags(value: &str) -> &str {
    let inner = value.split_once('(').map_or(value, |(_, rest)| rest);
    inner.trim_end_matches(')')
}

const SESSION: [&str; 2] = ["the TCP connection, as it is", "no session over UDP"];
const PRESENTATION: [&str; 2] = ["plain bytes, not encrypted", "plain bytes, not encrypted"];
