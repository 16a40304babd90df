//! Ctrl-C: the run ends in order.

use std::{
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::PING;
use crate::support::{assert_clean, count, netsim, scratch};

/// Far longer than anybody waits: ten million pings.
fn long() -> String {
    PING.replace("count = 2", "count = 10000000\ninterval = \"1ms\"")
}

fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
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
    wait_until(|| out.exists());
    thread::sleep(Duration::from_millis(300));
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

fn wait_until(holds: impl Fn() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(30), "nothing happened");
        thread::sleep(Duration::from_millis(10));
    }
}
