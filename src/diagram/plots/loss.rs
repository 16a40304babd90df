//! Lost datagrams, counted up over time.

use std::collections::BTreeMap;

use super::{
    Run,
    axis::{Axis, LOST, TIME},
    delay::is_stream,
    figure::{Figure, Key, Mark, Panel, Shape, flow_colour},
};
use crate::diagram::series::{Bins, Flow, UdpTrace};

/// A line for each UDP stream that lost something; `None` if none did.
#[allow(
    clippy::cast_precision_loss,
    reason = "a pixel is far coarser than 2^53 steps"
)]
pub(super) fn figure(run: &Run<'_>) -> Option<Figure> {
    let (flows, left_out) = run.largest(|f| is_stream(f) && lost(f) > 0);
    let worst = flows.iter().map(|f| lost(f)).max()?;
    let udp = || flows.iter().filter_map(|f| f.udp.as_ref());
    let end = udp().map(|u| end_of(&u.sent)).max()? as f64;
    let x = Axis::new(TIME, 0.0, end).ending_at(end);
    let y = Axis::new(LOST, 0.0, worst as f64);
    let marks = udp().enumerate().map(|(i, u)| {
        let points = climb(&u.lost, end, x.unit);
        Mark::new(Shape::Line, flow_colour(run.theme, i), points)
    });
    let keys = flows.iter().zip(udp()).enumerate().map(|(i, (flow, u))| {
        let colour = flow_colour(run.theme, i);
        Key::new(label(run, flow, u), Shape::Line, colour)
    });
    Some(Figure {
        title: "UDP datagrams lost".to_owned(),
        note: format!(
            "Counted when they were sent. Nobody is told and nothing is sent again.{}",
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

fn lost(flow: &Flow) -> u64 {
    flow.udp.as_ref().map_or(0, |u| u.lost.total())
}

/// "alice:5004 → bob:5004: 14 of 500 (2.8 %), wan: 9 queue full, 5 random loss on the wire".
fn label(run: &Run<'_>, flow: &Flow, udp: &UdpTrace) -> String {
    let (lost, sent) = (udp.lost.total(), udp.sent.total().max(1));
    let tenths = (lost * 1000 + sent / 2) / sent;
    format!(
        "{}: {lost} of {sent} ({}.{} %); {}",
        run.flow_name(flow),
        tenths / 10,
        tenths % 10,
        causes(run, flow)
    )
}

/// "wan: 9 queue full, wan: 5 random loss on the wire"; with many links only the reasons.
fn causes(run: &Run<'_>, flow: &Flow) -> String {
    let places = &flow.losses.places;
    if places.len() <= 2 {
        let words = places.iter().map(|((wire, why), count)| {
            let link = &run.topology.link(wire.link).name;
            format!("{link}: {count} {why}")
        });
        return words.collect::<Vec<_>>().join(", ");
    }
    let mut reasons = BTreeMap::new();
    for ((_, why), count) in places {
        let (sum, links) = reasons.entry(*why).or_insert((0, 0));
        *sum += count;
        *links += 1;
    }
    let words = reasons.iter().map(|(why, (sum, links))| match links {
        1 => format!("{sum} {why}"),
        n => format!("{sum} {why} on {n} links"),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The running sum as steps.
#[allow(
    clippy::cast_precision_loss,
    reason = "a pixel is far coarser than 2^53 steps"
)]
fn climb(bins: &Bins, end: f64, unit: f64) -> Vec<(f64, f64)> {
    let width = bins.width().as_nanos() as f64;
    let mut points = vec![(0.0, 0.0)];
    let mut sum = 0.0;
    for (i, &lost) in bins.rebinned(bins.width()).iter().enumerate() {
        if lost > 0 {
            let at = i as f64 * width / unit;
            points.push((at, sum));
            sum += lost as f64;
            points.push((at, sum));
        }
    }
    points.push((end / unit, sum));
    points
}

fn end_of(bins: &Bins) -> u64 {
    bins.width().as_nanos() * bins.rebinned(bins.width()).len() as u64
}
