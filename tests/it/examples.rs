//! The examples run, and leave what they promise.

use std::process::Command;

use crate::support::{assert_clean, fields, repository, scratch};

#[test]
fn a_protocol_of_ones_own_guesses_the_number_and_leaves_its_capture() {
    let folder = scratch();
    let done = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--example", "own_protocol"])
        .arg("--manifest-path")
        .arg(repository().join("Cargo.toml"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    // Halving 0 to 255 finds 42 at the eighth guess.
    let guesses = String::from_utf8(done.stdout).unwrap();
    assert_eq!(guesses.lines().count(), 8);
    assert!(guesses.ends_with("is it 42?\n"), "{guesses}");

    let capture = folder.path().join("captures/own_protocol/alice.pcapng");
    assert_clean(&capture);
    let said = fields(
        &capture,
        "tcp.dstport == 4242 && tcp.len > 0",
        &["tcp.payload"],
    );
    let yes = said.last().map(|row| row[0].as_str());
    assert_eq!(
        yes,
        Some("7965730a"),
        "the last word of the client is `yes`"
    );
}
