//! The inside of TCP senders: windows, round trips, bytes in flight.
//!
//! Only the native TCP tells of it.

use super::{
    Run,
    axis::{Axis, BYTES, ROUND_TRIP, TIME, shared},
    figure::{Figure, Key, Mark, Panel, Shape, flow_colour},
};
use crate::{
    diagram::{
        series::{SenderEvent, SenderTrace, Thinned},
        style::Colour,
    },
    trace::TcpCause,
};

/// Congestion window and slow start threshold, with what befell the sender.
pub(super) fn window(run: &Run<'_>) -> Option<Figure> {
    let line = flow_colour(run.theme, 0);
    let threshold = flow_colour(run.theme, 2);
    let senders = Senders::of(run)?;
    let mut legend = vec![Key::new("congestion window", Shape::Line, line)];
    if senders.any(|s| !s.threshold.is_empty()) {
        legend.push(Key::new("slow start threshold", Shape::Dashes, threshold));
    }
    for kind in KINDS {
        if senders.any(|s| s.events.iter().any(|e| kind.has(e))) {
            legend.push(Key::new(kind.words, kind.shape, kind.colour(run)));
        }
    }
    let panels = senders.panels(run, |s, x| {
        let high = top(&[&s.window, &s.threshold]);
        let y = Axis::new(BYTES, 0.0, high * 1.06);
        let mut marks = vec![
            steps(Shape::Dashes, threshold, (x, &y), &s.threshold, true),
            steps(Shape::Line, line, (x, &y), &s.window, true),
        ];
        for kind in KINDS {
            let events = s.events.iter().filter(|e| kind.has(e));
            let points = events.map(|e| (x.place(e.at.as_nanos()), y.place(e.window)));
            marks.push(Mark::new(kind.shape, kind.colour(run), points.collect()));
        }
        (y, marks, counts(s))
    });
    Some(Figure {
        title: "TCP congestion windows".to_owned(),
        note: format!(
            "What the sender may have in flight. Below the threshold the window doubles each round \
             trip (slow start), above it grows slowly. Marks stand at the window before the event; \
             in fast recovery the window is that of proportional rate reduction.{}",
            senders.left_out()
        ),
        legend,
        panels,
    })
}

/// Round trips, what the sender makes of them, and how long it waits before it sends again.
pub(super) fn round_trips(run: &Run<'_>) -> Option<Figure> {
    let [sample, smooth, timeout] = [0, 1, 2].map(|n| flow_colour(run.theme, n));
    let senders = Senders::of(run)?;
    let panels = senders.panels(run, |s, x| {
        let y = Axis::new(ROUND_TRIP, 0.0, top(&[&s.rtt, &s.rto]) * 1.06);
        let marks = vec![
            steps(Shape::Dashes, timeout, (x, &y), &s.rto, true),
            steps(Shape::Dots, sample, (x, &y), &s.rtt, false),
            steps(Shape::ThinLine, smooth, (x, &y), &s.srtt, false),
        ];
        (y, marks, String::new())
    });
    Some(Figure {
        title: "TCP round trips".to_owned(),
        note: format!(
            "The time-out stands above the smoothed round trip by four times its variation, and by \
             200 ms at least; each time-out in a row doubles it (RFC 6298).{}",
            senders.left_out()
        ),
        legend: vec![
            Key::new("measured round trip", Shape::Dots, sample),
            Key::new("smoothed (SRTT)", Shape::ThinLine, smooth),
            Key::new("retransmission time-out (RTO)", Shape::Dashes, timeout),
        ],
        panels,
    })
}

/// Bytes in flight, and the two windows that bound them.
pub(super) fn flight(run: &Run<'_>) -> Option<Figure> {
    let [flight, window, peer] = [0, 1, 2].map(|n| flow_colour(run.theme, n));
    let senders = Senders::of(run)?;
    let mut legend = vec![
        Key::new("bytes in flight", Shape::Area, flight),
        Key::new("congestion window", Shape::ThinLine, window),
    ];
    if senders.any(|s| !is_far(s)) {
        legend.push(Key::new("receive window", Shape::Dashes, peer));
    }
    let panels = senders.panels(run, |s, x| {
        let high = top(&[&s.in_flight, &s.window]);
        let (far, most) = (is_far(s), top(&[&s.peer_window]));
        let edge = match far {
            true => high * 1.06,
            false => (most * 1.06).min(high * 2.0).max(high * 1.06),
        };
        let y = Axis::new(BYTES, 0.0, edge).ending_at(edge);
        let mut marks = vec![
            steps(Shape::Area, flight, (x, &y), &s.in_flight, true),
            steps(Shape::ThinLine, window, (x, &y), &s.window, true),
        ];
        if !far {
            marks.push(steps(Shape::Dashes, peer, (x, &y), &s.peer_window, true));
        }
        let more = match s.peer_window.max().unwrap_or(0) / 1000 {
            kilobytes if far => format!(": receive window up to {kilobytes} kB"),
            kilobytes if most > edge => {
                format!(": receive window up to {kilobytes} kB, then at the upper edge")
            }
            _ => String::new(),
        };
        (y, marks, more)
    });
    Some(Figure {
        title: "TCP bytes in flight".to_owned(),
        note: format!(
            "Sent, and neither acknowledged nor lost. The smaller of the two windows is the bound; \
             what stays below both waits for the program or for its pace.{}",
            senders.left_out()
        ),
        legend,
        panels,
    })
}

/// True if the receive window is far above all else from the second value on: the first comes
/// with the handshake, which cannot tell of a large one (RFC 7323, section 2.2).
#[allow(
    clippy::cast_precision_loss,
    reason = "a pixel is far coarser than 2^53 steps"
)]
fn is_far(sender: &SenderTrace) -> bool {
    let high = top(&[&sender.in_flight, &sender.window]);
    let later = sender.peer_window.points().skip(1);
    later
        .min_by_key(|p| p.value)
        .is_some_and(|p| p.value as f64 > 2.0 * high)
}

/// The senders that a plot shows.
struct Senders<'a> {
    list: Vec<&'a SenderTrace>,
    more: usize,
}

impl<'a> Senders<'a> {
    /// Those with most changes, in the order in which they began; `None` without one.
    fn of(run: &'a Run<'_>) -> Option<Self> {
        let all = run.series.senders();
        let mut list: Vec<(usize, &SenderTrace)> = all.iter().enumerate().collect();
        list.retain(|(_, s)| s.in_flight.total() >= LEAST && s.window.max() < Some(UNBOUNDED));
        list.sort_by_key(|(_, s)| std::cmp::Reverse(s.in_flight.total()));
        let more = list.len().saturating_sub(MOST_SHOWN) + run.series.senders_left_out();
        list.truncate(MOST_SHOWN);
        list.sort_by_key(|(number, _)| *number);
        let list: Vec<&SenderTrace> = list.into_iter().map(|(_, s)| s).collect();
        (!list.is_empty()).then_some(Self { list, more })
    }

    fn any(&self, test: impl Fn(&SenderTrace) -> bool) -> bool {
        self.list.iter().any(|s| test(s))
    }

    fn left_out(&self) -> String {
        match self.more {
            0 => String::new(),
            n => format!(" The {MOST_SHOWN} busiest senders; {n} more are not shown."),
        }
    }

    /// A panel for each, with the axis, the marks and the end of the heading that `draw` gives.
    #[allow(
        clippy::cast_precision_loss,
        reason = "a pixel is far coarser than 2^53 steps"
    )]
    fn panels(
        &self,
        run: &Run<'_>,
        draw: impl Fn(&SenderTrace, &Axis) -> (Axis, Vec<Mark>, String),
    ) -> Vec<Panel> {
        let spans = self.list.iter().filter_map(|s| s.span());
        let spans: Vec<(f64, f64)> = spans
            .map(|(a, b)| (a.as_nanos() as f64, b.as_nanos() as f64))
            .collect();
        let panel = |(sender, (first, last)): (&&SenderTrace, (f64, f64))| {
            let x = Axis::new(TIME, first, last).ending_at(last * 1.01);
            let (y, marks, more) = draw(sender, &x);
            let way = run.way_name(sender.local, sender.remote);
            Panel {
                heading: format!("{way}, {}{more}", sender.algorithm),
                x,
                y,
                marks,
            }
        };
        self.list.iter().zip(shared(&spans)).map(panel).collect()
    }
}

/// The highest value of some lines.
#[allow(
    clippy::cast_precision_loss,
    reason = "a pixel is far coarser than 2^53 steps"
)]
fn top(lines: &[&Thinned]) -> f64 {
    let highest = lines.iter().filter_map(|line| line.max()).max();
    highest.unwrap_or(0) as f64
}

/// A line on the axes. If it `holds`, each value stays until the next, and the last to the end.
fn steps(shape: Shape, colour: Colour, axes: (&Axis, &Axis), line: &Thinned, holds: bool) -> Mark {
    let (x, y) = axes;
    let mut points: Vec<(f64, f64)> = Vec::new();
    for point in line.points() {
        let (px, py) = (x.place(point.at.as_nanos()), y.place(point.value));
        if let Some(&(_, before)) = points.last().filter(|_| holds) {
            points.push((px, before));
        }
        points.push((px, py));
    }
    if let Some(&(_, last)) = points.last().filter(|_| holds) {
        points.push((x.part(1.0), last));
    }
    Mark::new(shape, colour, points)
}

/// A kind of event that has a mark.
struct Kind {
    causes: &'static [TcpCause],
    words: &'static str,
    shape: Shape,
    colour: fn(&Run<'_>) -> Colour,
}

impl Kind {
    const fn new(
        causes: &'static [TcpCause],
        words: &'static str,
        shape: Shape,
        colour: fn(&Run<'_>) -> Colour,
    ) -> Self {
        Self {
            causes,
            words,
            shape,
            colour,
        }
    }

    fn has(&self, event: &SenderEvent) -> bool {
        self.causes.contains(&event.cause)
    }

    fn colour(&self, run: &Run<'_>) -> Colour {
        (self.colour)(run)
    }
}

const KINDS: [Kind; 8] = [
    Kind::new(
        &[TcpCause::ThirdDuplicate],
        "3 duplicate ACKs",
        Shape::Crosses,
        |run| run.theme.palette().warn,
    ),
    Kind::new(
        &[TcpCause::LossDetected, TcpCause::ReorderingTimeout],
        "loss found by RACK",
        Shape::Crosses,
        |run| run.theme.palette().warn,
    ),
    Kind::new(
        &[TcpCause::RetransmissionTimeout],
        "retransmission time-out (RTO)",
        Shape::Crosses,
        |run| run.theme.palette().bad,
    ),
    Kind::new(
        &[TcpCause::TailLossProbe],
        "tail loss probe",
        Shape::Triangles,
        |run| flow_colour(run.theme, 3),
    ),
    Kind::new(
        &[TcpCause::CongestionMark],
        "ECN echo",
        Shape::Triangles,
        |run| run.theme.palette().warn,
    ),
    Kind::new(
        &[TcpCause::Spurious],
        "spurious: reduction taken back",
        Shape::Rings,
        |run| flow_colour(run.theme, 6),
    ),
    Kind::new(
        &[TcpCause::WindowProbe],
        "window probe",
        Shape::Triangles,
        |run| flow_colour(run.theme, 7),
    ),
    Kind::new(
        &[TcpCause::MtuProbe],
        "path MTU probe",
        Shape::Triangles,
        |run| flow_colour(run.theme, 5),
    ),
];

/// ": 3 losses found, 1 time-out".
fn counts(sender: &SenderTrace) -> String {
    let count = |causes: &[TcpCause]| {
        let events = sender.events.iter();
        events.filter(|e| causes.contains(&e.cause)).count()
    };
    let losses = count(&[
        TcpCause::ThirdDuplicate,
        TcpCause::LossDetected,
        TcpCause::ReorderingTimeout,
    ]);
    let timeouts = count(&[TcpCause::RetransmissionTimeout]);
    let mut words = match (losses, timeouts) {
        (0, 0) => return String::new(),
        (n, 0) => format!(": {}", times(n, "fast recovery", "fast recoveries")),
        (0, t) => format!(": {}", times(t, "time-out", "time-outs")),
        (n, t) => format!(
            ": {}, {}",
            times(n, "fast recovery", "fast recoveries"),
            times(t, "time-out", "time-outs")
        ),
    };
    if sender.events_left_out > 0 {
        words += ", and more";
    }
    words
}

fn times(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Senders with fewer changes of what is in flight say nothing.
const LEAST: u64 = 6;
/// A window as large as this is none.
const UNBOUNDED: u64 = 1 << 40;
/// The most senders in one plot.
const MOST_SHOWN: usize = 6;
