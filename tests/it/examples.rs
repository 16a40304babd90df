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
fn own_quic_code_runs_on_simulated_hosts_and_leaves_its_capture() {
    let folder = scratch();
    let printed = run("own_quic", folder.path());
    // The streams are numbered 0, 4, 8 (RFC 9000, section 2.1). One round trip of 60 ms for the
    // handshake, one for each question, all three at once: 120 ms and a little.
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 3, "{printed}");
    for (line, word) in lines.iter().zip(["ONE", "TWO", "THREE"]) {
        assert!(
            line.starts_with("0.12") && line.ends_with(word),
            "{printed}"
        );
    }
    let capture = folder.path().join("captures/own_quic/alice.pcapng");
    assert_clean(&capture);
    let said = fields(&capture, "quic.stream_data", &["quic.stream.stream_id"]);
    let ids: Vec<&str> = said.iter().flat_map(|row| row[0].split(',')).collect();
    for id in ["0", "4", "8"] {
        assert_eq!(ids.iter().filter(|i| **i == id).count(), 2, "{ids:?}");
    }
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
fn plain_hyper_runs_on_simulated_hosts() {
    let folder = scratch();
    let printed = run("own_hyper", folder.path());
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 3, "{printed}");
    assert!(lines[2].ends_with("you are number 3 at /wine"), "{printed}");
    // One way takes 15 ms: ARP, connecting and asking are three round trips.
    assert!(lines[0].starts_with("0.09"), "{printed}");
    // The same in virtual time every time.
    assert_eq!(run("own_hyper", folder.path()), printed);
    let capture = folder.path().join("captures/own_hyper/browser.pcapng");
    assert_clean(&capture);
    let asked = fields(&capture, "http.request", &["http.request.uri"]);
    assert_eq!(asked, [["/"], ["/cheese"], ["/wine"]]);
}

#[test]
fn plain_rustls_runs_on_simulated_hosts() {
    let folder = scratch();
    let printed = run("own_rustls", folder.path());
    let lines: Vec<&str> = printed.lines().collect();
    // One way takes 20 ms. TCP is there after one round trip (and one of ARP), TLS 1.3 after
    // another, the answer after a third.
    let times: Vec<&str> = lines.iter().map(|l| l.split('.').nth(1).unwrap()).collect();
    let tenths: Vec<&str> = times.iter().map(|t| &t[..2]).collect();
    assert_eq!(tenths, ["08", "12", "16"], "{printed}");
    assert!(lines[1].contains("TLSv1_3"), "{printed}");
    assert!(
        lines[2].ends_with("You said: nobody hears this"),
        "{printed}"
    );
    let capture = folder.path().join("captures/own_rustls/alice.pcapng");
    assert_clean(&capture);
    let hello = fields(
        &capture,
        "tls.handshake.type == 1",
        &["tls.handshake.extensions_server_name"],
    );
    assert_eq!(hello, [["bob"]]);
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
