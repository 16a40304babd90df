//! The inside of TCP senders as it is written and drawn, over the topologies that show it.

use serde_json::Value;

use crate::support::{Finished, count, run_file, run_text, topology};

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
    // Later a whole segment comes only with a whole window of ACKs: five or more, as the window has
    // at least ten segments and each ACK answers two.
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
    // Where one of four has k times what each of the others has, the index is
    // (k + 3)^2 / 4 (k^2 + 3): 85 % for k = 2.3, and for k = 0.22. Vegas, which keeps at most four
    // segments waiting, and BBR, which asks for the whole rate, are such ones.
    assert!(jain(&quick("fairness", &[])) < 85.0);
    let same = ["reno", "vegas", "bbr"].map(|n| format!("node.{n}.tcp.congestion=\"cubic\""));
    let same: Vec<&str> = same.iter().map(String::as_str).collect();
    assert!(jain(&quick("fairness", &same)) > 95.0);
}

#[test]
fn equal_round_trips_share_evenly_and_unequal_ones_do_not() {
    // The paths take 22.4 and 140.4 ms, the full queue of 25 frames at 4 Mbit/s 75.7 ms more: 98 to
    // 216 ms, or a ratio r of 2.2. Reno's share goes with the inverse of the round trip, or even its
    // square, so the index of two is at most (1 + r)^2 / 2 (1 + r^2) = 88 %.
    assert!(jain(&quick("rtt_unfairness", &[])) < 88.0);
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
    // A frame of 1514 bytes takes 6.06 ms at 2 Mbit/s, the path there and back 20.8 ms. Behind 300
    // frames and the one on the line: 1844 ms; behind 15: 118 ms. Slow start fills the queue, and
    // at five pings a second some find it full but for a place or two.
    assert!((1800..=1845).contains(&long.0), "{long:?}");
    assert!(short.0 < 120, "{short:?}");
    // The path alone holds 3.4 frames. Half of 15 and 3.4, which Reno goes back to, is more: the
    // line never runs dry and carries 1448 of 1514 bytes, 1.91 Mbit/s, less 5 % for the beginning.
    assert!(
        long.1 > 1_817_000 && short.1 > 1_817_000,
        "{long:?} {short:?}"
    );
}

#[test]
fn a_queue_that_holds_all_answers_spares_the_time_outs() {
    let slow = |settings: &[&str]| {
        let summary = quick("incast", settings);
        let traffic = summary["traffic"].as_array().unwrap().clone();
        let took = |t: &Value| t["connections"][0]["transfer_ns"].as_u64().unwrap();
        traffic.iter().map(took).max().unwrap() / 1_000_000
    };
    // A time-out is at least 200 ms. Without, sixteen answers of 46 frames of 1514 bytes take 8.9 ms
    // at 1 Gbit/s; they are 736 frames, so a queue of 800 holds them all.
    assert!(slow(&[]) >= 200);
    assert!(slow(&["generate.host_link.queue=\"800 packets\""]) <= 9);
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
    // The square-root law at 2 % and 40.2 ms: 1448 x 8 / 0.0402 x 1.22 / 0.141 = 2.49 Mbit/s. Of 690
    // segments some 14 are lost, with a deviation of 27 %; twice that more is 3.83 Mbit/s.
    for other in ["newreno", "reno", "vegas", "plain"] {
        assert!(goodput(other) < 3_830_000, "{other}");
    }
    // BBR goes by the rate: more than half as much again, on a link of 10 Mbit/s.
    assert!(goodput("bbr") > 5_750_000);
}

#[test]
fn hystart_leaves_slow_start_late_and_the_first_loss_is_the_largest() {
    // The pipe holds 10 Mbit/s x 41.3 ms = 34 frames, the queue 82: 116 segments. HyStart++ sees the
    // queue grow but goes on at a quarter of the pace for five round trips; the loss shows one round
    // trip later, at 116 x 1.25 = 145 segments, so 29 are lost. In avoidance CUBIC grows by at most
    // a few segments in that time.
    let run = run_text(CUBIC, &["--tcp-trace", "--no-diagrams", "--no-captures"]).well();
    let mut recoveries = vec![];
    for line in lines(&run) {
        match line["cause"].as_str().unwrap() {
            "RACK: loss detected" | "RACK: reordering timer" => recoveries.push(0),
            "data sent again" => *recoveries.last_mut().unwrap() += 1,
            _ => {}
        }
    }
    let (first, rest) = recoveries.split_first().unwrap();
    assert!((26..=32).contains(first), "{recoveries:?}");
    assert!(
        rest.len() > 3 && rest.iter().all(|again| *again <= 4),
        "{recoveries:?}"
    );
}

const CUBIC: &str = r#"
title = "CUBIC fills a pipe and a queue"

[defaults.host.tcp]
stack = "native"
congestion = "cubic"

[node.alice]
[node.bob]

[[link]]
between = ["alice", "bob"]
rate = "10 Mbit/s"
latency = "20ms"
queue = "125000 B"

[[traffic]]
app = "tcp"
from = "alice"
to = "bob"
duration = "20s"
"#;
