//! Colour: only where it belongs.

use std::process::Command;

use super::PING;
use crate::support::{netsim, scratch};

fn is_coloured(change: impl FnOnce(&mut Command) -> &mut Command) -> bool {
    let folder = scratch();
    let file = folder.path().join("x.toml");
    std::fs::write(&file, PING).unwrap();
    let mut command = netsim();
    command
        .arg("run")
        .arg(&file)
        .arg("--out")
        .arg(folder.path().join("out"));
    command.arg("--no-diagrams");
    let output = change(&mut command).output().unwrap();
    assert!(output.status.success());
    output.stdout.contains(&0x1b)
}

#[test]
fn a_pipe_gets_no_colour() {
    assert!(!is_coloured(|c| c));
}

#[test]
fn clicolor_force_and_color_always_give_colour_to_a_pipe() {
    assert!(is_coloured(|c| c.env("CLICOLOR_FORCE", "1")));
    assert!(is_coloured(|c| c.args(["--color", "always"])));
}

#[test]
fn no_color_and_color_never_win_over_clicolor_force() {
    assert!(!is_coloured(|c| c
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")));
    assert!(!is_coloured(|c| c
        .env("CLICOLOR_FORCE", "1")
        .args(["--color", "never"])));
}
