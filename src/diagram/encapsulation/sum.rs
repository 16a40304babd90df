//! How the sizes add up: a chip for each part, and how much of the wire is payload.

use super::{Canvas, MARGIN, WIDTH, part::Part};
use crate::{
    diagram::{
        style::{Colour, ON_LAYER, layer_colour},
        svg::{Anchor, Element, Font, Point, text_width},
    },
    wire::{FCS_LEN, OsiLayer, WIRE_OVERHEAD},
};

/// A number with its name.
struct Chip {
    size: usize,
    name: String,
    colour: Colour,
    on_wire_only: bool,
}

/// Draws the sum and moves the canvas below it.
pub(super) fn draw(canvas: &mut Canvas, parts: &[Part]) {
    let captured: usize = parts.iter().map(|p| p.range.len()).sum();
    let wire = captured + WIRE_OVERHEAD;
    canvas.heading("How the sizes add up", &sentence(parts, wire));
    let chips = chips(canvas, parts);
    let widths: Vec<f64> = chips.iter().map(width_of).collect();
    let mut x = MARGIN;
    for (number, (chip, width)) in chips.iter().zip(&widths).enumerate() {
        if x + width > WIDTH - MARGIN {
            x = MARGIN;
            canvas.y += CHIP + 24.0;
        }
        if number > 0 {
            let at = Point::new(x - PLUS / 2.0, canvas.y + 18.0);
            let plus = Element::text(at, 13.0, "+").anchor(Anchor::Middle);
            canvas.page.add(plus.fill(canvas.theme.palette().dim));
        }
        draw_chip(canvas, chip, x, *width);
        x += width + PLUS;
    }
    canvas.y += CHIP + 24.0;
    let total = format!("= {wire} bytes on the wire, {captured} of them in the capture");
    let at = Point::new(MARGIN, canvas.y + 14.0);
    let total = Element::text(at, 13.0, &total).bold();
    canvas.page.add(total.fill(canvas.theme.palette().ink));
    canvas.y += 28.0;
    draw_bar(canvas, &chips, wire);
}

/// "55 of 133 bytes are application data: 41 %".
fn sentence(parts: &[Part], wire: usize) -> String {
    let own = parts.iter().filter(|p| p.is_payload);
    let payload: usize = own.map(|p| p.range.len()).sum();
    if payload == 0 {
        return "This frame carries no application data: all of it is overhead.".to_owned();
    }
    let percent = (payload * 100 + wire / 2) / wire;
    format!("{payload} of {wire} bytes on the wire are application data: {percent} %")
}

fn chips(canvas: &Canvas, parts: &[Part]) -> Vec<Chip> {
    let physical = layer_colour(OsiLayer::Physical);
    let wire = |size, name: &str| Chip {
        size,
        name: name.to_owned(),
        colour: physical,
        on_wire_only: true,
    };
    let inner = parts.iter().map(|p| Chip {
        size: p.range.len(),
        name: p.name.clone(),
        colour: p.colour(canvas.theme),
        on_wire_only: false,
    });
    let preamble = wire(8, "preamble");
    let gap = wire(WIRE_OVERHEAD - 8 - FCS_LEN, "gap");
    std::iter::once(preamble)
        .chain(inner)
        .chain([wire(FCS_LEN, "FCS"), gap])
        .collect()
}

fn width_of(chip: &Chip) -> f64 {
    (text_width(&chip.name, Font::Regular, 11.5) + 8.0).max(46.0)
}

fn draw_chip(canvas: &mut Canvas, chip: &Chip, x: f64, width: f64) {
    let palette = canvas.theme.palette();
    let corner = Point::new(x, canvas.y);
    let shape = Element::rect(corner, width, CHIP).rounded(4.0);
    let (shape, ink) = if chip.on_wire_only {
        let outline = shape.attribute("fill", "none").stroke(chip.colour, 1.5);
        (outline.dashed(5.0, 3.0), palette.ink)
    } else {
        (shape.fill(chip.colour), ON_LAYER)
    };
    canvas.page.add(shape);
    let middle = x + width / 2.0;
    let size = chip.size.to_string();
    let number = Element::text(Point::new(middle, canvas.y + 18.0), 13.0, &size).bold();
    canvas.page.add(number.fill(ink).anchor(Anchor::Middle));
    let name = Element::text(Point::new(middle, canvas.y + CHIP + 15.0), 11.5, &chip.name);
    canvas
        .page
        .add(name.fill(palette.dim).anchor(Anchor::Middle));
}

/// The same parts, each as long as its share.
#[allow(
    clippy::cast_precision_loss,
    reason = "a frame has some thousand bytes"
)]
fn draw_bar(canvas: &mut Canvas, chips: &[Chip], wire: usize) {
    let scale = (WIDTH - 2.0 * MARGIN) / wire as f64;
    let mut x = MARGIN;
    for chip in chips {
        let width = chip.size as f64 * scale;
        let bar = Element::rect(Point::new(x, canvas.y), width, 12.0);
        let bar = match chip.on_wire_only {
            true => bar.fill(chip.colour.mix(canvas.theme.palette().ground, 60)),
            false => bar.fill(chip.colour),
        };
        canvas
            .page
            .add(bar.hint(&format!("{}: {} bytes", chip.name, chip.size)));
        x += width;
    }
    canvas.y += 14.0;
}

const CHIP: f64 = 26.0;
const PLUS: f64 = 18.0;
