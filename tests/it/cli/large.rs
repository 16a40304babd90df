//! `netsim run` of networks that have too many nodes for a line each.

use std::fmt::Write as _;

use crate::support::{Finished, run_text};

/// A tree of 40 hosts on 4 routers that loses a little. From each of the first 30 hosts to the
/// last: a stream, a transfer, two pings.
fn busy(arguments: &[&str]) -> Finished {
    let mut text = TREE.to_owned();
    for i in 0..30 {
        for app in [
            "app = \"udp\"\ncount = 20",
            "app = \"tcp\"\nbytes = \"30 kB\"",
            "app = \"ping\"\ncount = 2",
        ] {
            let _ = writeln!(text, "[[traffic]]\n{app}\nfrom = \"h{i}\"\nto = \"h39\"");
        }
    }
    run_text(&text, &[&["--summary-only"], arguments].concat()).well()
}

const TREE: &str = r#"
title = "Everybody talks to h39"

[generate]
kind = "tree"
hosts = 40
fan = 10
host_link = { rate = "100 Mbit/s", queue = "30 kB", loss = "0.1%" }
router_link = { rate = "100 Mbit/s", latency = "1ms", queue = "60 kB" }
"#;

/// What was printed, without the name of the folder.
fn printed(run: &Finished) -> String {
    let folder = run.out.display().to_string();
    run.stdout().replace(&folder, "OUT")
}

#[test]
fn a_large_network_is_told_by_group_with_the_worst_by_name() {
    insta::assert_snapshot!(printed(&busy(&[])));
}

#[test]
fn the_groups_add_up_to_the_totals() {
    let run = busy(&[]);
    let (summary, text) = (run.summary(), printed(&run));
    let traffic = summary["traffic"].as_array().unwrap();
    assert_eq!(traffic.len(), 90);
    let lost: u64 = traffic
        .iter()
        .filter_map(|t| t["stream"]["lost_datagrams"].as_u64())
        .sum();
    assert!(lost > 0);
    let [hosts, edge, root] = [0, 1, 2].map(|i| &summary["node_groups"][i]["nodes"]);
    assert_eq!((hosts, edge, root), (&40.into(), &4.into(), &1.into()));
    let groups = summary["link_groups"].as_array().unwrap().iter();
    let sent: u64 = groups.filter_map(|g| g["sent_frames"].as_u64()).sum();
    assert_eq!(summary["totals"]["sent_frames"], sent);
    let table = text.split("UDP streams by group").nth(1).unwrap();
    // 30 streams of 20 datagrams each: flows, sent, received.
    let row: Vec<&str> = table.lines().nth(3).unwrap().split_whitespace().collect();
    assert_eq!(row[..4], ["all", "30", "600", &(600 - lost).to_string()]);
}
