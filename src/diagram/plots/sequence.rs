//! TCP sequence numbers against time: the picture that shows windows, losses and time-outs.

use super::{
    Run,
    axis::{Axis, SEQUENCE, TIME, shared},
    figure::{Figure, Key, Mark, Panel, Shape, flow_colour},
};
use crate::{
    diagram::{
        series::{Flow, TcpTrace, Thinned},
        style::Colour,
    },
    units::SimTime,
};

/// A panel for each TCP flow of at least three segments with data; `None` without one.
pub(super) fn figure(run: &Run<'_>) -> Option<Figure> {
    let (flows, left_out) = run.largest(|f| f.tcp.is_some() && f.packets >= 3);
    let colours = Colours::of(run);
    let spans: Vec<(f64, f64)> = flows.iter().filter_map(|f| span(f)).collect();
    let panels: Vec<Panel> = flows
        .iter()
        .zip(shared(&spans))
        .filter_map(|(f, span)| Some(panel(run, f, f.tcp.as_ref()?, span, &colours)))
        .collect();
    let any = |test: fn(&Flow) -> bool| flows.iter().any(|f| test(f));
    let mut legend = vec![
        Key::new("data leaves the sender", Shape::Dots, colours.data),
        Key::new(
            "acknowledged, back at the sender",
            Shape::ThinLine,
            colours.acks,
        ),
    ];
    if any(|f| f.tcp.as_ref().is_some_and(|t| !t.sacks.is_empty())) {
        let words = "selectively acknowledged (SACK)";
        legend.push(Key::new(words, Shape::Bars, colours.sacks));
    }
    if any(|f| f.tcp.as_ref().is_some_and(|t| !t.resent.is_empty())) {
        legend.push(Key::new("sent again", Shape::Rings, colours.resent));
    }
    if any(|f| !f.losses.points.is_empty()) {
        legend.push(Key::new("lost on the way", Shape::Crosses, colours.lost));
    }
    (!panels.is_empty()).then(|| Figure {
        title: "TCP sequence numbers".to_owned(),
        note: format!(
            "Across from a dot to the line: the round-trip time. Down to it: the bytes in flight. \
             Flat: the sender waits.{}",
            run.left_out(left_out)
        ),
        legend,
        panels,
    })
}

struct Colours {
    data: Colour,
    acks: Colour,
    sacks: Colour,
    resent: Colour,
    lost: Colour,
}

impl Colours {
    fn of(run: &Run<'_>) -> Self {
        let palette = run.theme.palette();
        Self {
            data: flow_colour(run.theme, 0),
            acks: flow_colour(run.theme, 2),
            sacks: flow_colour(run.theme, 3),
            resent: palette.warn,
            lost: palette.bad,
        }
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a pixel is far coarser than 2^53 steps"
)]
fn panel(run: &Run<'_>, flow: &Flow, tcp: &TcpTrace, span: (f64, f64), colours: &Colours) -> Panel {
    let (first, last) = span;
    let x = Axis::new(TIME, first, last).ending_at(last * 1.01);
    let y = Axis::new(SEQUENCE, 0.0, tcp.bytes() as f64);
    let mark = |shape, colour, line: &Thinned, staircase: bool| {
        Mark::new(shape, colour, placed(&x, &y, line, staircase))
    };
    let time = |at: SimTime| x.place(at.as_nanos());
    let blocks = tcp.sacks.iter();
    let blocks = blocks.flat_map(|&(at, from, to)| [from, to].map(|end| (time(at), y.place(end))));
    let marks = vec![
        Mark::new(Shape::Bars, colours.sacks, blocks.collect()),
        mark(Shape::ThinLine, colours.acks, &tcp.acks, true),
        mark(Shape::Dots, colours.data, &tcp.sent, false),
        mark(Shape::Rings, colours.resent, &tcp.resent, false),
        mark(Shape::Crosses, colours.lost, &flow.losses.points, false),
    ];
    Panel {
        heading: format!("{}{}", run.flow_name(flow), counts(flow, tcp)),
        x,
        y,
        marks,
    }
}

/// The time of a flow's first and last point.
#[allow(
    clippy::cast_precision_loss,
    reason = "a pixel is far coarser than 2^53 steps"
)]
fn span(flow: &Flow) -> Option<(f64, f64)> {
    let tcp = flow.tcp.as_ref()?;
    let lines = [&tcp.sent, &tcp.resent, &tcp.acks];
    let times = || {
        lines
            .iter()
            .flat_map(|l| l.points())
            .map(|p| p.at.as_nanos())
    };
    Some((times().min()? as f64, times().max()? as f64))
}

/// ": 14 sent again, 12 lost".
fn counts(flow: &Flow, tcp: &TcpTrace) -> String {
    match (tcp.resent.total(), flow.losses.points.total()) {
        (0, 0) => String::new(),
        (again, lost) => format!(": {again} sent again, {lost} lost"),
    }
}

/// Points on the axes; for a staircase each value holds until the next.
fn placed(x: &Axis, y: &Axis, line: &Thinned, staircase: bool) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for point in line.points() {
        let (px, py) = (x.place(point.at.as_nanos()), y.place(point.value));
        if let Some(&(_, before)) = points.last().filter(|_| staircase) {
            points.push((px, before));
        }
        points.push((px, py));
    }
    points
}
