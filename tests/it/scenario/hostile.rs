//! Files that want to break the reader: none makes it panic, hang or fill the memory.

use std::fs;

use netsim::{
    scenario::{check::describe, gallery, load_file, load_str},
    topology::RoutingTable,
};
use proptest::prelude::*;

/// Loads and shows, whatever comes.
fn survive(text: &str) -> Option<String> {
    match load_str("x.toml", text, &[]) {
        Ok(plan) => {
            assert!(!describe(&plan).is_empty());
            None
        }
        Err(error) => {
            assert!(!error.diagnostics().is_empty());
            assert!(!error.render(true).is_empty());
            Some(error.to_string())
        }
    }
}

/// Two hosts and a link.
const PAIR: &str = "[node.alice]\n[node.bob]\n[[link]]\nbetween = [\"alice\", \"bob\"]\n";

#[test]
fn hostile_texts_are_errors() {
    let deep = 20_000;
    let corpus = [
        String::new(),
        "\0".to_owned(),
        "title = \"a\0b\"".to_owned(),
        "\u{feff}\u{202e}title = 1".to_owned(),
        "title = \"\u{1b}[31mred\"".to_owned(),
        "[".repeat(deep),
        format!("a = {}", "[".repeat(deep)),
        format!("a = {}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("a = {}", "{a = ".repeat(deep)),
        format!("{}x = 1", "a.".repeat(deep)),
        format!("[{}x]", "node.".repeat(deep)),
        format!("seed = {}", "9".repeat(100_000)),
        format!("seed = 0x{}", "f".repeat(1000)),
        format!("title = \"{}", "x".repeat(1_000_000)),
        format!("{} = 1", "k".repeat(1_000_000)),
        "x = 1\n".repeat(50_000),
        (0..50_000).map(|i| format!("x{i} = 1\n")).collect(),
        format!(
            "{PAIR}{}",
            "[[link]]\nbetween = [\"alice\", \"nobody\"]\n".repeat(20_000)
        ),
        format!("{PAIR}{}", "[[traffic]]\n".repeat(20_000)),
        format!(
            "{PAIR}[capture]\nvantage = [{}]",
            "\"bob:x\", ".repeat(20_000)
        ),
        "é = \"ü".to_owned(),
        "title = 1\r\nseed = \"\r\n".to_owned(),
        "a = 1979-99-99T99:99:99Z".to_owned(),
        "a = nan\nb = -inf\nc = 1e99999\n".to_owned(),
    ];
    for text in corpus {
        let start: String = text.chars().take(40).collect();
        assert!(survive(&text).is_some(), "{start:?} is no error");
    }
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let said = survive("\"\u{1b}[31m\u{7}\" = 1\n[node.\"\u{1b}]0;x\"]\n").unwrap();
    assert!(
        !said.contains('\u{1b}') && !said.contains('\u{7}'),
        "{said:?}"
    );
}

#[test]
fn a_file_that_is_no_text_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.toml");
    fs::write(&path, b"title = 1\nseed = \xff\xfe").unwrap();
    let said = load_file(&path, &[]).unwrap_err().to_string();
    assert!(said.contains("line 2 is not UTF-8 text"), "{said}");
    let said = load_file(&dir.path().join("none.toml"), &[]).unwrap_err();
    assert!(said.to_string().contains("cannot read"), "{said}");
    let said = load_file(dir.path(), &[]).unwrap_err().to_string();
    assert!(said.contains("cannot read"), "{said}");
}

#[test]
fn a_file_above_the_limit_is_not_even_read_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.toml");
    fs::write(&path, vec![b'#'; (16 << 20) + 1]).unwrap();
    let said = load_file(&path, &[]).unwrap_err().to_string();
    assert!(said.contains("larger than 16 MiB"), "{said}");
}

#[test]
fn sizes_above_the_limits_are_errors() {
    let fat_tree = |k| survive(&format!("[generate]\nkind = \"fat-tree\"\nk = {k}\n")).unwrap();
    // k = 100: 250 000 hosts, 10 000 routers in the pods, 2500 core routers.
    let said = fat_tree(100);
    assert!(said.contains("262500 nodes are too many"), "{said}");
    // k = 90: 182 250 hosts, and as many links on each of three levels.
    let said = fat_tree(90);
    assert!(said.contains("546750 links are too many"), "{said}");

    // 4000 routers in a row are 3999 targets. Each search makes 4000 entries, compares 7998 ways and
    // follows 4 x 3999 arrows: 3999 x 27 994 = 112 million steps.
    let said = survive(&row_of_routers(4000)).unwrap();
    let expected = "4000 routers and 3999 subnets between them are too many to compute routes for";
    assert!(said.contains(expected), "{said}");
    assert!(
        said.contains("subnets that hang on a single router, do not count"),
        "{said}"
    );
}

fn row_of_routers(count: usize) -> String {
    let nodes = (0..count).map(|i| format!("[node.r{i}]\nkind = \"router\"\n"));
    let link = |i| format!("[[link]]\nbetween = [\"r{i}\", \"r{}\"]\n", i + 1);
    nodes.chain((0..count - 1).map(link)).collect()
}

#[test]
fn ten_thousand_stub_subnets_around_one_router_load() {
    let mut star = "[node.r]\nkind = \"router\"\n".to_owned();
    for i in 0..10_000 {
        star.push_str(&format!(
            "[node.h{i}]\n[[link]]\nbetween = [\"r\", \"h{i}\"]\n"
        ));
    }
    // The router has its own subnets; every host has its own and a default route.
    let plan = load_str("x.toml", &star, &[]).unwrap();
    let rows: Vec<usize> = plan.routes.iter().map(RoutingTable::len).collect();
    assert_eq!(rows[0], 10_000);
    assert!(rows[1..].iter().all(|&rows| rows == 2));
}

#[test]
fn a_large_network_within_the_limits_loads() {
    // 20 000 hosts on one segment: a /17, as a /18 has room for 16 384. The first host gets the
    // tenth address, the last the 20 009th: 20 009 = 78 x 256 + 41.
    let mut lan = "[node.s]\nkind = \"switch\"\n".to_owned();
    for i in 0..20_000 {
        lan.push_str(&format!(
            "[node.h{i}]\n[[link]]\nbetween = [\"s\", \"h{i}\"]\n"
        ));
    }
    for i in 0..1000 {
        let to = 19_999 - i;
        lan.push_str(&format!(
            "[[traffic]]\napp = \"http\"\nfrom = \"h{i}\"\nto = \"h{to}\"\n"
        ));
    }
    let plan = load_str("x.toml", &lan, &[]).unwrap();
    assert_eq!(plan.servers.len(), 1000);
    let last = plan.topology.nodes[20_000].primary_address().unwrap();
    assert_eq!(last.to_string(), "10.0.78.41");
}

/// Pieces that make damage interesting.
const PIECES: &[&str] = &[
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    "\"",
    "'''",
    ".",
    ",",
    "\n",
    "\r",
    "#",
    "-1",
    "0",
    "9e999",
    "18446744073709551616",
    "nan",
    "\"20ms\"",
    "\"10 Mbit/s\"",
    "\"100%\"",
    "true",
    "1979-05-27",
    "[node.x]",
    "[[link]]",
    "between = [\"alice\", \"alice\"]",
    "kind = \"switch\"",
    "é",
    "\u{0}",
    "address = \"10.0.0.1/0\"",
    "\"::1/128\"",
    "10.0.0.1",
    "routes = [{}]",
    "[[traffic]]",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_scenarios_never_panic(
        which in 0..gallery().len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0..12usize, 0..PIECES.len()), 1..6),
    ) {
        let mut text: Vec<char> = gallery()[which].text.chars().collect();
        for (at, length, piece) in damage {
            let at = at.index(text.len() + 1);
            let end = (at + length).min(text.len());
            text.splice(at..end, PIECES[piece].chars());
        }
        survive(&text.into_iter().collect::<String>());
    }

    #[test]
    fn noise_never_panics(text in "\\PC{0,200}") {
        survive(&text);
    }

    #[test]
    fn values_of_any_kind_never_panic(
        key in "(latency|rate|loss|queue|mtu|cost|jitter|reorder_delay|name|between|forward)",
        value in "(-?[0-9]{1,25}|\"[0-9.]{0,30} ?[a-zA-Z/%]{0,8}\"|true|\\[\\]|\\{\\}|1e[0-9]{1,4})",
    ) {
        survive(&format!("{PAIR}{key} = {value}\n"));
    }
}
