//! Pictures of real runs: what is written in them agrees with the summary and with tshark.

use std::fs;

use netsim::diagram::png;

use crate::support::{Finished, count, file_names, shipped, topologies, topology};

fn run(name: &str) -> &'static Finished {
    shipped(&topology(name))
}

fn picture(run: &Finished, name: &str) -> String {
    fs::read_to_string(run.file(name)).unwrap()
}

#[test]
fn every_picture_of_every_topology_can_be_drawn() {
    for file in topologies() {
        let run = shipped(&file);
        let names = file_names(run.folder());
        let svgs: Vec<_> = names
            .iter()
            .filter(|n| n.extension().is_some_and(|e| e == "svg"))
            .collect();
        assert!(svgs.len() >= 2, "{}", file.display());
        for name in svgs {
            let svg = fs::read_to_string(run.folder().join(name)).unwrap();
            let drawn = png(&svg, 0.5);
            assert!(drawn.is_ok(), "{}: {drawn:?}", name.display());
        }
    }
}

#[test]
fn the_delay_plot_counts_the_datagrams_that_the_summary_counts() {
    let run = run("udp_loss");
    let summary = run.summary();
    let all = summary["traffic"].as_array().unwrap();
    let stream = all.iter().find(|t| t["app"] == "udp").unwrap();
    let number = |key: &str| stream["stream"][key].as_u64().unwrap();
    let (lost, sent) = (number("lost_datagrams"), number("sent_datagrams"));
    assert!(lost > 0, "nothing to see without a loss");
    let delay = picture(run, "udp-delay.svg");
    assert!(delay.contains(&format!("{lost} of {sent} lost")));
    let loss = picture(run, "udp-loss.svg");
    assert!(loss.contains(&format!("{lost} of {sent} (")));
}

#[test]
fn the_queue_plot_counts_the_frames_that_the_summary_counts() {
    let run = run("bottleneck");
    let summary = run.summary();
    let links = summary["links"].as_array().unwrap();
    let drops = |link: &serde_json::Value| link["drops"]["queue_full"].as_u64().unwrap_or(0);
    let full: u64 = links.iter().map(drops).sum();
    assert!(full > 0, "the queue of this topology fills");
    assert!(picture(run, "queue.svg").contains(&format!(", {full} dropped")));
}

#[test]
fn the_sequence_plot_counts_the_repeats_that_wireshark_sees_at_the_sender() {
    let run = run("bottleneck");
    // Nothing is out of order at its own sender: what Wireshark takes for that is a repeat too.
    let repeats = count(
        &run.file("alice.pcapng"),
        "tcp.analysis.retransmission || tcp.analysis.fast_retransmission \
         || tcp.analysis.spurious_retransmission || tcp.analysis.out_of_order",
    );
    assert!(repeats > 0, "a full queue without a retransmission");
    let plot = picture(run, "tcp-sequence.svg");
    assert!(
        plot.contains(&format!(": {repeats} sent again")),
        "{repeats}"
    );
}

#[test]
fn a_handshake_has_pictures_of_its_data_but_no_plots() {
    let run = run("handshake");
    assert!(run.file("osi-stack.svg").exists());
    assert!(picture(run, "encapsulation.svg").contains("Hello, Bob."));
    assert!(!run.file("tcp-sequence.svg").exists());
    assert!(!run.file("throughput.svg").exists());
}
