//! A chart of numbers that somebody measured: curves over an axis that is not time.
//!
//! For documents and benchmarks; the plots of a run are made by [`plots`](super::plots).

use super::{
    PlotError,
    axis::Axis,
    draw,
    figure::{Figure, Key, Mark, Panel, Shape, flow_colour},
};
use crate::diagram::Theme;

/// What a chart shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The title.
    pub title: String,
    /// One or two sentences under the title.
    pub note: String,
    /// The horizontal axis.
    pub x: Measure,
    /// The vertical axis. It begins at zero if it is linear.
    pub y: Measure,
    /// The curves, in the order of the legend.
    pub curves: Vec<Curve>,
}

/// What an axis counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Its name, with its unit in brackets.
    pub name: String,
    /// How it is spaced.
    pub scale: Scale,
}

/// How an axis is spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps for equal differences.
    Linear,
    /// Equal steps for equal factors. Takes only numbers above zero.
    Logarithmic,
}

/// Points that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// What it is called in the legend.
    pub name: String,
    /// The points, from left to right. Points that are not finite, or not above zero on a
    /// logarithmic axis, are left out.
    pub points: Vec<(f64, f64)>,
}

/// Draws a chart as an SVG document.
///
/// # Errors
/// [`PlotError`], if plotters fails.
pub fn chart(chart: &Chart, theme: Theme) -> Result<String, PlotError> {
    draw::draw("chart", &figure(chart, theme), theme)
}

fn figure(chart: &Chart, theme: Theme) -> Figure {
    let curves: Vec<Vec<(f64, f64)>> = chart.curves.iter().map(|c| shown(chart, c)).collect();
    let all = || curves.iter().flatten().copied();
    let x = axis(&chart.x, all().map(|(x, _)| x));
    let y = axis(&chart.y, all().map(|(_, y)| y));
    let marks = curves.into_iter().enumerate().flat_map(|(i, points)| {
        let colour = flow_colour(theme, i);
        let line = Mark::new(Shape::Line, colour, points.clone());
        [line, Mark::new(Shape::Rings, colour, points)]
    });
    // A single curve is what the title is about.
    let named = chart.curves.iter().filter(|_| chart.curves.len() > 1);
    Figure {
        title: chart.title.clone(),
        note: chart.note.clone(),
        legend: named
            .enumerate()
            .map(|(i, curve)| Key::new(&curve.name, Shape::Line, flow_colour(theme, i)))
            .collect(),
        panels: vec![Panel {
            heading: String::new(),
            marks: marks.collect(),
            x,
            y,
        }],
    }
}

/// The points of a curve that have a place on both axes.
fn shown(chart: &Chart, curve: &Curve) -> Vec<(f64, f64)> {
    let fits = |scale, value: f64| match scale {
        Scale::Linear => value.is_finite(),
        Scale::Logarithmic => value.is_finite() && value > 0.0,
    };
    let points = curve.points.iter().copied();
    points
        .filter(|&(x, y)| fits(chart.x.scale, x) && fits(chart.y.scale, y))
        .collect()
}

fn axis(measure: &Measure, values: impl Iterator<Item = f64>) -> Axis {
    let (low, high) = values.fold((f64::INFINITY, 0.0), |(low, high), v| {
        (f64::min(low, v), f64::max(high, v))
    });
    match measure.scale {
        Scale::Linear => Axis::linear(measure.name.clone(), high),
        Scale::Logarithmic => Axis::logarithmic(measure.name.clone(), low, high),
    }
}
