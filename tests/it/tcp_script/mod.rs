//! The native TCP against scripts, each clause of an RFC a case: what comes in at an exact time,
//! and what must come out.
//!
//! The cases are the `.tcp` files beside this one; `README.md` says how they are written. A case
//! drives one real `Stack` through its public calls, and the script is the peer. Every packet
//! that leaves must have right checksums, every segment a time stamp if both ends agreed on them,
//! and all data must be what the program wrote.
//!
//! Not here: two hosts with a network between them (`transport_tcp`), and the goodput.

mod calls;
mod cases;
mod play;
pub(crate) mod segment;
mod stage;
mod words;

use cases::Case;

/// Plays every case of a file and shows all that fail.
fn prove(file: &str) {
    let cases = cases::of_file(file);
    assert!(!cases.is_empty(), "{file} has no cases");
    let failures: Vec<String> = cases.iter().filter_map(Case::failure).collect();
    assert!(
        failures.is_empty(),
        "\n{} of {} cases of {file} failed\n\n{}\n",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

macro_rules! files {
    ($($claim:ident: $file:literal,)*) => {
        const FILES: &[&str] = &[$($file),*];
        $(#[test] fn $claim() { prove($file); })*
    };
}

files! {
    connections_open_as_rfc_9293_says: "rfc9293-opening",
    connections_close_as_rfc_9293_says: "rfc9293-closing",
    resets_end_what_rfc_9293_says: "rfc9293-reset",
    segments_are_taken_as_rfc_9293_says: "rfc9293-segments",
    windows_and_their_probes_are_as_rfc_9293_says: "rfc9293-window",
    blind_attacks_meet_rfc_5961: "rfc5961-challenge",
    acknowledgments_wait_as_rfc_1122_says: "rfc1122-acks",
    small_segments_wait_as_rfc_1122_says: "rfc1122-sending",
    time_stamps_and_scales_are_those_of_rfc_7323: "rfc7323-options",
    receivers_tell_what_rfc_2018_and_2883_ask_for: "rfc2018-blocks",
    recovery_with_sack_is_that_of_rfc_6675_and_8985: "rfc8985-recovery",
    time_outs_come_when_rfc_6298_says: "rfc6298-timeout",
    spurious_time_outs_are_seen_as_rfc_5682_says: "rfc5682-spurious",
    reduction_is_proportional_as_in_rfc_6937: "rfc6937-reduction",
    windows_grow_as_rfc_5681_and_6928_say: "rfc5681-window",
    congestion_is_echoed_as_rfc_3168_says: "rfc3168-ecn",
    urgent_data_is_marked_as_rfc_9293_says: "rfc9293-urgent",
    cookies_open_what_was_never_kept_as_rfc_4987_says: "rfc4987-cookies",
    data_rides_on_syns_as_rfc_7413_says: "rfc7413-fast-open",
    black_holes_are_left_as_rfc_8899_says: "rfc8899-black-hole",
    larger_segments_are_searched_for_as_rfc_4821_says: "rfc4821-mtu-search",
    marks_are_echoed_exactly_as_rfc_8257_says: "rfc8257-dctcp",
    path_mtus_are_learnt_as_in_rfc_1191: "rfc1191-path-mtu",
}

#[test]
fn every_case_has_a_name_of_its_own_and_every_file_is_played() {
    let mut names: Vec<String> = FILES
        .iter()
        .flat_map(|file| cases::of_file(file))
        .map(|case| case.name)
        .collect();
    names.sort();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    assert_eq!(cases::files_there(), FILES.len());
}

#[test]
fn a_wrong_expectation_shows_its_line_and_what_came_instead() {
    let text = "connect\n> S 0 ws 9\n";
    let failure = Case::new("wrong", text).failure().unwrap();
    assert!(failure.contains("==> > S 0 ws 9"), "{failure}");
    assert!(failure.contains("ws 7"), "{failure}");
}

#[test]
fn a_segment_that_no_line_expects_fails_the_case() {
    // The SYN leaves at once, and again after a second.
    assert!(
        Case::new("none", "connect\n+500 nothing")
            .failure()
            .is_some()
    );
    assert!(
        Case::new("again", "connect\n> S 0\n@1000 nothing")
            .failure()
            .is_some()
    );
    assert!(
        Case::new("good", "connect\n> S 0\n@999 nothing")
            .failure()
            .is_none()
    );
}
