//! The boxes on the way as buildings in a street: who they are, where they stand, what is on
//! their floors.

use super::words;
use crate::{
    diagram::journey::Journey,
    ids::NodeId,
    topology::{NodeKind, Topology},
    trace::{DropReason, Hop},
    wire::OsiLayer,
};

/// All buildings, from the sender to the receiver.
pub(super) struct Street<'a> {
    pub(super) buildings: Vec<Building<'a>>,
    pub(super) width: f64,
    /// How many lines stand under the longest cable label.
    pub(super) cable_lines: usize,
}

/// One box.
pub(super) struct Building<'a> {
    pub(super) name: String,
    /// "host, 10.0.0.10".
    pub(super) about: String,
    /// When the frame came or left.
    pub(super) time: String,
    pub(super) left: f64,
    pub(super) width: f64,
    /// From floor 1 upwards.
    pub(super) floors: Vec<Floor>,
    /// The hop that brought the frame.
    pub(super) arrival: Option<&'a Hop>,
    /// The hop that took it away.
    pub(super) departure: Option<&'a Hop>,
    /// The highest floor the frame comes to; `None` if it never comes here.
    pub(super) highest: Option<OsiLayer>,
    /// Where it died in here: the floor, and whether on its way out.
    pub(super) death: Option<(OsiLayer, bool, DropReason)>,
    /// How many boxes this one stands for, if the middle of the way was left out.
    pub(super) folded: usize,
}

/// One floor of a building.
pub(super) struct Floor {
    pub(super) layer: OsiLayer,
    /// One room, or two: for the frame that comes and the frame that goes.
    pub(super) rooms: Vec<Room>,
    /// False if this frame had nothing there.
    pub(super) used: bool,
}

/// What stands on (half) a floor.
#[derive(Default)]
pub(super) struct Room {
    pub(super) title: String,
    pub(super) lines: Vec<String>,
    /// The unit of data as it is here: headers outside, data inside.
    pub(super) unit: Vec<OsiLayer>,
    /// The first bits on the cable.
    pub(super) bits: String,
}

impl Building<'_> {
    /// The right edge.
    pub(super) fn right(&self) -> f64 {
        self.left + self.width
    }

    /// Where data goes up.
    pub(super) fn up(&self) -> f64 {
        self.left + LANE
    }

    /// Where data goes down.
    pub(super) fn down(&self) -> f64 {
        self.right() - LANE
    }
}

impl Street<'_> {
    pub(super) fn height(&self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "a handful of lines")]
        let lines = self.cable_lines as f64;
        BASE + CABLE_DROP + 24.0 + lines * 15.0 + MARGIN / 2.0
    }
}

/// Builds the street.
pub(super) fn street<'a>(journey: &Journey<'a>, topology: &Topology) -> Street<'a> {
    let nodes = journey.nodes(topology);
    let mut buildings = Vec::new();
    let mut left = MARGIN + NAMES + GAP / 2.0;
    let (head, tail) = shown(nodes.len());
    for (number, &node) in nodes.iter().enumerate() {
        if number >= head && number < nodes.len() - tail {
            if number == head {
                buildings.push(fold(nodes.len() - head - tail, left));
                left += FOLD_WIDTH + GAP;
            }
            continue;
        }
        let building = build(journey, topology, number, node, left);
        left = building.right() + GAP;
        buildings.push(building);
    }
    let cable_lines = journey.hops.iter().map(|h| words::cable(h, topology).len());
    Street {
        buildings,
        width: left - GAP + MARGIN,
        cable_lines: cable_lines.max().unwrap_or(0),
    }
}

/// How many boxes at either end have room.
const fn shown(count: usize) -> (usize, usize) {
    if count <= MOST_BUILDINGS {
        (count, 0)
    } else {
        (MOST_BUILDINGS / 2, MOST_BUILDINGS / 2)
    }
}

fn fold<'a>(folded: usize, left: f64) -> Building<'a> {
    Building {
        name: format!("… {folded} more …"),
        about: String::new(),
        time: String::new(),
        left,
        width: FOLD_WIDTH,
        floors: Vec::new(),
        arrival: None,
        departure: None,
        highest: None,
        death: None,
        folded,
    }
}

fn build<'a>(
    journey: &Journey<'a>,
    topology: &Topology,
    number: usize,
    id: NodeId,
    left: f64,
) -> Building<'a> {
    let node = topology.node(id);
    let arrival = number
        .checked_sub(1)
        .and_then(|n| journey.hops.get(n))
        .copied();
    let departure = journey.hops.get(number).copied();
    let is_last = number == journey.hops.len();
    let never_comes = is_last && journey.died_on_a_wire();
    let died_here = journey.drop.filter(|_| is_last);
    let death = died_here.map(|d| {
        let came_in_by = arrival.map(|hop| topology.target(hop.wire).port);
        (d.why.layer(), Some(d.place.port) != came_in_by, d.why)
    });
    let top = words::top_floor(journey, node.kind, arrival.is_some() && departure.is_some());
    let highest = match death {
        Some((layer, false, _)) => layer,
        _ => top,
    };
    Building {
        name: node.name.clone(),
        about: match node.primary_address() {
            Some(address) => format!("{}, {address}", node.kind),
            None => node.kind.to_string(),
        },
        time: words::time(
            journey,
            arrival,
            departure,
            death.map(|(.., why)| why),
            never_comes,
        ),
        left,
        width: width_of(node.kind),
        floors: words::floors(
            journey,
            topology,
            node.kind,
            arrival,
            departure,
            never_comes,
        ),
        arrival,
        departure,
        highest: (!never_comes).then_some(highest),
        death,
        folded: 0,
    }
}

const fn width_of(kind: NodeKind) -> f64 {
    match kind {
        NodeKind::Host => 254.0,
        NodeKind::Router => 316.0,
        NodeKind::Switch => 292.0,
        NodeKind::Hub => 200.0,
    }
}

/// The top edge of a floor.
pub(super) fn floor_top(layer: OsiLayer) -> f64 {
    BASE - f64::from(layer.number()) * (FLOOR + FLOOR_GAP) + FLOOR_GAP
}

/// Free space around the picture.
pub(super) const MARGIN: f64 = 28.0;
/// The column of layer names.
pub(super) const NAMES: f64 = 142.0;
/// The height of a floor.
pub(super) const FLOOR: f64 = 74.0;
/// The ground line below floor 1.
pub(super) const BASE: f64 = 162.0 + 7.0 * (FLOOR + FLOOR_GAP);
/// How far below the ground the cables lie.
pub(super) const CABLE_DROP: f64 = 24.0;
const FLOOR_GAP: f64 = 6.0;
const LANE: f64 = 14.0;
const GAP: f64 = 76.0;
const FOLD_WIDTH: f64 = 110.0;
const MOST_BUILDINGS: usize = 8;
