//! `netsim run`: the scenario with the command line's changes, the run, its tables.

use std::{
    mem::ManuallyDrop,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    thread::available_parallelism,
};

use netsim::{
    diagram::Theme,
    engine::RunControl,
    report::{self, Look},
    scenario::{
        self, Override,
        plan::{CapturePlan, Plan},
    },
    sim::{Outcome, RunOptions, Simulation, Threads, forecast},
    topology::NodeKind,
};

use super::{
    args::{Format, RunArgs, ThemeWord},
    failure::Failure,
    interrupt, output,
    progress::Progress,
};

/// Runs a scenario file.
pub(crate) fn run(args: &RunArgs) -> Result<(), Failure> {
    let plan = scenario::load_file(&args.file, &overrides(args))?;
    if !args.quiet {
        plan.warnings.iter().for_each(|w| output::warn(w));
        if plan.filled_in.no_captures {
            output::complain(&no_captures(&plan));
        }
    }
    let folder = args
        .out
        .clone()
        .unwrap_or_else(|| default_folder(&args.file));
    let control = Arc::new(RunControl::default());
    interrupt::stop_on_ctrl_c(&control)?;
    let progress = (!args.quiet).then(|| Progress::start(&control, forecast(&plan)));
    let options = RunOptions {
        out: Some(folder.clone()),
        diagrams: !(args.no_diagrams || args.summary_only),
        theme: match args.theme {
            ThemeWord::Dark => Theme::Dark,
            ThemeWord::Light => Theme::Light,
        },
    };
    let simulation = Simulation::on_threads(plan, threads(args));
    if let Some(why) = simulation.partition().refusal() {
        output::complain(&format!("runs on one thread: {why}"));
    }
    let outcome = simulation.run(&options, &control);
    drop(progress);
    // The process ends here, and the system takes a large network's memory back at once.
    let outcome = ManuallyDrop::new(outcome?);
    tell(args, &folder, &outcome)
}

/// What was asked for, or what the machine has.
fn threads(args: &RunArgs) -> Threads {
    match args.threads {
        Some(count) => Threads::Exactly(count.get()),
        None => Threads::UpTo(available_parallelism().map_or(1, NonZeroUsize::get)),
    }
}

fn tell(args: &RunArgs, folder: &Path, outcome: &Outcome) -> Result<(), Failure> {
    if args.quiet {
        return Ok(());
    }
    if args.json {
        return output::print(&outcome.summary.to_json());
    }
    let look = Look {
        width: output::width(),
        // anstream takes the codes out again where they do not belong.
        colour: true,
        folder: Some(folder.display().to_string()),
        ..Look::default()
    };
    if let (true, Some(ladder)) = (args.ladder, &outcome.ladder) {
        output::print(&format!("{}\n", ladder.to_untitled_text(look.width)))?;
    }
    output::print(&report::render(&outcome.summary, &look))
}

/// `captures/lossy` for `topologies/lossy.toml`.
fn default_folder(file: &Path) -> PathBuf {
    Path::new("captures").join(file.file_stem().unwrap_or(file.as_os_str()))
}

/// Says that a large network is captured only where somebody asks, and how to ask.
fn no_captures(plan: &Plan) -> String {
    let host = plan
        .topology
        .nodes
        .iter()
        .find(|n| n.kind == NodeKind::Host);
    let host = host.map_or("HOST", |n| n.name.as_str());
    let most = CapturePlan::MANY_CARDS;
    format!(
        "no captures, as there are more than {most} cards; ask for some: --capture {host}, \
         --capture \"all hosts\", --set capture.all=true"
    )
}

/// Every option that stands for a value of the file, after those of `--set`.
fn overrides(args: &RunArgs) -> Vec<Override> {
    let mut all = args.overrides.clone();
    let mut set = |path: &str, value: String| {
        all.push(Override {
            path: path.to_owned(),
            value,
        });
    };
    if let Some(seed) = args.seed {
        set("seed", seed.to_string());
    }
    if let Some(stop) = args.stop {
        set("stop", quoted(&format!("{} ns", stop.as_nanos())));
    }
    if let Some(format) = args.format {
        let word = match format {
            Format::Pcapng => "pcapng",
            Format::Pcap => "pcap",
        };
        set("capture.format", quoted(word));
    }
    if let Some(size) = args.snap_length {
        set(
            "capture.snap_length",
            quoted(&format!("{} B", size.bytes())),
        );
    }
    if !args.capture.is_empty() {
        let places: Vec<String> = args.capture.iter().map(|p| quoted(p)).collect();
        set("capture.vantage", format!("[{}]", places.join(", ")));
    }
    if args.tcp_trace || args.summary_only {
        set("trace.tcp", args.tcp_trace.to_string());
    }
    if args.no_captures || args.summary_only {
        set("capture.vantage", "[]".to_owned());
        set("capture.all", "false".to_owned());
    }
    all
}

/// A TOML string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_folder_is_named_after_the_file() {
        let folder = default_folder(Path::new("topologies/lossy.toml"));
        assert_eq!(folder, Path::new("captures").join("lossy"));
    }

    #[test]
    fn quotes_and_backslashes_survive() {
        assert_eq!(quoted(r#"a"b\c"#), r#""a\"b\\c""#);
    }
}
