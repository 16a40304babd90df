//! `netsim run`: its options, its output, its files.

use std::{collections::BTreeSet, fs, path::PathBuf};

use super::PING;
use crate::support::{
    Finished, capinfos, difference, file_names, netsim, run_file, run_text, scratch, topology,
};

fn ping(arguments: &[&str]) -> Finished {
    run_text(PING, arguments).well()
}

#[test]
fn tables_go_to_standard_output_and_nothing_to_standard_error() {
    let run = ping(&[]);
    assert!(
        run.stdout().starts_with("Two pings\nseed 3, "),
        "{}",
        run.stdout()
    );
    assert_eq!(run.stderr(), "");
}

#[test]
fn quiet_prints_nothing() {
    let run = ping(&["--quiet"]);
    assert_eq!((run.stdout(), run.stderr()), (String::new(), String::new()));
    assert!(run.file("summary.json").exists());
}

#[test]
fn json_prints_the_bytes_of_the_summary_file() {
    let run = ping(&["--json"]);
    assert_eq!(
        run.stdout(),
        fs::read_to_string(run.file("summary.json")).unwrap()
    );
}

#[test]
fn files_go_to_a_folder_named_after_the_scenario() {
    let folder = scratch();
    fs::write(folder.path().join("two.toml"), PING).unwrap();
    let status = netsim()
        .args(["run", "two.toml", "--quiet"])
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    assert!(folder.path().join("captures/two/summary.json").exists());
}

#[test]
fn the_summary_lists_exactly_the_files_that_are_there() {
    let run = ping(&[]);
    let summary = run.summary();
    let listed = summary["files"].as_array().unwrap().iter();
    let mut listed: BTreeSet<String> = listed
        .map(|f| f["name"].as_str().unwrap().to_owned())
        .collect();
    listed.insert("summary.json".to_owned());
    let names = file_names(&run.out);
    let there = names.iter().map(|f| f.to_str().unwrap().replace('\\', "/"));
    assert_eq!(listed, there.collect());
}

#[test]
fn the_command_line_wins_over_the_file() {
    let arguments = [
        "--seed",
        "9",
        "--set",
        "link.alice-bob.latency=7ms",
        "--no-diagrams",
    ];
    let summary = ping(&arguments).summary();
    assert_eq!(summary["seed"], 9);
    assert_eq!(summary["links"][0]["latency_ns"], 7_000_000);
}

#[test]
fn stop_ends_the_run_at_that_time() {
    // The second ping leaves at 1 s.
    let summary = ping(&["--stop", "500ms", "--no-diagrams"]).summary();
    assert_eq!(summary["end_reason"], "stop_time");
    assert_eq!(summary["ended_at_ns"], 500_000_000);
    assert_eq!(summary["traffic"][0]["probes"]["answered"], 1);
}

#[test]
fn classic_pcap_on_request() {
    let run = ping(&["--format", "pcap", "--no-diagrams"]);
    let info = capinfos(&run.file("alice.pcap"), &["-t", "-M"]);
    assert!(info.contains("nsecpcap"), "{info}");
}

#[test]
fn one_place_is_captured_if_one_is_named() {
    let run = ping(&["--capture", "bob", "--no-diagrams"]);
    assert!(run.file("bob.pcapng").exists());
    assert!(!run.file("alice.pcapng").exists());
}

#[test]
fn no_diagrams_draws_none() {
    let run = ping(&["--no-diagrams"]);
    let names = file_names(&run.out);
    assert!(
        names
            .iter()
            .all(|n| n.extension().is_none_or(|e| e != "svg")),
        "{names:?}"
    );
}

#[test]
fn a_summary_alone_or_with_what_is_left() {
    let names = |argument| file_names(&ping(&[argument]).out);
    let captures = |n: &PathBuf| n.extension().is_some_and(|e| e == "pcapng");
    assert_eq!(names("--summary-only"), [PathBuf::from("summary.json")]);
    assert!(!names("--no-captures").iter().any(captures));
    assert!(names("--no-captures").len() > 1);
}

/// A star of `hosts` hosts around one switch.
fn star(hosts: usize) -> String {
    format!(
        "title = \"star\"\n[generate]\nkind = \"star\"\ncenter = \"switch\"\nhosts = {hosts}\n\
         [[traffic]]\napp = \"ping\"\nfrom = \"h0\"\nto = \"h1\"\ncount = 1\n"
    )
}

#[test]
fn a_network_of_more_than_64_cards_is_captured_only_where_somebody_asks() {
    // 32 hosts are 64 cards, ports of the switch included: 32 captures, all.pcapng and
    // summary.json. 33 hosts are 66 cards.
    let run = |hosts, more: &[&str]| {
        let arguments = [&["--no-diagrams"], more].concat();
        run_text(&star(hosts), &arguments).well()
    };
    let few = run(32, &[]);
    assert_eq!(file_names(&few.out).len(), 34);
    assert_eq!(few.stderr(), "");
    let many = run(33, &[]);
    assert_eq!(file_names(&many.out), [PathBuf::from("summary.json")]);
    assert_eq!(
        many.stderr(),
        "no captures, as there are more than 64 cards; ask for some: --capture h0, \
         --capture \"all hosts\", --set capture.all=true\n"
    );
    let asked = run(33, &["--capture", "h1"]);
    assert_eq!(asked.stderr(), "");
    assert_eq!(file_names(&asked.out).len(), 2);
    let all = run(33, &["--set", "capture.all=true"]);
    assert!(all.file("all.pcapng").exists());
    assert_eq!(file_names(&all.out).len(), 2);
}

#[test]
fn two_runs_write_the_same_bytes_and_another_seed_does_not() {
    let text = PING.replace("latency = \"5ms\"", "latency = \"5ms\"\njitter = \"1ms\"");
    let run = |arguments: &[&str]| run_text(&text, arguments).well();
    let (a, b, c) = (run(&[]), run(&[]), run(&["--seed", "4"]));
    assert_eq!(difference(&a.out, &b.out), None);
    assert!(difference(&a.out, &c.out).is_some());
}

#[test]
fn warnings_go_to_standard_error() {
    // One of its pings is for an address that nobody has.
    let run = run_file(&topology("routers"), &["--no-diagrams"]).well();
    assert!(run.stderr().starts_with("warning: "), "{}", run.stderr());
    assert!(run.stderr().contains("10.2.9.9"));
    assert!(!run.stdout().contains("warning"));
}

#[test]
fn the_ladder_is_printed_above_the_tables_on_request() {
    let text = ping(&["--ladder"]).stdout();
    let ladder = text.find("ping request");
    let tables = text.find("Ping and echo");
    assert!(ladder.is_some() && ladder < tables, "{text}");
    assert_eq!(text.matches("Two pings").count(), 1, "{text}");
    assert!(!ping(&[]).stdout().contains("ping request"));
}

#[test]
fn the_light_theme_draws_the_same_picture_on_white() {
    let picture = |theme| {
        let run = ping(&["--theme", theme]);
        fs::read_to_string(run.file("topology.svg")).unwrap()
    };
    let (dark, light) = (picture("dark"), picture("light"));
    assert!(dark.contains("#0d1117") && !light.contains("#0d1117"));
    assert_eq!(
        dark.matches("<text").count(),
        light.matches("<text").count()
    );
}

#[test]
fn a_second_run_into_the_same_folder_leaves_its_own_files_and_mine() {
    let run = ping(&[]);
    fs::write(run.file("notes.txt"), "mine").unwrap();
    let scenario = run.folder().join("scenario.toml");
    let again = netsim()
        .arg("run")
        .arg(&scenario)
        .arg("--out")
        .arg(&run.out)
        .args(["--no-diagrams", "--quiet"])
        .status()
        .unwrap();
    assert!(again.success());
    let names = [
        "alice.pcapng",
        "all.pcapng",
        "bob.pcapng",
        "notes.txt",
        "summary.json",
    ];
    assert_eq!(file_names(&run.out), names.map(PathBuf::from));
}

#[test]
fn a_network_without_latency_runs_on_one_thread_and_says_why() {
    let text = PING.replace("latency = \"5ms\"", "latency = \"0s\"");
    let run = run_text(&text, &["--threads", "2"]).well();
    assert!(
        run.stderr()
            .starts_with("runs on one thread: everything hangs together"),
        "{}",
        run.stderr()
    );
    assert_eq!(ping(&["--threads", "2"]).stderr(), "");
}
