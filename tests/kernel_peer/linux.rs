//! What both sides do in many cases: known data, and programs on Linux's side.

use std::{
    io::Write as _,
    process::{Child, Command, Output, Stdio},
};

use netsim::rng::RootSeed;

/// `len` bytes that do not repeat.
pub(crate) fn data(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    RootSeed(1).stream(&["data"]).fill(&mut bytes);
    bytes
}

/// Fails where two long texts differ.
pub(crate) fn assert_same(got: &[u8], sent: &[u8]) {
    let differs = got.iter().zip(sent).position(|(g, s)| g != s);
    assert_eq!(differs, None, "the first byte that differs");
    assert_eq!(got.len(), sent.len(), "bytes that came");
}

/// Runs a program to its end.
pub(crate) fn program(name: &str, arguments: &[&str]) -> Output {
    let output = Command::new(name).args(arguments).output();
    output.unwrap_or_else(|e| panic!("cannot run {name} ({e}): run scripts/setup.sh"))
}

/// A Python program, which waits for lines of this side and says lines of its own.
pub(crate) fn python(text: &str) -> Child {
    let mut command = Command::new("python3");
    command.args(["-c", text]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let child = command.spawn();
    child.unwrap_or_else(|e| panic!("cannot run python3 ({e}): run scripts/setup.sh"))
}

/// Lets a Python program run to its end; what it said.
pub(crate) fn python_says(text: &str) -> String {
    let mut child = python(text);
    child.stdin.take().unwrap().flush().unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "python3: {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}
