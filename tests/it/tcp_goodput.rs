//! The native TCP over a lossy link carries what Linux carries: within 15 % in every cell.
//!
//! The reference was measured with Linux 6.18: two network namespaces joined by a link emulator,
//! iperf3, one flow for 20 s, kernel defaults but for offloading, mean of three runs. The link is
//! the one below; the emulator spares frames of up to 200 bytes from random loss, so the SYN here
//! has a chance that it had not there.

use crate::support::run_text;

const LOSSES: [&str; 4] = ["0%", "1%", "3%", "5%"];

/// Mbit/s for each loss.
const LINUX: [(&str, [f64; 4]); 3] = [
    ("cubic", [9.37, 2.99, 1.43, 1.02]),
    ("reno", [9.36, 3.22, 1.65, 1.19]),
    ("bbr1", [9.27, 9.14, 8.98, 8.77]),
];

fn scenario(congestion: &str, loss: &str, seed: u64) -> String {
    format!(
        r#"
title = "One flow over a lossy link"
seed = {seed}
stop = "20s"
[defaults.host.tcp]
stack = "native"
congestion = "{congestion}"
[node.a]
[node.b]
[[link]]
between = ["a", "b"]
rate = "10 Mbit/s"
latency = "20ms"
queue = "125 kB"
forward = {{ loss = "{loss}" }}
[[traffic]]
app = "tcp"
from = "a"
to = "b"
duration = "20s"
"#
    )
}

/// The mean of three seeds \[Mbit/s\].
fn goodput(congestion: &str, loss: &str) -> f64 {
    let of_seed = |seed| {
        let run = run_text(&scenario(congestion, loss, seed), &["--no-diagrams"]);
        let summary = run.summary();
        let connection = &summary["traffic"][0]["connections"][0];
        connection["goodput_bits_per_second"].as_f64().unwrap() / 1e6
    };
    (1..=3).map(of_seed).sum::<f64>() / 3.0
}

#[test]
fn goodput_is_that_of_linux_in_every_cell() {
    let mut table = String::from("loss, netsim, Linux\n");
    let mut off = 0;
    for (congestion, linux) in LINUX {
        for (loss, linux) in LOSSES.into_iter().zip(linux) {
            let own = goodput(congestion, loss);
            let good = (own / linux - 1.0).abs() < 0.15;
            off += u32::from(!good);
            let mark = if good { "" } else { "  <" };
            table += &format!("{congestion} {loss}: {own:.2} {linux:.2}{mark}\n");
        }
    }
    println!("{table}");
    assert_eq!(off, 0, "cells that are off by 15 % or more:\n{table}");
}
