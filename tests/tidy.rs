//! Style as a test, for what a machine can judge.
//!
//! - a room of `src/` imports only rooms above it in [`rooms::RANK`];
//! - every Rust file opens with a `//!` caption;
//! - the library reads no clock, draws no entropy of the machine, prints nothing and keeps
//!   nothing in an order that depends on hashing;
//! - the rooms that a frame passes at every hop look nothing up by a hash;
//! - test names are claims, without a `test_` in front;
//! - no file names a place on the machine that it was written on.
//!
//! Each rule is a function from a file's text to complaints, with a test that it can complain.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but clippy does not see that helpers are tests too"
)]

#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/forbidden.rs"]
mod forbidden;
#[path = "tidy/rooms.rs"]
mod rooms;

use files::{SourceFile, all_files, rust_files};

fn report(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// Applies one rule to every Rust file of the repository.
fn check(rule: impl Fn(&SourceFile) -> Vec<String>) {
    let files = rust_files();
    assert!(files.len() > 50, "only {} files found", files.len());
    report(&files.iter().flat_map(rule).collect::<Vec<_>>());
}

#[test]
fn rooms_import_only_rooms_above_them() {
    check(rooms::complaints);
}

#[test]
fn the_library_reads_no_clock_draws_no_entropy_and_prints_nothing() {
    check(forbidden::complaints);
}

#[test]
fn the_forwarding_path_hashes_nothing() {
    check(forbidden::hashing);
}

#[test]
fn the_whitelist_names_only_lines_that_exist() {
    report(&forbidden::stale_exceptions(&rust_files()));
}

#[test]
fn every_file_opens_with_a_caption() {
    check(caption);
}

#[test]
fn names_of_tests_are_claims() {
    check(claims);
}

#[test]
fn no_file_names_a_place_on_this_machine() {
    let here = [
        format!("{}/", env!("CARGO_MANIFEST_DIR")),
        format!("{}/", std::env::var("HOME").unwrap_or_default()),
    ];
    let all = all_files();
    let found = all.iter().flat_map(|file| places(file, &here));
    report(&found.collect::<Vec<_>>());
}

fn caption(file: &SourceFile) -> Vec<String> {
    let first = file.text.lines().next().unwrap_or_default();
    let good = first.starts_with("//! ") && first.len() > 8;
    complain(!good, || format!("{}:1: no `//!` caption", file.path))
}

fn claims(file: &SourceFile) -> Vec<String> {
    let prefix = ["fn ", "test_"].concat();
    let lines = file.text.lines().enumerate();
    lines
        .filter(|(_, line)| line.trim_start().starts_with(&prefix))
        .map(|(i, _)| format!("{}:{}: name the claim instead", file.path, i + 1))
        .collect()
}

fn places(file: &SourceFile, here: &[String]) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    lines
        // A home folder of `/` would be in every path.
        .filter(|(_, line)| {
            here.iter()
                .any(|h| h.len() > 2 && line.contains(h.as_str()))
        })
        .map(|(i, _)| format!("{}:{}: a path of this machine", file.path, i + 1))
        .collect()
}

fn complain(bad: bool, text: impl FnOnce() -> String) -> Vec<String> {
    if bad { vec![text()] } else { Vec::new() }
}

#[test]
fn each_rule_can_complain() {
    let file = SourceFile::new("src/units/x.rs", "use a;\n");
    assert_eq!(caption(&file).len(), 1);
    let file = SourceFile::new("src/units/x.rs", "//! A caption.\n");
    assert!(caption(&file).is_empty());
    let file = SourceFile::new("tests/x.rs", &["#[test]\nfn ", "test_x() {}\n"].concat());
    assert_eq!(claims(&file), ["tests/x.rs:2: name the claim instead"]);
    let file = SourceFile::new("docs/x.md", "see /somewhere/netsim/src\n");
    assert_eq!(places(&file, &["/somewhere/".to_owned()]).len(), 1);
    assert!(places(&file, &["/".to_owned()]).is_empty());
}
