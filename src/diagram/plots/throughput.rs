//! Payload bits per second that arrive, against time.

use super::{
    Run,
    axis::{Axis, RATE, TIME},
    figure::{Figure, Key, Mark, Panel, Shape, flow_colour},
};
use crate::{diagram::series::Flow, units::Span};

/// A line for each flow of at least ten packets with data; `None` without one.
#[allow(
    clippy::cast_precision_loss,
    reason = "a pixel is far coarser than 2^53 steps"
)]
pub(super) fn figure(run: &Run<'_>) -> Option<Figure> {
    let (flows, left_out) = run.largest(|f| f.packets >= 10 && f.arrived.total() > 0);
    let end = flows.iter().map(|f| last_bin_end(f)).max()?;
    let width = bin_width(&flows, end);
    let rates: Vec<Vec<f64>> = flows.iter().map(|f| rates(f, width)).collect();
    let peak = rates.iter().flatten().copied().fold(0.0, f64::max);
    let x = Axis::new(TIME, 0.0, end.as_nanos() as f64).ending_at(end.as_nanos() as f64);
    let y = Axis::new(RATE, 0.0, peak);
    let shape = if flows.len() == 1 {
        Shape::Area
    } else {
        Shape::Line
    };
    let keys = flows.iter().enumerate().map(|(i, flow)| {
        let label = format!("{} {}", flow.key.transport, run.flow_name(flow));
        Key::new(label, shape, flow_colour(run.theme, i))
    });
    let marks = rates.iter().enumerate().map(|(i, rates)| {
        let points = steps(rates, width.as_nanos() as f64 / x.unit, y.unit);
        Mark::new(shape, flow_colour(run.theme, i), points)
    });
    Some(Figure {
        title: "Throughput at the receiver".to_owned(),
        note: format!(
            "Payload bits of TCP and UDP that arrive, averaged over {width} at a time; copies and \
             repeated segments count too.{}",
            run.left_out(left_out)
        ),
        legend: keys.collect(),
        panels: vec![Panel {
            heading: String::new(),
            marks: marks.collect(),
            x,
            y,
        }],
    })
}

/// Bits per second in each bin.
#[allow(
    clippy::cast_precision_loss,
    reason = "a pixel is far coarser than 2^53 steps"
)]
fn rates(flow: &Flow, width: Span) -> Vec<f64> {
    let sums = flow.arrived.rebinned(width);
    let seconds = width.as_secs_f64();
    sums.iter().map(|&sum| sum as f64 * 8.0 / seconds).collect()
}

/// Each bin as a step: up at its start, level to its end, and down to zero after the last.
#[allow(
    clippy::cast_precision_loss,
    reason = "there are at most a few thousand bins"
)]
fn steps(rates: &[f64], width: f64, unit: f64) -> Vec<(f64, f64)> {
    let mut points = vec![(0.0, 0.0)];
    for (i, rate) in rates.iter().enumerate() {
        points.push((i as f64 * width, rate / unit));
        points.push(((i + 1) as f64 * width, rate / unit));
    }
    points.push((rates.len() as f64 * width, 0.0));
    points
}

fn last_bin_end(flow: &Flow) -> Span {
    let bins = flow.arrived.rebinned(flow.arrived.width()).len();
    flow.arrived.width().times(bins as u64)
}

/// The smallest of 10, 20, 50, 100 ... µs that cuts the run into at most a hundred bins, leaves
/// about ten packets of the longest flow to a bin, and is a multiple of every flow's own bins.
fn bin_width(flows: &[&Flow], end: Span) -> Span {
    let packets = flows.iter().map(|f| f.packets).max().unwrap_or(0);
    let most = (packets / 10).clamp(12, 100);
    let mut power = 10_000;
    loop {
        for factor in [1, 2, 5] {
            let width = power * factor;
            let divides = |f: &&Flow| width % f.arrived.width().as_nanos() == 0;
            if end.as_nanos().div_ceil(width) <= most && flows.iter().all(divides) {
                return Span::from_nanos(width);
            }
        }
        power *= 10;
    }
}
