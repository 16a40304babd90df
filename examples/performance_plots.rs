//! Draws how the cost of a run grows, from the measurements of `benches/vs_ns3/growth`.
//!
//! `cargo run --example performance_plots [CSV [FOLDER]]` reads `docs/performance/growth.csv` and
//! writes one picture for each series into `docs/img/performance/`.

#![allow(clippy::print_stdout, reason = "an example prints what happens")]

use std::{collections::BTreeMap, env, error::Error, fs, path::Path};

use netsim::diagram::{
    Theme,
    plots::{Chart, Curve, Measure, Scale, chart},
};

/// One run: a line of the CSV file.
struct Run {
    series: String,
    curve: String,
    x: f64,
    hops: f64,
    total: f64,
    run: f64,
    peak_kib: f64,
}

/// One picture.
struct Picture {
    stem: &'static str,
    series: &'static str,
    title: &'static str,
    note: &'static str,
    x: (&'static str, Scale),
    y: (&'static str, Scale),
    value: fn(&Run) -> f64,
}

const PICTURES: [Picture; 6] = [
    Picture {
        stem: "hops",
        series: "hops",
        title: "A packet costs its two hosts, and so much for each hop",
        note: "UDP over a chain of routers, 1000 bytes a packet. The line's slope is the price of a hop.",
        x: ("Links that a packet crosses", Scale::Linear),
        y: ("CPU time of a packet [ns]", Scale::Linear),
        value: |run| run.run / (run.hops / run.x) * 1e9,
    },
    Picture {
        stem: "hosts",
        series: "hosts",
        title: "A hop in a large network",
        note: "A million packets in all, in one simulated second, shared by all hosts.",
        x: ("Hosts", Scale::Logarithmic),
        y: ("CPU time of a hop [ns]", Scale::Linear),
        value: nanos_a_hop,
    },
    Picture {
        stem: "hosts-setup",
        series: "hosts",
        title: "What it takes to read, build and sum up a large network",
        note: "CPU time of the whole process without the simulation itself, for each host.",
        x: ("Hosts", Scale::Logarithmic),
        y: ("CPU time of a host [µs]", Scale::Linear),
        value: |run| (run.total - run.run) / run.x * 1e6,
    },
    Picture {
        stem: "hosts-memory",
        series: "hosts",
        title: "The memory of a large network",
        note: "The most that the process ever had in memory, of which an empty one takes a few MiB.",
        x: ("Hosts", Scale::Logarithmic),
        y: ("Peak memory [MiB]", Scale::Logarithmic),
        value: |run| run.peak_kib / 1024.0,
    },
    Picture {
        stem: "flows",
        series: "flows",
        title: "A hop among many flows",
        note: "UDP from one host over a router to another: a million packets in all, shared by all flows.",
        x: ("Flows", Scale::Logarithmic),
        y: ("CPU time of a hop [ns]", Scale::Linear),
        value: nanos_a_hop,
    },
    Picture {
        stem: "connections",
        series: "connections",
        title: "A hop among many TCP connections",
        note: "Bulk transfers from one host over a router to another: 1.6 GB in all, shared by all \
               connections, each begun 20 µs after the one before.",
        x: ("Connections on one host", Scale::Logarithmic),
        y: ("CPU time of a hop [ns]", Scale::Linear),
        value: nanos_a_hop,
    },
];

fn nanos_a_hop(run: &Run) -> f64 {
    run.run / run.hops * 1e9
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut next = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let csv = fs::read_to_string(next("docs/performance/growth.csv"))?;
    let folder = next("docs/img/performance");
    let runs = read(&csv).ok_or("this is not a file of benches/vs_ns3/growth")?;
    fs::create_dir_all(&folder)?;
    for picture in PICTURES {
        let runs: Vec<&Run> = runs.iter().filter(|r| r.series == picture.series).collect();
        if runs.is_empty() {
            continue;
        }
        let path = Path::new(&folder).join(format!("{}.svg", picture.stem));
        fs::write(&path, chart(&drawn(&picture, &runs), Theme::Dark)?)?;
        println!("{}", path.display());
    }
    Ok(())
}

/// The runs; `None` if a line is not what it should be.
fn read(csv: &str) -> Option<Vec<Run>> {
    csv.lines().skip(1).map(run).collect()
}

fn run(line: &str) -> Option<Run> {
    let cells: Vec<&str> = line.split(',').collect();
    let [series, curve, x, _repeat, hops, total, run, peak_kib] = cells[..] else {
        return None;
    };
    Some(Run {
        series: series.to_owned(),
        curve: curve.to_owned(),
        x: x.parse().ok()?,
        hops: hops.parse().ok()?,
        total: total.parse().ok()?,
        run: run.parse().ok()?,
        peak_kib: peak_kib.parse().ok()?,
    })
}

/// A picture as a chart: a curve through the medians.
fn drawn(picture: &Picture, runs: &[&Run]) -> Chart {
    let mut curves: Vec<Curve> = Vec::new();
    for run in runs {
        if curves.iter().all(|c| c.name != run.curve) {
            let of_curve = runs.iter().filter(|r| r.curve == run.curve);
            curves.push(Curve {
                name: run.curve.clone(),
                points: medians(of_curve.map(|r| (r.x, (picture.value)(r)))),
            });
        }
    }
    Chart {
        title: picture.title.to_owned(),
        note: picture.note.to_owned(),
        x: measure(picture.x),
        y: measure(picture.y),
        curves,
    }
}

fn measure((name, scale): (&str, Scale)) -> Measure {
    let name = name.to_owned();
    Measure { name, scale }
}

/// The median of the values at each x, from left to right. All x are whole and above zero, so the
/// bits of a float order like the float.
fn medians(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut by_x: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for (x, y) in points {
        by_x.entry(x.to_bits()).or_default().push(y);
    }
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    by_x.into_iter()
        .map(|(x, values)| (f64::from_bits(x), median(values)))
        .collect()
}
