//! The inside of TCP senders as it is written and drawn, over the topologies that show it.

use serde_json::Value;

use crate::support::{Finished, count, run_file, topology};

fn traced(name: &str, more: &[&str]) -> Finished {
    let mut arguments = vec!["--tcp-trace"];
    arguments.extend(more);
    run_file(&topology(name), &arguments).well()
}

fn lines(run: &Finished) -> Vec<Value> {
    let text = std::fs::read_to_string(run.file("tcp.jsonl")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn the_trace_the_capture_the_plots_and_the_ladder_tell_the_same_losses() {
    let run = traced("congestion", &[]);
    let lines = lines(&run);
    let of = |cause: &str| lines.iter().filter(|l| l["cause"] == cause).count();
    let again = of("data sent again");
    assert!(again > 0, "a saw without a loss");
    // Wireshark calls a repeat out of order if it comes soon after the original.
    let filter = "ip.src == 10.0.0.10 && (tcp.analysis.retransmission || \
                  tcp.analysis.fast_retransmission || tcp.analysis.out_of_order)";
    assert_eq!(count(&run.file("alice.pcapng"), filter), again);
    let picture = |name: &str| std::fs::read_to_string(run.file(name)).unwrap();
    assert!(picture("tcp-sequence.svg").contains(&format!(": {again} sent again")));
    let found = of("RACK: loss detected") + of("RACK: reordering timer");
    let heading = format!("reno: {found} fast recoveries");
    assert!(picture("tcp-window.svg").contains(&heading), "{heading}");
    assert!(picture("ladder.svg").contains("fast retransmit of "));
}

#[test]
fn the_window_doubles_then_grows_by_a_segment_each_round_trip() {
    let run = traced("congestion", &["--no-diagrams", "--no-captures"]);
    let lines = lines(&run);
    let alice = lines
        .iter()
        .filter(|l| l["node"] == "alice" && l["cause"] == "ACK");
    let acks: Vec<(u64, &str, &str)> = alice
        .map(|l| {
            let word = |key: &str| l[key].as_str().unwrap();
            (
                l["cwnd_bytes"].as_u64().unwrap(),
                word("recovery"),
                word("phase"),
            )
        })
        .collect();
    let steps = |phase: &str| {
        let pairs = acks.windows(2);
        let inside = pairs.filter(|p| p.iter().all(|a| a.1 == "open" && a.2 == phase));
        inside
            .map(|p| p[1].0.saturating_sub(p[0].0))
            .collect::<Vec<_>>()
    };
    // An ACK answers at most two segments of 1448 bytes (RFC 5681): slow start adds as much.
    let fast = steps("slow start");
    assert!(
        fast.contains(&2896) && fast.iter().all(|step| *step <= 2896),
        "{fast:?}"
    );
    // Later a whole segment comes only with a whole window of ACKs.
    let slow = steps("congestion avoidance");
    assert!(
        slow.contains(&1448) && slow.iter().all(|step| *step <= 1448),
        "{slow:?}"
    );
    assert!(slow.iter().filter(|step| **step > 0).count() * 5 < slow.len());
}

#[test]
fn the_trace_has_the_same_bytes_on_any_threads() {
    let bytes = |threads| {
        let run = traced("fairness", &["--threads", threads, "--no-diagrams"]);
        std::fs::read(run.file("tcp.jsonl")).unwrap()
    };
    let alone = bytes("1");
    assert!(alone.len() > 100_000);
    assert!(bytes("2") == alone && bytes("3") == alone);
}

#[test]
fn nothing_is_traced_unless_somebody_asks() {
    let run = run_file(&topology("handshake"), &["--no-captures"]).well();
    assert!(!run.file("tcp.jsonl").exists());
}

fn quick(name: &str, settings: &[&str]) -> Value {
    let mut arguments = vec!["--summary-only"];
    for setting in settings {
        arguments.extend(["--set", setting]);
    }
    run_file(&topology(name), &arguments).well().summary()
}

fn jain(summary: &Value) -> f64 {
    let rows = summary["fairness"].as_array().unwrap();
    assert_eq!(rows.len(), 1);
    rows[0]["jain_index_percent"].as_f64().unwrap()
}

#[test]
fn equals_share_evenly_and_others_do_not() {
    assert!(jain(&quick("fairness", &[])) < 85.0);
    let same = ["reno", "vegas", "bbr"].map(|n| format!("node.{n}.tcp.congestion=\"cubic\""));
    let same: Vec<&str> = same.iter().map(String::as_str).collect();
    assert!(jain(&quick("fairness", &same)) > 95.0);
}

#[test]
fn equal_round_trips_share_evenly_and_unequal_ones_do_not() {
    // Reno's share goes with the inverse of the round trip, or its square: 140 ms against 22.
    assert!(jain(&quick("rtt_unfairness", &[])) < 75.0);
    assert!(jain(&quick("rtt_unfairness", &["link.far-left.latency=1ms"])) > 95.0);
}

#[test]
fn a_long_queue_makes_pings_wait_and_a_short_one_costs_no_goodput() {
    let look = |settings: &[&str]| {
        let summary = quick("bufferbloat", settings);
        let traffic = summary["traffic"].as_array().unwrap();
        let rtt = traffic[1]["probes"]["rtt_max_ns"].as_u64().unwrap();
        let goodput = &traffic[0]["connections"][0]["goodput_bits_per_second"];
        (rtt / 1_000_000, goodput.as_u64().unwrap())
    };
    let (long, short) = (look(&[]), look(&["link.line.queue=\"15 packets\""]));
    // 300 full frames at 2 Mbit/s are 1.8 s, 15 are 92 ms.
    assert!(long.0 > 1500 && short.0 < 150, "{long:?} {short:?}");
    assert!(short.1 * 20 > long.1 * 19, "{long:?} {short:?}");
}

#[test]
fn a_queue_that_holds_all_answers_spares_the_time_outs() {
    let slow = |settings: &[&str]| {
        let summary = quick("incast", settings);
        let traffic = summary["traffic"].as_array().unwrap().clone();
        let took = |t: &Value| t["connections"][0]["transfer_ns"].as_u64().unwrap();
        traffic.iter().filter(|t| took(t) > 190_000_000).count()
    };
    assert!(slow(&[]) > 0);
    // Sixteen answers of 46 frames are 736 at most.
    assert_eq!(slow(&["generate.host_link.queue=\"800 packets\""]), 0);
}

#[test]
fn a_model_of_the_path_takes_no_loss_for_congestion() {
    let summary = quick("tcp_variants", &[]);
    let goodput = |name: &str| {
        let traffic = summary["traffic"].as_array().unwrap();
        let entry = traffic.iter().find(|t| t["name"] == name).unwrap();
        entry["connections"][0]["goodput_bits_per_second"]
            .as_u64()
            .unwrap()
    };
    for other in ["newreno", "reno", "vegas", "plain"] {
        assert!(2 * goodput("bbr") > 3 * goodput(other), "{other}");
    }
}
