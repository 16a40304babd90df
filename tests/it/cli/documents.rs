//! Help, completions, man pages, the schema and the templates.

use std::process::Output;

use crate::support::{file_names, netsim, scratch};

fn run(arguments: &[&str]) -> Output {
    netsim().args(arguments).output().unwrap()
}

fn stdout(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_says_what_each_command_and_option_does() {
    insta::assert_snapshot!("help", stdout(&["--help"]));
    insta::assert_snapshot!("help_run", stdout(&["run", "--help"]));
    insta::assert_snapshot!("help_check", stdout(&["check", "--help"]));
    insta::assert_snapshot!("help_new", stdout(&["new", "--help"]));
}

#[test]
fn every_shell_gets_completions_that_know_the_options() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = stdout(&["completions", shell]);
        assert!(script.contains("snap-length"), "{shell}");
    }
    assert_eq!(run(&["completions", "teletype"]).status.code(), Some(2));
}

#[test]
fn there_is_a_man_page_for_every_command() {
    assert!(stdout(&["man"]).contains(".TH netsim 1"));
    let folder = scratch();
    let pages = folder.path().join("man1");
    stdout(&["man", pages.to_str().unwrap()]);
    let names = file_names(&pages);
    let names: Vec<&str> = names.iter().map(|n| n.to_str().unwrap()).collect();
    let wanted =
        ["check", "completions", "man", "new", "run", "schema"].map(|c| format!("netsim-{c}.1"));
    let mut wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    wanted.push("netsim.1");
    assert_eq!(names, wanted);
}

#[test]
fn the_schema_is_json_and_describes_links_and_traffic() {
    let schema: serde_json::Value = serde_json::from_str(&stdout(&["schema"])).unwrap();
    for key in ["node", "link", "traffic", "seed", "stop"] {
        assert!(schema["properties"].get(key).is_some(), "{key}");
    }
}

#[test]
fn the_list_of_templates_names_them_and_each_can_be_written_and_checked() {
    let list = stdout(&["new"]);
    let names: Vec<&str> = list
        .lines()
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    assert!(
        names.contains(&"lossy") && names.contains(&"handshake"),
        "{list}"
    );
    let folder = scratch();
    for name in names {
        let file = folder.path().join(format!("{name}.toml"));
        stdout(&["new", name, "-o", file.to_str().unwrap()]);
        stdout(&["check", file.to_str().unwrap()]);
    }
}

#[test]
fn a_template_never_overwrites_a_file_without_force() {
    let folder = scratch();
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, "precious").unwrap();
    let name = file.to_str().unwrap();
    let refused = run(&["new", "handshake", "-o", name]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--force"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
    stdout(&["new", "handshake", "-o", name, "--force"]);
    assert!(std::fs::read_to_string(&file).unwrap().contains("[[link]]"));
}

#[test]
fn an_unknown_template_is_answered_with_the_list() {
    let output = run(&["new", "handshaek"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("handshake"));
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(
        stdout(&["--version"]),
        format!("netsim {}\n", env!("CARGO_PKG_VERSION"))
    );
}
