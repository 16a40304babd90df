//! The examples run, and leave what they promise.

use std::{path::Path, process::Command};

use crate::support::{assert_clean, fields, repository, scratch, tshark};

/// Runs an example in `folder`; what it prints.
fn run(example: &str, folder: &Path) -> String {
    let done = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--example", example])
        .arg("--manifest-path")
        .arg(repository().join("Cargo.toml"))
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn a_protocol_of_ones_own_guesses_the_number_and_leaves_its_capture() {
    let folder = scratch();
    // Halving 0 to 255 finds 42 at the eighth guess.
    let guesses = run("own_protocol", folder.path());
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

#[test]
fn a_congestion_control_of_ones_own_races_cubic_and_leaves_captures_and_plots() {
    let folder = scratch();
    let printed = run("own_congestion_control", folder.path());
    let number = |line: &str| -> f64 {
        let words = line.rsplit(' ').nth(1).unwrap();
        words.parse().unwrap()
    };
    let lines: Vec<&str> = printed.lines().collect();
    let [drain, cubic, jain] = [lines[0], lines[1], lines[2]].map(number);
    assert!(lines[0].starts_with("drain: ") && lines[1].starts_with("cubic: "));
    // Of 10 Mbit/s 1448 of 1538 bytes are data: 9.41 Mbit/s, less slow start and losses. Each rate
    // is over the time of its own transfer, so that the sum may be a little more.
    assert!((8_900.0..9_500.0).contains(&(drain + cubic)), "{printed}");
    // Jain's index of two by its definition: (x + y)^2 / 2(x^2 + y^2). The rates are rounded down.
    let index = (drain + cubic).powi(2) / (2.0 * (drain * drain + cubic * cubic)) * 100.0;
    assert!((index - jain).abs() < 0.1, "{printed}");

    let left = folder.path().join("captures/own_congestion_control");
    assert_clean(&left.join("h0.pcapng"));
    for plot in [
        "tcp-window.svg",
        "tcp-rtt.svg",
        "queue.svg",
        "throughput.svg",
    ] {
        assert!(left.join(plot).is_file(), "{plot}");
    }
}

#[test]
fn tonic_code_of_ones_own_talks_over_the_network_and_leaves_its_capture() {
    let folder = scratch();
    let printed = run("own_tonic", folder.path());
    let lines: Vec<&str> = printed.lines().collect();
    assert!(lines[0].ends_with("kitchen: 23 °C"), "{printed}");
    assert!(lines[1].ends_with("attic: there is no attic"), "{printed}");
    // ARP, the handshake, a call: three round trips of 60 ms and some; another call is one more.
    assert!(
        lines[0].starts_with("0.18") && lines[1].starts_with("0.24"),
        "{printed}"
    );

    let capture = folder.path().join("captures/own_tonic/alice.pcapng");
    assert_clean(&capture);
    let path = "http2.headers.path";
    let decode = [
        "-d",
        "tcp.port==50051,http2",
        "-Y",
        path,
        "-T",
        "fields",
        "-e",
        path,
    ];
    let paths = tshark(&capture, &decode);
    assert_eq!(paths, "/weather.Thermometer/Read\n".repeat(2));
}
