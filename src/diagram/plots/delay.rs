//! One-way delay of every datagram, lost ones at the foot.

use super::{
    Run,
    axis::{Axis, DELAY, TIME, shared},
    figure::{Figure, Key, Mark, Panel, Shape, flow_colour},
};
use crate::diagram::series::{Flow, UdpTrace};

/// A panel for each UDP flow of at least five datagrams; `None` without one.
pub(super) fn figure(run: &Run<'_>) -> Option<Figure> {
    let (flows, left_out) = run.largest(is_stream);
    let spans: Vec<(f64, f64)> = flows.iter().filter_map(|f| span(f)).collect();
    let panels: Vec<Panel> = flows
        .iter()
        .zip(shared(&spans))
        .filter_map(|(f, span)| Some(panel(run, f, f.udp.as_ref()?, span)))
        .collect();
    let mut legend = vec![Key::new(
        "datagram, at the time it was sent",
        Shape::Dots,
        flow_colour(run.theme, 0),
    )];
    if flows.iter().any(|f| !f.losses.points.is_empty()) {
        let bad = run.theme.palette().bad;
        legend.push(Key::new("lost datagram", Shape::Crosses, bad));
    }
    (!panels.is_empty()).then(|| Figure {
        title: "One-way delay of UDP datagrams".to_owned(),
        note: format!(
            "From the sender's card to the receiver's. UDP sends nothing again: what is lost \
             stays lost.{}",
            run.left_out(left_out)
        ),
        legend,
        panels,
    })
}

/// Streams are worth a line; a question and its answer are not.
pub(super) fn is_stream(flow: &Flow) -> bool {
    flow.udp.as_ref().is_some_and(|u| u.sent.total() >= 5)
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a pixel is far coarser than 2^53 steps"
)]
fn panel(run: &Run<'_>, flow: &Flow, udp: &UdpTrace, span: (f64, f64)) -> Panel {
    let (low, high) = (udp.delays.min().unwrap_or(0), udp.delays.max().unwrap_or(0));
    let (first, last) = span;
    let x = Axis::new(TIME, first, last).ending_at(last * 1.01);
    let y = Axis::new(DELAY, low as f64, high as f64).with_foot();
    let place = |p: crate::diagram::series::Point| (x.place(p.at.as_nanos()), y.place(p.value));
    let delays = udp.delays.points().map(place).collect();
    let foot = y.part(0.03);
    let lost = flow.losses.points.points();
    let lost = lost.map(|p| (x.place(p.at.as_nanos()), foot)).collect();
    let marks = vec![
        Mark::new(Shape::Dots, flow_colour(run.theme, 0), delays),
        Mark::new(Shape::Crosses, run.theme.palette().bad, lost),
    ];
    Panel {
        heading: format!(
            "{}: {} of {} lost",
            run.flow_name(flow),
            flow.losses.points.total(),
            udp.sent.total()
        ),
        x,
        y,
        marks,
    }
}

/// When the first and the last datagram were sent.
#[allow(
    clippy::cast_precision_loss,
    reason = "a pixel is far coarser than 2^53 steps"
)]
fn span(flow: &Flow) -> Option<(f64, f64)> {
    let delays = flow.udp.as_ref()?.delays.points();
    let sent: Vec<u64> = delays
        .chain(flow.losses.points.points())
        .map(|p| p.at.as_nanos())
        .collect();
    let (first, last) = (sent.iter().min()?, sent.iter().max()?);
    Some((*first as f64, *last as f64))
}
