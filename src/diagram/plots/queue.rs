//! How long frames waited at the queues that were busy.

use std::cmp::Reverse;

use super::{
    MOST_SHOWN, Run,
    axis::{Axis, TIME, WAIT},
    figure::{Figure, Key, Mark, Panel, Shape, flow_colour},
};
use crate::{
    diagram::{
        series::{Point, Thinned, WireTrace},
        style::Colour,
    },
    ids::WireId,
    topology::Discipline,
    units::{SimTime, Span},
};

/// A panel for each busy queue; `None` without one. Busy is a queue that dropped something, or
/// in which some frame waited a tenth as long as in the worst, and at least 100 µs.
pub(super) fn figure(run: &Run<'_>) -> Option<Figure> {
    let mut wires: Vec<(WireId, &WireTrace)> = run.series.wires().collect();
    let worst = wires.iter().map(|(_, t)| t.longest()).max()?;
    wires.retain(|(_, t)| is_busy(t, worst));
    wires.sort_by_key(|(wire, t)| (Reverse(t.drops.total()), Reverse(t.longest()), *wire));
    let left_out = wires.len().saturating_sub(MOST_SHOWN);
    wires.truncate(MOST_SHOWN);
    let any_drops = wires.iter().any(|(_, t)| !t.drops.is_empty());
    let any_marks = wires.iter().any(|(_, t)| !t.marks.is_empty());
    let panels: Vec<Panel> = wires.iter().map(|(w, t)| panel(run, *w, t)).collect();
    let wait = flow_colour(run.theme, 0);
    let mut legend = vec![Key::new("wait of a frame, when it came", Shape::Area, wait)];
    if any_drops {
        let bad = run.theme.palette().bad;
        legend.push(Key::new("frame dropped by the queue", Shape::Crosses, bad));
    }
    if any_marks {
        let mark = mark_colour(run);
        legend.push(Key::new("frame marked (ECN CE)", Shape::Crosses, mark));
    }
    (!panels.is_empty()).then(|| Figure {
        title: "Waiting in queues".to_owned(),
        note: match left_out {
            0 => NOTE.to_owned(),
            n => format!("{NOTE} The {MOST_SHOWN} busiest; {n} more are not shown."),
        },
        legend,
        panels,
    })
}

const NOTE: &str = "From the moment a frame comes to a port until its first bit leaves.";

fn is_busy(trace: &WireTrace, worst: Span) -> bool {
    let enough = trace.longest() >= Span::from_micros(100) && trace.longest().times(10) >= worst;
    !trace.drops.is_empty() || (enough && trace.waits.total() >= 10)
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a pixel is far coarser than 2^53 steps"
)]
fn panel(run: &Run<'_>, wire: WireId, trace: &WireTrace) -> Panel {
    let last = |at: SimTime| at.as_nanos() as f64;
    let points = || {
        let events = trace.drops.points().chain(trace.marks.points());
        trace.waits.points().chain(events)
    };
    let end = points().map(|p| p.at).max().map_or(1.0, last);
    let x = Axis::new(TIME, 0.0, end).ending_at(end * 1.01);
    let y = Axis::new(WAIT, 0.0, trace.longest().as_nanos() as f64 * 1.08);
    let waits = emptying(&trace.waits);
    let waits = waits.iter();
    let waits = waits.map(|p| (x.place(p.at.as_nanos()), y.place(p.value)));
    let along = |events: &Thinned, height: f64| {
        let events = events.points();
        let places = events.map(|p| (x.place(p.at.as_nanos()), y.part(height)));
        places.collect()
    };
    let marks = vec![
        Mark::new(Shape::Area, flow_colour(run.theme, 0), waits.collect()),
        Mark::new(Shape::Crosses, mark_colour(run), along(&trace.marks, 0.91)),
        Mark::new(
            Shape::Crosses,
            run.theme.palette().bad,
            along(&trace.drops, 0.97),
        ),
    ];
    let profile = run.topology.profile(wire);
    let discipline = match profile.discipline {
        Discipline::DropTail => String::new(),
        discipline => format!("; {discipline}"),
    };
    let count = |events: &Thinned, what| match events.total() {
        0 => String::new(),
        n => format!(", {n} {what}"),
    };
    let (dropped, marked) = (
        count(&trace.drops, "dropped"),
        count(&trace.marks, "marked"),
    );
    let (name, limit) = (run.wire_name(wire), profile.queue);
    Panel {
        heading: format!("{name} (room for {limit}{discipline}){dropped}{marked}"),
        x,
        y,
        marks,
    }
}

fn mark_colour(run: &Run<'_>) -> Colour {
    flow_colour(run.theme, 1)
}

/// The waits, and between them how the queue empties: a wait of 3 ms is gone after 3 ms.
fn emptying(waits: &Thinned) -> Vec<Point> {
    let mut line: Vec<Point> = Vec::new();
    for point in waits.points() {
        if let Some(&last) = line.last() {
            let empty = last.at + Span::from_nanos(last.value);
            let left = empty.since(point.at).as_nanos();
            if left == 0 {
                line.push(Point {
                    at: empty,
                    value: 0,
                });
            }
            line.push(Point {
                at: point.at,
                value: left,
            });
        }
        line.push(point);
    }
    line
}
