//! Which fields of a layer are shown, and how they flow into rows.

use crate::{
    diagram::svg::{Font, ellipsis, text_width},
    dissect::{Field, Layer},
};

/// A field in its place.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) column: usize,
    pub(super) row: usize,
}

/// The fields of a layer that say something by themselves.
pub(super) fn shown(layer: &Layer) -> Vec<&Field> {
    let all = layer.fields.iter();
    let telling = all.filter(|f| tells(layer, f));
    telling.take(MOST_FIELDS).collect()
}

fn tells(layer: &Layer, field: &Field) -> bool {
    let is_single_flag = field.name.starts_with("flags.") && layer.value("flags").is_some();
    let is_derived = match layer.protocol {
        "tcp" => matches!(field.name, "stream" | "len" | "window_size" | "seq" | "ack"),
        "udp" => matches!(field.name, "stream"),
        "ip" => field.name == "flags.rb",
        _ => false,
    };
    !is_single_flag && !is_derived && !field.name.ends_with(".status") && !field.range.is_empty()
}

/// The value, with what is derived from it in brackets.
fn value(layer: &Layer, field: &Field) -> String {
    let extra = match (layer.protocol, field.name) {
        ("tcp", "seq_raw") => layer.value("seq").map(|v| format!("relative {v}")),
        ("tcp", "ack_raw") => layer.value("ack").map(|v| format!("relative {v}")),
        (_, "checksum") => layer.value("checksum.status").map(str::to_owned),
        _ => None,
    };
    let value = field.value.replace(['\r', '\n', '\t'], " ");
    match extra {
        Some(extra) => format!("{value} ({extra})"),
        None => value,
    }
}

fn label(field: &Field) -> String {
    field.label.trim_end_matches(" (raw)").to_owned()
}

/// The fields of a layer, flowed into `columns` columns of `width` pixels.
pub(super) fn cells(layer: &Layer, columns: usize, width: f64) -> Vec<Cell> {
    let (mut column, mut row) = (0, 0);
    let mut cells = Vec::new();
    for field in shown(layer) {
        let value = value(layer, field);
        let wanted = text_width(&value, Font::Mono, VALUE_SIZE) + CELL_GAP;
        let span = (1..columns).find(|&n| wanted <= width_of(n, width));
        let span = span.unwrap_or(columns);
        if column + span > columns {
            (column, row) = (0, row + 1);
        }
        let room = width_of(span, width) - CELL_GAP;
        cells.push(Cell {
            label: ellipsis(&label(field), Font::Regular, LABEL_SIZE, room),
            value: ellipsis(&value, Font::Mono, VALUE_SIZE, room),
            column,
            row,
        });
        column += span;
    }
    cells
}

#[allow(clippy::cast_precision_loss, reason = "there are a few columns")]
fn width_of(columns: usize, width: f64) -> f64 {
    columns as f64 * width
}

/// The size of a field's name.
pub(super) const LABEL_SIZE: f64 = 10.5;
/// The size of a field's value.
pub(super) const VALUE_SIZE: f64 = 12.0;
const CELL_GAP: f64 = 12.0;
/// More fields than this are left to the capture.
const MOST_FIELDS: usize = 24;
