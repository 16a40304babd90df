//! What Wireshark makes of TCP, segment by segment, beside what the trace says happened.
//!
//! Every shipped topology runs with the native TCP and leaves a capture of each host's card and
//! `tcp.jsonl`. The trace says for each segment with data whether it is new, a repeat, a tail loss
//! probe or a window probe; captures of both ends say which segments were lost or overtaken on the
//! way. From that and from the rules of Wireshark's manual (chapter "TCP analysis") follows what
//! tshark has to say of each segment. A difference is an error; what counts as agreement although
//! the words differ is a [`Class`] with its reason.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::support::{Finished, pcapng_files, run_file, run_text, topologies};

mod classes;
mod rows;
mod rules;
mod truth;

use classes::Class;
use truth::Truth;

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// How often each class came, over all captures of a topology; what no class explains is told.
fn compare(topology: &Path) -> (BTreeMap<Class, usize>, Vec<String>) {
    let cut = match stem(topology).as_str() {
        // It fills 1 Gbit/s.
        "dctcp" => &["--stop", "300ms"][..],
        _ => &[],
    };
    let run = |arguments: &[&str]| run_file(topology, &[arguments, cut].concat());
    compare_run(&run_native(run))
}

fn run_native(run: impl Fn(&[&str]) -> Finished) -> Finished {
    let arguments = [
        "--no-diagrams",
        "--tcp-trace",
        "--capture",
        "all hosts",
        "--set",
        "defaults.host.tcp.stack=\"native\"",
    ];
    run(&arguments).well()
}

fn compare_run(run: &Finished) -> (BTreeMap<Class, usize>, Vec<String>) {
    let captures: Vec<PathBuf> = pcapng_files(&run.out)
        .into_iter()
        .filter(|capture| stem(capture) != "all")
        .collect();
    let captures: Vec<rows::Capture> = captures.iter().map(|c| rows::Capture::read(c)).collect();
    let truth = Truth::read(&run.file("tcp.jsonl"), &captures);
    let (mut counts, mut differences) = (BTreeMap::new(), truth.differences.clone());
    for capture in &captures {
        let said = rules::Analysis::of(capture, &truth);
        for (class, count) in said.classes {
            *counts.entry(class).or_default() += count;
        }
        differences.extend(said.differences);
    }
    (counts, differences)
}

#[test]
fn wireshark_and_the_trace_agree_on_every_segment_of_every_topology() {
    let (mut counts, mut differences) = (BTreeMap::<Class, usize>::new(), vec![]);
    for topology in topologies() {
        let (classes, more) = compare(&topology);
        println!("{}: {classes:?}", stem(&topology));
        for (class, count) in classes {
            *counts.entry(class).or_default() += count;
        }
        let name = stem(&topology);
        differences.extend(more.into_iter().map(|d| format!("{name}: {d}")));
    }
    println!("{counts:#?}");
    none(&differences);
    // No link of theirs doubles frames: only a repeat that was for nothing has such an answer.
    let count = |class| counts.get(&class).copied().unwrap_or(0);
    assert!(count(Class::IdleAck) <= count(Class::Spurious));
    // A class that nothing falls into would say nothing.
    for class in OF_TOPOLOGIES {
        assert!(counts.contains_key(&class), "no {class:?}");
    }
}

fn none(differences: &[String]) {
    let shown: Vec<&String> = differences.iter().take(10).collect();
    assert!(
        differences.is_empty(),
        "{} differences: {shown:#?}",
        differences.len()
    );
}

const OF_TOPOLOGIES: [Class; 10] = [
    Class::New,
    Class::FastRetransmission,
    Class::Retransmission,
    Class::RepeatCalledOutOfOrder,
    Class::Spurious,
    Class::RepeatSeenFirst,
    Class::ProbeWithNewData,
    Class::BehindAGap,
    Class::DuplicateAck,
    Class::WindowUpdate,
];

#[test]
fn wireshark_and_the_trace_agree_on_probes_small_windows_and_overtaking() {
    let run = run_native(|arguments| run_text(SMALL_AND_SILENT, arguments));
    let (counts, differences) = compare_run(&run);
    println!("{counts:#?}");
    none(&differences);
    for class in [
        Class::ProbeCalledKeepAlive,
        Class::AnswerToProbe,
        Class::WindowFull,
        Class::Overtaken,
        Class::IdleAck,
        Class::SynAgain,
    ] {
        assert!(counts.contains_key(&class), "no {class:?}: {counts:?}");
    }
}

/// What no shipped topology has: a small window, messages with long pauses between them, and a link
/// that changes the order.
const SMALL_AND_SILENT: &str = r#"
title = "Small windows, long silences, and a link that reorders"
seed = 3

[defaults.host.tcp]
stack = "native"
keep_alive = "1s"

[node.alice]
[node.bob]
tcp = { receive_buffer = "2896 B" }

[[link]]
between = ["alice", "bob"]
rate = "10 Mbit/s"
latency = "5ms"
loss = "2%"
duplicate = "2%"
reorder = "5%"

[[traffic]]
app = "tcp"
from = "alice"
to = "bob"
bytes = "200 KiB"

[[traffic]]
app = "tcp"
from = "bob"
to = "alice"
bytes = "200 KiB"

[[traffic]]
app = "echo"
over = "tcp"
from = "alice"
to = "bob"
interval = "5s"
count = 3
"#;
