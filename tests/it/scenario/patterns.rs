//! Generated traffic: which flows a pattern stands for, and what is said of one that cannot be.

use std::{collections::BTreeSet, fs};

use netsim::{
    osi::application::spec::{Amount, App, Traffic},
    scenario::{load_file, load_str, plan::Plan},
    units::{SimTime, Span},
};

/// `n` hosts on a switch, then `more`.
fn star(n: usize, more: &str) -> String {
    let kind = "[generate]\nkind = \"star\"\ncenter = \"switch\"\n";
    format!("{kind}hosts = {n}\n{more}")
}

fn entry(keys: &str) -> String {
    format!("[[traffic]]\nname = \"t\"\n{keys}\n")
}

fn load(text: &str) -> Plan {
    load_str("x.toml", text, &[]).unwrap_or_else(|e| panic!("{e}"))
}

/// Who talks to whom, as numbers of hosts.
fn pairs(plan: &Plan) -> Vec<(u32, u32)> {
    let pair = |t: &Traffic| (t.from.0, t.to.name[1..].parse().unwrap());
    plan.traffic.iter().map(pair).collect()
}

/// All that was drawn.
fn drawn(plan: &Plan, name: &str) -> String {
    let group = plan.traffic_groups.iter().find(|g| g.name == name).unwrap();
    format!("{:?}", &plan.traffic[group.entries.clone()])
}

#[test]
fn a_permutation_shifts_by_half_of_the_hosts_unless_told() {
    let half = load(&star(5, &entry("app = \"udp\"\npattern = \"permutation\"")));
    assert_eq!(pairs(&half), [(0, 2), (1, 3), (2, 4), (3, 0), (4, 1)]);
    let next = entry("app = \"udp\"\npattern = \"permutation\"\nshift = 1");
    assert_eq!(pairs(&load(&star(3, &next))), [(0, 1), (1, 2), (2, 0)]);
    let names: Vec<&str> = half.traffic.iter().map(|t| &*t.name).collect();
    assert_eq!(names, ["t.1", "t.2", "t.3", "t.4", "t.5"]);
    assert_eq!(
        (
            half.traffic_groups[0].name.as_str(),
            half.traffic_groups[0].entries.clone()
        ),
        ("t", 0..5)
    );
}

#[test]
fn a_random_permutation_has_no_fixed_point_and_hangs_on_the_seed() {
    let text = star(
        50,
        &entry("app = \"udp\"\npattern = \"random-permutation\""),
    );
    let found = pairs(&load(&text));
    let receivers: BTreeSet<u32> = found.iter().map(|pair| pair.1).collect();
    assert_eq!((found.len(), receivers.len()), (50, 50));
    assert!(found.iter().all(|(from, to)| from != to));
    assert_eq!(found, pairs(&load(&text)));
    assert_ne!(found, pairs(&load(&format!("seed = 2\n{text}"))));
}

#[test]
fn all_to_all_and_incast_count_as_the_formulas_say() {
    let all = load(&star(
        7,
        &entry("app = \"tcp\"\nbytes = \"1 kB\"\npattern = \"all-to-all\""),
    ));
    // 7 x 6 flows, one server for each of the 7 receivers.
    assert_eq!((all.traffic.len(), all.servers.len()), (42, 7));
    let incast = "app = \"tcp\"\nbytes = \"1 kB\"\npattern = \"incast\"\nto = \"h3\"";
    let plan = load(&star(7, &entry(incast)));
    assert_eq!(
        pairs(&plan),
        [(0, 3), (1, 3), (2, 3), (4, 3), (5, 3), (6, 3)]
    );
    assert_eq!(plan.servers.len(), 1);
    let some = load(&star(7, &entry(&format!("{incast}\nsenders = 4"))));
    let senders: BTreeSet<u32> = pairs(&some).into_iter().map(|pair| pair.0).collect();
    assert!(senders.len() == 4 && !senders.contains(&3), "{senders:?}");
}

#[test]
fn among_names_groups_and_hosts() {
    let keys = "app = \"udp\"\npattern = \"all-to-all\"\namong = ";
    let count = |among: &str| {
        load(&star(6, &entry(&format!("{keys}{among}"))))
            .traffic
            .len()
    };
    assert_eq!(count("\"hosts\""), 30);
    assert_eq!(count("[\"h1\", \"h2\", \"h5\"]"), 6);
    // Who is named twice takes part once.
    assert_eq!(count("[\"hosts\", \"h5\"]"), 30);
    let order =
        entry("app = \"udp\"\npattern = \"permutation\"\nshift = 1\namong = [\"h4\", \"h0\"]");
    assert_eq!(pairs(&load(&star(6, &order))), [(4, 0), (0, 4)]);
}

#[test]
fn random_starts_are_spread_evenly() {
    // Uniform in 0 to 100 ms from 1 s on: mean 50 ms; of 1000 starts the mean has a deviation of
    // 100 / sqrt(12 x 1000) = 0.9 ms. Five of them.
    let keys = "app = \"udp\"\npattern = \"permutation\"\nstart = \"1s\"\nstart_spread = \"100ms\"";
    let plan = load(&star(1000, &entry(keys)));
    let after = |t: &Traffic| t.start.since(SimTime::ZERO).as_nanos() - 1_000_000_000;
    let starts: Vec<u64> = plan.traffic.iter().map(after).collect();
    assert!(starts.iter().all(|at| *at < 100_000_000));
    let mean = starts.iter().sum::<u64>() / 1000;
    assert!((45_500_000..54_500_000).contains(&mean), "{mean}");
}

#[test]
fn a_load_gives_the_bytes_it_promises() {
    // 20 hosts at 1 Gbit/s for 2 s at 25 %: 20 x 125 MB x 2 x 0.25 = 1.25 GB in flows of 1 MB on
    // average, 1250 of them. Sum of a Poisson number of exponential sizes: relative deviation
    // sqrt(2 / 1250) = 4 %. Four of them.
    let keys = "app = \"tcp\"\npattern = \"random\"\nload = \"25%\"\nuntil = \"2s\"\n\
                sizes = { distribution = \"exponential\", mean = \"1 MB\" }";
    let plan = load(&star(20, &entry(keys)));
    let bytes = |t: &Traffic| match &*t.app {
        App::Tcp(tcp) => match tcp.amount {
            Amount::Bytes(size) => size.bytes(),
            _ => panic!("{tcp:?}"),
        },
        other => panic!("{other:?}"),
    };
    let sum: u64 = plan.traffic.iter().map(bytes).sum();
    assert!((1_050_000_000..1_450_000_000).contains(&sum), "{sum}");
    let end = SimTime::ZERO + Span::from_secs(2);
    assert!(plan.traffic.iter().all(|t| t.start < end));
    assert!(
        plan.traffic
            .windows(2)
            .all(|pair| pair[0].start <= pair[1].start)
    );
    assert!(pairs(&plan).iter().all(|(from, to)| from != to));
}

#[test]
fn a_stream_has_as_many_datagrams_as_hold_its_size() {
    // 2500 bytes in datagrams of 1000: three.
    let keys = "app = \"udp\"\nsize = \"1000 B\"\npattern = \"random\"\nflows = 10\narrivals = \"1/ms\"\n\
                to = \"h0\"\nsizes = { distribution = \"constant\", mean = \"2500 B\" }";
    let plan = load(&star(4, &entry(keys)));
    assert_eq!(plan.traffic.len(), 10);
    for flow in &plan.traffic {
        let App::Udp(stream) = &*flow.app else {
            panic!("{flow:?}");
        };
        assert_eq!((stream.count, &*flow.to.name), (3, "h0"));
        assert_ne!(flow.from.0, 0);
    }
}

#[test]
fn another_entry_does_not_shift_what_a_pattern_draws() {
    let keys = "app = \"tcp\"\npattern = \"random\"\narrivals = \"100/s\"\nflows = 50\n\
                sizes = { distribution = \"pareto\", shape = 1.5, min = \"1 kB\" }";
    let alone = load(&star(9, &entry(keys)));
    let other = "[[traffic]]\nname = \"u\"\napp = \"udp\"\npattern = \"random-permutation\"\nstart_spread = \"1s\"\n";
    let both = load(&star(9, &format!("{other}{}", entry(keys))));
    assert_eq!(drawn(&alone, "t"), drawn(&both, "t"));
    assert_eq!(both.traffic_groups[1].entries, 9..59);
    let again = load(&star(9, &entry(keys)));
    assert_eq!(drawn(&alone, "t"), drawn(&again, "t"));
    let seed = load(&format!("seed = 7\n{}", star(9, &entry(keys))));
    assert_ne!(drawn(&alone, "t"), drawn(&seed, "t"));
}

#[test]
fn a_hundred_thousand_flows_share_what_they_have_in_common() {
    // 317 hosts, each to every other: 317 x 316 = 100 172 flows and one application.
    let plan = load(&star(
        317,
        &entry("app = \"http\"\npattern = \"all-to-all\""),
    ));
    assert_eq!((plan.traffic.len(), plan.servers.len()), (100_172, 317));
    let first = &plan.traffic[0];
    assert!(
        plan.traffic
            .iter()
            .all(|t| std::sync::Arc::ptr_eq(&t.app, &first.app))
    );
    let same = plan
        .traffic
        .iter()
        .filter(|t| std::sync::Arc::ptr_eq(&t.to.name, &first.to.name));
    assert_eq!(same.count(), 316);
}

#[test]
fn mistakes_in_patterns_are_shown() {
    let pattern = |keys: &str| star(4, &entry(keys));
    let random = |keys: &str| pattern(&format!("app = \"tcp\"\npattern = \"random\"\n{keys}"));
    let drawn = |sizes: &str| {
        random(&format!(
            "flows = 5\narrivals = \"10/s\"\nsizes = {{ {sizes} }}"
        ))
    };
    let cases = [
        (
            "an unknown pattern",
            pattern("app = \"udp\"\npattern = \"permutations\""),
        ),
        (
            "a pattern with a sender",
            pattern(
                "app = \"udp\"\npattern = \"all-to-all\"\nfrom = \"h0\"\nto = \"h1\"\nshift = 2",
            ),
        ),
        (
            "keys without a pattern",
            pattern("app = \"udp\"\nfrom = \"h0\"\nto = \"h1\"\nshift = 2\nload = \"3%\""),
        ),
        (
            "a shift that goes nowhere",
            pattern("app = \"udp\"\npattern = \"permutation\"\nshift = 8"),
        ),
        (
            "nobody to talk to",
            star(
                4,
                &entry("app = \"udp\"\npattern = \"permutation\"\namong = \"h0\""),
            ),
        ),
        (
            "unknown hosts",
            pattern("app = \"udp\"\npattern = \"permutation\"\namong = [\"h0\", \"h9\", 3]"),
        ),
        (
            "a group of routers",
            "[generate]\nkind = \"tree\"\nhosts = 4\n".to_owned()
                + &entry("app = \"udp\"\npattern = \"permutation\"\namong = \"edge\""),
        ),
        (
            "a number of hosts",
            pattern("app = \"udp\"\npattern = \"permutation\"\namong = 3"),
        ),
        (
            "incast without an end",
            pattern("app = \"udp\"\npattern = \"incast\""),
        ),
        (
            "too many senders",
            pattern("app = \"udp\"\npattern = \"incast\"\nto = \"h0\"\nsenders = 4"),
        ),
        (
            "too many flows",
            star(2000, &entry("app = \"udp\"\npattern = \"all-to-all\"")),
        ),
        (
            "too many arrivals",
            random("bytes = \"1 B\"\narrivals = \"1000000/s\"\nuntil = \"1h\""),
        ),
        ("no arrivals", random("bytes = \"1 B\"")),
        (
            "two ways to count",
            random(
                "bytes = \"1 B\"\narrivals = \"10/s\"\nload = \"3%\"\nflows = 3\nuntil = \"1s\"",
            ),
        ),
        (
            "an end before the start",
            random("bytes = \"1 B\"\narrivals = \"10/s\"\nstart = \"2s\"\nuntil = \"1s\""),
        ),
        (
            "arrivals without a time",
            random("bytes = \"1 B\"\narrivals = \"10\"\nflows = 3"),
        ),
        (
            "arrivals as a number",
            random("bytes = \"1 B\"\narrivals = 10\nflows = 3"),
        ),
        (
            "a load of nothing known",
            random("duration = \"1s\"\nload = \"3%\"\nflows = 3"),
        ),
        (
            "a load of nothing",
            random("bytes = \"1 B\"\nload = 0\nflows = 3"),
        ),
        ("sizes of nothing", drawn("")),
        (
            "sizes twice",
            drawn("distribution = \"uniform\", file = \"x\""),
        ),
        ("an unknown distribution", drawn("distribution = \"parto\"")),
        (
            "a distribution without its keys",
            drawn("distribution = \"uniform\", mean = \"1 kB\""),
        ),
        (
            "bounds in the wrong order",
            drawn("distribution = \"uniform\", min = \"2 kB\", max = \"1 kB\""),
        ),
        (
            "a tail without a mean",
            drawn("distribution = \"pareto\", shape = 0.9, mean = \"1 kB\""),
        ),
        (
            "a tail with too much",
            drawn("distribution = \"pareto\", shape = \"1\", mean = \"1 kB\", min = \"1 kB\""),
        ),
        (
            "a deviation out of range",
            drawn("distribution = \"lognormal\", sigma = 11, mean = \"1 kB\""),
        ),
        (
            "sizes and bytes",
            random(
                "flows = 5\narrivals = \"10/s\"\nbytes = \"1 kB\"\nsizes = { distribution = \"constant\", mean = \"1 kB\" }",
            ),
        ),
        (
            "sizes of a ping",
            pattern(
                "app = \"ping\"\npattern = \"all-to-all\"\nsizes = { distribution = \"constant\", mean = \"1 kB\" }",
            ),
        ),
        (
            "bursts without times",
            pattern("app = \"udp\"\npattern = \"all-to-all\"\non_off = { on = \"1s\" }"),
        ),
        (
            "bursts that are too short",
            pattern(
                "app = \"udp\"\npattern = \"all-to-all\"\ninterval = \"1s\"\non_off = { on = \"1us\", off = \"1us\" }",
            ),
        ),
        (
            "no spread",
            pattern("app = \"udp\"\npattern = \"all-to-all\"\nstart_spread = \"0s\""),
        ),
    ];
    let mut all = String::new();
    for (claim, text) in &cases {
        let said = match load_str("x.toml", text, &[]) {
            Ok(_) => panic!("{claim}: no error"),
            Err(error) => error.to_string(),
        };
        all.push_str(&format!("=== {claim}\n{said}\n\n"));
    }
    insta::assert_snapshot!("patterns", all);
}

#[test]
fn mistakes_in_a_file_of_sizes_are_shown_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("x.toml");
    let keys = "app = \"tcp\"\npattern = \"random\"\nflows = 5\narrivals = \"10/s\"\nsizes = { file = \"x.cdf\" }";
    fs::write(&scenario, star(4, &entry(keys))).unwrap();
    let missing = load_file(&scenario, &[]).unwrap_err().to_string();
    assert!(missing.contains("x.cdf: cannot read the file"), "{missing}");
    let mut all = String::new();
    for (claim, content) in [
        ("not text", &b"\xff\xfe"[..]),
        ("an empty file", b"# nothing\n"),
        ("a line with one column", b"100 0.1\n200\n"),
        ("percent", b"100 10\n200 100\n"),
        ("a share that falls", b"100 0.5\n200 0.4\n300 1\n"),
        ("no end", b"100 0.5\n200 0.9\n"),
        ("escapes for the terminal", b"\x1b[31mred 0.5\n"),
        ("too much", &[b'#'; (1 << 20) + 1]),
    ] {
        fs::write(folder.path().join("x.cdf"), content).unwrap();
        let said = load_file(&scenario, &[]).unwrap_err().to_string();
        let said = said.replace(&folder.path().display().to_string(), "FOLDER");
        assert!(!said.contains('\u{1b}'));
        all.push_str(&format!("=== {claim}\n{said}\n\n"));
    }
    insta::assert_snapshot!("sizes_file", all);
    fs::write(folder.path().join("x.cdf"), "100 0\n200 1\n").unwrap();
    assert_eq!(load_file(&scenario, &[]).unwrap().traffic.len(), 5);
}
