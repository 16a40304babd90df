//! Wireshark as the judge: every capture of every shipped topology.
//!
//! Nothing malformed, no wrong checksum; expert notes of warning level and above only where the
//! topology is about loss, and then only those that loss explains.

use std::path::Path;

use crate::support::{
    assert_clean, capinfos, expert_notes, fields, pcapng_files, shipped, topologies, topology,
};

/// What Wireshark may remark on when frames are lost, held back or queued: words of its notes.
const NOTES_OF_LOSS: [&str; 6] = [
    "retransmission",
    "Previous segment(s) not captured",
    "Duplicate ACK",
    "out-of-order segment",
    "ACKed segment that wasn't captured",
    "No response seen",
];

/// What Wireshark says of its own settings: it could decode a password, but does not unless asked.
const NOTE_OF_SETTINGS: &str = "check SMTP preferences";

/// The shipped topologies whose subject is loss, or a queue that overflows.
const ABOUT_LOSS: [&str; 13] = [
    "lossy",
    "udp_loss",
    "bottleneck",
    "congestion",
    "fairness",
    "bufferbloat",
    "rtt_unfairness",
    "incast",
    "tcp_variants",
    "aqm",
    "dctcp",
    "hol_blocking",
    "sse",
];

/// What Wireshark may remark on where that is the subject: topology, words of the note.
const NOTES_OF_SUBJECTS: [(&str, &str); 5] = [
    // Somebody closes while the other still has something to say.
    ("session", "Connection reset (RST)"),
    ("proxy", "Connection reset (RST)"),
    ("hostile", ""),
    // tshark 4.0 knows gzip and br, but not zstd.
    ("compression", "Decompression failed"),
    // The laptop gets the address that the phone gave back a few seconds ago.
    (
        "dhcp_conflict",
        "Duplicate IP address configured (10.0.0.101)",
    ),
];

/// The topology whose subject is nonsense; tests/it/web/hostile.rs says which.
const ABOUT_NONSENSE: &str = "hostile";

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

#[test]
fn every_capture_of_every_topology_is_clean() {
    for topology in topologies() {
        let run = shipped(&topology);
        let captures = pcapng_files(&run.out);
        assert!(!captures.is_empty(), "{topology:?} left no capture");
        for capture in captures {
            if stem(&topology) == ABOUT_NONSENSE {
                continue;
            }
            assert_clean(&capture);
        }
    }
}

#[test]
fn wireshark_warns_only_where_the_topology_is_about_loss() {
    for topology in topologies() {
        let run = shipped(&topology);
        // The merged capture shows each frame once per interface: Wireshark takes the second
        // sight of a segment for a retransmission. Each card's own capture is the fair one.
        let of_cards = pcapng_files(&run.out)
            .into_iter()
            .filter(|c| stem(c) != "all");
        for capture in of_cards {
            let notes = expert_notes(&capture).into_keys();
            for note in notes.filter(|note| !note.contains(NOTE_OF_SETTINGS)) {
                let explained = NOTES_OF_LOSS.iter().any(|known| note.contains(known));
                let name = stem(&topology);
                let about_loss = ABOUT_LOSS.contains(&name.as_str());
                let mut subjects = NOTES_OF_SUBJECTS.iter();
                let subject = subjects.any(|(of, words)| *of == name && note.contains(words));
                assert!(
                    about_loss && explained || subject,
                    "{}: {note}",
                    capture.display()
                );
            }
        }
    }
}

#[test]
fn capinfos_sees_interfaces_names_and_nanoseconds() {
    let run = shipped(&topology("lossy"));
    let all = run.file("all.pcapng");
    let text = capinfos(&all, &[]);
    // alice-r1, wan, r2-bob, and one more for the name server: two interfaces a link.
    let links = run.summary()["links"].as_array().unwrap().len();
    assert!(
        text.contains(&format!("Number of interfaces in file: {links}")),
        "{text}"
    );
    assert!(text.contains("nanoseconds"), "{text}");
    assert!(text.contains("Name = r1:wan"), "{text}");
    let strict = capinfos(&all, &["-o"]);
    assert!(strict.contains("True"), "{strict}");
}

#[test]
fn wireshark_resolves_the_names_of_the_nodes() {
    let run = shipped(&topology("lossy"));
    let mut command = std::process::Command::new("tshark");
    command.arg("-r").arg(run.file("alice.pcapng"));
    command.args(["-N", "n", "-Y", "tcp", "-T", "fields", "-e", "ip.dst_host"]);
    let output = command.output().expect("tshark: run scripts/setup.sh");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().any(|line| line == "bob"), "{text}");
}

#[test]
fn a_frame_that_will_be_lost_says_so() {
    let run = shipped(&topology("lossy"));
    let comments = fields(&run.file("all.pcapng"), "frame.comment", &["frame.comment"]);
    let lost: u64 = run.summary()["links"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| link["dropped_frames"].as_u64().unwrap())
        .sum();
    assert_eq!(comments.len() as u64, lost);
    assert!(
        comments.iter().any(|c| c[0].contains("lost on wan")),
        "{comments:?}"
    );
}
