//! Ctrl-C: the run ends in order.

#![allow(
    clippy::disallowed_methods,
    reason = "the program under test runs in the machine's time"
)]

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::PING;
use crate::support::{assert_clean, count, file_names, netsim, scratch};

/// Far longer than anybody waits: a million pings, a million times.
fn long() -> String {
    PING.replace(
        "count = 2",
        "count = 1000000\ninterval = \"1ms\"\nrepeat = 1000000",
    )
}

fn interrupt(child: &Child) {
    let status = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn the_files_hold_what_has_happened_until_ctrl_c() {
    let folder = scratch();
    let (file, out) = (folder.path().join("x.toml"), folder.path().join("out"));
    std::fs::write(&file, long()).unwrap();
    let child = netsim()
        .arg("run")
        .arg(&file)
        .arg("--out")
        .arg(&out)
        .args(["--no-diagrams", "--quiet"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // By then pings are in the captures.
    wait_until(|| size(&out) > 100_000);
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let summary = std::fs::read_to_string(out.join("summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert_eq!(summary["end_reason"], "interrupted");
    let capture = out.join("alice.pcapng");
    assert_clean(&capture);
    assert!(count(&capture, "icmp") > 0);
}

/// Bytes in the files of a folder.
fn size(folder: &Path) -> u64 {
    let files = file_names(folder).into_iter();
    // A file may have got its final name meanwhile.
    files
        .filter_map(|f| folder.join(f).metadata().ok())
        .map(|m| m.len())
        .sum()
}

fn wait_until(holds: impl Fn() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "nothing happened"
        );
        thread::sleep(Duration::from_millis(10));
    }
}
