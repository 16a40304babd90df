//! Wireshark's own view of a capture, by `tshark` and `capinfos`.
//!
//! Every checksum is validated. A missing tool fails the test and names the script that brings it:
//! a test that is skipped in silence proves nothing.

use std::{
    collections::BTreeMap,
    io,
    path::Path,
    process::{Command, Output},
};

/// What tshark checks that it does not check by default.
const CHECKS: [&str; 4] = [
    "ip.check_checksum:TRUE",
    "tcp.check_checksum:TRUE",
    "udp.check_checksum:TRUE",
    "eth.check_fcs:TRUE",
];

/// Runs `tshark -r CAPTURE ARGUMENTS...` and gives back what it printed.
pub(crate) fn tshark(capture: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("tshark");
    // The settings of whoever runs the tests must not matter.
    command.env("WIRESHARK_CONFIG_DIR", env!("CARGO_TARGET_TMPDIR"));
    command.args(["-n", "-r"]).arg(capture);
    for check in CHECKS {
        command.args(["-o", check]);
    }
    text("tshark", command.args(arguments).output())
}

/// One row per frame that `filter` selects: the given fields, as tshark writes them.
pub(crate) fn fields(capture: &Path, filter: &str, names: &[&str]) -> Vec<Vec<String>> {
    let mut arguments = vec!["-Y", filter, "-T", "fields", "-E", "separator=/t"];
    for name in names {
        arguments.extend(["-e", name]);
    }
    tshark(capture, &arguments)
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

/// How many frames `filter` selects.
pub(crate) fn count(capture: &Path, filter: &str) -> usize {
    fields(capture, filter, &["frame.number"]).len()
}

/// How often each expert note of at least warning level stands in the capture.
pub(crate) fn expert_notes(capture: &Path) -> BTreeMap<String, usize> {
    let mut notes = BTreeMap::new();
    for row in fields(
        capture,
        "_ws.expert.severity >= 6291456",
        &["_ws.expert.message"],
    ) {
        for note in row.iter().filter(|n| !n.is_empty()) {
            *notes.entry(note.clone()).or_default() += 1;
        }
    }
    notes
}

/// Fails if Wireshark finds a malformed frame or a wrong checksum.
pub(crate) fn assert_clean(capture: &Path) {
    let bad = "_ws.malformed || _ws.short || ip.checksum.status == 0 || tcp.checksum.status == 0 \
               || udp.checksum.status == 0 || icmp.checksum.status == 0 || eth.fcs.status == 0";
    let columns = ["frame.number", "_ws.col.Protocol", "_ws.col.Info"];
    let rows = fields(capture, bad, &columns);
    assert!(rows.is_empty(), "{}: {rows:#?}", capture.display());
}

/// What `capinfos` says with the given arguments.
pub(crate) fn capinfos(capture: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("capinfos");
    text("capinfos", command.args(arguments).arg(capture).output())
}

fn text(tool: &str, output: io::Result<Output>) -> String {
    let output = output.unwrap_or_else(|e| {
        panic!("cannot run {tool} ({e}): run scripts/setup.sh, which installs what the tests need")
    });
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{tool} failed:\n{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// A classic pcap of one frame: an Ethernet header and an IPv4 header of 20 bytes without payload.
/// Its checksum, by RFC 1071: 4500 + 0014 + 0000 + 0000 + 40fd + 0000 + 0a00 + 0001 + 0a00 + 0002
/// = 9a14, and the complement of that is 65eb.
#[cfg(test)]
fn one_packet(checksum: [u8; 2]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65535, 1, 0, 0, 60, 60] {
        file.extend(word.to_le_bytes());
    }
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    frame.extend([0x45, 0, 0, 20, 0, 0, 0, 0, 64, 253]);
    frame.extend(checksum);
    frame.extend([10, 0, 0, 1, 10, 0, 0, 2]);
    frame.resize(60, 0);
    file.extend(frame);
    file
}

#[test]
fn a_right_checksum_is_clean_and_a_wrong_one_is_found() {
    let folder = super::scratch();
    let file = folder.path().join("x.pcap");
    std::fs::write(&file, one_packet([0x65, 0xeb])).unwrap();
    assert_clean(&file);
    assert_eq!(count(&file, "ip"), 1);
    std::fs::write(&file, one_packet([0x65, 0xec])).unwrap();
    assert!(std::panic::catch_unwind(|| assert_clean(&file)).is_err());
    assert_eq!(expert_notes(&file).len(), 1);
    assert!(capinfos(&file, &["-c"]).contains('1'));
}
