//! Plots of a run, by plotters: sequence numbers, TCP windows and round trips, throughput, delay,
//! loss, queues.
//!
//! Each plot is first described as data (a `Figure`: title, legend, panels,
//! marks) and then drawn by one function, so that all of them look alike. The letters are those
//! of DejaVu Sans, which the crate carries: the same run gives the same bytes everywhere.
//!
//! Not here: what is measured (`series`) and how SVG becomes PNG (`raster`).

mod axis;
mod chart;
mod delay;
mod draw;
mod figure;
mod layout;
mod loss;
mod name;
mod queue;
mod sequence;
mod tcp;
mod throughput;

pub use chart::{Chart, Curve, Measure, Scale, chart};

use thiserror::Error;

use super::{Theme, series::Series};
use crate::topology::Topology;

/// One finished plot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plot {
    /// The file name without its ending: `tcp-sequence`, `tcp-window`, `tcp-flight`, `tcp-rtt`,
    /// `throughput`, `udp-delay`, `udp-loss` or `queue`.
    pub stem: &'static str,
    /// The title as it stands in the picture.
    pub title: String,
    /// The picture.
    pub svg: String,
}

/// A plot could not be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlotError {
    /// The fonts that the crate carries could not be read. A fault of the build.
    #[error("the font of the plots cannot be read")]
    Font,
    /// plotters gave up.
    #[error("the plot `{stem}` cannot be drawn: {reason}")]
    Drawing {
        /// Which plot.
        stem: &'static str,
        /// What plotters said.
        reason: String,
    },
}

/// Every plot that has something to show, in a fixed order.
///
/// # Errors
/// [`PlotError`], if plotters fails.
pub fn plots(series: &Series, topology: &Topology, theme: Theme) -> Result<Vec<Plot>, PlotError> {
    let run = Run {
        flows: series.flows(),
        series,
        topology,
        theme,
    };
    let figures = [
        ("tcp-sequence", sequence::figure(&run)),
        ("tcp-window", tcp::window(&run)),
        ("tcp-flight", tcp::flight(&run)),
        ("tcp-rtt", tcp::round_trips(&run)),
        ("throughput", throughput::figure(&run)),
        ("udp-delay", delay::figure(&run)),
        ("udp-loss", loss::figure(&run)),
        ("queue", queue::figure(&run)),
    ];
    figures
        .into_iter()
        .filter_map(|(stem, figure)| Some((stem, figure?)))
        .map(|(stem, figure)| {
            let svg = draw::draw(stem, &figure, theme)?;
            let title = figure.title;
            Ok(Plot { stem, title, svg })
        })
        .collect()
}

/// What every plot is made from.
struct Run<'a> {
    flows: Vec<super::series::Flow>,
    series: &'a Series,
    topology: &'a Topology,
    theme: Theme,
}

/// The most flows or wires in one plot.
const MOST_SHOWN: usize = 8;

#[cfg(test)]
mod tests;
