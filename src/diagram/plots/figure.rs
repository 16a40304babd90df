//! A plot as data: what stands in it, before anything is drawn.

use super::axis::Axis;
use crate::diagram::style::{Colour, Theme};

/// A whole plot: title, a note on what to see, a legend, and one or more panels.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    pub(super) title: String,
    pub(super) note: String,
    pub(super) legend: Vec<Key>,
    pub(super) panels: Vec<Panel>,
}

/// A line of the legend.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) label: String,
    pub(super) shape: Shape,
    pub(super) colour: Colour,
}

/// How points are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Joined by a line.
    Line,
    /// Joined by a thin line, for what stands behind the main thing.
    ThinLine,
    /// Joined by a thin dashed line, for bounds.
    Dashes,
    /// A dot each, or a line if there are too many for dots.
    Dots,
    /// A ring each.
    Rings,
    /// A cross each.
    Crosses,
    /// A triangle each.
    Triangles,
    /// Two by two, each pair joined by an upright bar.
    Bars,
    /// A line with the area below it tinted.
    Area,
}

/// One pair of axes and what is drawn between them.
#[derive(Debug, Clone)]
pub(super) struct Panel {
    /// What this panel is about; empty if the figure has only one.
    pub(super) heading: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) marks: Vec<Mark>,
}

/// Points of one kind, in the units of the axes.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) shape: Shape,
    pub(super) colour: Colour,
    pub(super) points: Vec<(f64, f64)>,
}

impl Key {
    pub(super) fn new(label: impl Into<String>, shape: Shape, colour: Colour) -> Self {
        Self {
            label: label.into(),
            shape,
            colour,
        }
    }
}

impl Mark {
    pub(super) const fn new(shape: Shape, colour: Colour, points: Vec<(f64, f64)>) -> Self {
        Self {
            shape,
            colour,
            points,
        }
    }
}

/// The colours of flows: eight that differ in hue and in lightness, after Okabe and Ito, so that
/// they stay apart in print and for colour-blind readers.
pub(super) fn flow_colour(theme: Theme, number: usize) -> Colour {
    let row = match theme {
        Theme::Light => [
            0x00_72_b2, 0xd5_5e_00, 0x00_9e_73, 0xcc_79_a7, 0xb0_7d_00, 0x56_b4_e9, 0x6a_3d_9a,
            0x6b_6b_6b,
        ],
        Theme::Dark => [
            0x4a_a8_e8, 0xff_8a_3d, 0x2f_cf_9f, 0xe7_9c_c8, 0xf2_c9_4c, 0xa5_dc_ff, 0xb5_8c_f2,
            0xb0_b7_bf,
        ],
    };
    Colour::hex(row[number % row.len()])
}
