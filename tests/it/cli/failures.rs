//! What goes wrong, the exit code that says so, and what is left behind: nothing.

use std::process::{Command, Stdio};

use super::PING;
use crate::support::{file_names, netsim, run_file, run_text, scratch};

#[test]
fn a_mistake_in_the_file_is_exit_2_with_its_place_and_nothing_written() {
    let text = PING.replace("latency", "latancy");
    let run = run_text::<&str>(&text, &[]);
    assert_eq!(run.code(), 2);
    // `latancy` stands in line 10, column 1 (line 1 is the newline after the quotes).
    assert!(
        run.stderr().contains("scenario.toml:10:1"),
        "{}",
        run.stderr()
    );
    assert!(run.stderr().contains("latency"), "{}", run.stderr());
    assert!(!run.out.exists());
    assert_eq!(run.stdout(), "");
}

#[test]
fn a_file_that_is_not_there_is_exit_2() {
    let folder = scratch();
    let run = run_file::<&str>(&folder.path().join("nowhere.toml"), &[]);
    assert_eq!(run.code(), 2);
    assert!(run.stderr().contains("nowhere.toml"));
    assert!(!run.out.exists());
}

#[test]
fn a_wrong_command_line_is_exit_2_and_says_what_would_be_right() {
    let wrong: [(&[&str], &str); 7] = [
        (&["run"], "<FILE>"),
        (&["run", "x.toml", "--set", "seed"], "link.wan.loss=3%"),
        (&["run", "x.toml", "--stop", "5"], "20ms"),
        (&["run", "x.toml", "--seed", "many"], "--seed"),
        (&["run", "x.toml", "--format", "pacp"], "pcap"),
        (&["run", "x.toml", "--snap-length", "96"], "64 KiB"),
        (&["run", "x.toml", "--quiet", "--json"], "--json"),
    ];
    for (arguments, hint) in wrong {
        let output = netsim().args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text.contains(hint), "{arguments:?}: {text}");
    }
}

#[test]
fn a_wrong_set_is_exit_2_and_shows_it() {
    let run = run_text(PING, &["--set", "link.alice-bob.latency=fast"]);
    assert_eq!(run.code(), 2);
    assert!(run.stderr().contains("latency=fast"), "{}", run.stderr());
    assert!(!run.out.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_standard_output_is_exit_3() {
    let full = std::fs::File::create("/dev/full").unwrap();
    let output = netsim()
        .arg("schema")
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard output"));
}

/// A limit on the size of files stands in for a full disk: the write fails in the middle.
#[cfg(unix)]
#[test]
fn a_write_that_fails_in_the_middle_is_exit_3_and_leaves_no_half_file() {
    let folder = scratch();
    let file = folder.path().join("x.toml");
    let out = folder.path().join("out");
    // 3000 pings make captures of some 600 kB; 64 blocks of 512 bytes are 32 KiB.
    std::fs::write(
        &file,
        PING.replace("count = 2", "count = 3000\ninterval = \"1ms\""),
    )
    .unwrap();
    let output = Command::new("sh")
        // Without the trap the signal of the limit would kill the program before it can tell.
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 64; exec \"$0\" run \"$1\" --out \"$2\"",
        ])
        .arg(env!("CARGO_BIN_EXE_netsim"))
        .arg(&file)
        .arg(&out)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("error:"), "{text}");
    assert_eq!(file_names(&out), Vec::<std::path::PathBuf>::new());
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_made_is_exit_3() {
    let folder = scratch();
    let blocked = folder.path().join("blocked");
    std::fs::write(&blocked, "a file").unwrap();
    let file = folder.path().join("x.toml");
    std::fs::write(&file, PING).unwrap();
    let output = netsim()
        .arg("run")
        .arg(&file)
        .arg("--out")
        .arg(blocked.join("below"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("blocked"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = netsim()
        .arg("schema")
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}
