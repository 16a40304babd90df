//! The nested boxes.

use std::collections::BTreeMap;

use super::{
    Canvas, MARGIN, WIDTH,
    field::{Cell, LABEL_SIZE, VALUE_SIZE, cells},
    part::{RECORD_HEADER, bytes_of, unit_name},
};
use crate::{
    diagram::{
        style::{ON_LAYER, layer_colour},
        svg::{Anchor, Element, Font, Point, ellipsis, text_width},
    },
    dissect::{Dissection, Layer},
    wire::OsiLayer,
};

/// A box: what stands in it and where.
struct Doll<'a> {
    layer: &'a Layer,
    cells: Vec<Cell>,
    /// Left top corner and size.
    corner: Point,
    width: f64,
    height: f64,
    /// "header 20 bytes" and "segment 75 bytes".
    sizes: String,
    /// A line at the bottom, inside the box.
    foot: Option<String>,
}

/// Draws the frame's boxes and moves the canvas below them.
pub(super) fn draw(canvas: &mut Canvas, bytes: &[u8], dissection: &Dissection) {
    let wire_top = canvas.y;
    let first = Point::new(MARGIN + INSET, wire_top + WIRE_STRIP);
    let dolls = placed(bytes, dissection, first);
    let bottom = dolls.iter().map(|d| d.corner.y + d.height);
    let bottom = bottom.fold(first.y, f64::max) + WIRE_STRIP;
    draw_wire(canvas, wire_top, bottom, bytes);
    for doll in &dolls {
        draw_doll(canvas, doll);
    }
    canvas.y = bottom;
}

/// Boxes from the outermost to the innermost, each inside the one before. Messages of an application,
/// records of TLS and frames of HTTP/2 stand one below the other.
fn placed<'a>(bytes: &[u8], dissection: &'a Dissection, first: Point) -> Vec<Doll<'a>> {
    let end = packet_end(bytes, dissection);
    let mut dolls: Vec<Doll<'a>> = Vec::new();
    let mut corner = first;
    let (mut columns, mut open) = (BTreeMap::new(), Vec::new());
    for layer in &dissection.layers {
        if matches!(layer.protocol, "tls" | "http2" | "grpc") {
            corner.x = *columns.entry(layer.protocol).or_insert(corner.x);
        }
        corner.y += close(&mut open, corner.x);
        let width = WIDTH - 2.0 * corner.x;
        let cells = cells(layer, COLUMNS, (width - 2.0 * PAD) / COLUMNS as f64);
        let height = BAND + rows_of(&cells) * ROW + 8.0;
        let doll = Doll {
            layer,
            cells,
            corner,
            width,
            height,
            sizes: sizes(layer, end, bytes.len()),
            foot: foot(layer),
        };
        // A message of gRPC holds what Protobuf made; coded content stands behind the head of its
        // message, not around it.
        let is_last_floor = match layer.protocol {
            "grpc" => false,
            "coding" => true,
            _ => layer.osi == OsiLayer::Application,
        };
        let below = corner.y + height + 6.0;
        corner = match is_last_floor {
            true => Point::new(corner.x, below),
            false => Point::new(corner.x + INSET, below),
        };
        dolls.push(doll);
    }
    stretch(&mut dolls);
    dolls
}

/// Closes the open boxes that the next one, which begins at `left`, does not stand in. Returns the
/// room that their lower edges need: each but the innermost holds another one.
#[allow(clippy::cast_precision_loss, reason = "there are a few boxes")]
fn close(open: &mut Vec<f64>, left: f64) -> f64 {
    let before = open.len();
    open.retain(|own| *own < left);
    let closed = before - open.len();
    open.push(left);
    closed.saturating_sub(1) as f64 * EDGE
}

/// Makes each box tall enough for those inside it.
fn stretch(dolls: &mut [Doll<'_>]) {
    for number in (0..dolls.len()).rev() {
        let (outer, inner) = dolls.split_at_mut(number + 1);
        let doll = &mut outer[number];
        let inside = inner.iter().take_while(|d| d.corner.x > doll.corner.x);
        let bottom = inside.map(|d| d.corner.y + d.height).reduce(f64::max);
        if let Some(bottom) = bottom {
            doll.height = bottom + EDGE - doll.corner.y;
        }
        if doll.foot.is_some() {
            doll.height += FOOT;
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "there are a few rows")]
fn rows_of(cells: &[Cell]) -> f64 {
    cells.last().map_or(0, |c| c.row + 1) as f64
}

/// Where the packet ends and padding may begin: where its header says, else behind the last layer.
fn packet_end(bytes: &[u8], dissection: &Dissection) -> usize {
    let told = dissection.layer("ip").and_then(|ip| {
        let length: usize = ip.value("len")?.parse().ok()?;
        Some(ip.range.start + length)
    });
    let ends = dissection.layers.iter().map(|l| l.range.end);
    let end = told.or_else(|| ends.max()).unwrap_or(bytes.len());
    end.min(bytes.len())
}

fn sizes(layer: &Layer, packet_end: usize, frame_end: usize) -> String {
    let unit = unit_name(layer);
    let end = if layer.protocol == "eth" {
        frame_end
    } else {
        packet_end
    };
    let whole = end.saturating_sub(layer.range.start);
    let has_header = matches!(layer.protocol, "eth" | "ip" | "ipv6" | "tcp" | "udp");
    if !has_header {
        if let Some(sizes) = record_sizes(layer) {
            return sizes;
        }
        return format!("{unit} {}", bytes_of(layer.range.len()));
    }
    let header = bytes_of(layer.range.len());
    format!("header {header}, {unit} {}", bytes_of(whole))
}

/// What a TLS record has beside the content that is drawn inside it: its header, and behind the
/// content its tag.
fn record_sizes(layer: &Layer) -> Option<String> {
    let length: usize = layer.value("record.length")?.parse().ok()?;
    let (header, record) = (layer.range.len(), RECORD_HEADER + length);
    let holds_content = header == RECORD_HEADER && record > header;
    holds_content.then(|| format!("header {}, record {}", bytes_of(header), bytes_of(record)))
}

fn foot(layer: &Layer) -> Option<String> {
    let padding = layer.value("padding")?;
    Some(format!(
        "padding: {padding} of zeros, because an Ethernet frame has at least 60 bytes and its FCS"
    ))
}

fn draw_doll(canvas: &mut Canvas, doll: &Doll<'_>) {
    let colour = layer_colour(doll.layer.osi);
    let fill = canvas.theme.layer_tint(doll.layer.osi);
    let Doll {
        corner,
        width,
        height,
        ..
    } = *doll;
    let outline = Element::rect(corner, width, height).rounded(5.0);
    canvas.page.add(outline.fill(fill).stroke(colour, 1.5));
    let band = Element::rect(corner, width, BAND).rounded(5.0);
    canvas.page.add(band.fill(colour));
    let at = corner.moved(PAD, 16.5);
    let sizes_width = text_width(&doll.sizes, Font::Regular, 12.0);
    let name = format!("{} {}", doll.layer.osi.number(), doll.layer.title);
    let name = ellipsis(&name, Font::Bold, 12.5, width - sizes_width - 4.0 * PAD);
    canvas
        .page
        .add(Element::text(at, 12.5, &name).bold().fill(ON_LAYER));
    let at = corner.moved(width - PAD, 16.5);
    let sizes = Element::text(at, 12.0, &doll.sizes).fill(ON_LAYER);
    canvas.page.add(sizes.anchor(Anchor::End));
    for cell in &doll.cells {
        draw_cell(canvas, doll, cell);
    }
    if let Some(foot) = &doll.foot {
        let at = corner.moved(PAD, height - 8.0);
        let ink = canvas.theme.palette().dim;
        canvas.page.add(Element::text(at, 11.0, foot).fill(ink));
    }
}

#[allow(clippy::cast_precision_loss, reason = "there are a few cells")]
fn draw_cell(canvas: &mut Canvas, doll: &Doll<'_>, cell: &Cell) {
    let palette = canvas.theme.palette();
    let column = (doll.width - 2.0 * PAD) / COLUMNS as f64;
    let at = doll.corner.moved(
        PAD + column * cell.column as f64,
        BAND + ROW * cell.row as f64,
    );
    let label = Element::text(at.moved(0.0, 15.0), LABEL_SIZE, &cell.label);
    canvas.page.add(label.fill(palette.dim));
    let value = Element::text(at.moved(0.0, 30.0), VALUE_SIZE, &cell.value);
    canvas.page.add(value.mono().fill(palette.ink));
}

/// The dashed box of floor 1 around everything.
fn draw_wire(canvas: &mut Canvas, top: f64, bottom: f64, bytes: &[u8]) {
    let palette = canvas.theme.palette();
    let colour = layer_colour(OsiLayer::Physical);
    let corner = Point::new(MARGIN, top);
    let outline = Element::rect(corner, WIDTH - 2.0 * MARGIN, bottom - top).rounded(5.0);
    let outline = outline.attribute("fill", "none").stroke(colour, 1.5);
    canvas.page.add(outline.dashed(6.0, 4.0));
    let fcs = crc32fast::hash(bytes);
    let lines = [
        (
            top + 19.0,
            "1 Physical: on the wire".to_owned(),
            "preamble and start delimiter, 8 bytes (not captured)".to_owned(),
        ),
        (
            bottom - 10.0,
            String::new(),
            format!(
                "frame check sequence {fcs:#010x}, 4 bytes, then a gap of 12 bytes (not captured)"
            ),
        ),
    ];
    for (y, name, note) in lines {
        let ink = canvas.theme.layer_ink(OsiLayer::Physical);
        let at = Point::new(MARGIN + PAD, y);
        canvas
            .page
            .add(Element::text(at, 12.5, &name).bold().fill(ink));
        let at = Point::new(WIDTH - MARGIN - PAD, y);
        let note = Element::text(at, 12.0, &note).fill(palette.dim);
        canvas.page.add(note.anchor(Anchor::End));
    }
}

const COLUMNS: usize = 4;
const INSET: f64 = 18.0;
/// Between the lower edges of two boxes, one in the other.
const EDGE: f64 = INSET * 0.6;
const PAD: f64 = 12.0;
const BAND: f64 = 24.0;
const ROW: f64 = 36.0;
const FOOT: f64 = 20.0;
const WIRE_STRIP: f64 = 30.0;
