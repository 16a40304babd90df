//! Title, layer names and buildings.

use super::building::{BASE, Building, CABLE_DROP, FLOOR, Floor, MARGIN, NAMES, Room, floor_top};
use crate::{
    diagram::{
        Theme,
        journey::Journey,
        style::{ON_LAYER, layer_colour},
        svg::{Anchor, Element, Font, Page, Point, ellipsis},
    },
    wire::OsiLayer,
};

/// Title and caption.
pub(super) fn title(page: &mut Page, theme: Theme, caption: &str) {
    let palette = theme.palette();
    let at = Point::new(MARGIN, 40.0);
    page.add(Element::text(at, 20.0, TITLE).bold().fill(palette.ink));
    let room = page.width() - 2.0 * MARGIN;
    let caption = ellipsis(caption, Font::Regular, 13.0, room);
    let at = Point::new(MARGIN, 62.0);
    page.add(Element::text(at, 13.0, &caption).fill(palette.dim));
    let note = ellipsis(NOTE, Font::Regular, 12.0, room);
    let at = Point::new(MARGIN, 82.0);
    page.add(Element::text(at, 12.0, &note).fill(palette.dim));
}

/// The column on the left: number and name of each floor, and what its unit of data is called.
pub(super) fn layer_names(page: &mut Page, theme: Theme, journey: &Journey<'_>) {
    let dim = theme.palette().dim;
    for layer in OsiLayer::ALL {
        let corner = Point::new(MARGIN, floor_top(layer));
        let shape = Element::rect(corner, NAMES, FLOOR).rounded(5.0);
        page.add(shape.fill(layer_colour(layer)));
        let number = layer.number().to_string();
        let at = corner.moved(12.0, 32.0);
        page.add(Element::text(at, 18.0, &number).bold().fill(ON_LAYER));
        let at = corner.moved(30.0, 31.0);
        page.add(Element::text(at, 13.0, layer.name()).bold().fill(ON_LAYER));
        let at = corner.moved(30.0, 50.0);
        let unit = unit_name(layer, journey);
        page.add(Element::text(at, 11.5, unit).fill(ON_LAYER));
    }
    let at = Point::new(MARGIN, BASE + CABLE_DROP + 4.0);
    page.add(Element::text(at, 12.0, "the cables").fill(dim));
}

fn unit_name(layer: OsiLayer, journey: &Journey<'_>) -> &'static str {
    match layer {
        OsiLayer::Physical => "bits",
        OsiLayer::DataLink => "frame",
        OsiLayer::Network => "packet",
        OsiLayer::Transport if journey.tree.layer("udp").is_some() => "datagram",
        OsiLayer::Transport => "segment",
        _ => "data",
    }
}

/// One box with its floors and its name on top.
pub(super) fn building(page: &mut Page, theme: Theme, building: &Building<'_>) {
    if building.folded > 0 {
        fold(page, theme, building);
        return;
    }
    head(page, theme, building);
    for floor in &building.floors {
        let corner = Point::new(building.left, floor_top(floor.layer));
        outline(page, theme, floor, corner, building.width);
        rooms(page, theme, floor, building);
    }
}

/// The name of a box above its highest floor.
fn head(page: &mut Page, theme: Theme, building: &Building<'_>) {
    let palette = theme.palette();
    let top = building.floors.last().map_or(BASE, |f| floor_top(f.layer));
    let middle = building.left + building.width / 2.0;
    let time_ink = if building.death.is_some() || building.highest.is_none() {
        palette.bad
    } else {
        palette.ink
    };
    let lines = [
        (building.name.as_str(), 16.0, 43.0, palette.ink, true),
        (building.about.as_str(), 12.0, 26.0, palette.dim, false),
        (building.time.as_str(), 12.0, 9.0, time_ink, false),
    ];
    for (text, size, above, ink, bold) in lines {
        let font = if bold { Font::Bold } else { Font::Regular };
        let text = ellipsis(text, font, size, building.width + 60.0);
        let at = Point::new(middle, top - above);
        let line = Element::text(at, size, &text).fill(ink);
        let line = line.anchor(Anchor::Middle);
        page.add(if bold { line.bold() } else { line });
    }
}

fn outline(page: &mut Page, theme: Theme, floor: &Floor, corner: Point, width: f64) {
    let colour = layer_colour(floor.layer);
    let shape = Element::rect(corner, width, FLOOR).rounded(5.0);
    if floor.used {
        let fill = theme.layer_tint(floor.layer);
        page.add(shape.fill(fill).stroke(colour, 1.5));
    } else {
        let faint = theme.palette().ground.mix(colour, 45);
        let shape = shape.attribute("fill", "none").stroke(faint, 1.0);
        page.add(shape.dashed(4.0, 4.0));
    }
}

fn rooms(page: &mut Page, theme: Theme, floor: &Floor, building: &Building<'_>) {
    let sides = (building.arrival.is_some(), building.departure.is_some());
    // Text keeps clear of the lanes: on the left where data comes, on the right where it goes.
    let left = building.left + if sides.0 { LANE_ROOM } else { 12.0 };
    let right = building.right() - if sides.1 { LANE_ROOM } else { 12.0 };
    let middle = building.left + building.width / 2.0;
    let top = floor_top(floor.layer);
    match floor.rooms.as_slice() {
        [] => {}
        [only] => room(page, theme, only, Point::new(left, top), right - left),
        [first, second, ..] => {
            let line = Element::line(
                Point::new(middle, top + 20.0),
                Point::new(middle, top + FLOOR - 8.0),
            );
            let faint = theme.palette().ground.mix(layer_colour(floor.layer), 50);
            page.add(line.stroke(faint, 1.0));
            room(
                page,
                theme,
                first,
                Point::new(left, top),
                middle - 6.0 - left,
            );
            let at = Point::new(middle + 6.0, top);
            room(page, theme, second, at, right - middle - 6.0);
        }
    }
}

fn room(page: &mut Page, theme: Theme, room: &Room, corner: Point, width: f64) {
    let palette = theme.palette();
    let mut y = 27.0;
    if !room.title.is_empty() {
        let title = ellipsis(&room.title, Font::Bold, 12.0, width);
        let at = corner.moved(0.0, y);
        page.add(Element::text(at, 12.0, &title).bold().fill(palette.ink));
        y += 15.0;
    }
    let is_idle = room.unit.is_empty() && room.bits.is_empty();
    let ink = if is_idle { palette.dim } else { palette.ink };
    for line in &room.lines {
        let is_code = is_mac_line(line);
        let (font, size) = if is_code {
            (Font::Mono, 10.0)
        } else {
            (Font::Regular, 11.0)
        };
        let text = ellipsis(line, font, size, width);
        let element = Element::text(corner.moved(0.0, y), size, &text).fill(ink);
        page.add(if is_code { element.mono() } else { element });
        y += 13.0;
    }
    unit(page, room, corner.moved(0.0, FLOOR - 11.0), width);
    if !room.bits.is_empty() {
        let bits = ellipsis(&room.bits, Font::Mono, 9.5, width);
        let at = corner.moved(0.0, FLOOR - 9.0);
        page.add(Element::text(at, 9.5, &bits).mono().fill(palette.dim));
    }
}

/// True for a line that ends in a MAC address.
fn is_mac_line(line: &str) -> bool {
    line.rsplit(' ')
        .next()
        .is_some_and(|word| word.matches(':').count() == 5)
}

/// The unit of data as a row of blocks: headers, then data.
fn unit(page: &mut Page, room: &Room, corner: Point, width: f64) {
    let mut x = 0.0;
    for layer in &room.unit {
        let own: f64 = if *layer == OsiLayer::Application {
            56.0
        } else {
            18.0
        };
        let length = own.min(width - x);
        if length <= 0.0 {
            return;
        }
        let block = Element::rect(corner.moved(x, 0.0), length, 6.0);
        page.add(block.fill(layer_colour(*layer)));
        x += length + 1.5;
    }
}

/// The place of the boxes that are left out.
fn fold(page: &mut Page, theme: Theme, building: &Building<'_>) {
    let ink = theme.palette().dim;
    let at = Point::new(building.left + building.width / 2.0, BASE - FLOOR / 2.0);
    let text = Element::text(at, 13.0, &building.name).fill(ink);
    page.add(text.anchor(Anchor::Middle));
}

const TITLE: &str = "OSI layers along the path";
const NOTE: &str = "Going down, each floor puts its header in front; going up, it is taken off. The \
                    small bars show what is packed into what.";
const LANE_ROOM: f64 = 28.0;
