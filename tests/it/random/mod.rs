//! Two hundred made-up scenarios: whatever is in the file, the captures, pictures and the summary
//! are the same on any number of threads.

mod dice;
mod network;
mod traffic;

use std::ops::Range;

use netsim::{
    engine::RunControl,
    scenario::{self, plan::Plan},
    sim::{RunOptions, Simulation, Threads},
};
use tempfile::TempDir;

use crate::support::{difference, scratch};
use dice::Dice;

/// Scenario number `seed`: a network with traffic, over in three seconds of virtual time.
fn scenario_text(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let network = network::network(&mut dice);
    let traffic = traffic::traffic(&mut dice, &network.hosts);
    format!(
        "seed = {seed}\nstop = \"3s\"\n{}{traffic}[capture]\nvantage = [\"all\"]\nall = true\n",
        network.text
    )
}

/// Runs `text` and returns the folder with everything that was written.
fn run(text: &str, threads: Threads, diagrams: bool) -> TempDir {
    let folder = scratch();
    let options = RunOptions {
        out: Some(folder.path().join("out")),
        diagrams,
        ..RunOptions::default()
    };
    let simulation = Simulation::on_threads(plan(text), threads);
    let outcome = simulation.run(&options, &RunControl::default());
    outcome.unwrap_or_else(|error| panic!("{error}\n{text}"));
    folder
}

fn plan(text: &str) -> Plan {
    let plan = scenario::load_str("random.toml", text, &[]);
    plan.unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Runs the scenarios on 1, 2, 3 and 8 threads. Pictures are drawn for every tenth: they take
/// longer than the run.
fn give_the_same_bytes_on_any_threads(seeds: Range<u64>) {
    for seed in seeds {
        let text = scenario_text(seed);
        let diagrams = seed.is_multiple_of(10);
        let alone = run(&text, Threads::One, diagrams);
        assert!(alone.path().join("out/all.pcapng").exists());
        for threads in [2, 3, 8].map(Threads::Exactly) {
            let shared = run(&text, threads, diagrams);
            let found = difference(alone.path(), shared.path());
            assert_eq!(found, None, "scenario {seed}, {threads:?}:\n{text}");
        }
        // Where nobody listens, the windows of two threads slide.
        let counted = [Threads::One, Threads::Exactly(2)].map(|threads| counts(&text, threads));
        assert!(counted[0] == counted[1], "scenario {seed}:\n{text}");
    }
}

/// All that a run counts to which nobody listens.
fn counts(text: &str, threads: Threads) -> String {
    let simulation = Simulation::on_threads(plan(text), threads);
    let outcome = simulation.run(&RunOptions::default(), &RunControl::default());
    format!("{:?}", outcome.unwrap().summary)
}

#[test]
fn made_up_scenarios_0_to_99_give_the_same_bytes_on_any_threads() {
    give_the_same_bytes_on_any_threads(0..100);
}

#[test]
fn made_up_scenarios_100_to_199_give_the_same_bytes_on_any_threads() {
    give_the_same_bytes_on_any_threads(100..200);
}

#[test]
fn most_made_up_scenarios_run_in_several_parts_and_some_cannot() {
    let parts = (0..200).map(|seed| {
        let plan = plan(&scenario_text(seed));
        let simulation = Simulation::on_threads(plan, Threads::Exactly(8));
        simulation.partition().parts()
    });
    let parts: Vec<usize> = parts.collect();
    let count = |wanted: Range<usize>| parts.iter().filter(|p| wanted.contains(p)).count();
    let (one, few, many) = (count(1..2), count(2..5), count(5..9));
    assert!(one >= 5 && few >= 20 && many >= 50, "{one}, {few}, {many}");
}

#[test]
fn every_application_is_among_the_made_up_ones() {
    // Nine hundred entries. The rarest are one in twelve: 75 or so, and at least half of that.
    let texts: Vec<String> = (0..200).map(scenario_text).collect();
    for app in [
        "udp",
        "tcp",
        "http",
        "ping",
        "echo",
        "traceroute",
        "websocket",
        "sse",
        "grpc",
        "rest",
        "smtp",
    ] {
        let word = format!("app = \"{app}\"");
        let entries: usize = texts.iter().map(|text| text.matches(&word).count()).sum();
        assert!(entries >= 37, "{app}: {entries}");
    }
    let http3 = "version = \"3\"";
    let entries: usize = texts.iter().map(|text| text.matches(http3).count()).sum();
    assert!(entries >= 37, "HTTP/3: {entries}");
}
