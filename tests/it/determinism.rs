//! The same file and seed give the same bytes: captures, pictures, plots and summary.

use crate::support::{difference, run_file, run_text, shipped, topologies, topology};

#[test]
fn every_topology_runs_twice_to_the_same_bytes() {
    for file in topologies() {
        let again = run_file::<&str>(&file, &[]).well();
        let found = difference(&shipped(&file).out, &again.out);
        assert_eq!(found, None, "{}", file.display());
    }
}

#[test]
fn every_topology_gives_the_same_bytes_on_any_threads() {
    for file in topologies() {
        let run = |threads| run_file(&file, &["--threads", threads]).well();
        // As it is, a run with captures has one thread.
        let alone = shipped(&file);
        for threads in ["2", "3", "8"] {
            let found = difference(&alone.out, &run(threads).out);
            assert_eq!(found, None, "{} on {threads} threads", file.display());
        }
    }
}

#[test]
fn another_seed_gives_other_bytes() {
    let run = |seed| run_file(&topology("lossy"), &["--no-diagrams", "--seed", seed]).well();
    let (a, b) = (run("1"), run("2"));
    let found = difference(&a.out, &b.out).expect("two seeds, one result");
    assert!(!found.is_empty());
    let captures = [&a, &b].map(|r| std::fs::read(r.file("all.pcapng")).unwrap());
    assert_ne!(captures[0], captures[1]);
}

/// Two islands; the second is absent, or has a lossy link of its own. What alice and bob see must
/// not change: every link and host draws from streams of its own name.
fn islands(second: bool) -> String {
    let mut text = r#"
        [defaults.host]
        arp = "static"
        [node.alice]
        arp = "static"
        [node.bob]
        arp = "static"
        [[link]]
        between = ["alice", "bob"]
        latency = "5ms"
        jitter = "1ms"
        loss = "10%"
        [[traffic]]
        name = "stream"
        app = "udp"
        from = "alice"
        to = "bob"
        size = "200 B"
        interval = "1ms"
        count = 300
    "#
    .to_owned();
    if second {
        text += r#"
            [node.carol]
            [node.dave]
            [[link]]
            between = ["carol", "dave"]
            loss = "20%"
            [[traffic]]
            name = "other"
            app = "udp"
            from = "carol"
            to = "dave"
            count = 50
        "#;
    }
    text
}

#[test]
fn a_second_island_does_not_shift_the_draws_of_the_first() {
    let capture = |second| {
        let run = run_text(&islands(second), &["--no-diagrams"]).well();
        let bob = run.file("bob.pcapng");
        crate::support::fields(&bob, "udp", &["frame.time_epoch", "udp.payload"])
    };
    let alone = capture(false);
    assert!(alone.len() > 200 && alone.len() < 300, "{}", alone.len());
    assert_eq!(alone, capture(true));
}
